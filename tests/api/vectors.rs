//! Hashes and tokens made by the real Werkzeug and PyJWT, and ours read by them.

use std::{collections::HashSet, path::PathBuf, process::Command, thread, time::Duration};

use poem_scaffold::testing::inside::{
    Fidelity, Permission, TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID, TokenRules, TokenSub, Tokens, werkzeug,
};
use serde_json::{Value, json};

use crate::support::vectors::{folder, python, pythons, rows, rows_of_script, run_script};

/// A moment at which the committed tokens are neither too old nor too new.
const NOW: i64 = 1_800_000_000;

/// The releases of PyJWT that decode our tokens, and those of them that want `sub` to be text.
const PYJWTS: [&str; 6] = ["1.4.0", "1.7.1", "2.0.1", "2.9.0", "2.10.1", "2.15.1"];
const PYJWTS_FOR_TEXT: [&str; 2] = ["2.10.1", "2.15.1"];

/// The release of Werkzeug that writes and judges hashes anew: the last one with all its methods.
const WERKZEUG: &str = "2.3.8";

/// What a release can be made to write and we do not verify: a digest that is the same for each password, one whose
/// length nobody fixed, and two names that stand for what they are not.
const NOT_TAKEN: [&str; 6] = [
    "null",
    "shake128",
    "shake_128",
    "shake_256",
    "2.16.840.1.101.3.4.2.1",
    "sha256WithRSAEncryption",
];

fn is_taken(hash: &str) -> bool {
    let method = hash.split('$').next().unwrap();
    let name = method.strip_prefix("pbkdf2:").unwrap_or(method);
    let name = name.split(':').next().unwrap();
    !NOT_TAKEN.iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

/// What stands before the salt.
fn method_of(row: &Value) -> &str {
    text(row, "hash").split('$').next().unwrap()
}

/// Whether a password is the one of a hash, weak ones included.
fn verify(password: &str, hash: &str) -> bool {
    werkzeug::compare(password, hash, true) == Some(true)
}

/// Whether each row's password is the one of its hash, computed on all cores.
fn verify_all(rows: &[Value]) -> Vec<bool> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        // Dear rows stand near each other, so each core takes every nth.
        let parts: Vec<_> = (0..cores)
            .map(|core| {
                let verify = |row| verify(text(row, "password"), text(row, "hash"));
                scope.spawn(move || rows.iter().skip(core).step_by(cores).map(verify).collect::<Vec<_>>())
            })
            .collect();
        let parts: Vec<_> = parts.into_iter().map(|part| part.join().unwrap()).collect();
        (0..rows.len()).map(|at| parts[at % cores][at / cores]).collect()
    })
}

/// What Werkzeug itself wrote, and what differs from it in password or digest, is judged as Werkzeug judged it.
///
/// The other rows are shapes that no release ever wrote: there we are never more generous than every release.
#[test]
fn password_hashes_are_judged_as_the_release_that_made_them_did() {
    let (mut same, mut stricter) = (0, 0);
    let mut rows = rows("password_hashes.json");
    // A dear row of each count of iterations is enough: the hash functions have cheap ones.
    let mut seen = HashSet::new();
    rows.retain(|row| is_cheap(row) || seen.insert(method_of(row).rsplit(':').next().map(str::to_owned)));
    for (row, verified) in rows.iter().zip(verify_all(&rows)) {
        if !is_taken(text(row, "hash")) {
            assert!(!verified, "{row}");
            continue;
        }
        let written = [
            "generated",
            "wrong password",
            "upper-case digest",
            "truncated digest",
            "salted",
        ];
        if written.contains(&row["case"].as_str().unwrap()) && row["valid"].is_boolean() {
            assert_eq!(Some(verified), row["valid"].as_bool(), "{row}");
            same += 1;
        } else if row["valid"].is_null() && ["generated", "scrypt with tiny N"].contains(&row["case"].as_str().unwrap())
        {
            // The digest is right, and the release crashed on it: on clear text beyond ASCII, or on its own bound.
            assert!(verified, "{row}");
        } else if verified {
            let by_some = rows.iter().any(|other| {
                other["hash"] == row["hash"] && other["password"] == row["password"] && other["valid"] == true
            });
            assert!(by_some, "no release verifies {row}");
        } else {
            stricter += 1;
        }
    }
    assert!(same > 700 && stricter > 0, "{same} rows compared, {stricter} stricter");
}

/// Whether checking it is quick enough to be done again in each run.
fn is_cheap(row: &Value) -> bool {
    let method = method_of(row);
    let iterations = method.rsplit(':').next().and_then(|last| last.parse().ok());
    !method.starts_with("pbkdf2") || iterations.is_none_or(|iterations: u32| iterations <= 10_000)
}

#[test]
fn the_real_werkzeug_says_the_same_anew_and_what_it_writes_is_verified() {
    let Some(python) = python(&format!("werkzeug=={WERKZEUG}")) else {
        return;
    };
    let mut rows = rows("password_hashes.json");
    rows.retain(|row| row["werkzeug"] == WERKZEUG && is_cheap(row));
    assert!(rows.len() > 30, "{}", rows.len());
    let ours = werkzeug::hash_pbkdf2_sha256("pässwörd✓", "abcdefgh", 1_000).unwrap();
    rows.push(json!({"hash": ours, "password": "pässwörd✓", "valid": true}));
    let pairs: Vec<_> = rows.iter().map(|row| json!([row["hash"], row["password"]])).collect();
    let answer = run_script(&python, "check_password_hashes.py", &[], &json!(pairs).to_string());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    for (row, valid) in rows.iter().zip(answer["valid"].as_array().unwrap()) {
        assert_eq!(&row["valid"], valid, "{row}");
    }
    let new = answer["new"].as_array().unwrap();
    assert!(new.len() > 40, "{}", new.len());
    for hash in new.iter().map(|hash| hash.as_str().unwrap()) {
        assert_eq!(verify("password", hash), is_taken(hash), "{hash}");
        assert!(!verify("Password", hash), "{hash}");
        assert!(werkzeug::looks_like_hash(hash) || !is_taken(hash), "{hash}");
    }
}

