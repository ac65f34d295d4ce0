//! What a command shows in a terminal while it keeps people waiting, and that it shows nothing of it elsewhere.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use super::{cheap, on_each_engine, run};
use crate::support::{
    server::ServerConfig,
    sql::{Engine, hold},
    terminal::in_terminal,
};

/// What clears the line of the spinner.
const CLEARED: &str = "\r\u{1b}[2K";
/// How long a command may take before the spinner appears.
const DELAY: Duration = Duration::from_secs(1);
const CTRL_C: &str = "\u{3}";
/// The exit code of a shell for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// A database that takes connections and says nothing, for which a command waits so many seconds; and what listens, for as
/// long as it is kept.
fn silent_database(seconds: u32) -> (ServerConfig, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let url = format!("postgres://{address}/shop?connect_timeout={seconds}");
    (cheap().env("DATABASE_URL", &url), silent)
}

#[test]
fn a_database_that_does_not_answer_is_named_in_a_terminal_until_the_error() {
    let (config, _silent) = silent_database(3);
    let folder = tempfile::tempdir().unwrap();
    for args in [
        ["db", "status"],
        ["db", "upgrade"],
        ["db", "downgrade"],
        ["user", "list"],
    ] {
        let Some((shown, code)) = in_terminal(&config, folder.path(), &[], &args) else {
            return;
        };
        assert_eq!(code, Some(1), "{shown:?}");
        let (spun, error) = shown.split_once("error: ").unwrap();
        assert!(spun.contains("Waiting for postgres://127.0.0.1:"), "{shown:?}");
        assert!(spun.ends_with(CLEARED), "{shown:?}");
        assert!(!error.contains("Waiting"), "{shown:?}");

        let output = config.command(folder.path(), &args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("error: ") && !said.contains("Waiting"), "{said:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn ctrl_c_ends_a_command_that_waits_and_leaves_the_cursor_visible() {
    let (config, _silent) = silent_database(60);
    let folder = tempfile::tempdir().unwrap();
    let answers = [("Waiting for postgres", CTRL_C)];
    let Some((shown, code)) = in_terminal(&config, folder.path(), &answers, &["db", "status"]) else {
        return;
    };
    assert_eq!(code, Some(INTERRUPTED), "{shown:?}");
    assert!(!shown.contains("\u{1b}[?25l"), "{shown:?}");
}

#[test]
fn a_migration_that_takes_long_is_named_in_a_terminal() {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) != Engine::Postgres {
            return;
        }
        let newest = run(&config, dir, &["db", "upgrade"], None);
        let newest = newest.lines().last().unwrap().split_whitespace().collect::<Vec<_>>();
        let message = format!("Reverting migration {} {}", newest[0], newest[1]);
        let _held = hold(url, "begin; lock table poem_scaffold_attempts in access share mode");
        let answers = [(message.as_str(), CTRL_C)];
        if let Some((shown, code)) = in_terminal(&config, dir, &answers, &["db", "downgrade"]) {
            assert_eq!(code, Some(INTERRUPTED), "{shown:?}");
        }
    });
}

#[test]
fn a_password_is_asked_for_before_anything_spins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let url = format!("sqlite:{}", file.display());
    let config = cheap().env("DATABASE_URL", &url);
    run(&config, folder.path(), &["db", "upgrade"], None);
    let _held = hold(&url, "begin immediate");
    let answers = [
        ("Password: ", "correct horse\n"),
        ("Repeat password: ", "correct horse\n"),
    ];
    let create = ["user", "create", "ann@example.com"];
    let Some((shown, code)) = in_terminal(&config, folder.path(), &answers, &create) else {
        return;
    };
    assert_eq!(code, Some(1), "{shown:?}");
    let (asked, spun) = shown.split_once("Repeat password: ").unwrap();
    assert!(!asked.contains('\u{1b}'), "{shown:?}");
    let (spun, _) = spun.split_once("error: ").unwrap();
    assert!(spun.contains("Saving the password"), "{shown:?}");
    assert!(spun.ends_with(CLEARED), "{shown:?}");
}

#[test]
fn a_command_that_is_done_soon_shows_no_spinner() {
    let folder = tempfile::tempdir().unwrap();
    for args in [["db", "upgrade"], ["db", "status"], ["user", "list"]] {
        let started = Instant::now();
        let Some((shown, code)) = in_terminal(&cheap(), folder.path(), &[], &args) else {
            return;
        };
        assert_eq!(code, Some(0), "{shown:?}");
        // A machine that is busy may make it wait.
        if started.elapsed() < DELAY {
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
        }
    }
}
