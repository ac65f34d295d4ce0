//! Migrations of several processes, of one that fails, and of one that is killed.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{on_each_engine, refused, run, take_back_all};
use crate::support::{
    server::Server,
    services::{MariaDb, Postgres},
    sql::{Engine, hold, query, run_sql},
};

const MIGRATION: i64 = 20_261_123_000_001;

#[test]
fn processes_that_start_at_once_on_an_empty_database_all_serve() {
    on_each_engine(|config, dir, url| {
        // Each has a key of its own otherwise.
        let config = config.env("SECRET_KEY", "a test key of at least thirty-two bytes!");
        let outputs: Vec<String> = thread::scope(|scope| {
            let starts: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| Server::start(&config).output()))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let passwords = outputs.iter().filter(|output| output.contains("password: ")).count();
        assert_eq!(passwords, 1, "{url}");
        let status = run(&config, dir, &["db", "status"], None);
        assert!(status.lines().all(|line| line.ends_with("applied")), "{url}: {status}");
        if Engine::of(url) != Engine::Sqlite {
            assert_eq!(query(url, "select count(*) from poem_scaffold_lock"), "0", "{url}");
        }
    });
}

#[test]
fn a_migration_that_fails_is_told_with_its_own_error_and_keeps_no_lock() {
    on_each_engine(|config, dir, url| {
        let (obstacle, remedy) = match Engine::of(url) {
            Engine::Sqlite => (
                "create table x (y); create index poem_scaffold_resets on x (y)",
                "drop table x",
            ),
            Engine::Postgres => (
                "create type poem_scaffold_resets as (x integer)",
                "drop type poem_scaffold_resets",
            ),
            Engine::MySql => return,
        };
        run_sql(url, obstacle);
        let text = refused(&config, dir, &["db", "upgrade"], None, 1);
        assert!(text.contains("poem_scaffold_resets"), "{url}: {text}");
        run_sql(url, remedy);
        let started = Instant::now();
        run(&config, dir, &["db", "upgrade"], None);
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{url}: {:?}",
            started.elapsed()
        );
    });
}

/// MySQL commits each statement: the user may create some of the tables only.
#[test]
fn a_migration_that_fails_half_way_on_mysql_is_told_with_its_own_error_and_how_to_go_on() {
    let Some(server) = MariaDb::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = server.create_database();
    let database = url.rsplit_once('/').unwrap().1;
    let user = format!("limited_{database}");
    run_sql(&url, &format!("create user {user} identified by 'tiger'"));
    for table in ["lock", "migrations", "accounts"] {
        run_sql(
            &url,
            &format!("grant create, select, insert, update, delete on {database}.poem_scaffold_{table} to {user}"),
        );
    }
    let limited = url.replace("root@", &format!("{user}:tiger@"));
    let config = super::cheap().env("DATABASE_URL", &limited);
    let text = refused(&config, folder.path(), &["db", "upgrade"], None, 1);
    assert!(
        text.contains("poem_scaffold_adopted") && text.contains("denied") && !text.contains("tiger"),
        "{text}"
    );
    assert_eq!(query(&url, "select count(*) from poem_scaffold_lock"), "0");
    let text = refused(&config, folder.path(), &["db", "upgrade"], None, 2);
    assert!(
        text.contains("was interrupted") && text.contains("delete its row"),
        "{text}"
    );
}

#[test]
fn nobody_is_advised_to_delete_the_record_of_a_migration_in_progress() {
    let Some(server) = MariaDb::shared() else { return };
    let (url, folder) = (server.create_database(), tempfile::tempdir().unwrap());
    let (config, dir) = (super::cheap().env("DATABASE_URL", &url), folder.path());
    run(&config, dir, &["db", "upgrade"], None);
    let owned = format!(
        "update poem_scaffold_migrations set success = false where version = {MIGRATION};
         insert into poem_scaffold_lock values (1, 'another host', unix_timestamp())"
    );
    run_sql(&url, &owned);
    let text = refused(&config, dir, &["db", "status"], None, 2);
    assert!(text.contains("another host") && !text.contains("delete"), "{text}");
    // An upgrade waits, and goes on when the other one is done.
    let upgrade = config.spawn(dir, &["db", "upgrade"]);
    thread::sleep(Duration::from_secs(2));
    run_sql(
        &url,
        "update poem_scaffold_migrations set success = true; delete from poem_scaffold_lock",
    );
    let output = upgrade.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    run_sql(&url, &owned.replace("unix_timestamp()", "unix_timestamp() - 100"));
    let text = refused(&config, dir, &["db", "status"], None, 2);
    assert!(text.contains("was interrupted"), "{text}");
}

#[test]
fn the_lock_of_a_process_that_died_is_taken_over() {
    on_each_engine(|config, dir, url| {
        let now = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => "extract(epoch from now())::bigint",
            Engine::MySql => "unix_timestamp()",
        };
        run(&config, dir, &["db", "upgrade"], None);
        take_back_all(&config, dir);
        run_sql(
            url,
            &format!("insert into poem_scaffold_lock values (1, 'dead', {now} - 31)"),
        );
        let started = Instant::now();
        assert!(run(&config, dir, &["db", "upgrade"], None).contains("applied"), "{url}");
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{url}: {:?}",
            started.elapsed()
        );
        assert_eq!(query(url, "select count(*) from poem_scaffold_lock"), "0", "{url}");
    });
}

#[test]
fn a_process_that_is_killed_in_a_migration_is_followed_by_another() {
    let Some(server) = Postgres::shared() else { return };
    let (url, folder) = (server.create_database(), tempfile::tempdir().unwrap());
    let (config, dir) = (super::cheap().env("DATABASE_URL", &url), folder.path());
    // The migration waits for whoever creates a table of the same name.
    let held = hold(&url, "begin; create table poem_scaffold_accounts (id integer)");
    let mut killed = config.spawn(dir, &["db", "upgrade"]);
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(20);
    while query(&url, waiting) == "0" {
        assert!(Instant::now() < deadline, "the migration does not wait");
        thread::sleep(Duration::from_millis(50));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    run_sql(&url, "update poem_scaffold_lock set beat_at = beat_at - 31");
    drop(held);
    assert!(run(&config, dir, &["db", "upgrade"], None).contains("applied"));
    assert_eq!(query(&url, "select count(*) from poem_scaffold_lock"), "0");
}
