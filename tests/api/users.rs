//! Users and roles as Flask-Scaffold's clients manage them.

mod passwords;
mod values;

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{call, cheap, on_each_engine, run};
use crate::support::{
    http::Response,
    server::{Server, ServerConfig},
    sql::{query, run_sql},
};

const PASSWORD: &str = "correct horse";
const ROOT: &str = "/api/v1/users/1.json";
const ANN: &str = "/api/v1/users/2.json";
const USERS: &str = "/api/v1/users.json";
const ROLES: &str = "/api/v1/roles.json";

/// A server with the administrator root (user 1) and the ordinary user ann (user 2), both logged in.
struct Team {
    server: Server,
    root: String,
    ann: String,
}

impl Team {
    fn new(config: &ServerConfig, dir: &Path, profile: &str) -> (Self, ServerConfig) {
        let config = config
            .clone()
            .env("FLASK_PROFILE", profile)
            .env("SECRET_KEY", "a test key of at least thirty-two bytes!");
        let password = format!("{PASSWORD}\n");
        let root = ["user", "create", "root@example.com", "--admin"];
        run(&config, dir, &root, Some(&password));
        run(&config, dir, &["user", "create", "ann@example.com"], Some(&password));
        let server = Server::start(&config);
        let token = |email| token_of(&log_in(&server, email, PASSWORD));
        let (root, ann) = (token("root@example.com"), token("ann@example.com"));
        (Self { server, root, ann }, config)
    }

    fn as_root(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, Some(&self.root), body)
    }

    fn as_ann(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, Some(&self.ann), body)
    }

    fn as_nobody(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, None, body)
    }

    fn login_status(&self, email: &str, password: &str) -> u16 {
        log_in(&self.server, email, password).status
    }
}

/// A login as both Flask-Scaffolds had it.
fn log_in(server: &Server, email: &str, password: &str) -> Response {
    let body = user(json!({"email": email, "password": password}));
    call(server, "POST", "/api/v1/login.json", None, Some(&body))
}

fn token_of(login: &Response) -> String {
    assert_eq!(login.status, 200, "{}", login.text());
    login.json().unwrap()["token"].as_str().unwrap().to_owned()
}

fn user(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn role(attributes: Value) -> Value {
    json!({"data": {"type": "roles", "attributes": attributes}})
}

/// The attributes of an answer that must be a success.
fn attributes(answer: &Response) -> Value {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["attributes"].take()
}

fn ann_in(url: &str) -> String {
    query(url, "select * from users where id = 2")
}

#[test]
fn what_only_administrators_may_change_of_a_user_stays_when_others_send_it() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        let change = user(json!({
            "active": 0, "role": "admin", "creation_time": "2001-02-03T04:05:06+00:00", "id": 77, "nonsense": [1],
        }));
        let before = ann_in(url);
        let answer = team.as_ann("PATCH", ANN, Some(&change));
        assert_eq!(answer.status, 200, "{url} {}", answer.text());
        assert_eq!(answer.json(), team.as_root("GET", ANN, None).json(), "{url}");
        assert_eq!(ann_in(url), before, "{url}");
        let changed = attributes(&team.as_root("PATCH", ANN, Some(&change)));
        assert_eq!(
            (&changed["active"], &changed["role"], &changed["creation_time"]),
            (&json!(0), &json!("admin"), &json!("2001-02-03T04:05:06+00:00")),
            "{url}"
        );
        assert_eq!(
            team.as_root("GET", "/api/v1/users/77.json", None).status,
            404,
            "{url}: the key stays"
        );
    });
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-2.0");
        let sent = json!({
            "createdby": "Mallory", "updatedby": "Mallory", "id": 77, "nonsense": [1],
            "createddate": "2001-02-03T04:05:06", "updateddate": "2001-02-03T04:05:07",
        });
        let mut before = attributes(&team.as_ann("GET", ANN, None));
        let after = attributes(&team.as_ann("PATCH", ANN, Some(&user(sent.clone()))));
        before["updatedby"] = json!("ann");
        assert_eq!(after, before, "{url}");
        let after = attributes(&team.as_root("PATCH", ANN, Some(&user(sent.clone()))));
        for name in ["createdby", "createddate", "updateddate"] {
            assert_eq!(after[name], sent[name], "{url}");
        }
        assert_eq!(after["updatedby"], "root", "{url}");
        assert_eq!(
            team.as_root("GET", "/api/v1/users/77.json", None).status,
            404,
            "{url}: the key stays"
        );
    });
}

