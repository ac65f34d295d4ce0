//! A table that somebody else has locked: its requests are given up, the others do not notice.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{call, on_each_engine, run, token};
use crate::support::{
    server::Server,
    sql::{Engine, hold},
};

/// What a request that meets a lock may take: two seconds for a connection, one for the lock, and some for a busy machine.
const GIVEN_UP: Duration = Duration::from_secs(5);
/// What any other one may take.
const UNDISTURBED: Duration = Duration::from_secs(1);

#[test]
fn a_locked_table_is_503_soon_and_other_tables_are_served_meanwhile() {
    on_each_engine(|config, dir, url| {
        let script = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => "begin; lock table roles",
            Engine::MySql => "lock tables roles write",
        };
        let admin = ["user", "create", "ann@example.com", "--admin"];
        run(&config, dir, &admin, Some("correct horse\n"));
        let server = Server::start(&config);
        let token = token(&server, "ann@example.com", "correct horse");
        let list = |path: &str| {
            let started = Instant::now();
            (call(&server, "GET", path, Some(&token), None).status, started.elapsed())
        };
        let add = || {
            let body = json!({"data": {"type": "roles", "attributes": {"name": "guest"}}});
            let started = Instant::now();
            let answer = call(&server, "POST", "/api/v1/roles.json", Some(&token), Some(&body));
            (answer.status, started.elapsed())
        };
        let users = "/api/v1/users.json";
        assert_eq!(list(users).0, 200, "{url}");
        assert_eq!(list("/api/v1/roles.json").0, 200, "{url}");
        let held = hold(url, script);
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    let (status, took) = list("/api/v1/roles.json");
                    assert_eq!(status, 503, "{url}");
                    assert!(took < GIVEN_UP, "{url}: {took:?}");
                });
                scope.spawn(|| {
                    let (status, took) = add();
                    assert_eq!(status, 503, "{url}");
                    assert!(took < GIVEN_UP, "{url}: {took:?}");
                });
            }
            thread::sleep(Duration::from_millis(200));
            for _ in 0..10 {
                let (status, took) = list(users);
                assert_eq!(status, 200, "{url}");
                assert!(took < UNDISTURBED, "{url}: {took:?}");
                thread::sleep(Duration::from_millis(100));
            }
        });
        drop(held);
        assert_eq!(list("/api/v1/roles.json").0, 200, "{url}");
    });
}

#[test]
fn a_foreign_writer_of_an_sqlite_file_makes_writes_503_soon_and_reads_go_on() {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) != Engine::Sqlite {
            return;
        }
        let admin = ["user", "create", "ann@example.com", "--admin"];
        run(&config, dir, &admin, Some("correct horse\n"));
        let server = Server::start(&config);
        let token = token(&server, "ann@example.com", "correct horse");
        let held = hold(url, "begin immediate");
        let body = json!({"data": {"type": "roles", "attributes": {"name": "guest"}}});
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let started = Instant::now();
                    let answer = call(&server, "POST", "/api/v1/roles.json", Some(&token), Some(&body));
                    assert_eq!(answer.status, 503, "{}", answer.text());
                    assert!(started.elapsed() < GIVEN_UP, "{:?}", started.elapsed());
                });
            }
            for _ in 0..10 {
                let started = Instant::now();
                assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
                assert!(started.elapsed() < UNDISTURBED, "{:?}", started.elapsed());
                thread::sleep(Duration::from_millis(100));
            }
        });
        drop(held);
        assert_eq!(
            call(&server, "POST", "/api/v1/roles.json", Some(&token), Some(&body)).status,
            201
        );
    });
}

/// As a table of millions of rows does that gets another index.
#[test]
fn a_migration_waits_for_locks() {
    on_each_engine(|config, dir, url| {
        let script = match Engine::of(url) {
            Engine::Sqlite => "begin immediate",
            Engine::Postgres => "begin; create table poem_scaffold_accounts (id integer)",
            Engine::MySql => return,
        };
        if Engine::of(url) == Engine::Sqlite {
            crate::support::sql::run_sql(url, "pragma journal_mode = wal");
        }
        let held = hold(url, script);
        thread::scope(|scope| {
            let upgrade = scope.spawn(|| run(&config, dir, &["db", "upgrade"], None));
            thread::sleep(Duration::from_secs(4));
            assert!(!upgrade.is_finished(), "{url}");
            drop(held);
            assert!(upgrade.join().unwrap().contains("applied"), "{url}");
        });
    });
}
