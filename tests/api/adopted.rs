//! Databases of real Flask apps that are not quite their original's: served, or refused with a list, and never altered.

use std::path::Path;

use serde_json::json;

use super::{call, log_in, on_each_engine, refused, run};
use crate::{
    parity::load_legacy_tables,
    support::{
        server::{Server, ServerConfig},
        sql::{Engine, query, run_sql, schema_of},
    },
};

/// `password` as Flask-Scaffold stored it.
const HASH: &str = "pbkdf2:sha1:1000$sjMORXnt$517f76f98b4c7e10dd84574eb352fc830cc1a123";

/// A table in the words of all three engines: `SERIAL` is a key that counts, `BOOL` what SQLAlchemy makes of Boolean.
fn create(url: &str, tables: &str) {
    let serial = match Engine::of(url) {
        Engine::Sqlite => "INTEGER NOT NULL PRIMARY KEY",
        Engine::Postgres => "SERIAL PRIMARY KEY",
        Engine::MySql => "INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY",
    };
    run_sql(url, &tables.replace("SERIAL", serial));
}

const ROLES: &str = "CREATE TABLE roles (id SERIAL, name VARCHAR(250) UNIQUE, description VARCHAR(250));";

/// The users table of Flask-Scaffold 1.0 with other columns in place of some.
fn users(email: &str, active: &str, more: &str) -> String {
    format!(
        "{ROLES}
         CREATE TABLE users (
             id SERIAL,
             email VARCHAR(250) NOT NULL{email},
             password VARCHAR(250) NOT NULL,
             name VARCHAR(250) NOT NULL,
             {active},
             creation_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
             {more}
             role VARCHAR(250) REFERENCES roles (name));"
    )
}

/// What must be the same afterwards.
fn state(url: &str) -> (String, String) {
    let tables = schema_of(url);
    let rows = |table: &str| match tables.contains(table) {
        true => query(url, &format!("select * from {table} order by id")),
        false => String::new(),
    };
    (rows("users") + &rows("roles"), tables)
}

/// Starts on it twice, and gives what the first start said.
fn served(config: &ServerConfig, dir: &Path, url: &str) -> String {
    let before = state(url);
    let said = Server::start(config).output();
    assert!(said.contains("adopted:  the existing tables of users"), "{url}: {said}");
    drop(Server::start(config));
    assert!(run(config, dir, &["db", "status"], None).contains("adopted"), "{url}");
    assert!(state(url) == before, "{url}: something was altered");
    said
}

/// Is refused, with everything as it was, and gives the message.
fn unserved(config: &ServerConfig, dir: &Path, url: &str) -> String {
    let before = state(url);
    let all = all_tables(url);
    let said = refused(config, dir, &["serve", "--port", "0"], None, 2);
    assert_eq!(refused(config, dir, &["db", "upgrade"], None, 2), said, "{url}");
    let shown = run(config, dir, &["db", "status"], None);
    let listed = said.lines().filter(|line| line.starts_with("  "));
    assert!(listed.clone().count() > 0, "{url}: {said}");
    listed.for_each(|line| assert!(shown.contains(line), "{url}: {shown}"));
    assert!(
        state(url) == before && all_tables(url) == all,
        "{url}: something was altered"
    );
    said
}

/// Ours too.
fn all_tables(url: &str) -> String {
    query(
        url,
        match Engine::of(url) {
            Engine::Sqlite => "select name from sqlite_master order by 1",
            Engine::Postgres => "select tablename from pg_tables where schemaname = 'public' order by 1",
            Engine::MySql => {
                "select table_name from information_schema.tables where table_schema = database() order by 1"
            }
        },
    )
}

fn sign_up(server: &Server, email: &str) -> u16 {
    let body = json!({"data": {"type": "users", "attributes": {
        "email": email, "name": "New", "password": "a new password", "active": 1}}});
    call(server, "POST", "/api/v1/signup.json", None, Some(&body)).status
}

