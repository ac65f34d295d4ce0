//! A database that is away when the server starts, or falls silent while it serves.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{call, cheap, list_status, log_in, refused, run, token};
use crate::{
    browser::person::{ADMIN, password_of},
    parity::load_legacy_tables,
    support::{
        proxy::Proxy,
        server::Server,
        services::{MariaDb, Postgres},
    },
};

/// A fresh database of each server that is installed.
fn on_each_server(test: impl Fn(&str)) {
    let urls = [
        Postgres::shared().map(Postgres::create_database),
        MariaDb::shared().map(MariaDb::create_database),
    ];
    urls.iter().flatten().for_each(|url| test(url));
}

/// Host and port of a URL.
fn place_of(url: &str) -> &str {
    let (_, rest) = url.rsplit_once('@').unwrap();
    rest.split('/').next().unwrap()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_server_that_starts_before_its_database_answers_503_and_recovers() {
    on_each_server(|url| {
        let proxy = Proxy::reserve();
        // MariaDB's root has none.
        let away = proxy.in_front_of(url).replace("postgres@", "postgres:tiger@");
        let server = Server::start(&cheap().env("DATABASE_URL", &away));
        assert_eq!(log_in(&server, "admin@example.com", "x").status, 503, "{url}");
        assert_eq!(list_status(&server, "x"), 503, "{url}");
        for page in ["/", "/docs", "/openapi.json"] {
            assert_eq!(call(&server, "GET", page, None, None).status, 200, "{url} {page}");
        }
        let place = format!("127.0.0.1:{}", proxy.port);
        let named = format!("cannot reach the database at {place}");
        wait_until("the place is named", || server.output().contains(&named));
        thread::sleep(Duration::from_secs(4));
        let log = server.output();
        assert!(log.matches(&named).count() <= 3, "{url}: {log}");
        assert!(!log.contains("tiger") && !log.contains("password: "), "{url}: {log}");
        assert!(
            log.contains("connection refused") && !log.contains("communicating"),
            "{url}: {log}"
        );
        proxy.open(url);
        wait_until("the server recovers", || server.output().contains("password: "));
        let password = password_of(&server);
        wait_until("a login works", || log_in(&server, ADMIN, &password).status == 200);
        drop(proxy);
        let refused = format!("{place}: connection refused");
        wait_until("the cause is named", || {
            let status = log_in(&server, ADMIN, &password).status;
            status == 503 && server.output().contains(&refused)
        });
        let log = server.output();
        assert!(!log.contains("pool timed out"), "{log}");
    });
}

#[test]
fn the_tables_are_checked_when_the_database_comes_up() {
    on_each_server(|url| {
        load_legacy_tables(url);
        let (proxy, folder) = (Proxy::reserve(), tempfile::tempdir().unwrap());
        let config = cheap().env("DATABASE_URL", &proxy.in_front_of(url));
        let server = config.spawn(folder.path(), &["serve", "--port", "0"]);
        thread::sleep(Duration::from_secs(2));
        proxy.open(url);
        let output = server.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{url}: {text}");
        assert!(text.contains("FLASK_PROFILE=tutorial"), "{url}: {text}");
    });
}

#[test]
fn a_database_that_refuses_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    on_each_server(|url| {
        let unknown = cheap().env("DATABASE_URL", &format!("{url}_of_nobody"));
        let text = refused(&unknown, folder.path(), &["serve", "--port", "0"], None, 1);
        assert!(text.contains("_of_nobody") && !text.contains("at line"), "{text}");
        assert!(text.contains(&format!("at {}", place_of(url))), "{text}");
        assert_eq!(
            text.matches("nknown database").count() + text.matches("does not exist").count(),
            1,
            "{text}"
        );
        if url.starts_with("mysql") {
            let stranger = cheap().env("DATABASE_URL", &url.replace("root@", "stranger:tiger@"));
            let text = refused(&stranger, folder.path(), &["serve", "--port", "0"], None, 1);
            assert!(text.contains("denied") && !text.contains("tiger"), "{text}");
        }
    });
}

#[test]
fn commands_do_not_wait_for_a_database_that_is_away_or_silent() {
    let folder = tempfile::tempdir().unwrap();
    on_each_server(|url| {
        let (away, silent) = (Proxy::reserve(), Proxy::reserve());
        silent.set_silent(true);
        silent.open(url);
        for proxy in [&away, &silent] {
            let config = cheap().env("DATABASE_URL", &proxy.in_front_of(url));
            for args in [&["db", "status"][..], &["db", "upgrade"], &["user", "list"]] {
                let started = Instant::now();
                let text = refused(&config, folder.path(), args, None, 1);
                assert!(text.contains(&format!("127.0.0.1:{}", proxy.port)), "{text}");
                assert!(started.elapsed() < Duration::from_secs(8), "{args:?}");
            }
        }
    });
}

/// A network that was cut closes no connection.
#[test]
fn a_database_that_falls_silent_is_503_soon_and_is_used_again_when_it_answers() {
    on_each_server(|url| {
        let (proxy, folder) = (Proxy::reserve(), tempfile::tempdir().unwrap());
        proxy.open(url);
        let config = cheap()
            .env("DATABASE_URL", &proxy.in_front_of(url))
            .folder(folder.path());
        let create = ["user", "create", "ann@example.com"];
        run(&config, folder.path(), &create, Some("correct horse\n"));
        let server = Server::start(&config);
        let token = token(&server, "ann@example.com", "correct horse");
        proxy.set_silent(true);
        thread::scope(|scope| {
            for _ in 0..30 {
                scope.spawn(|| {
                    let started = Instant::now();
                    let answer = call(&server, "GET", "/api/users", Some(&token), None);
                    assert_eq!(answer.status, 503, "{url}: {answer:?} {:?}", started.elapsed());
                    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
                });
            }
        });
        proxy.set_silent(false);
        wait_until("the server recovers", || list_status(&server, &token) == 200);
    });
}
