//! The `user` commands: what they do, and what they say where they cannot.

use super::{cheap, list_status, log_in, on_each_engine, refused, run, take_back_all, token};
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
        assert!(create("bob@example.com", "short\n").contains("at least 8"), "{url}");
        assert!(create("bob@example.com", "").contains("standard input"), "{url}");
        assert!(create("bob@example.com", &"x".repeat(73)).contains("72"), "{url}");
        assert!(
            create("bob@example.com", "plain$$x12345678\n").contains("stored hash"),
            "{url}"
        );
        for action in ["passwd", "enable", "disable", "grant-admin", "revoke-admin"] {
            let text = refused(&config, dir, &["user", action, "bob@example.com"], Some(PASSWORD), 2);
            assert!(text.contains("no user bob@example.com"), "{url} {action}: {text}");
        }
        assert!(!run(&config, dir, &["user", "list"], None).contains("bob"), "{url}");
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