#[test]
fn an_administrator_who_lost_the_role_is_refused_whatever_the_token_says() {
    on_each_engine(|config, dir, url| {
        let (team, config) = Team::new(&config, dir, "scaffold-1.0");
        let payload = BASE64_URL_SAFE_NO_PAD.decode(team.root.split('.').nth(1).unwrap());
        let claims: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
        assert_eq!(claims["scope"], "admin", "{url}");
        let (new, one) = (role(json!({"name": "editor"})), "/api/v1/roles/1.json");
        assert_eq!(team.as_root("POST", ROLES, Some(&new)).status, 201, "{url}");
        run(&config, dir, &["user", "revoke-admin", "root@example.com"], None);
        for (method, path) in [("POST", ROLES), ("PATCH", one), ("DELETE", one)] {
            let answer = team.as_root(method, path, Some(&new));
            let expected = json!({"error": "Admin Access Required"});
            assert_eq!((answer.status, answer.json()), (401, Some(expected)), "{url} {method}");
        }
        assert_eq!(
            query(url, "select name from roles order by id"),
            "admin\neditor",
            "{url}"
        );
    });
}

#[test]
fn an_administrator_of_2_0_stays_one_under_another_address_and_leaves_nothing_behind() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-2.0");
        let create = |token: &str, name: &str| {
            let new = json!({"email": format!("{name}@example.com"), "name": name, "password": PASSWORD});
            call(&team.server, "POST", USERS, Some(token), Some(&user(new))).status
        };
        let moved = user(json!({"email": "boss@example.com"}));
        assert_eq!(team.as_root("PATCH", ROOT, Some(&moved)).status, 200, "{url}");
        assert_eq!(create(&team.root, "one"), 201, "{url}");
        let boss = token_of(&log_in(&team.server, "boss@example.com", PASSWORD));
        assert_eq!(create(&boss, "two"), 201, "{url}");

        let columns = "email, password, name, createddate, createdby, updateddate, updatedby";
        run_sql(
            url,
            &format!("create table gone as select id, {columns} from users where id = 1"),
        );
        assert_eq!(team.as_root("DELETE", ROOT, None).status, 204, "{url}");
        // Under the id and even the address of the deleted one, as a database could give both again.
        run_sql(
            url,
            &format!("insert into users (id, {columns}) select id, {columns} from gone"),
        );
        let heir = token_of(&log_in(&team.server, "boss@example.com", PASSWORD));
        assert_eq!(create(&heir, "three"), 401, "{url}");
    });
}

#[test]
fn in_2_0_the_server_says_who_made_and_changed_a_row() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-2.0");
        let new = |name: &str| {
            let email = format!("{name}@example.com");
            let (by, text) = ("Mallory", "given");
            user(
                json!({"email": email, "name": name, "password": PASSWORD, "createdby": by, "updatedby": by, "x": text}),
            )
        };
        let signed_up = attributes(&team.as_nobody("POST", "/api/v1/signup.json", Some(&new("self"))));
        let created = attributes(&team.as_root("POST", USERS, Some(&new("made"))));
        for (row, by) in [(signed_up, "Self Signup"), (created, "root")] {
            assert_eq!(
                (&row["createdby"], &row["updatedby"]),
                (&json!(by), &json!(by)),
                "{url}"
            );
        }
        let change = user(json!({"name": "Ann", "updatedby": "Mallory"}));
        // The caller's name as it was before the change.
        assert_eq!(
            attributes(&team.as_ann("PATCH", ANN, Some(&change)))["updatedby"],
            "ann",
            "{url}"
        );
        assert_eq!(
            attributes(&team.as_root("PATCH", ANN, Some(&change)))["updatedby"],
            "root",
            "{url}"
        );
    });
}

#[test]
fn an_error_is_under_the_member_that_the_profiles_clients_read() {
    for (profile, member_of_401) in [("scaffold-1.0", "message"), ("scaffold-2.0", "error")] {
        let folder = tempfile::tempdir().unwrap();
        let (team, _) = Team::new(&cheap().folder(folder.path()), folder.path(), profile);
        for (answer, status, member) in [
            (team.as_nobody("GET", USERS, None), 401, member_of_401),
            (log_in(&team.server, "ann@example.com", "wrong"), 401, member_of_401),
            (team.as_ann("POST", USERS, Some(&json!({}))), 401, "error"),
            (
                team.as_nobody("POST", "/api/v1/login.json", Some(&json!({}))),
                400,
                "message",
            ),
            (team.as_root("GET", "/api/v1/users/999.json", None), 404, "message"),
            (team.as_root("GET", "/api/v1/nope", None), 404, "message"),
            (team.as_root("PUT", USERS, None), 405, "message"),
            // Both originals had it so.
            (team.as_nobody("PATCH", "/api/v1/forgotpassword", None), 401, "message"),
        ] {
            let body = answer.json().unwrap();
            let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!((answer.status, members), (status, vec![member]), "{profile} {body}");
            assert!(body[member].is_string(), "{profile} {body}");
        }
    }
}

