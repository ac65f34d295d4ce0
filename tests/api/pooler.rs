//! PgBouncer in front of PostgreSQL: right, or refused.

use super::{cheap, list_status, refused, run, token};
use crate::support::{
    server::{Server, ServerConfig},
    services::{PgBouncer, Postgres},
    sql::query,
};

/// A pooler with these settings, a fresh database, and settings that reach it through the pooler.
fn through(settings: &str) -> Option<(PgBouncer, String, ServerConfig)> {
    let url = Postgres::shared()?.create_database();
    let pooler = PgBouncer::start(settings)?;
    let config = cheap().env("DATABASE_URL", &pooler.in_front_of(&url));
    Some((pooler, url, config))
}

#[test]
fn a_pooler_that_mixes_up_prepared_statements_is_refused_with_the_settings_that_help() {
    for order in ["", "server_round_robin = 1"] {
        let settings = format!("pool_mode = transaction\nignore_startup_parameters = extra_float_digits\n{order}");
        let Some((_pooler, url, config)) = through(&settings) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        for args in [&["serve", "--port", "0"][..], &["db", "upgrade"], &["user", "list"]] {
            let text = refused(&config, folder.path(), args, None, 2);
            for expected in ["max_prepared_statements", "pool_mode = session", "127.0.0.1:"] {
                assert!(text.contains(expected), "{order} {args:?} lacks {expected}: {text}");
            }
        }
        let tables = "select count(*) from pg_tables where schemaname = 'public'";
        assert_eq!(query(&url, tables), "0", "{order}");
    }
}

#[test]
fn a_pooler_of_single_statements_is_refused() {
    let settings = "pool_mode = statement\nignore_startup_parameters = extra_float_digits";
    let Some((_pooler, _, config)) = through(settings) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let text = refused(&config, folder.path(), &["db", "upgrade"], None, 2);
    assert!(text.contains("pool_mode = session"), "{text}");
}

#[test]
fn a_pooler_that_keeps_sessions_together_is_used() {
    let settings = "pool_mode = session\nignore_startup_parameters = extra_float_digits";
    let Some((_pooler, url, config)) = through(settings) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (config, dir) = (config.folder(folder.path()), folder.path());
    run(
        &config,
        dir,
        &["user", "create", "ann@example.com"],
        Some("correct horse\n"),
    );
    let server = Server::start(&config);
    let token = token(&server, "ann@example.com", "correct horse");
    for _ in 0..20 {
        assert_eq!(list_status(&server, &token), 200);
    }
    // Nobody gets the deadlines of requests who has nothing to do with them.
    drop(server);
    assert_eq!(query(&url, "show lock_timeout"), "0");
}

#[test]
fn a_startup_parameter_that_the_pooler_refuses_is_told_with_the_setting_that_helps() {
    let Some((_pooler, _, config)) = through("pool_mode = session") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let text = refused(&config, folder.path(), &["serve", "--port", "0"], None, 2);
    assert!(
        text.contains("ignore_startup_parameters = extra_float_digits"),
        "{text}"
    );
}

/// PgBouncer 1.21 and newer, where the test machine has it.
#[test]
fn a_pooler_that_keeps_track_of_prepared_statements_is_used_but_not_for_migrations() {
    let settings = "pool_mode = transaction\nignore_startup_parameters = extra_float_digits\n\
                    max_prepared_statements = 100";
    if !PgBouncer::tracks_prepared_statements() {
        return;
    }
    let Some((_pooler, url, config)) = through(settings) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (config, dir) = (config.folder(folder.path()), folder.path());
    let text = refused(&config, dir, &["serve", "--port", "0"], None, 2);
    assert!(text.contains("DATABASE_DIRECT_URL"), "{text}");
    let config = config.env("DATABASE_DIRECT_URL", &url);
    run(
        &config,
        dir,
        &["user", "create", "ann@example.com"],
        Some("correct horse\n"),
    );
    let server = Server::start(&config);
    let token = token(&server, "ann@example.com", "correct horse");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(list_status(&server, &token), 200);
                }
            });
        }
    });
}

#[test]
fn a_direct_url_that_leads_elsewhere_is_refused() {
    let Some(server) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = cheap()
        .env("DATABASE_URL", &server.create_database())
        .env("DATABASE_DIRECT_URL", &server.create_database());
    let text = refused(&config, folder.path(), &["db", "upgrade"], None, 2);
    assert!(text.contains("another database"), "{text}");
}