#[test]
fn older_versions_tables_are_served() {
    for (what, email, active, more) in [
        (
            "0.6",
            " UNIQUE",
            "active BOOLEAN NOT NULL",
            "modification_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,",
        ),
        (
            "0.6.3",
            " UNIQUE",
            "active INTEGER NOT NULL",
            "modification_time TIMESTAMP NULL,",
        ),
        ("0.7", "", "active INTEGER NOT NULL", ""),
        ("1.0", " UNIQUE", "active INTEGER NOT NULL", ""),
    ] {
        on_each_engine(|config, dir, url| {
            create(url, &users(email, active, more));
            let truth = if what == "0.6" { "true" } else { "1" };
            run_sql(
                url,
                &format!(
                    "insert into users (email, password, name, active) values ('a@example.com', '{HASH}', 'A', {truth})"
                ),
            );
            let said = served(&config, dir, url);
            assert!(!said.contains("will be refused"), "{what} {url}: {said}");
        });
    }
}

#[test]
fn a_column_that_nobody_fills_is_told_and_one_with_a_default_is_left_to_the_database() {
    let filled = "company VARCHAR(20) DEFAULT 'none' NOT NULL, seen INTEGER,";
    let unfilled = "company VARCHAR(20) NOT NULL, badge INTEGER NOT NULL, seen INTEGER,";
    on_each_engine(|config, dir, url| {
        create(url, &users(" UNIQUE", "active INTEGER NOT NULL", filled));
        let said = served(&config, dir, url);
        assert!(!said.contains("will be refused"), "{url}: {said}");
        let server = Server::start(&config);
        assert_eq!(sign_up(&server, "new@example.com"), 201, "{url}");
        assert_eq!(query(url, "select company from users"), "none", "{url}");
        assert_eq!(
            log_in(&server, "new@example.com", "a new password").status,
            200,
            "{url}"
        );
    });
    on_each_engine(|config, dir, url| {
        create(url, &users(" UNIQUE", "active INTEGER NOT NULL", unfilled));
        let said = served(&config, dir, url);
        for column in ["company", "badge"] {
            assert!(said.contains(&format!("note:     users.{column} is ")), "{url}: {said}");
        }
        assert!(
            said.contains("sign-ups too") && !said.contains("users.seen"),
            "{url}: {said}"
        );
        let server = Server::start(&config);
        assert_eq!(sign_up(&server, "new@example.com"), 403, "{url}");
    });
}

/// As SQLAlchemy does for an attribute that is `None`.
#[test]
fn a_default_of_the_database_fills_what_is_null() {
    on_each_engine(|config, _, url| {
        let tables = users(" UNIQUE", "active INTEGER NOT NULL", "").replace(
            "role VARCHAR(250) REFERENCES roles (name)",
            "role VARCHAR(250) DEFAULT 'editor'",
        );
        create(url, &tables);
        let server = Server::start(&config);
        assert_eq!(sign_up(&server, "new@example.com"), 201, "{url}");
        assert_eq!(query(url, "select role from users"), "editor", "{url}");
    });
}

#[test]
fn what_cannot_be_served_is_refused_with_a_list_and_whose_it_may_be() {
    for (active, expected, nearest) in [
        (
            "is_active BOOLEAN NOT NULL",
            "users.active is missing; expected integer",
            "Flask-Scaffold 0.2 to 0.5",
        ),
        (
            "enabled BOOLEAN NOT NULL",
            "users.active is missing; expected integer",
            "does not match any supported Flask app",
        ),
        (
            "active DATE NOT NULL",
            "users.active is date; expected integer",
            "Flask-Scaffold 0.7 or 1.0",
        ),
    ] {
        on_each_engine(|config, dir, url| {
            create(url, &users(" UNIQUE", active, ""));
            let said = unserved(&config, dir, url).to_lowercase();
            for part in [expected, nearest, "flask_profile=scaffold-1.0", "nothing was changed"] {
                assert!(said.contains(&part.to_lowercase()), "{url}: {part}: {said}");
            }
        });
    }
    on_each_engine(|config, dir, url| {
        create(
            url,
            "CREATE TABLE users (id SERIAL, email VARCHAR(250), name VARCHAR(250));",
        );
        let said = unserved(&config, dir, url);
        for column in ["password", "active", "creation_time", "role"] {
            assert!(said.contains(&format!("users.{column} is missing")), "{url}: {said}");
        }
        assert!(
            said.contains("Flask-Scaffold 0.2 to 0.5, which had no logins"),
            "{url}: {said}"
        );
    });
}

