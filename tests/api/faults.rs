//! What clients see while the database is gone, and when it is back.

use std::{io::Write, net::TcpStream, time::Duration};

use poem::Request;
use poem_openapi::{ApiExtractor, ExtractParamOptions};
use poem_scaffold::{error::Error, jsonapi::document::Document, testing::inside::NewRole};
use tempfile::TempDir;

use super::{call, cheap, list_status, log_in, run, token};
use crate::{
    browser::person::password_of,
    support::{
        server::{Server, ServerConfig},
        services::Postgres,
        sql::{query, run_sql},
    },
};

const PASSWORD: &str = "correct horse\n";

/// A PostgreSQL database with one user, and settings that use it; `None` where PostgreSQL is not installed.
fn on_postgres() -> Option<(ServerConfig, TempDir, String)> {
    let url = Postgres::shared()?.create_database();
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().env("DATABASE_URL", &url).folder(folder.path());
    run(
        &config,
        folder.path(),
        &["user", "create", "ann@example.com"],
        Some(PASSWORD),
    );
    Some((config, folder, url))
}

/// The database refuses connections and ends those there are, which is all that a server sees of an outage.
#[test]
fn an_outage_is_503_and_never_401_and_ends_without_a_restart() {
    let Some((config, _folder, url)) = on_postgres() else {
        return;
    };
    let (maintenance, name) = url.rsplit_once('/').unwrap();
    let maintenance = format!("{maintenance}/postgres");
    let server = Server::start(&config);
    let token = token(&server, "ann@example.com", "correct horse");
    let end_sessions = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    run_sql(&maintenance, &format!("alter database {name} allow_connections false"));
    run_sql(&maintenance, &end_sessions);
    for answer in [
        call(&server, "GET", "/api/users", Some(&token), None),
        log_in(&server, "ann@example.com", "correct horse"),
    ] {
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").is_some());
        let text = answer.json().unwrap()["message"].as_str().unwrap().to_owned();
        assert!(!text.contains(name), "{text}");
    }
    run_sql(&maintenance, &format!("alter database {name} allow_connections true"));
    assert_eq!(list_status(&server, &token), 200);
}

#[test]
fn a_client_that_hangs_up_leaves_no_transaction_open() {
    let Some((config, _folder, url)) = on_postgres() else {
        return;
    };
    let server = Server::start(&config);
    let address = server.base.trim_start_matches("http://");
    let body = r#"{"email": "ann@example.com", "password": "correct horse"}"#;
    let length = body.len();
    let request = format!("POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}");
    for round in 0..500_u64 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_micros(round * 37 % 3_000));
    }
    // What was asked for is still done, and more than can wait is answered with 503.
    let served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        log_in(&server, "ann@example.com", "correct horse").status == 200
    });
    assert!(served, "{}", server.output());
    let idle = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    // What still runs is between two statements at times; what is left open stays so.
    let is_closed = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        query(&url, idle) == "0"
    });
    assert!(is_closed, "{}", query(&url, idle));
}

#[test]
fn no_password_token_or_hash_reaches_the_log() {
    let server = Server::start(&cheap().env("LOG", "trace"));
    let password = password_of(&server);
    let token = token(&server, "admin@example.com", &password);
    log_in(&server, "admin@example.com", "canary-of-a-wrong-password");
    list_status(&server, &token);
    list_status(&server, "canary.of.a-token");
    let log: String = server
        .output()
        .lines()
        .filter(|line| !line.contains("curl") && !line.contains("password:"))
        .collect();
    assert!(log.contains("POST /api/login"), "the log is being written");
    let signature = token.rsplit('.').next().unwrap();
    for secret in [password.as_str(), "canary", signature, "$2b$"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

/// Not an answer in the words of another original.
#[test]
fn a_document_that_was_given_no_dialect_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (request, mut body) = Request::default().split();
    let options = ExtractParamOptions::default();
    let read = runtime.block_on(Document::<NewRole>::from_request(&request, &mut body, options));
    let error = read.err().expect("it has no dialect");
    let error: &Error = error.downcast_ref().unwrap();
    assert!(
        matches!(error, Error::Internal(text) if text.contains("dialect")),
        "{error:?}"
    );
}
