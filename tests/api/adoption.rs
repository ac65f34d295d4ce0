//! The promises about a migrated team's tables: used as they are, never altered, rolled back by a restart.

use std::thread;

use serde_json::json;

use super::{call, list_status, log_in, on_each_engine, refused, run, take_back_all, token};
use crate::{
    parity::load_legacy_tables,
    support::{
        scaffolded::assert_unaltered,
        server::{Server, ServerConfig},
        sql::{Engine, query, run_sql, schema_of},
    },
};

fn flask(config: &ServerConfig) -> ServerConfig {
    config
        .clone()
        .env("FLASK_PROFILE", "tutorial")
        .env("FLASK_FIDELITY", "flask")
        .env("SECRET_KEY", "s0me random string")
}

#[test]
fn a_full_run_on_a_flask_apps_tables_alters_none_of_them() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let (before, rows) = (schema_of(url), query(url, "select count(*) from users"));
        let config = flask(&config);
        let server = Server::start(&config);
        assert!(server.output().contains("adopted"), "{url}: {}", server.output());
        let token = token(&server, "leo@techarena51.com", "password");
        assert_eq!(list_status(&server, &token), 200, "{url}");
        drop(server);
        assert_eq!(
            query(url, "select count(*) from users"),
            rows,
            "{url}: a user was added"
        );
        run(
            &config,
            dir,
            &["user", "create", "new@example.com", "--admin"],
            Some("a new password\n"),
        );
        run(
            &config,
            dir,
            &["user", "passwd", "leo@techarena51.com"],
            Some("another password\n"),
        );
        run(&config, dir, &["user", "disable", "zoe@example.com"], None);
        assert!(run(&config, dir, &["db", "status"], None).contains("adopted"), "{url}");
        assert_unaltered(url, &before);
    });
}

#[test]
fn a_start_on_adopted_tables_says_if_nobody_can_administer() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let config = config.clone().env("FLASK_PROFILE", "tutorial");
        let note = "no user is an administrator yet; appoint one with `poem-scaffold user grant-admin MAIL`";
        assert!(Server::start(&config).output().contains(note), "{url}");
        run(&config, dir, &["user", "grant-admin", "leo@techarena51.com"], None);
        assert!(!Server::start(&config).output().contains(note), "{url}");
    });
}

#[test]
fn taking_migrations_back_leaves_adopted_tables_and_rows_alone() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let rows = "select id, email, name, password, is_enabled from users order by id";
        let (schema, content) = (schema_of(url), query(url, rows));
        let config = flask(&config);
        run(&config, dir, &["db", "upgrade"], None);
        let said = take_back_all(&config, dir);
        assert!(
            said.contains("are left unchanged") && said.contains("reverted"),
            "{said}"
        );
        assert_eq!((schema_of(url), query(url, rows)), (schema, content), "{url}");
        assert!(run(&config, dir, &["db", "upgrade"], None).contains("adopted"), "{url}");
    });
}

#[test]
fn tables_of_our_own_are_created_and_taken_back() {
    on_each_engine(|config, dir, url| {
        let config = config.env("FLASK_PROFILE", "tutorial");
        assert!(run(&config, dir, &["db", "upgrade"], None).contains("applied"), "{url}");
        assert!(schema_of(url).contains("users"), "{url}");
        assert!(
            run(&config, dir, &["db", "upgrade"], None).contains("nothing to do"),
            "{url}"
        );
        take_back_all(&config, dir);
        assert!(!schema_of(url).contains("users"), "{url}");
        assert!(run(&config, dir, &["db", "status"], None).contains("pending"), "{url}");
    });
}

#[test]
fn two_processes_that_upgrade_at_once_both_succeed() {
    on_each_engine(|config, dir, url| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(&config, dir, &["db", "upgrade"], None));
            }
        });
        let status = run(&config, dir, &["db", "status"], None);
        assert!(status.lines().count() >= 2, "{url}: {status}");
        assert!(status.lines().all(|line| line.ends_with("applied")), "{url}: {status}");
    });
}

#[test]
fn tables_of_another_profile_stop_the_start_and_name_the_setting() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let before = schema_of(url);
        let text = refused(&config, dir, &["serve", "--port", "0"], None, 2);
        assert!(text.contains("FLASK_PROFILE=tutorial"), "{url}: {text}");
        assert_eq!(schema_of(url), before, "{url}");
    });
}

#[test]
fn a_users_table_of_some_other_app_stops_the_start() {
    on_each_engine(|config, dir, url| {
        run_sql(url, "create table users (id integer, login varchar(20))");
        let text = refused(&config, dir, &["db", "upgrade"], None, 2);
        assert!(text.contains("DATABASE_URL"), "{url}: {text}");
    });
}

