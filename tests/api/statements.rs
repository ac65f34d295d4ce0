//! How many statements a request has its database run, as the driver's own log has them.
//!
//! What begins and ends a transaction is not counted, nor what the server does beside requests.

use std::{path::Path, thread, time::Duration};

use serde_json::{Value, json};

use super::{call, on_each_engine, run};
use crate::support::{
    http::Response,
    members::{self, members},
    server::{Server, ServerConfig},
};
use poem_scaffold::testing::on_each_database;

const PASSWORD: &str = "correct horse";

/// The statements in the log; a statement is one line there.
fn statements(server: &Server) -> Vec<String> {
    let log = server.output();
    let lines = log.lines().filter(|line| line.contains("sqlx::query"));
    let of_requests = lines.filter(|line| {
        let is_control = ["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| line.contains(word));
        let is_session = ["summary=\"set ", "summary=\"SET ", "summary=\"PRAGMA "]
            .iter()
            .any(|start| line.contains(start));
        // Mails that wait, and attempts and networks that count no more, are looked for from time to time.
        let is_beside = [
            "poem_scaffold_mails",
            "where tried_at <",
            "where seen_at <",
            "select min(seen_at)",
        ]
        .iter()
        .any(|part| line.contains(part));
        !is_control && !is_session && !is_beside
    });
    of_requests.map(str::to_owned).collect()
}

/// The statements of a request, once the log has all of them.
fn counted(server: &Server, send: impl FnOnce() -> Response) -> (Response, Vec<String>) {
    settle(server);
    let before = statements(server).len();
    let answer = send();
    settle(server);
    (answer, statements(server).split_off(before))
}

/// Waits until the log says no more.
fn settle(server: &Server) {
    let mut seen = usize::MAX;
    while std::mem::replace(&mut seen, statements(server).len()) != seen {
        thread::sleep(Duration::from_millis(150));
    }
}

/// Sends a request that must succeed, with at most so many statements.
fn costs(server: &Server, most: usize, what: &str, send: impl FnOnce() -> Response) -> Response {
    let (answer, statements) = counted(server, send);
    assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    assert!(
        !statements.is_empty() && statements.len() <= most,
        "{what}: {} statements\n{}",
        statements.len(),
        statements.join("\n")
    );
    answer
}

fn document(attributes: &Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn log_in(server: &Server, password: &str) -> Response {
    let body = document(&json!({"email": "root@example.com", "password": password}));
    call(server, "POST", "/api/v1/login.json", None, Some(&body))
}

/// With an administrator and Ann, who have these further attributes.
fn started(config: &ServerConfig, dir: &Path, profile: &str, further: &[&str]) -> Server {
    let config = config
        .clone()
        .env("FLASK_PROFILE", profile)
        .env("LOG", "warn,sqlx::query=debug");
    let password = format!("{PASSWORD}\n");
    let create = |arguments: &[&str]| {
        let all = [&["user", "create"], further, arguments].concat();
        run(&config, dir, &all, Some(&password));
    };
    create(&["root@example.com", "--admin", "--set", "badge=1"][..if further.is_empty() { 2 } else { 4 }]);
    create(&["ann@example.com"]);
    Server::start(&config)
}

#[test]
fn a_request_of_a_user_costs_few_statements() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        on_each_engine(|config, dir, url| {
            costs_few(&started(&config, dir, profile, &[]), &format!("{url} {profile}"));
        });
    }
}

#[test]
fn attributes_of_a_project_cost_no_statements() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        on_each_database(members(), |config, dir, url| {
            members::create(url, profile);
            let further = ["--set", "company=Acme", "--set", "badge=2"];
            costs_few(&started(&config, dir, profile, &further), &format!("{url} {profile}"));
        });
    }
}

fn costs_few(server: &Server, place: &str) {
    let named = |what: &str| format!("{place}: {what}");

    // From a new network a login is counted before its password is checked, and no longer once that was right.
    costs(server, 7, &named("the first login"), || log_in(server, PASSWORD));
    let answer = costs(server, 3, &named("a login"), || log_in(server, PASSWORD));
    let token = answer.json().unwrap()["token"].as_str().unwrap().to_owned();
    let send = |method: &str, id: u32, attributes: &Value| {
        let body = document(attributes);
        let body = (method != "GET").then_some(&body);
        call(server, method, &format!("/api/v1/users/{id}.json"), Some(&token), body)
    };
    for id in [1, 2] {
        costs(server, 2, &named("GET"), || send("GET", id, &json!({})));
        let name = json!({"name": format!("Name {id}"), "active": 1});
        costs(server, 5, &named("PATCH"), || send("PATCH", id, &name));
    }
    // A form sends back what it was shown.
    let form = json!({"name": "Root", "active": 1, "email": "root@example.com", "password": "********"});
    costs(server, 5, &named("PATCH of a form"), || send("PATCH", 1, &form));

    // An address is claimed first, by two statements, and looked for; links that were sent to the old one end.
    let moved = json!({"email": "moved@example.com", "active": 1});
    costs(server, 9, &named("PATCH of an address"), || send("PATCH", 2, &moved));
    let password = json!({"password": "battery staple", "active": 1});
    costs(server, 5, &named("PATCH of another's password"), || {
        send("PATCH", 2, &password)
    });
    costs(server, 5, &named("PATCH of a password"), || send("PATCH", 1, &password));
}
