//! A user with a value that cannot be read is listed, logs in and keeps nobody else out.

use std::path::Path;

use serde_json::json;

use crate::{
    api::{call, on_each_engine, run},
    support::{
        http::Response,
        server::{Server, ServerConfig},
        sql::{Engine, run_sql},
    },
};

const SECRET_KEY: &str = "a test key of at least thirty-two bytes!";

/// An adopted app whose columns take NULL and, on SQLite, anything.
fn adopted(config: &ServerConfig, dir: &Path, url: &str, profile: &str) -> ServerConfig {
    let (recording, engine) = (
        if profile == "scaffold-1.0" { "S1" } else { "S2" },
        match Engine::of(url) {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        },
    );
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/parity/schema/{recording}.{engine}.sql"));
    let schema = std::fs::read_to_string(schema).unwrap();
    let nullable = schema.lines().map(|line| {
        if line.trim_start().starts_with("id ") {
            line.to_owned()
        } else {
            line.replace(" NOT NULL", " NULL")
        }
    });
    run_sql(url, &nullable.collect::<Vec<_>>().join("\n"));
    let config = config
        .clone()
        .env("FLASK_PROFILE", profile)
        .env("SECRET_KEY", SECRET_KEY);
    let create = ["user", "create", "root@example.com", "--admin"];
    run(&config, dir, &create, Some("correct horse\n"));
    config
}

fn log_in(server: &Server, email: &str) -> Response {
    let body = json!({"data": {"type": "users", "attributes": {"email": email, "password": "correct horse"}}});
    call(server, "POST", "/api/v1/login.json", None, Some(&body))
}

#[test]
fn a_user_with_values_that_cannot_be_read_is_shown_and_keeps_nobody_else_out() {
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "scaffold-2.0"] {
            check_users(&config, dir, url, profile);
            return_to_empty(url, Engine::of(url));
        }
    });
}

fn check_users(config: &ServerConfig, dir: &Path, url: &str, profile: &str) {
    let config = adopted(config, dir, url, profile);
    let (time, shown) = match Engine::of(url) {
        Engine::Sqlite => ("'yesterday'", json!("yesterday")),
        Engine::Postgres => ("'infinity'", json!("infinity")),
        Engine::MySql => ("'0000-00-00 00:00:00'", json!("0000-00-00 00:00:00")),
    };
    let mode = if Engine::of(url) == Engine::MySql {
        "set sql_mode = '';"
    } else {
        ""
    };
    let is_1_0 = profile == "scaffold-1.0";
    let (insert, expected) = if is_1_0 {
        (
            format!(
                "insert into users (id, email, creation_time) values (50, 'bad@example.com', {time});
                 insert into users (id, name, active) values (51, 'nobody', 1)"
            ),
            json!({"active": null, "creation_time": shown, "email": "bad@example.com", "name": null, "password": "********", "role": null}),
        )
    } else {
        (
            format!(
                "insert into users (id, email, createddate, updateddate) values (50, 'bad@example.com', {time}, null);
                 insert into users (id, name) values (51, 'nobody')"
            ),
            json!({"createdby": null, "createddate": shown, "email": "bad@example.com", "name": null, "updatedby": null, "updateddate": null}),
        )
    };
    run_sql(url, &format!("{mode} {insert}"));
    let server = Server::start(&config);
    let login = log_in(&server, "root@example.com");
    assert_eq!(login.status, 200, "{url}: {}", login.text());
    let token = login.json().unwrap()["token"].as_str().unwrap().to_owned();
    let get = |path: &str| call(&server, "GET", path, Some(&token), None);
    for _ in 0..2 {
        let listed = get("/api/v1/users.json");
        assert_eq!(listed.status, 200, "{url}: {}", listed.text());
        let rows = listed.json().unwrap()["data"].as_array().unwrap().clone();
        assert_eq!(rows.len(), 3, "{url}");
        assert_eq!(rows[1]["attributes"], expected, "{url}");
        assert_eq!(rows[2]["attributes"]["name"], "nobody", "{url}");
        for row in &rows {
            let one = get(&format!("/api/v1/users/{}.json", row["id"]));
            assert_eq!(one.json().unwrap()["data"], *row, "{url}");
        }
    }
    let refused = log_in(&server, "bad@example.com");
    assert_eq!(refused.status, 401, "{url}: {}", refused.text());
    // A password that is set opens the account again; the rest of its row does not matter.
    run(
        &config,
        dir,
        &["user", "passwd", "bad@example.com"],
        Some("correct horse\n"),
    );
    if is_1_0 {
        run(&config, dir, &["user", "enable", "bad@example.com"], None);
    }
    let login = log_in(&server, "bad@example.com");
    assert_eq!(login.status, 200, "{url}: {}", login.text());
    assert!(run(&config, dir, &["user", "list"], None).contains("bad@example.com"));
    let log = server.output();
    let column = if is_1_0 { "creation_time" } else { "createddate" };
    let named = |line: &&str| line.contains("cannot be read") && line.contains(column) && line.contains("50");
    assert_eq!(log.lines().filter(named).count(), 1, "{url}: {log}");
    assert!(log.lines().any(|line| line.contains("users") && named(&line)), "{log}");
    assert!(
        !log.contains("answered 503") && !log.contains("panicked"),
        "{url}: {log}"
    );
}

fn return_to_empty(url: &str, engine: Engine) {
    let script = match engine {
        Engine::Postgres => "drop schema public cascade; create schema public".to_owned(),
        Engine::MySql => {
            let name = url.rsplit('/').next().unwrap();
            format!("drop database {name}; create database {name}")
        }
        Engine::Sqlite => {
            std::fs::remove_file(url.trim_start_matches("sqlite:///")).unwrap();
            return;
        }
    };
    run_sql(url, &script);
}