#[test]
fn a_role_that_users_have_can_go_but_not_be_renamed() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        let create = |name: &str| team.as_root("POST", ROLES, Some(&role(json!({"name": name}))));
        let editors = create("editor").json().unwrap()["data"]["id"].to_string();
        let editors = format!("/api/v1/roles/{editors}.json");
        let give = user(json!({"active": 1, "role": "editor"}));
        assert_eq!(team.as_root("PATCH", ANN, Some(&give)).status, 200, "{url}");

        let new = |email: &str, role: &str| {
            user(json!({"email": email, "name": "New", "password": PASSWORD, "active": 1, "role": role}))
        };
        let before = query(url, "select * from users order by id");
        let name = "`name` is taken already: it must be unique.";
        let email = "`email` is taken already: it must be unique.";
        let no_role = "`role` refers to a row that does not exist.";
        let kept = "Rows of `users` still refer to it. Delete or change them first.";
        let rename = |name: &str| team.as_root("PATCH", &editors, Some(&role(json!({"name": name}))));
        let change = |attributes: Value| Some(user(attributes));
        for (answer, status, text) in [
            (rename("author"), 401, kept),
            (create("admin"), 403, name),
            (
                team.as_root("POST", USERS, Some(&new("ann@example.com", "editor"))),
                403,
                email,
            ),
            (
                team.as_root("POST", USERS, Some(&new("new@example.com", "nobody"))),
                403,
                no_role,
            ),
            (
                team.as_root("PATCH", ANN, change(json!({"active": 1, "role": "nobody"})).as_ref()),
                401,
                no_role,
            ),
            (
                team.as_ann(
                    "PATCH",
                    ANN,
                    change(json!({"active": 1, "email": "root@example.com"})).as_ref(),
                ),
                401,
                email,
            ),
        ] {
            let body = answer.json().unwrap();
            assert_eq!((answer.status, body), (status, json!({"error": text})), "{url}");
        }
        // Which of its two faults is told depends on the engine.
        assert_eq!(rename("admin").status, 401, "{url}");
        assert_eq!(query(url, "select * from users order by id"), before, "{url}");
        assert_eq!(
            query(url, "select name from roles order by id"),
            "admin\neditor",
            "{url}"
        );

        assert_eq!(team.as_root("DELETE", &editors, None).status, 204, "{url}");
        assert_eq!(attributes(&team.as_ann("GET", ANN, None))["role"], Value::Null, "{url}");
        assert_eq!(team.as_root("DELETE", &editors, None).status, 404, "{url}");
    });
}

#[test]
fn the_attribute_that_is_taken_is_named_under_each_profile_and_fidelity() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config.env("FLASK_FIDELITY", "flask"), dir, "scaffold-2.0");
        let new = |email: &str, name: &str| {
            let attributes = json!({"email": email, "name": name, "password": PASSWORD});
            team.as_root("POST", USERS, Some(&user(attributes)))
        };
        assert_eq!(new("new@example.com", "New").status, 201, "{url}");
        for (answer, attribute) in [
            (new("new@example.com", "Other"), "email"),
            (new("other@example.com", "New"), "name"),
        ] {
            let text = format!("`{attribute}` is taken already: it must be unique.");
            assert_eq!(
                (answer.status, answer.json()),
                (403, Some(json!({"error": text}))),
                "{url}"
            );
        }
    });
}

#[test]
fn the_token_of_a_deleted_user_says_so() {
    for (profile, member) in [("scaffold-1.0", "message"), ("scaffold-2.0", "error")] {
        let folder = tempfile::tempdir().unwrap();
        let (team, _) = Team::new(&cheap().folder(folder.path()), folder.path(), profile);
        assert_eq!(team.as_root("DELETE", ANN, None).status, 204, "{profile}");
        for answer in [team.as_ann("GET", USERS, None), team.as_ann("DELETE", ANN, None)] {
            let expected = json!({member: "The account of this token no longer exists"});
            assert_eq!((answer.status, answer.json()), (401, Some(expected)), "{profile}");
        }
    }
}
