//! What a project adds to its users: stored, shown to those who may see it, changed by those who may change it.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{
    http::Response,
    members::{self, members},
    server::{Server, ServerConfig},
    sql::{query, schema_of},
};
use poem_scaffold::testing::{attributes, call, cheap, on_each_database, refused as refused_attribute, run};

const PASSWORD: &str = "correct horse";
const PROFILES: [&str; 2] = ["scaffold-1.0", "scaffold-2.0"];
const NEEDED: [&str; 4] = ["--set", "company=Acme", "--set", "badge=7"];

/// An app of the profile with an administrator (user 1) and Ann, who has signed up.
struct Members {
    server: Server,
    admin: String,
    ann: String,
}

impl Members {
    fn start(config: &ServerConfig, dir: &Path, url: &str, profile: &str) -> Self {
        members::create(url, profile);
        let config = config.clone().env("FLASK_PROFILE", profile);
        let create = [&["user", "create", "root@example.com", "--admin"][..], &NEEDED].concat();
        run(&config, dir, &create, Some(&format!("{PASSWORD}\n")));
        let server = Server::start(&config);
        let signed_up = call(&server, "POST", "/api/v1/signup.json", None, Some(&document(&ann())));
        assert_eq!(signed_up.status, 201, "{url} {profile}: {}", signed_up.text());
        let [admin, ann] = ["root@example.com", "ann@example.com"].map(|email| token(&server, email));
        Self { server, admin, ann }
    }

    fn get(&self, token: &str, id: u32) -> Value {
        attributes(&call(
            &self.server,
            "GET",
            &format!("/api/v1/users/{id}.json"),
            Some(token),
            None,
        ))
    }

    fn patch(&self, token: &str, id: u32, change: Value) -> Response {
        let path = format!("/api/v1/users/{id}.json");
        let mut change = change;
        change["active"] = json!(1);
        call(&self.server, "PATCH", &path, Some(token), Some(&document(&change)))
    }
}