fn tokens(key: &str, fidelity: Fidelity) -> Tokens {
    tokens_with(key, fidelity, TokenSub::Integer)
}

fn tokens_with(key: &str, fidelity: Fidelity, sub: TokenSub) -> Tokens {
    let without_exp = if fidelity == Fidelity::Flask {
        Permission::Allow
    } else {
        Permission::Deny
    };
    let rules = TokenRules {
        fidelity,
        without_exp,
        sub,
        lifetime: Duration::from_secs(86_400),
        with_scope: false,
    };
    Tokens::new(&key.into(), rules)
}

#[test]
fn tokens_of_each_pyjwt_are_judged_as_pyjwt_1_4_did() {
    let mut accepted = 0;
    for row in rows("pyjwt_tokens.json") {
        let name = row["name"].as_str().unwrap();
        let key = row["key"].as_str().unwrap();
        let verdict = tokens(key, Fidelity::Flask).parse(row["token"].as_str().unwrap(), NOW);
        let expected = match row["decoded_by"]["1.4.0"].as_str().unwrap() {
            // The tutorial itself crashed without a subject; an extension that nobody here knows must not be
            // ignored (RFC 7515 section 4.1.11), which PyJWT does.
            "ok" if ["sub missing", "no claims", "header crit"].contains(&name) => Some(TOKEN_IS_INVALID),
            "ok" => None,
            "ExpiredSignatureError" => Some(TOKEN_HAS_EXPIRED),
            _ => Some(TOKEN_IS_INVALID),
        };
        match expected {
            None => {
                let claims = verdict.unwrap_or_else(|error| panic!("{row}: {error}"));
                assert_eq!(claims.sub, row["claims"]["sub"], "{row}");
                accepted += 1;
            }
            Some(text) => assert_eq!(verdict.unwrap_err().to_string(), text, "{row}"),
        }
    }
    assert!(accepted > 80, "{accepted}");
}

#[test]
fn foreign_algorithms_and_keys_are_refused_in_safe_too() {
    for row in rows("pyjwt_tokens.json") {
        let token = row["token"].as_str().unwrap();
        if ["HS384", "HS512", "alg none", "RS256"].contains(&row["name"].as_str().unwrap()) {
            let key = row["key"].as_str().unwrap();
            assert!(tokens(key, Fidelity::Safe).parse(token, NOW).is_err(), "{row}");
        }
        assert!(
            tokens("a key that signed none of them, surely", Fidelity::Flask)
                .parse(token, NOW)
                .is_err()
        );
    }
}

/// The releases, each with its Python.
fn pyjwts() -> Option<Vec<(&'static str, PathBuf)>> {
    let pythons = pythons(&PYJWTS.map(|version| format!("pyjwt=={version}")))?;
    Some(PYJWTS.into_iter().zip(pythons).collect())
}

#[test]
fn our_tokens_are_decoded_by_each_real_pyjwt_and_newer_ones_want_text() {
    let Some(pyjwts) = pyjwts() else { return };
    let now = chrono::Utc::now().timestamp();
    let keys = ["s0me random string", "a test key of at least thirty-two bytes!"];
    for (key, sub) in keys
        .into_iter()
        .flat_map(|key| [(key, TokenSub::Integer), (key, TokenSub::Text)])
    {
        let token = tokens_with(key, Fidelity::Flask, sub).issue(7, None, now).unwrap();
        let sub_claim = match sub {
            TokenSub::Integer => json!(7),
            TokenSub::Text => json!("7"),
        };
        for (version, python) in &pyjwts {
            let output = Command::new(python)
                .arg(folder().join("check_token.py"))
                .args([&token, key])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            if sub == TokenSub::Integer && PYJWTS_FOR_TEXT.contains(version) {
                assert!(said.contains("Subject must be a string"), "{version}: {said}");
                continue;
            }
            assert!(output.status.success(), "{version}: {said}");
            let read: Value = serde_json::from_slice(&output.stdout).unwrap();
            let claims = json!({"sub": sub_claim, "iat": now, "exp": now + 86_400});
            assert_eq!(read["claims"], claims, "{version}");
            assert_eq!(read["header"], json!({"typ": "JWT", "alg": "HS256"}), "{version}");
        }
    }
}

#[test]
fn each_real_pyjwt_says_of_the_committed_tokens_the_same_anew() {
    let Some(pyjwts) = pyjwts() else { return };
    let rows = rows("pyjwt_tokens.json");
    // The rows as they stand there: reading and writing would make a float of an id beyond 64 bits.
    let file = std::fs::read_to_string(folder().join("pyjwt_tokens.json")).unwrap();
    let lines = file.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<_> = lines.map(|line| line.trim_end_matches(',')).collect();
    for (version, python) in &pyjwts {
        let judged = rows_of_script(python, "make_tokens.py", &["judge"], &lines.join("\n"));
        assert_eq!(judged, rows, "{version}");
    }
}