#[test]
fn old_hashes_stay_in_adopted_tables_and_are_renewed_in_our_own() {
    let old = "sha1$Kb3mXo2p$64ad5cc72ae94992bcdeb88d8ccdc1457266dde7";
    on_each_engine(|config, _, url| {
        load_legacy_tables(url);
        let server = Server::start(&flask(&config));
        assert_eq!(log_in(&server, "sha1@example.com", "legacy").status, 200);
        let stored = "select password from users where email = 'sha1@example.com'";
        assert_eq!(query(url, stored), old, "{url}");
        drop(server);
        let server = Server::start(&flask(&config).env("PASSWORD_REHASH", "on"));
        assert_eq!(log_in(&server, "sha1@example.com", "wrong").status, 401);
        assert_eq!(query(url, stored), old, "{url}");
        assert_eq!(log_in(&server, "sha1@example.com", "legacy").status, 200);
        assert!(query(url, stored).starts_with("pbkdf2:sha256:1000$"), "{url}");
        assert_eq!(log_in(&server, "sha1@example.com", "legacy").status, 200);
        drop(server);
    });
    on_each_engine(|config, dir, url| {
        let config = config.env("FLASK_PROFILE", "tutorial");
        run(
            &config,
            dir,
            &["user", "create", "sha1@example.com"],
            Some("legacy password\n"),
        );
        run_sql(url, &format!("update users set password = '{old}'"));
        let server = Server::start(&config);
        assert_eq!(log_in(&server, "sha1@example.com", "legacy").status, 200);
        let stored = || query(url, "select password from users");
        assert!(stored().starts_with("$2b$04$"), "{url}: {}", stored());
        drop(server);
        // A bcrypt of lower cost is old as well; one of higher cost stays.
        for cost in ["5", "4"] {
            let server = Server::start(&config.clone().env("BCRYPT_COST", cost));
            assert_eq!(log_in(&server, "sha1@example.com", "wrong").status, 401);
            assert_eq!(log_in(&server, "sha1@example.com", "legacy").status, 200);
            assert!(stored().starts_with("$2b$05$"), "{url} {cost}: {}", stored());
        }
    });
}

/// Flask may go on with these tables, whichever holes are closed here.
#[test]
fn new_hashes_in_adopted_tables_are_those_of_flask_until_password_rehash_is_on() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let config = config.env("FLASK_PROFILE", "tutorial").env("FLASK_FIDELITY", "safe");
        let stored = |email: &str| query(url, &format!("select password from users where email = '{email}'"));
        let (create, passwd) = (
            ["user", "create", "new@example.com"],
            ["user", "passwd", "leo@techarena51.com"],
        );
        run(&config, dir, &create, Some("a new password\n"));
        run(&config, dir, &passwd, Some("another password\n"));
        for email in ["new@example.com", "leo@techarena51.com"] {
            assert!(
                stored(email).starts_with("pbkdf2:sha256:1000$"),
                "{url}: {}",
                stored(email)
            );
        }
        run(
            &config.env("PASSWORD_REHASH", "on"),
            dir,
            &passwd,
            Some("another password\n"),
        );
        assert!(stored("leo@techarena51.com").starts_with("$2b$04$"), "{url}");
        assert!(stored("new@example.com").starts_with("pbkdf2:"), "{url}");
    });
}

/// PostgreSQL refuses what was prepared before, on each connection.
#[test]
fn a_column_may_get_another_type_while_it_is_served() {
    on_each_engine(|config, dir, url| {
        let wider = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => "alter table users alter column name type varchar(300)",
            Engine::MySql => "alter table users modify name varchar(300)",
        };
        let admin = ["user", "create", "ann@example.com", "--admin"];
        run(&config, dir, &admin, Some("correct horse\n"));
        let server = Server::start(&config);
        let token = token(&server, "ann@example.com", "correct horse");
        let everything = || {
            for (method, path) in [
                ("GET", "users.json"),
                ("GET", "users/1.json"),
                ("PATCH", "users/1.json"),
            ] {
                let body = json!({"data": {"type": "users", "id": "1", "attributes": {"name": "Ann", "active": 1}}});
                let body = (method == "PATCH").then_some(&body);
                let answer = call(&server, method, &format!("/api/v1/{path}"), Some(&token), body);
                assert_eq!(answer.status, 200, "{url}: {method} {path}: {}", answer.text());
            }
        };
        // Many at once, for more than one connection.
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(everything))));
        run_sql(url, wider);
        for _ in 0..10 {
            everything();
        }
        assert!(!server.output().contains("answered 503"), "{}", server.output());
    });
}