/// The Flask app beside us may change its tables at any time.
#[test]
fn tables_that_were_adopted_are_compared_at_each_start() {
    on_each_engine(|config, dir, url| {
        load_legacy_tables(url);
        let config = config.env("FLASK_PROFILE", "tutorial");
        served(&config, dir, url);
        run_sql(
            url,
            match Engine::of(url) {
                // Its boolean has a check.
                Engine::Sqlite => "alter table users rename column is_enabled to enabled",
                Engine::Postgres => "alter table users rename column is_enabled to enabled",
                Engine::MySql => "alter table users change is_enabled enabled bool not null",
            },
        );
        let said = unserved(&config, dir, url);
        assert!(said.contains("users.is_enabled is missing"), "{url}: {said}");
    });
}

/// PostgreSQL resolves names in the search path, MySQL and SQLite compare columns without case.
#[test]
fn names_lead_to_the_tables_that_statements_reach() {
    on_each_engine(|config, dir, url| match Engine::of(url) {
        Engine::Postgres => {
            create(url, &users(" UNIQUE", "active INTEGER NOT NULL", ""));
            let name = url.rsplit('/').next().unwrap();
            run_sql(
                url,
                &format!(
                    "create schema app; alter table users set schema app; alter table roles set schema app;
                     alter database {name} set search_path = public, app"
                ),
            );
            let said = Server::start(&config).output();
            assert!(said.contains("adopted:  the existing tables of users"), "{said}");
        }
        _ => {
            let tables = users(" UNIQUE", "Active INTEGER NOT NULL", "").replace("name VARCHAR", "Name VARCHAR");
            create(url, &tables);
            served(&config, dir, url);
            let server = Server::start(&config);
            assert_eq!(sign_up(&server, "new@example.com"), 201, "{url}");
            let token = super::token(&server, "new@example.com", "a new password");
            for path in ["users.json", "users/1.json"] {
                let answer = call(&server, "GET", &format!("/api/v1/{path}"), Some(&token), None);
                assert_eq!(answer.status, 200, "{url}: {}", answer.text());
                assert!(answer.text().contains(r#""name": "New""#) || answer.text().contains(r#""name":"New""#));
            }
        }
    });
}

#[test]
fn under_flask_no_empty_database_is_filled_by_the_way() {
    on_each_engine(|config, dir, url| {
        let config = config
            .env("FLASK_FIDELITY", "flask")
            .env("SECRET_KEY", "s0me random string")
            .env("CREATE_TABLES", "off");
        let file = dir.join("fresh.db");
        for args in [&["serve", "--port", "0"][..], &["user", "list"]] {
            let said = refused(&config, dir, args, None, 2);
            assert!(said.contains("`poem-scaffold db upgrade`"), "{url}: {said}");
            if Engine::of(url) == Engine::Sqlite {
                assert!(said.contains(&file.display().to_string()) && !file.exists(), "{said}");
            } else {
                assert_eq!(all_tables(url), "", "{url}");
            }
        }
        if Engine::of(url) == Engine::Sqlite {
            std::fs::write(&file, "").unwrap();
            let said = refused(&config, dir, &["serve", "--port", "0"], None, 2);
            assert!(
                said.contains("has no users table") && said.contains(&file.display().to_string()),
                "{said}"
            );
            assert_eq!(file.metadata().unwrap().len(), 0);
        }
        run(&config, dir, &["db", "upgrade"], None);
        let said = Server::start(&config).output();
        if Engine::of(url) == Engine::Sqlite {
            assert!(said.contains(&format!("database: sqlite:{}", file.display())), "{said}");
        }
    });
}
