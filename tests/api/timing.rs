//! A failed login takes the same time whatever is stored.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{call, cheap, on_each_engine, run};
use crate::support::{
    program,
    server::{Server, ServerConfig},
    sql::run_sql,
};

const PASSWORD: &str = "correct horse";

/// What is stored for users whose logins fail; the password is no user's, except where it is said.
///
/// Where the build is not optimised, tenfold counts of pbkdf2 are cut.
const STORED: [(&str, &str); 12] = [
    ("sha1-1000", "pbkdf2:sha1:1000$saltsalt$00"),
    ("sha256-50000", "pbkdf2:sha256:50000$saltsalt$00"),
    ("sha256-600000", "pbkdf2:sha256:600000$saltsalt$00"),
    ("scrypt", "scrypt:32768:8:1$saltsalt$00"),
    ("blake2b-2000", "pbkdf2:blake2b:2000$saltsalt$00"),
    // Of a lower cost than new ones, which a right password would replace.
    (
        "bcrypt-4",
        "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
    ),
    ("digest", "sha1$saltsalt$00"),
    ("plain", "plain$$secret"),
    ("md5", "md5$saltsalt$00"),
    ("broken", "*"),
    ("beyond", "$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"),
    ("half", "$2b$12$half"),
];

/// Those of whom nothing is changed, with the password they are tried with.
const OTHERS: [(&str, &str); 5] = [
    ("known", "wrong"),
    // The right one, which is of no use.
    ("disabled", PASSWORD),
    ("known", LONG),
    ("unknown", "wrong"),
    ("null\0", "wrong"),
];

const LONG: &str = "0123456789012345678901234567890123456789012345678901234567890123456789012345";

fn fail(server: &Server, name: &str, password: &str) -> Duration {
    let body = json!({"email": format!("{name}@example.com"), "password": password});
    let started = Instant::now();
    let answer = call(server, "POST", "/api/login", None, Some(&body));
    let taken = started.elapsed();
    assert_eq!(answer.status, 401, "{name} {}", answer.text());
    taken
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The medians over `rounds` interleaved tries for each kind, and by how much the greatest exceeds the least.
fn medians(server: &Server, times: &mut Vec<(String, Vec<Duration>)>, rounds: usize) -> (String, f64) {
    let stored = STORED.map(|(name, _)| (name, "wrong"));
    let kinds: Vec<_> = OTHERS.into_iter().chain(stored).collect();
    for _ in 0..rounds {
        for (at, (name, password)) in kinds.iter().enumerate() {
            if times.len() == at {
                times.push((format!("{name:?}, {} bytes", password.len()), Vec::new()));
            }
            times[at].1.push(fail(server, name, password));
        }
    }
    let all: Vec<_> = times.iter_mut().map(|(kind, times)| (median(times), kind)).collect();
    let (least, greatest) = (all.iter().min().unwrap().0, all.iter().max().unwrap().0);
    let spread = greatest.as_secs_f64() / least.as_secs_f64() - 1.0;
    (format!("{all:#?}"), spread)
}

/// A server with all kinds of users in its database.
fn serve(config: &ServerConfig, fidelity: &str, is_cut: bool) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("x.db").display());
    let config = config
        .clone()
        .env("DATABASE_URL", &url)
        .env("FLASK_FIDELITY", fidelity)
        .env("DISABLED_USERS", "deny")
        .env("LOGIN_THROTTLE", "off")
        .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
        .folder(folder.path());
    let names = STORED.map(|(name, _)| name).into_iter().chain(["known", "disabled"]);
    for name in names {
        let create = ["user", "create", &format!("{name}@example.com")];
        run(&config, folder.path(), &create, Some(&format!("{PASSWORD}\n")));
    }
    for (name, stored) in STORED {
        let stored = if is_cut {
            stored.replace("0000$", "0$")
        } else {
            stored.to_owned()
        };
        run_sql(
            &url,
            &format!("update users set password = '{stored}' where email = '{name}@example.com'"),
        );
    }
    run(
        &config,
        folder.path(),
        &["user", "disable", "disabled@example.com"],
        None,
    );
    (Server::start(&config), folder)
}

/// With `TIMING_TRIES=1000` as many tries at the default cost, of the optimised build whose full path is
/// `TIMING_BINARY`, where five percent are allowed; otherwise few at a low cost, where a busy machine may need more
/// rounds until the medians are near.
#[test]
fn failed_logins_take_the_same_time_whatever_is_stored() {
    let tries: Option<usize> = std::env::var("TIMING_TRIES").ok().map(|tries| tries.parse().unwrap());
    let (config, rounds, allowed, attempts) = match tries {
        Some(tries) => {
            let binary = std::env::var("TIMING_BINARY").expect("TIMING_BINARY names an optimised build");
            let config = ServerConfig::of(program())
                .env("CREATE_TABLES", "on")
                .binary(binary.as_ref());
            (config, tries / (STORED.len() + OTHERS.len()) + 1, 0.05, 1)
        }
        None => (cheap(), 5, 0.15, 6),
    };
    for fidelity in ["safe", "flask"] {
        let (server, _folder) = serve(&config, fidelity, tries.is_none());
        // Each format has been met by then.
        medians(&server, &mut Vec::new(), 1);
        let mut times = Vec::new();
        let mut seen = medians(&server, &mut times, rounds);
        for _ in 1..attempts {
            if seen.1 <= allowed {
                break;
            }
            seen = medians(&server, &mut times, rounds);
        }
        println!("{fidelity}: spread {:.3}, {}", seen.1, seen.0);
        assert!(seen.1 <= allowed, "{fidelity}: {:.3} {}", seen.1, seen.0);
        // Not one that is slow for all: the right password waits for nothing.
        let right = json!({"email": "known@example.com", "password": PASSWORD});
        let started = Instant::now();
        assert_eq!(call(&server, "POST", "/api/login", None, Some(&right)).status, 200);
        println!("{fidelity}: the right password {:?}", started.elapsed());
    }
}

#[test]
fn a_format_that_is_in_the_table_only_counts_from_the_start() {
    on_each_engine(|config, dir, url| {
        let config = config.env("LOGIN_THROTTLE", "off");
        for name in ["old", "new"] {
            let create = ["user", "create", &format!("{name}@example.com")];
            run(&config, dir, &create, Some(&format!("{PASSWORD}\n")));
        }
        run_sql(
            url,
            "update users set password = 'pbkdf2:sha256:20000$salt$00' where email = 'old@example.com'",
        );
        let old = fail(&Server::start(&config), "old", "wrong");
        // One that has not met it at a login.
        let server = Server::start(&config);
        let deadline = Instant::now() + Duration::from_secs(30);
        // Without the format it is a twentieth; a busy machine alone makes one of them twice as long as the other.
        while fail(&server, "nobody", "wrong").as_secs_f64() < old.as_secs_f64() * 0.3 {
            assert!(Instant::now() < deadline, "{url}: {old:?}");
        }
    });
}
