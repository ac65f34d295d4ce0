//! What the server and its commands promise, over a socket and on the command line.

mod access;
mod adopted;
mod adoption;
mod attackers;
mod catalogue;
mod commands;
mod connections;
mod cors;
mod dead_log;
mod faults;
mod flask_settings;
mod identity;
mod lists;
mod locks;
mod login;
mod mails;
mod matrix;
mod methods;
mod migrations;
mod outage;
mod packages;
mod past;
mod pooler;
mod proxies;
mod refusals;
mod reset;
mod rights;
mod rooms;
mod settings;
mod signup;
mod specification;
mod sqlite_file;
mod start;
mod static_dir;
mod throttle;
mod timing;
mod tls;
mod unreadable;
mod users;
mod vectors;
mod where_it_runs;
mod writers;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{
    http::{self, Response},
    server::{Server, ServerConfig, command},
    services::fresh_database,
    sql::Engine,
};

/// Sends a request with an optional token and an optional JSON body.
pub fn call(server: &Server, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Response {
    let authorization = token.map(|token| ("Authorization", format!("Bearer {token}")));
    let headers: Vec<(&str, String)> = authorization.into_iter().collect();
    let body = body.map(Value::to_string);
    http::send(&server.base, method, path, &headers, body.as_deref().map(str::as_bytes))
}

/// The answer to a login.
fn log_in(server: &Server, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    call(server, "POST", "/api/login", None, Some(&body))
}

/// The token of a login that must succeed.
pub fn token(server: &Server, email: &str, password: &str) -> String {
    let answer = log_in(server, email, password);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

/// The status of the user list for a token.
fn list_status(server: &Server, token: &str) -> u16 {
    call(server, "GET", "/api/users", Some(token), None).status
}

/// Runs a subcommand that must succeed and gives what it printed.
pub fn run(config: &ServerConfig, dir: &Path, args: &[&str], stdin: Option<&str>) -> String {
    let output = command(dir, config.environment(), args, stdin);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{args:?}: {text}");
    text
}

/// Takes back all steps of the database, and gives what was said of each.
pub fn take_back_all(config: &ServerConfig, dir: &Path) -> String {
    let mut said = String::new();
    while !said.contains("nothing to do") {
        said += &run(config, dir, &["db", "downgrade"], None);
    }
    said
}

/// Runs a subcommand that must be refused with this exit code and gives its message.
fn refused(config: &ServerConfig, dir: &Path, args: &[&str], stdin: Option<&str>, code: i32) -> String {
    let output = command(dir, config.environment(), args, stdin);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

/// Runs `test` on a fresh database of each engine that is installed.
pub fn on_each_engine(test: impl Fn(ServerConfig, &Path, &str)) {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::MySql] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(url) = fresh_database(engine, folder.path()) {
            let config = cheap().env("DATABASE_URL", &url).folder(folder.path());
            test(config, folder.path(), &url);
        }
    }
}

/// Settings under which hashing costs little, and an empty database is filled under each fidelity.
pub fn cheap() -> ServerConfig {
    ServerConfig::default()
        .env("CREATE_TABLES", "on")
        .env("BCRYPT_COST", "4")
        .env("PASSWORD_ITERATIONS", "1000")
}
