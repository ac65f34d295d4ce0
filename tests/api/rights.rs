//! What a start needs to be allowed: nothing but reading where nothing is to be created.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;

use super::{call, cheap, list_status, log_in, on_each_engine, refused, run, token};
use crate::support::{
    program,
    server::{Server, ServerConfig},
    sql::{Engine, run_sql},
};

const KEY: &str = "a test key of at least thirty-two bytes!";

/// An account of the server that may do this with all tables that are there; the URL with it.
fn account(url: &str, rights: &str, settings: &str) -> String {
    let name = format!("{}_{}", url.rsplit('/').next().unwrap(), rights.len());
    match Engine::of(url) {
        Engine::Postgres => run_sql(
            url,
            &format!(
                "create role {name} login; grant {rights} on all tables in schema public to {name};
                 grant usage on all sequences in schema public to {name}; {settings}"
            )
            .replace("ROLE", &name),
        ),
        Engine::MySql => run_sql(
            url,
            &format!(
                "create user {name}; grant {rights} on {}.* to {name}",
                url.rsplit('/').next().unwrap()
            ),
        ),
        Engine::Sqlite => unreachable!("it has no accounts"),
    }
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    format!("{scheme}://{name}@{place}")
}

fn with(config: &ServerConfig, url: &str) -> ServerConfig {
    config.clone().env("DATABASE_URL", url).env("SECRET_KEY", KEY)
}

/// Reads what an account may read, and is refused what it may not write, with words that say so.
fn check_read_only(server: &Server, token: &str, place: &str) {
    assert_eq!(list_status(server, token), 200, "{place}: {}", server.output());
    let body = json!({"data": {"type": "roles", "attributes": {"name": "new"}}});
    let answer = call(server, "POST", "/api/v1/roles.json", Some(token), Some(&body));
    assert_eq!(answer.status, 503, "{place}: {}", answer.text());
    assert!(answer.text().contains("does not allow"), "{place}: {}", answer.text());
    assert_eq!(answer.header("Retry-After"), None, "{place}");
    assert_eq!(
        log_in(server, "ann@example.com", "correct horse").status,
        503,
        "{place}"
    );
}

#[test]
fn an_account_that_may_create_nothing_serves_what_is_there() {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) == Engine::Sqlite {
            return;
        }
        let owner = with(&config, url);
        run(
            &owner,
            dir,
            &["user", "create", "--admin", "ann@example.com"],
            Some("correct horse\n"),
        );
        let limited = with(&config, &account(url, "select, insert, update, delete", ""));
        assert!(run(&limited, dir, &["db", "status"], None).contains("applied"), "{url}");
        assert!(
            run(&limited, dir, &["db", "upgrade"], None).contains("nothing to do"),
            "{url}"
        );
        let server = Server::start(&limited);
        let token = token(&server, "ann@example.com", "correct horse");
        let body = json!({"data": {"type": "roles", "attributes": {"name": "new"}}});
        let answer = call(&server, "POST", "/api/v1/roles.json", Some(&token), Some(&body));
        assert_eq!(answer.status, 201, "{url}: {}", answer.text());
        drop(server);
        // A step that such an account cannot take is as if it had never been begun.
        let step = "delete from poem_scaffold_migrations where version = 20261127000002; alter table \
                    poem_scaffold_resets drop column network; drop table poem_scaffold_mails; drop table \
                    poem_scaffold_networks; drop table poem_scaffold_attempts";
        run_sql(url, step);
        for _ in 0..2 {
            let said = refused(&limited, dir, &["serve", "--port", "0"], None, 2);
            assert!(said.contains("pending: 20261127000002 throttle."), "{url}: {said}");
        }
        assert!(run(&owner, dir, &["db", "upgrade"], None).contains("throttle"), "{url}");
        let settings = "alter role ROLE set default_transaction_read_only = on";
        let reader = with(&config, &account(url, "select", settings));
        assert!(run(&reader, dir, &["db", "status"], None).contains("applied"), "{url}");
        check_read_only(&Server::start(&reader), &token, url);
    });
}

#[test]
fn the_right_that_is_missing_is_named_with_who_can_help() {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) == Engine::Sqlite {
            return;
        }
        let limited = account(url, "select, insert, update, delete", "");
        let said = refused(&with(&config, &limited), dir, &["serve", "--port", "0"], None, 2);
        for part in [
            "own_tables",
            "users",
            "db upgrade",
            "DATABASE_DIRECT_URL",
            "grant create",
        ] {
            assert!(said.contains(part), "{url}: {said}");
        }
        // With another account for the migrations it goes on.
        let helped = with(&config, &limited).env("DATABASE_DIRECT_URL", url);
        if Engine::of(url) == Engine::Postgres {
            let said = refused(&helped, dir, &["db", "upgrade"], None, 2);
            assert!(said.contains("grant it select, insert, update and delete"), "{said}");
            let name = limited.split(['/', '@']).nth(2).unwrap();
            let grants = "grant select, insert, update, delete on all tables in schema public to ROLE;
                          grant usage on all sequences in schema public to ROLE";
            run_sql(url, &grants.replace("ROLE", name));
        } else {
            assert!(run(&helped, dir, &["db", "upgrade"], None).contains("applied"), "{url}");
        }
        assert!(
            Server::start(&with(&config, &limited)).output().contains("password:"),
            "{url}"
        );
    });
}

/// A program that runs as a user without any right, if this is root, to whom files are never read-only.
fn as_nobody(dir: &Path, config: &ServerConfig) -> ServerConfig {
    let program = program().display();
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let prefix = if is_root {
        "setpriv --reuid=65534 --clear-groups "
    } else {
        ""
    };
    let script = dir.join("as-nobody.sh");
    fs::write(&script, format!("#!/bin/sh\nexec {prefix}'{program}' \"$@\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    config.clone().binary(&script)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_file_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let data = dir.join("data");
    fs::create_dir(&data).unwrap();
    let file = data.join("app.db");
    let url = format!("sqlite:///{}", file.display());
    let config = with(&cheap(), &url);
    run(
        &config,
        dir,
        &["user", "create", "--admin", "ann@example.com"],
        Some("correct horse\n"),
    );
    let token = {
        let server = Server::start(&config);
        token(&server, "ann@example.com", "correct horse")
    };
    // The last one to leave takes the log away.
    run_sql(&url, "pragma wal_checkpoint(truncate)");
    set_mode(dir, 0o755);
    set_mode(&file, 0o444);
    set_mode(&data, 0o555);
    let nobody = as_nobody(dir, &config.clone().folder(dir));
    // Ours has a write-ahead log, which cannot be read without being written.
    let said = nobody.command(dir, &["serve", "--port", "0"]);
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    assert!(
        String::from_utf8_lossy(&said.stderr).contains("write-ahead log"),
        "{said:?}"
    );
    // As a Flask app has it.
    set_mode(&data, 0o755);
    set_mode(&file, 0o644);
    run_sql(&url, "pragma journal_mode = delete");
    set_mode(&file, 0o444);
    for mode in [0o777, 0o555] {
        set_mode(&data, mode);
        check_read_only(&Server::start(&nobody), &token, &format!("a folder of mode {mode:o}"));
        let status = nobody.command(dir, &["db", "status"]);
        assert!(status.status.success(), "{status:?}");
    }
    // Where something is to be created, that is what is said.
    run_sql(
        &url,
        "delete from poem_scaffold_migrations where version = 20261127000002",
    );
    set_mode(&file, 0o444);
    let said = nobody.command(dir, &["serve", "--port", "0"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("throttle") && said.contains("writable"), "{said}");
    set_mode(&data, 0o755);
}
