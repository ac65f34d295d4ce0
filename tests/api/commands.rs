//! The `user` commands: what they do, and what they say where they cannot.

use std::fs::File;

use serde_json::json;

use super::{assert_is_logged, call, cheap, list_status, log_in, on_each_engine, refused, run, take_back_all, token};
use crate::support::server::Server;

const PASSWORD: &str = "correct horse\n";

#[test]
fn a_user_is_created_listed_disabled_enabled_and_given_another_password() {
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "tutorial"] {
            if profile == "tutorial" {
                take_back_all(&config, dir);
            }
            let config = config.clone().env("FLASK_PROFILE", profile);
            run(
                &config,
                dir,
                &["user", "create", "ann@example.com", "--name", "Änn ✓"],
                Some(PASSWORD),
            );
            run(
                &config,
                dir,
                &["user", "create", "root@example.com", "--admin"],
                Some(PASSWORD),
            );
            let table = run(&config, dir, &["user", "list"], None);
            let row = |email: &str| table.lines().find(|line| line.contains(email)).unwrap().to_owned();
            assert!(
                row("ann@example.com").ends_with("yes       no     Änn ✓"),
                "{url} {table}"
            );
            assert!(row("root@example.com").contains("yes       yes"), "{url} {table}");

            let server = Server::start(&config);
            let old = token(&server, "ann@example.com", "correct horse");
            run(&config, dir, &["user", "disable", "ann@example.com"], None);
            assert_eq!(log_in(&server, "ann@example.com", "correct horse").status, 401, "{url}");
            assert_eq!(list_status(&server, &old), 401, "{url}");
            run(&config, dir, &["user", "enable", "ann@example.com"], None);
            assert_eq!(list_status(&server, &old), 200, "{url}");
            run(
                &config,
                dir,
                &["user", "passwd", "ann@example.com"],
                Some("battery staple\r\n"),
            );
            assert_eq!(list_status(&server, &old), 401, "{url}: a token from before the change");
            assert_eq!(log_in(&server, "ann@example.com", "correct horse").status, 401, "{url}");
            let new = token(&server, "ann@example.com", "battery staple");
            assert_eq!(list_status(&server, &new), 200, "{url}: a token from after the change");

            run(&config, dir, &["user", "grant-admin", "ann@example.com"], None);
            let table = run(&config, dir, &["user", "list"], None);
            assert_eq!(table.matches("yes       yes").count(), 2, "{url} {table}");
            run(&config, dir, &["user", "revoke-admin", "ann@example.com"], None);
            let table = run(&config, dir, &["user", "list"], None);
            assert_eq!(table.matches("yes       yes").count(), 1, "{url} {table}");
        }
    });
}

