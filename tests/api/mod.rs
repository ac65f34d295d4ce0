//! What the server and its commands promise, over a socket and on the command line.

mod access;
mod adopted;
mod adoption;
mod attackers;
mod brand;
mod catalogue;
mod command_line;
mod commands;
mod connections;
mod cors;
mod dead_log;
mod dialects;
mod faults;
mod flask_settings;
mod identity;
mod keys;
mod lists;
mod locks;
mod login;
mod mails;
mod matrix;
mod methods;
mod migrations;
mod nested;
mod outage;
mod packages;
mod past;
mod pooler;
mod proxies;
mod refusals;
mod reset;
mod rights;
mod roles;
mod settings;
mod signup;
mod specification;
mod spinner;
mod sqlite_file;
mod start;
mod statements;
mod static_dir;
mod throttle;
mod timing;
mod tls;
mod token_settings;
mod unreadable;
mod user_attributes;
mod users;
mod vectors;
mod where_it_runs;
mod writers;

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use poem_scaffold::testing;
pub use poem_scaffold::testing::{call, log_in, run, token};

use crate::{
    browser::person::{ADMIN, password_of},
    support::{
        program,
        server::{Server, ServerConfig},
        sql::run_sql,
    },
};

/// The status of the user list for a token.
fn list_status(server: &Server, token: &str) -> u16 {
    call(server, "GET", "/api/users", Some(token), None).status
}

/// Waits until the server has printed `text`: a line is written a moment after the answer that it is about.
fn assert_is_logged(server: &Server, text: &str) {
    let started = Instant::now();
    while !server.output().contains(text) {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", server.output());
        thread::sleep(Duration::from_millis(50));
    }
}

/// Tokens of a user who is disabled, one who is deleted, and one whose password is changed, since they were issued;
/// `status` is that of an answer to such a token.
fn stale_tokens(
    config: &ServerConfig,
    dir: &Path,
    url: &str,
    status: impl Fn(&Server, &str) -> u16,
) -> (Server, [String; 3]) {
    let addresses = ["disabled@example.com", "deleted@example.com", "changed@example.com"];
    for address in addresses {
        run(config, dir, &["user", "create", address], Some("correct horse\n"));
    }
    let server = Server::start(config);
    let tokens = addresses.map(|address| token(&server, address, "correct horse"));
    for token in &tokens {
        assert_eq!(status(&server, token), 200, "{url}");
    }
    let [disabled, _, changed] = addresses;
    run(config, dir, &["user", "disable", disabled], None);
    run_sql(url, "delete from users where email = 'deleted@example.com'");
    run(config, dir, &["user", "passwd", changed], Some("battery staple\n"));
    (server, tokens)
}

/// A server on an empty database, and the token of the administrator whom its first start makes.
pub fn serve(config: &ServerConfig) -> (Server, String) {
    let server = Server::start(config);
    let token = token(&server, ADMIN, &password_of(&server));
    (server, token)
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
pub fn refused(config: &ServerConfig, dir: &Path, args: &[&str], stdin: Option<&str>, code: i32) -> String {
    let output = config.command_reading(dir, args, stdin.unwrap_or_default());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

/// Runs `test` on a fresh database of each engine that is installed.
pub fn on_each_engine(test: impl Fn(ServerConfig, &Path, &str)) {
    testing::on_each_database(program(), test);
}

/// Settings under which hashing costs little, and an empty database is filled under each fidelity.
pub fn cheap() -> ServerConfig {
    testing::cheap(program())
}
