//! Who may use a token, under each fidelity and switch.

use super::{list_status, log_in, on_each_engine, run, stale_tokens};
use crate::support::sql::run_sql;

const PASSWORD: &str = "correct horse\n";

#[test]
fn tokens_of_disabled_deleted_and_changed_users_follow_the_settings() {
    on_each_engine(|config, dir, url| {
        for (fidelity, switch, expected) in [
            ("safe", None, [401, 401, 401]),
            ("flask", None, [200, 200, 200]),
            ("flask", Some(("DISABLED_USERS", "deny")), [401, 200, 200]),
            ("flask", Some(("STALE_TOKENS", "deny")), [200, 401, 401]),
            ("safe", Some(("STALE_TOKENS", "allow")), [401, 200, 200]),
        ] {
            let mut config = config
                .clone()
                .env("FLASK_PROFILE", "tutorial")
                .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
                .env("FLASK_FIDELITY", fidelity);
            if let Some((name, value)) = switch {
                config = config.env(name, value);
            }
            let (server, tokens) = stale_tokens(&config, dir, url, list_status);
            let found = tokens.each_ref().map(|token| list_status(&server, token));
            assert_eq!(found, expected, "{url} {fidelity} {switch:?}");
            let login = log_in(&server, "disabled@example.com", "correct horse").status;
            assert_eq!(login, expected[0], "{url} {fidelity} {switch:?}");
            drop(server);
            run_sql(url, "delete from users");
        }
    });
}

#[test]
fn the_mark_of_a_deleted_administrator_is_not_inherited_with_the_id() {
    on_each_engine(|config, dir, url| {
        let config = config.env("FLASK_PROFILE", "tutorial");
        run(
            &config,
            dir,
            &["user", "create", "root@example.com", "--admin"],
            Some(PASSWORD),
        );
        run_sql(url, "update users set email = 'next@example.com'");
        let table = run(&config, dir, &["user", "list"], None);
        assert!(
            table.contains("next@example.com") && !table.contains("yes       yes"),
            "{url} {table}"
        );
        run(&config, dir, &["user", "grant-admin", "next@example.com"], None);
        assert!(
            run(&config, dir, &["user", "list"], None).contains("yes       yes"),
            "{url}"
        );
    });
}