fn token(server: &Server, email: &str) -> String {
    let body = document(&json!({"email": email, "password": PASSWORD}));
    let answer = call(server, "POST", "/api/v1/login.json", None, Some(&body));
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

fn document(attributes: &Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

/// Ann as she signs up; what is not hers to say is ignored.
fn ann() -> Value {
    json!({
        "email": "ann@example.com", "password": PASSWORD, "name": "Ann", "active": 1,
        "company": "Beta", "badge": "8", "invited_with": "a letter", "phone": "0123", "pin": "1234",
        "birthday": "2001-02-03", "score": 1.5, "prefs": {"z": 1, "a": [2]},
        "externalId": "67e55044-10b1-426f-9247-bb680e5fe0c8", "newsletter": 1, "age": 30, "backupEmail": "b@example.com",
        "isAdmin": true, "lastSeen": "2026-01-02T03:04:05", "balance": "5", "note": "mine", "title": "Dr.", "visits": 9,
    })
}

fn on_each(test: impl Fn(&Members, &str)) {
    on_each_app(|config, dir, url, profile| {
        test(&Members::start(config, dir, url, profile), &format!("{url} {profile}"));
    });
}

fn on_each_app(test: impl Fn(&ServerConfig, &Path, &str, &str)) {
    for profile in PROFILES {
        on_each_database(members(), |config, dir, url| test(&config, dir, url, profile));
    }
}

#[test]
fn a_user_signs_up_with_them_and_each_caller_sees_what_is_for_it() {
    on_each(|app, place| {
        let seen = app.get(&app.ann, 2);
        for (name, value) in [
            ("company", json!("Beta")),
            ("badge", json!(8)),
            ("invited_with", json!("a letter")),
            ("phone", json!("0123")),
            ("birthday", json!("2001-02-03")),
            ("score", json!(1.5)),
            ("prefs", json!({"z": 1, "a": [2]})),
            ("externalId", json!("67e55044-10b1-426f-9247-bb680e5fe0c8")),
            ("newsletter", json!(1)),
            ("backupEmail", json!("b@example.com")),
            // Defaults of the project and of the table.
            ("order", json!(10)),
            ("plan", json!("free")),
            ("locale", json!("en")),
            ("visits", json!(0)),
            // Not hers to say.
            ("isAdmin", json!(false)),
            ("lastSeen", Value::Null),
            ("balance", Value::Null),
            ("title", Value::Null),
        ] {
            assert_eq!(seen[name], value, "{place}: {name}: {seen}");
        }
        let shows = |attributes: &Value, name: &str| attributes.as_object().unwrap().contains_key(name);
        for (token, id, [phone, note]) in [
            (&app.ann, 2, [true, false]),
            (&app.ann, 1, [false, false]),
            (&app.admin, 2, [true, true]),
        ] {
            let list = call(&app.server, "GET", "/api/v1/users.json", Some(token), None);
            let row = list.json().unwrap()["data"][id - 1]["attributes"].take();
            let one = app.get(token, u32::try_from(id).unwrap());
            assert_eq!(row, one, "{place}");
            for (name, is_shown) in [("phone", phone), ("note", note), ("pin", false), ("company", true)] {
                assert_eq!(shows(&one, name), is_shown, "{place}: {name} of {id}");
            }
        }
    });
}

#[test]
fn they_are_changed_by_those_who_may_and_what_is_not_sent_stays() {
    on_each(|app, place| {
        let before = app.get(&app.admin, 2);
        let same = attributes(&app.patch(&app.ann, 2, json!({})));
        assert_eq!(same["prefs"], before["prefs"], "{place}");
        let change = json!({"phone": null, "company": "Gamma", "order": 3, "isAdmin": true, "lastSeen": "2026-01-02T03:04:05",
                            "note": "hers", "prefs": null, "plan": "paid", "pin": "99"});
        let changed = attributes(&app.patch(&app.ann, 2, change.clone()));
        for (name, value) in [
            ("phone", Value::Null),
            ("company", json!("Gamma")),
            ("order", json!(3)),
            ("plan", json!("paid")),
            ("prefs", Value::Null),
            ("badge", json!(8)),
            ("isAdmin", json!(false)),
            ("lastSeen", Value::Null),
        ] {
            assert_eq!(changed[name], value, "{place}: {name}");
        }
        assert_eq!(app.get(&app.admin, 2)["note"], Value::Null, "{place}");
        let changed = attributes(&app.patch(
            &app.admin,
            2,
            json!({"isAdmin": true, "note": "new", "balance": "12.50"}),
        ));
        assert_eq!(
            (&changed["isAdmin"], &changed["note"]),
            (&json!(true), &json!("new")),
            "{place}"
        );
        assert!(
            changed["balance"].as_str().unwrap().starts_with("12.5"),
            "{place}: {changed}"
        );
        assert_eq!(
            app.patch(&app.ann, 1, json!({"company": "Mine"})).status,
            401,
            "{place}"
        );
    });
}

#[test]
fn they_are_refused_as_other_attributes_are() {
    on_each(|app, place| {
        for (name, value, detail) in [
            ("company", json!("A"), "Shorter than minimum length 2."),
            ("company", Value::Null, "Field may not be null."),
            ("website", json!("nowhere"), "Not a valid URL."),
            ("plan", json!("gold"), "Not a valid choice. Must be one of: free, paid."),
            ("age", json!(5), "Must be at least 18."),
            ("isAdmin", json!("maybe"), "Not a valid boolean."),
            ("birthday", json!("soon"), "Not a valid date."),
        ] {
            refused_attribute(&app.patch(&app.admin, 2, json!({name: value})), 401, name, detail);
        }
        let taken = app.patch(&app.admin, 2, json!({"badge": 7}));
        assert!(
            taken.text().contains("`badge` is taken already"),
            "{place}: {}",
            taken.text()
        );
        let mut lacking = ann();
        lacking.as_object_mut().unwrap().retain(|name, _| name != "company");
        lacking["email"] = json!("new@example.com");
        let answer = call(
            &app.server,
            "POST",
            "/api/v1/signup.json",
            None,
            Some(&document(&lacking)),
        );
        refused_attribute(&answer, 403, "company", "Missing data for required field.");
        let mut new = json!({"email": "cleo@example.com", "password": PASSWORD, "name": "Cleo", "active": 1,
                             "role": "admin", "company": "Delta", "badge": 9, "note": "seen", "isAdmin": true});
        let created = call(
            &app.server,
            "POST",
            "/api/v1/users.json",
            Some(&app.admin),
            Some(&document(&new)),
        );
        let created = attributes(&created);
        assert_eq!(
            (&created["note"], &created["isAdmin"]),
            (&json!("seen"), &json!(true)),
            "{place}"
        );
        new["badge"] = json!("x");
        let answer = call(
            &app.server,
            "POST",
            "/api/v1/users.json",
            Some(&app.admin),
            Some(&document(&new)),
        );
        refused_attribute(&answer, 403, "badge", "Not a valid integer.");
    });
}

#[test]
fn the_command_line_sets_them_and_lists_what_is_needed() {
    for profile in ["tutorial", "scaffold-1.0", "scaffold-2.0"] {
        on_each_database(members(), |config, dir, url| {
            members::create(url, profile);
            let before = schema_of(url);
            let config = config.env("FLASK_PROFILE", profile);
            let password = format!("{PASSWORD}\n");
            let said = super::refused(&config, dir, &["user", "create", "a@example.com"], Some(&password), 2);
            assert!(said.contains("--set company=VALUE --set badge=VALUE"), "{url}: {said}");
            let create = [
                &["user", "create", "a@example.com"][..],
                &NEEDED,
                &["--set", "isAdmin=true"],
            ]
            .concat();
            run(&config, dir, &create, Some(&password));
            let stored = query(url, "select company from users");
            assert_eq!(stored, "Acme", "{url}");
            let mut again = create.clone();
            again[2] = "b@example.com";
            let said = super::refused(&config, dir, &again, Some(&password), 2);
            assert!(said.contains("choose another one with --set badge=VALUE"), "{said}");
            let server = Server::start(&config);
            let said = server.output();
            assert!(
                !said.contains("unknown to this program") && !said.contains("note:     users.company"),
                "{url}: {said}"
            );
            if profile == "tutorial" {
                let token = super::token(&server, "a@example.com", PASSWORD);
                let list = call(&server, "GET", "/api/users", Some(&token), None);
                let expected = json!({"users": [{"email": "a@example.com", "id": 1, "is_enabled": true, "name": "a"}]});
                assert_eq!(list.json().unwrap(), expected, "{url}");
            }
            assert!(schema_of(url).contains(&before), "{url}");
        });
    }
}

#[test]
fn a_table_without_them_is_refused_before_anything_is_written() {
    on_each_database(members(), |config, dir, url| {
        for command in [&["serve", "--port", "0"][..], &["db", "upgrade"]] {
            let said = super::refused(&config, dir, command, None, 2);
            assert!(
                said.contains("users.isAdmin is missing") && said.contains("nothing was changed"),
                "{url}: {said}"
            );
        }
    });
}

#[test]
fn a_migration_of_the_project_adds_their_columns() {
    on_each_app(|config, dir, url, profile| {
        let config = config.clone().env("FLASK_PROFILE", profile).env("HAS_MIGRATIONS", "1");
        let server = Server::start(&config);
        let said = server.output();
        let command = "user create --admin MAIL --set company=VALUE --set badge=VALUE`";
        assert!(said.contains(command), "{url}: {said}");
        let create = [&["user", "create", "root@example.com", "--admin"][..], &NEEDED].concat();
        run(&config, dir, &create, Some(&format!("{PASSWORD}\n")));
        let signed_up = call(&server, "POST", "/api/v1/signup.json", None, Some(&document(&ann())));
        assert_eq!(attributes(&signed_up)["order"], 10, "{url}");
        drop(server);
        assert!(
            run(&config, dir, &["db", "status"], None).contains("members    applied"),
            "{url}"
        );
    });
    on_each_app(|config, dir, url, profile| {
        let config = config.clone().env("HAS_MIGRATIONS", "1");
        Members::start(&config, dir, url, profile);
        let config = config.env("FLASK_PROFILE", profile);
        assert!(
            run(&config, dir, &["db", "status"], None).contains("members    adopted"),
            "{url}"
        );
    });
}

#[test]
fn under_flask_they_are_hidden_and_kept_as_well() {
    on_each_database(members(), |config, dir, url| {
        let config = config
            .env("FLASK_FIDELITY", "flask")
            .env("SECRET_KEY", "s0me random string");
        let app = Members::start(&config, dir, url, "scaffold-1.0");
        // There everybody changes everything, as the role, but nobody sees more.
        assert!(app.get(&app.ann, 1).get("phone").is_none(), "{url}");
        assert!(app.get(&app.admin, 2).get("phone").is_some(), "{url}");
        let changed = attributes(&app.patch(&app.ann, 2, json!({"isAdmin": true, "visits": 5})));
        assert_eq!(
            (&changed["isAdmin"], &changed["visits"]),
            (&json!(true), &json!(0)),
            "{url}"
        );
    });
}

#[test]
fn active_may_stand_in_another_column() {
    for (column, [on, off]) in [
        ("is_active BOOL NOT NULL", [json!(true), json!(false)]),
        ("is_active INTEGER NOT NULL", [json!(1), json!(0)]),
    ] {
        on_each_database(members(), |config, dir, url| {
            let config = config.env("FLASK_PROFILE", "scaffold-1.0");
            members::create_with(url, "scaffold-1.0", column);
            let said = super::refused(&config, dir, &["db", "upgrade"], None, 2);
            assert!(said.contains("users.active is missing"), "{url}: {said}");
            let config = config.env("HAS_IS_ACTIVE", "1");
            let password = format!("{PASSWORD}\n");
            let create = [&["user", "create", "root@example.com", "--admin"][..], &NEEDED].concat();
            run(&config, dir, &create, Some(&password));
            let server = Server::start(&config);
            let mut ann = ann();
            ann["active"] = on.clone();
            let signed_up = call(&server, "POST", "/api/v1/signup.json", None, Some(&document(&ann)));
            assert_eq!(attributes(&signed_up)["active"], on, "{url}");
            let [admin, ann] = ["root@example.com", "ann@example.com"].map(|email| token(&server, email));
            let change = document(&json!({"active": off, "city": "Rome"}));
            let send = |token: &str| call(&server, "PATCH", "/api/v1/users/2.json", Some(token), Some(&change));
            assert_eq!(
                attributes(&send(&ann))["active"],
                on,
                "{url}: only administrators change it"
            );
            assert_eq!(attributes(&send(&admin))["active"], off, "{url}");
            assert_eq!(
                call(&server, "GET", "/api/v1/users/1.json", Some(&ann), None).status,
                401,
                "{url}"
            );
            let listed = call(&server, "GET", "/api/v1/users.json", Some(&admin), None)
                .json()
                .unwrap();
            let active = [0, 1].map(|row: usize| listed["data"][row]["attributes"]["active"].clone());
            assert_eq!(active, [on.clone(), off.clone()], "{url}");
            let listed = call(&server, "GET", "/api/users", Some(&admin), None).json().unwrap();
            assert_eq!(listed["users"][1]["is_enabled"], json!(false), "{url}");
            run(&config, dir, &["user", "enable", "ann@example.com"], None);
            assert_eq!(
                call(&server, "GET", "/api/v1/users/1.json", Some(&ann), None).status,
                200,
                "{url}"
            );
        });
    }
}

#[test]
fn the_openapi_document_has_them() {
    for profile in PROFILES {
        let folder = tempfile::tempdir().unwrap();
        let config = cheap(members()).env("FLASK_PROFILE", profile);
        run(&config, folder.path(), &["openapi"], None);
        let text = std::fs::read_to_string(folder.path().join(format!("openapi/{profile}.json"))).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let schema = |name: &str| document["components"]["schemas"][name].clone();
        let requires = |schema: &Value, name: &str| schema["required"].as_array().unwrap().contains(&json!(name));
        let has = |schema: &Value, name: &str| !schema["properties"][name].is_null();
        let [user, new, sign_up, patch] = ["User", "NewUser", "Signup", "UserPatch"].map(schema);
        assert!(requires(&user, "company") && !requires(&user, "phone") && !has(&user, "pin"));
        assert!(requires(&new, "badge") && has(&new, "isAdmin") && !has(&new, "lastSeen"));
        assert!(requires(&sign_up, "invited_with") && !has(&sign_up, "isAdmin") && !has(&sign_up, "title"));
        assert!(has(&patch, "isAdmin") && !has(&patch, "visits") && has(&patch, "pin"));
        assert_eq!(new["properties"]["plan"]["enum"], json!(["free", "paid"]));
        assert_eq!(new["properties"]["company"]["maxLength"], 40);
        assert!(text.contains("\"company\": \"A text.\""));
    }
}
