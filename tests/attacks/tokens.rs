//! Forged, damaged and misused tokens: all of them are answered alike.

use std::net::TcpListener;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use super::{DELETED, DISABLED, KEY, OTHER, ROOT, Target, on_each_target};
use crate::support::http::{self, Response};

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// What a request with the token is answered.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Good,
    Invalid,
    /// The signature is ours, but there is no such account.
    Gone,
    Expired,
    Missing,
    /// Refused before it is looked at, because the head of the request is not HTTP or too large.
    Unreadable,
    TooLarge,
}
use Answer::{Expired, Gone, Good, Invalid, Missing, TooLarge, Unreadable};

/// A name, the value of the Authorization header, and the answers of `safe` and `flask`.
type Case = (&'static str, Vec<u8>, Answer, Answer);

macro_rules! mac {
    ($hash:ty, $signed:expr, $key:expr) => {{
        let mut mac = Hmac::<$hash>::new_from_slice($key).unwrap();
        mac.update($signed.as_bytes());
        mac.finalize().into_bytes()
    }};
}

fn unsigned(header: &str, payload: &str) -> String {
    format!("{}.{}", BASE64.encode(header), BASE64.encode(payload))
}

/// Signed as only the owner of the key can.
fn signed_with(key: &[u8], header: &str, payload: &str) -> String {
    let signed = unsigned(header, payload);
    let signature = BASE64.encode(mac!(Sha256, signed, key));
    format!("{signed}.{signature}")
}

fn signed(header: &str, payload: &str) -> String {
    signed_with(KEY.as_bytes(), header, payload)
}

fn bearer(token: &str) -> Vec<u8> {
    format!("Bearer {token}").into_bytes()
}

/// The administrator's claims, with these added or in place of others; null takes one out.
fn claims(changes: &Value) -> String {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({"sub": ROOT, "iat": now, "exp": now + 600});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.to_string()
}

fn good_claims() -> String {
    claims(&json!({}))
}

/// The same answer of both fidelities.
fn same(name: &'static str, token: &str, answer: Answer) -> Case {
    (name, bearer(token), answer, answer)
}

/// Headers, all with the right signature. `spy` is an address at which nobody must ask for a key.
fn headers(spy: &str) -> Vec<Case> {
    let payload = good_claims();
    let remote = json!({"alg": "HS256", "jku": spy, "x5u": spy, "jwk": {"kty": "oct", "k": "eA"}}).to_string();
    let long = |length| json!({"alg": "HS256", "kid": "x".repeat(length)}).to_string();
    [
        ("good", HEADER, Good),
        ("alg none", r#"{"alg":"none"}"#, Invalid),
        ("alg NoNe", r#"{"alg":"NoNe"}"#, Invalid),
        ("alg empty", r#"{"alg":""}"#, Invalid),
        ("alg missing", r#"{"typ":"JWT"}"#, Invalid),
        ("alg null", r#"{"alg":null}"#, Invalid),
        ("alg a number", r#"{"alg":5}"#, Invalid),
        ("alg a list", r#"{"alg":["HS256"]}"#, Invalid),
        ("alg twice", r#"{"alg":"none","alg":"HS256"}"#, Invalid),
        ("alg a part of HS256", r#"{"alg":"HS"}"#, Invalid),
        ("alg in lower case", r#"{"alg":"hs256"}"#, Invalid),
        ("alg RS256 with the key as a secret", r#"{"alg":"RS256"}"#, Invalid),
        ("alg ES256", r#"{"alg":"ES256"}"#, Invalid),
        ("crit", r#"{"alg":"HS256","crit":["x"]}"#, Invalid),
        ("crit empty", r#"{"alg":"HS256","crit":[]}"#, Invalid),
        ("b64 false", r#"{"alg":"HS256","b64":false}"#, Invalid),
        ("b64 in crit", r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#, Invalid),
        ("jwk, jku and x5u", &remote, Good),
        ("kid a path", r#"{"alg":"HS256","kid":"../../../dev/null"}"#, Good),
        ("kid SQL", r#"{"alg":"HS256","kid":"' or 1=1 --"}"#, Good),
        ("kid a number", r#"{"alg":"HS256","kid":1}"#, Good),
        ("kid of 9 KB", &long(9_000), Invalid),
        ("kid of 30 KB", &long(30_000), TooLarge),
        ("kid of 300 KB", &long(300_000), TooLarge),
        ("typ another", r#"{"alg":"HS256","typ":"JOSE"}"#, Good),
        ("a list", "[]", Invalid),
        ("no JSON", "HS256", Invalid),
        ("empty", "", Invalid),
    ]
    .map(|(name, header, answer)| same(name, &signed(header, &payload), answer))
    .into()
}

/// Parts and signatures.
fn signatures() -> Vec<Case> {
    let payload = good_claims();
    let good = signed(HEADER, &payload);
    let (start, signature) = good.rsplit_once('.').unwrap();
    let (header, middle) = start.split_once('.').unwrap();
    let none = unsigned(r#"{"alg":"none"}"#, &payload);
    let (hs384, hs512) = (
        unsigned(r#"{"alg":"HS384"}"#, &payload),
        unsigned(r#"{"alg":"HS512"}"#, &payload),
    );
    let reset = mac!(Sha256, "poem-scaffold password reset", KEY.as_bytes());
    let standard = base64::prelude::BASE64_STANDARD.encode(r#"{"sub":1,"x":"???>>>"}"#);
    [
        ("alg none, no signature", format!("{none}.")),
        (
            "HS384",
            format!("{hs384}.{}", BASE64.encode(mac!(Sha384, hs384, KEY.as_bytes()))),
        ),
        (
            "HS512",
            format!("{hs512}.{}", BASE64.encode(mac!(Sha512, hs512, KEY.as_bytes()))),
        ),
        ("only dots", "..".to_owned()),
        ("two parts", start.to_owned()),
        ("four parts", format!("{good}.x")),
        ("an empty part more", format!("{good}.")),
        ("no signature", format!("{start}.")),
        ("signature cut off", good[..good.len() - 1].to_owned()),
        ("signature padded", format!("{good}=")),
        ("signature with other unused bits", with_other_last_bits(&good)),
        ("payload padded", format!("{header}.{middle}=.{signature}")),
        (
            "payload in another alphabet",
            format!("{header}.{standard}.{signature}"),
        ),
        (
            "payload of another token",
            format!("{}.{signature}", unsigned(HEADER, r#"{"sub":2}"#)),
        ),
        ("an empty key", signed_with(b"", HEADER, &payload)),
        (
            "another server's key",
            signed_with(b"9b1f0c7d35e84a26b0d1c9e8f7a65432", HEADER, &payload),
        ),
        (
            "a reset token",
            signed_with(&reset, HEADER, &claims(&json!({"jti": "1"}))),
        ),
        ("payload a list", signed(HEADER, "[]")),
        ("payload no JSON", signed(HEADER, "sub")),
        ("payload empty", signed(HEADER, "")),
    ]
    .map(|(name, token)| same(name, &token, Invalid))
    .into()
}

/// The same bytes in another spelling: the last symbol of 43 has two bits that count for nothing.
fn with_other_last_bits(token: &str) -> String {
    const SYMBOLS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let at = SYMBOLS.find(last).unwrap();
    format!("{rest}{}", &SYMBOLS[at ^ 1..][..1])
}

/// Claims, under the right key; the second answer is what PyJWT 1.4 and the originals made of them.
fn payloads() -> Vec<Case> {
    let now = chrono::Utc::now().timestamp();
    let without = |name: &str| {
        let mut all: Value = serde_json::from_str(&good_claims()).unwrap();
        all.as_object_mut().unwrap().remove(name);
        all.to_string()
    };
    let digits = "9".repeat(400);
    [
        ("exp absent", without("exp"), Invalid, Good),
        ("exp 1e400", r#"{"sub":1,"exp":1e400}"#.to_owned(), Invalid, Invalid),
        (
            "exp of 400 digits",
            format!(r#"{{"sub":1,"exp":{digits}}}"#),
            Invalid,
            Invalid,
        ),
        ("iat absent", without("iat"), Invalid, Good),
        ("sub absent", without("sub"), Invalid, Invalid),
        (
            "sub twice",
            format!(r#"{{"sub":1,"exp":{},"sub":2}}"#, now + 600),
            Invalid,
            Good,
        ),
        (
            "exp twice",
            format!(r#"{{"sub":1,"exp":{},"exp":1}}"#, now + 600),
            Invalid,
            Expired,
        ),
    ]
    .map(|(name, payload, safe, flask)| (name, bearer(&signed(HEADER, &payload)), safe, flask))
    .into()
}

/// As [`payloads`], of claims that are good but for one.
fn times_and_subjects(lifetime: i64) -> Vec<Case> {
    let now = chrono::Utc::now().timestamp();
    [
        ("exp a text", json!({"exp": (now + 60).to_string()}), Invalid, Good),
        ("exp another text", json!({"exp": "tomorrow"}), Invalid, Invalid),
        ("exp null", json!({"exp": null}), Invalid, Invalid),
        ("exp a list", json!({"exp": []}), Invalid, Invalid),
        ("exp true", json!({"exp": true}), Invalid, Expired),
        ("exp negative", json!({"exp": -1}), Expired, Expired),
        ("exp a second ago", json!({"exp": now - 1}), Expired, Expired),
        ("exp a minute ago", json!({"exp": now - 59}), Expired, Expired),
        ("exp with a fraction", json!({"exp": now as f64 + 60.5}), Good, Good),
        (
            "exp beyond the lifetime",
            json!({"exp": now + lifetime + 3600}),
            Invalid,
            Good,
        ),
        ("exp 2^64", json!({"exp": 1.844_674_407_370_955_2e19}), Invalid, Good),
        ("nbf to come", json!({"nbf": now + 300}), Invalid, Invalid),
        ("nbf a text", json!({"nbf": "x"}), Invalid, Invalid),
        ("iat to come", json!({"iat": now + 300}), Invalid, Invalid),
        ("iat null", json!({"iat": null}), Invalid, Invalid),
        ("aud", json!({"aud": "x"}), Invalid, Invalid),
        ("aud a number", json!({"aud": 1}), Invalid, Invalid),
        ("iss", json!({"iss": "x"}), Good, Good),
        ("sub digits", json!({"sub": "1"}), Good, Good),
        ("sub SQL", json!({"sub": "1 OR 1=1"}), Invalid, Good),
        ("sub empty", json!({"sub": ""}), Invalid, Good),
        ("sub null", json!({"sub": null}), Invalid, Good),
        ("sub 0", json!({"sub": 0}), Gone, Good),
        ("sub negative", json!({"sub": -1}), Gone, Good),
        ("sub 1.0", json!({"sub": 1.0}), Invalid, Good),
        ("sub true", json!({"sub": true}), Invalid, Good),
        ("sub 1e30", json!({"sub": 1e30}), Invalid, Good),
        ("sub a list", json!({"sub": [1]}), Invalid, Good),
        ("sub an object", json!({"sub": {"id": 1}}), Invalid, Good),
        ("sub nobody's", json!({"sub": 99}), Gone, Good),
        ("sub of a deleted user", json!({"sub": DELETED}), Gone, Good),
        ("sub of a disabled user", json!({"sub": DISABLED}), Invalid, Good),
        (
            "from before the account was made",
            json!({"iat": now - 86_000}),
            Invalid,
            Good,
        ),
    ]
    .map(|(name, changes, safe, flask)| (name, bearer(&signed(HEADER, &claims(&changes))), safe, flask))
    .into()
}

/// How the header is written.
fn spellings() -> Vec<Case> {
    let good = signed(HEADER, &good_claims());
    [
        ("no value", String::new(), Missing),
        ("blanks", " \t ".to_owned(), Missing),
        ("a scheme", "Bearer".to_owned(), Invalid),
        ("a letter", "x".to_owned(), Invalid),
        ("a scheme in lower case", format!("bearer {good}"), Good),
        ("another scheme", format!("Basic {good}"), Good),
        ("two blanks", format!("Bearer  {good}"), Good),
        ("a tab", format!("Bearer\t{good}"), Good),
        ("a third word", format!("Bearer {good} x"), Good),
        ("the third word", format!("Bearer x {good}"), Invalid),
        ("the bare token", good.clone(), Good),
        ("a comma", format!("Bearer,{good}"), Invalid),
        ("two with a comma", format!("Bearer {good}, Bearer {good}"), Invalid),
        (
            "two headers",
            format!("Bearer {good}\r\nAuthorization: Bearer {good}"),
            Invalid,
        ),
        (
            "a cookie",
            format!("\r\nCookie: token={good}; Authorization={good}"),
            Missing,
        ),
        (
            "another header",
            format!("\r\nX-Access-Token: {good}\r\nProxy-Authorization: Bearer {good}"),
            Missing,
        ),
        ("letters beyond ASCII", format!("Bearer é{good}"), Invalid),
        ("a NUL", format!("Bearer {good}\0"), Unreadable),
    ]
    .map(|(name, value, answer)| (name, value.into_bytes(), answer, answer))
    .into_iter()
    .chain([(
        "bytes that are not UTF-8",
        [b"Bearer \xff\xfe", good.as_bytes()].concat(),
        Invalid,
        Invalid,
    )])
    .collect()
}

fn send(target: &Target, method: &str, path: &str, value: &[u8], body: Option<&Value>) -> Response {
    let body = body.map(Value::to_string);
    let headers = [("Authorization", value)];
    http::send(
        &target.server.base,
        method,
        path,
        &headers,
        body.as_deref().map(str::as_bytes),
    )
}

/// What is wrong with an answer.
fn problem(target: &Target, expected: Answer, answer: &Response) -> Option<String> {
    let said = |text: &str| Some(json!({target.error_key(401): text}));
    let (status, body) = match expected {
        Good => (200, None),
        Invalid => (401, said("Token is invalid")),
        Gone => (401, said("The account of this token no longer exists")),
        Expired => (401, said("Token has expired")),
        Missing => (401, said("Missing authorization header")),
        Unreadable => (400, None),
        TooLarge => (431, None),
    };
    let json = answer.json();
    let is_told = expected == Good
        || json
            .as_ref()
            .is_some_and(|json| json[target.error_key(status)].is_string());
    let is_right = answer.status == status && is_told && (body.is_none() || json == body);
    (!is_right).then(|| format!("{} {}", answer.status, answer.text()))
}

#[test]
fn every_token_that_is_not_good_is_answered_alike_and_does_nothing() {
    on_each_target(|target| {
        let spy = TcpListener::bind("127.0.0.1:0").unwrap();
        spy.set_nonblocking(true).unwrap();
        let lifetime = if target.profile == "scaffold-2.0" { 30 } else { 1 } * 86_400;
        let cases = [
            headers(&format!("http://{}/", spy.local_addr().unwrap())),
            signatures(),
            payloads(),
            times_and_subjects(lifetime),
            spellings(),
        ]
        .concat();
        assert!(cases.len() >= 48, "{}", cases.len());
        let mut problems = Vec::new();
        for (name, value, safe, flask) in cases {
            let expected = if target.is_safe() { safe } else { flask };
            let mut found = problem(target, expected, &send(target, "GET", target.list(), &value, None));
            if found.is_none() && expected != Good && target.profile != "tutorial" {
                let path = format!("/api/v1/users/{OTHER}.json");
                found = problem(target, expected, &send(target, "DELETE", &path, &value, None));
            }
            let found = found.or_else(|| target.harm(b""));
            problems.extend(found.map(|found| format!("{name}: {found}")));
        }
        assert!(spy.accept().is_err(), "a key was asked for elsewhere");
        problems
    });
}

#[test]
fn a_token_gives_no_more_than_the_database_says_in_safe() {
    on_each_target(|target| {
        if !target.is_safe() || target.profile == "tutorial" {
            return Vec::new();
        }
        let admin = claims(&json!({"sub": OTHER, "scope": "admin", "role": "admin", "is_admin": true}));
        let path = format!("/api/v1/users/{ROOT}.json");
        let answer = send(target, "DELETE", &path, &bearer(&signed(HEADER, &admin)), None);
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(answer.text().contains("Admin Access Required"), "{}", answer.text());
        let password = json!({"data": {"type": "users", "attributes": {"password": "battery staple"}}});
        let value = bearer(&target.token);
        let answer = send(target, "PATCH", "/api/v1/forgotpassword", &value, Some(&password));
        assert_eq!(answer.status, 401, "{}", answer.text());
        target.harm(&answer.body).into_iter().collect()
    });
}