#[test]
fn what_a_user_command_refuses_is_named() {
    on_each_engine(|config, dir, url| {
        let create = |email: &str, password: &str| refused(&config, dir, &["user", "create", email], Some(password), 2);
        run(&config, dir, &["user", "create", "ann@example.com"], Some(PASSWORD));
        assert!(create("ann@example.com", PASSWORD).contains("already"), "{url}");
        for address in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "ann@example.com\n",
        ] {
            assert!(create(address, PASSWORD).contains("mail address"), "{url} {address:?}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        assert!(create(&long, PASSWORD).contains("250"), "{url}");
        assert!(
            create("bob@example.com", "short\n").contains("minimum length 8"),
            "{url}"
        );
        assert!(create("bob@example.com", "").contains("standard input"), "{url}");
        assert!(create("bob@example.com", &"x".repeat(73)).contains("72"), "{url}");
        assert!(
            create("bob@example.com", "plain$$x12345678\n").contains("stored hash"),
            "{url}"
        );
        for action in ["passwd", "enable", "disable", "grant-admin", "revoke-admin"] {
            let text = refused(&config, dir, &["user", action, "bob@example.com"], Some(PASSWORD), 2);
            assert!(text.contains("unknown user bob@example.com"), "{url} {action}: {text}");
        }
        assert!(!run(&config, dir, &["user", "list"], None).contains("bob"), "{url}");
    });
}

#[test]
fn a_name_that_is_taken_in_2_0_is_not_told_as_a_taken_address() {
    on_each_engine(|config, dir, url| {
        let config = config.env("FLASK_PROFILE", "scaffold-2.0");
        run(&config, dir, &["user", "create", "ann@example.com"], Some(PASSWORD));
        let text = refused(&config, dir, &["user", "create", "ann@other.com"], Some(PASSWORD), 2);
        assert!(
            text.contains("another user has the name \"ann\"; choose another one with --name"),
            "{url}: {text}"
        );
        let text = refused(
            &config,
            dir,
            &["user", "create", "ann@example.com", "--name", "Other"],
            Some(PASSWORD),
            2,
        );
        assert!(
            text.contains("the user ann@example.com already exists"),
            "{url}: {text}"
        );
    });
}

#[test]
fn a_look_at_the_status_creates_no_file() {
    let folder = tempfile::tempdir().unwrap();
    for action in ["status", "downgrade"] {
        let text = refused(&cheap(), folder.path(), &["db", action], None, 2);
        assert!(
            text.contains("poem-scaffold.db") && text.contains("db upgrade"),
            "{text}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_printed_is_an_error_and_a_closed_pipe_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (config, dir) = (cheap(), folder.path());
    run(&config, dir, &["user", "create", "ann@example.com"], Some(PASSWORD));
    run(&config, dir, &["openapi"], None);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/project");
    let scaffold = ["scaffold", "gadget", "title:string", "--root", root];
    let with = |more: &[&'static str]| [&scaffold[..], more].concat();
    for args in [
        vec!["user", "list"],
        vec!["user", "disable", "ann@example.com"],
        vec!["db", "status"],
        vec!["db", "upgrade"],
        vec!["openapi"],
        vec!["openapi", "--check"],
        vec!["--help"],
        vec!["user", "create", "--help"],
        vec!["--version"],
        with(&["--dry-run"]),
        with(&["--diff"]),
        with(&["--dry-run", "--json"]),
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = config.spawn_printing_to(full, dir, &args);
        let output = output.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?} {text}");
        assert!(
            text.contains("cannot write to standard output: No space left"),
            "{args:?} {text}"
        );

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = config.spawn_printing_to(writer, dir, &args);
        let output = output.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), text.as_ref()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_name_or_an_address_or_a_path_acts_on_no_terminal() {
    const HOSTILE: &str = "\u{1b}]0;x\u{7}\n     9  root@example.com yes yes \u{202e}\u{9b}31m\r";
    let acts = |text: &str| text.contains(|c: char| c != '\n' && c.is_control() || c == '\u{202e}');
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let folder = tempfile::tempdir().unwrap();
        let config = cheap()
            .env("FLASK_PROFILE", profile)
            .env("FLASK_FIDELITY", "flask")
            .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
            .folder(folder.path());
        let server = Server::start(&config);
        let email = format!("{HOSTILE}@example.com");
        let new = json!({"email": email, "name": HOSTILE, "password": "correct horse", "active": 1});
        let new = json!({"data": {"type": "users", "attributes": new}});
        let answer = call(&server, "POST", "/api/v1/signup.json", None, Some(&new));
        assert_eq!(answer.status, 201, "{}", answer.text());
        let ask = json!({"data": {"type": "users", "attributes": {"email": email}}});
        assert_eq!(
            call(&server, "POST", "/api/v1/forgotpassword", None, Some(&ask)).status,
            201
        );
        call(&server, "GET", "/\u{9b}31m\u{202e}", None, None);

        let table = run(&config, folder.path(), &["user", "list"], None);
        assert!(!acts(&table), "{table:?}");
        assert_eq!(table.lines().count(), 3, "{table}");
        assert_eq!(table.matches("\\u{1b}]0;x\\u{7}\\u{a}").count(), 2, "{table}");
        assert_is_logged(&server, "If it was not you");
        let output = server.output();
        assert!(!acts(&output), "{output:?}");
        assert!(
            output.contains("Hi \\u{1b}]0;x") && output.contains("/\\u{9b}31m\\u{202e}"),
            "{output}"
        );
        let missing = refused(
            &config,
            folder.path(),
            &["user", "passwd", "\u{1b}[2J"],
            Some(PASSWORD),
            2,
        );
        assert!(missing.contains("\\u{1b}[2J") && !acts(&missing), "{missing:?}");
    }
}
