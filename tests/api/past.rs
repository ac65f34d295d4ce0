//! Tables of the releases before Flask-Scaffold 1.0, beyond what was recorded of them.

use std::thread;

use serde_json::{Value, json};

use super::{call, list_status, log_in, on_each_engine, refused, run, token};
use crate::{
    parity::{PAST, load_tables},
    support::{
        http::Response,
        scaffolded::assert_unaltered,
        server::{Server, ServerConfig},
        sql::{query, schema_of},
    },
};

const USERS: &str = "/api/v1/users.json";

fn document(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn sign_up(server: &Server, email: &str, password: &str) -> Response {
    let attributes = json!({"email": email, "name": "Ann", "password": password, "active": 1});
    call(server, "POST", "/api/v1/signup.json", None, Some(&document(attributes)))
}

fn with_profile(config: &ServerConfig) -> ServerConfig {
    config.clone().env("FLASK_PROFILE", "scaffold-1.0")
}

/// The `active` of each user, as the database has it, by address.
fn stored(url: &str, email: &str) -> String {
    query(
        url,
        &format!("select case when cast(active as char(5)) in ('0', 'false') then 0 else 1 end from users where email = '{email}'"),
    )
    .trim()
    .to_owned()
}

#[test]
fn commands_read_and_write_what_their_active_is() {
    for release in PAST {
        on_each_engine(|config, dir, url| {
            load_tables(release, url, |schema| schema);
            let (config, before) = (with_profile(&config), schema_of(url));
            let context = format!("{url} {release}");
            let said = run(&config, dir, &["user", "list"], None);
            let line = |email: &str| {
                said.lines()
                    .find(|line| line.contains(email))
                    .unwrap_or_default()
                    .to_owned()
            };
            assert!(line("admin@example.com").contains("yes       yes"), "{context}: {said}");
            assert!(
                line("inactive@example.com").contains("no        no"),
                "{context}: {said}"
            );
            run(&config, dir, &["user", "enable", "inactive@example.com"], None);
            assert_eq!(stored(url, "inactive@example.com"), "1", "{context}");
            run(&config, dir, &["user", "disable", "zoe@example.com"], None);
            assert_eq!(stored(url, "zoe@example.com"), "0", "{context}");
            let password = Some("a new password\n");
            run(
                &config,
                dir,
                &["user", "create", "new@example.com", "--admin"],
                password,
            );
            assert_eq!(stored(url, "new@example.com"), "1", "{context}");
            let text = refused(&config, dir, &["user", "create", "new@example.com"], password, 2);
            assert!(
                text.contains("the user new@example.com already exists"),
                "{context}: {text}"
            );

            let server = Server::start(&config);
            assert_eq!(
                log_in(&server, "inactive@example.com", "hunter2").status,
                200,
                "{context}"
            );
            assert_eq!(log_in(&server, "zoe@example.com", "pässwörd✓").status, 401, "{context}");
            let admin = token(&server, "new@example.com", "a new password");
            assert_eq!(list_status(&server, &admin), 200, "{context}");
            let users = call(&server, "GET", "/api/users", Some(&admin), None).json().unwrap();
            let enabled: Vec<&Value> = users["users"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| &user["is_enabled"])
                .collect();
            assert_eq!(enabled[..3], [&json!(true), &json!(true), &json!(false)], "{context}");
            assert_unaltered(url, &before);
        });
    }
}

#[test]
fn a_switch_takes_effect_at_once_whichever_form_it_is_sent_in() {
    on_each_engine(|config, dir, url| {
        load_tables("S06", url, |schema| schema);
        let config = with_profile(&config);
        run(&config, dir, &["user", "grant-admin", "admin@example.com"], None);
        let server = Server::start(&config);
        let admin = token(&server, "admin@example.com", "password");
        for (sent, shown, status) in [
            (json!(false), false, 401),
            (json!(true), true, 200),
            (json!(0), false, 401),
            (json!(1), true, 200),
            (json!("false"), false, 401),
            (json!("true"), true, 200),
        ] {
            let body = document(json!({"active": sent}));
            let answer = call(&server, "PATCH", "/api/v1/users/6.json", Some(&admin), Some(&body));
            assert_eq!(
                answer.json().unwrap()["data"]["attributes"]["active"],
                shown,
                "{url} {sent}"
            );
            assert_eq!(
                log_in(&server, "forgot@example.com", "password").status,
                status,
                "{url} {sent}"
            );
        }
    });
}

/// An adopted table may have no unique index; two processes may be asked at once.
#[test]
fn of_sign_ups_with_one_address_at_once_a_single_one_succeeds() {
    on_each_engine(|config, _, url| {
        load_tables("S07", url, |schema| schema);
        let config = with_profile(&config).env("LOGIN_THROTTLE", "off");
        let is_shared = !url.starts_with("sqlite");
        let servers: Vec<Server> = (0..if is_shared { 2 } else { 1 })
            .map(|_| Server::start(&config))
            .collect();
        for round in 0..5 {
            let email = format!("ann{round}@example.com");
            let statuses: Vec<u16> = thread::scope(|scope| {
                let sign_up = |index: usize| sign_up(&servers[index % servers.len()], &email, "correct horse").status;
                let threads: Vec<_> = (0..8).map(|index| scope.spawn(move || sign_up(index))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let created = statuses.iter().filter(|status| **status == 201).count();
            assert_eq!(created, 1, "{url}: {statuses:?}");
            assert!(
                statuses.iter().all(|status| [201, 403].contains(status)),
                "{url}: {statuses:?}"
            );
            let rows = query(url, &format!("select count(*) from users where email = '{email}'"));
            assert_eq!(rows.trim(), "1", "{url}");
        }
        let left = query(url, "select count(*) from poem_scaffold_attempts where kind = 'claim'");
        assert_eq!(left.trim(), "0", "{url}");
    });
}

#[test]
fn nobody_gets_an_address_that_somebody_has() {
    for (profile, recording) in [("scaffold-1.0", "S07"), ("scaffold-2.0", "S2")] {
        on_each_engine(|config, dir, url| {
            load_tables(recording, url, |schema| schema.replace("\tUNIQUE (email),\n", ""));
            let config = config.clone().env("FLASK_PROFILE", profile);
            run(&config, dir, &["user", "grant-admin", "admin@example.com"], None);
            let server = Server::start(&config);
            let context = format!("{url} {profile}");
            let log_in = document(json!({"email": "admin@example.com", "password": "password"}));
            let answer = call(&server, "POST", "/api/v1/login.json", None, Some(&log_in))
                .json()
                .unwrap();
            let token = answer["token"].as_str().unwrap();
            let new = json!({"email": "new@example.com", "password": "a long password", "name": "New", "active": 1, "role": "admin"});
            let taken = json!({"email": "forgot@example.com", "password": "a long password", "name": "Z", "active": 1, "role": "admin"});
            for (method, path, attributes, status) in [
                ("POST", "/api/v1/signup.json", &taken, 403),
                ("POST", USERS, &taken, 403),
                ("POST", USERS, &new, 201),
                (
                    "PATCH",
                    "/api/v1/users/5.json",
                    &json!({"email": "forgot@example.com", "active": 1}),
                    401,
                ),
                (
                    "PATCH",
                    "/api/v1/users/5.json",
                    &json!({"email": "patchme@example.com", "active": 1}),
                    200,
                ),
                (
                    "PATCH",
                    "/api/v1/users/5.json",
                    &json!({"email": "free@example.com", "active": 1}),
                    200,
                ),
            ] {
                let body = document(attributes.clone());
                let answer = call(&server, method, path, Some(token), Some(&body));
                assert_eq!(
                    answer.status,
                    status,
                    "{context} {method} {path} {body}: {}",
                    answer.text()
                );
            }
        });
    }
}

#[test]
fn users_who_share_an_address_may_keep_it() {
    on_each_engine(|config, dir, url| {
        load_tables("S07", url, |schema| schema);
        let config = with_profile(&config);
        run(&config, dir, &["user", "grant-admin", "admin@example.com"], None);
        let server = Server::start(&config);
        let admin = token(&server, "admin@example.com", "password");
        let body = document(json!({"email": "twin@example.com", "name": "Still a twin", "active": 1}));
        for path in ["/api/v1/users/7.json", "/api/v1/users/8.json"] {
            assert_eq!(
                call(&server, "PATCH", path, Some(&admin), Some(&body)).status,
                200,
                "{url} {path}"
            );
        }
        // Whichever row the database gives first, after both have moved.
        assert_eq!(log_in(&server, "twin@example.com", "hunter2").status, 200, "{url}");
        assert_eq!(log_in(&server, "twin@example.com", "password").status, 401, "{url}");
    });
}
