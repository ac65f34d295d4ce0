//! Values, ids and methods that no client should send, and some do.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{ANN, PASSWORD, Team, USERS, attributes, user};
use crate::{
    api::{on_each_engine, take_back_all},
    support::{
        http::{self, Response},
        sql::query,
    },
};

/// What an attribute takes, which tells what it refuses.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A text of at most 250 characters.
    Text,
    /// A text that is hashed.
    Password,
    /// A text that nobody stores.
    Unstored,
    /// A text that may be null or empty.
    Note,
    /// A number of 32 bits.
    Number,
    /// A number that nobody stores.
    UnstoredNumber,
    /// A time.
    Time,
    /// A time or null.
    NullableTime,
    /// A mail address to look for: anything that is a text.
    Address,
}

use Kind::{Address, Note, NullableTime, Number, Password, Text, Time, Unstored, UnstoredNumber};

impl Kind {
    /// JSON texts that are refused.
    fn wrong_values(self) -> Vec<String> {
        let mut values: Vec<String> = ["true", "[]", "[1]", "{}", "1e400", "\"\\ud800\"", "nul"]
            .map(str::to_owned)
            .into();
        let mut add = |texts: &[&str]| values.extend(texts.iter().map(|text| (*text).to_owned()));
        if !matches!(self, Note | NullableTime | Address) {
            add(&["null"]);
        }
        if !matches!(self, Note | Address) {
            add(&["\"\""]);
        }
        match self {
            Number => add(&[
                "2147483648",
                "-2147483649",
                "1e30",
                "\"1_000\"",
                "\"99999999999999999999\"",
            ]),
            UnstoredNumber => {
                // Any number will do, and so does `true`, which Python took for one.
                values.retain(|value| value != "true");
            }
            _ => add(&["5", "-1.5", "1e30", "100000000000000000000"]),
        }
        if matches!(self, Number | UnstoredNumber | Time | NullableTime) {
            values.extend(["\"abc\"", "\"2001-02-30T00:00:00\"", "\"1.0\""].map(str::to_owned));
        }
        let (nul, long) = ("\"a\\u0000b\"".to_owned(), format!("\"{}\"", "x".repeat(251)));
        if !matches!(self, Unstored | Address | Password) {
            values.push(nul);
        }
        if !matches!(self, Unstored | Address) {
            values.push(long);
        }
        values
    }
}

/// An operation with the attributes that make its document complete, and the kinds of all that it looks at.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, Kind)],
);

const LOGIN: Row = (
    "POST",
    "/api/v1/login.json",
    &["email", "password"],
    &[("email", Address), ("password", Address)],
);
const FORGOT: Row = ("POST", "/api/v1/forgotpassword", &["email"], &[("email", Address)]);

const SCAFFOLD_1_0: [Row; 7] = [
    LOGIN,
    FORGOT,
    (
        "POST",
        "/api/v1/signup.json",
        &["email", "password", "name", "active"],
        &[
            ("email", Text),
            ("password", Password),
            ("name", Text),
            ("active", UnstoredNumber),
            ("role", Unstored),
        ],
    ),
    (
        "POST",
        USERS,
        &["email", "password", "name", "active", "role"],
        &[
            ("email", Text),
            ("password", Password),
            ("name", Text),
            ("active", Number),
            ("role", Text),
        ],
    ),
    (
        "PATCH",
        ANN,
        &["active"],
        &[
            ("email", Text),
            ("password", Password),
            ("name", Text),
            ("active", Number),
            ("role", Text),
            ("creation_time", Time),
        ],
    ),
    (
        "POST",
        "/api/v1/roles.json",
        &["name"],
        &[("name", Text), ("description", Note)],
    ),
    (
        "PATCH",
        "/api/v1/roles/1.json",
        &[],
        &[("name", Text), ("description", Note)],
    ),
];

const NEW_USER_OF_2_0: &[(&str, Kind)] = &[
    ("email", Text),
    ("password", Password),
    ("name", Text),
    ("createdby", Unstored),
    ("updatedby", Unstored),
];

const SCAFFOLD_2_0: [Row; 5] = [
    LOGIN,
    FORGOT,
    (
        "POST",
        "/api/v1/signup.json",
        &["email", "password", "name"],
        NEW_USER_OF_2_0,
    ),
    ("POST", USERS, &["email", "password", "name"], NEW_USER_OF_2_0),
    (
        "PATCH",
        ANN,
        &[],
        &[
            ("email", Text),
            ("password", Password),
            ("name", Text),
            ("createdby", Text),
            ("updatedby", Unstored),
            ("createddate", NullableTime),
            ("updateddate", Time),
        ],
    ),
];

/// Sends a text that need not be JSON, as root.
fn send(team: &Team, method: &str, path: &str, body: &str) -> Response {
    let headers = [("Authorization", format!("Bearer {}", team.root))];
    http::send(&team.server.base, method, path, &headers, Some(body.as_bytes()))
}

fn good(name: &str) -> Value {
    match name {
        "email" => json!("new@example.com"),
        "password" => json!(PASSWORD),
        "active" => json!(1),
        "role" => json!("admin"),
        _ => json!("New"),
    }
}

#[test]
fn every_wrong_value_of_every_attribute_is_refused_in_json() {
    let failures = Mutex::new(Vec::new());
    for (profile, rows) in [("scaffold-1.0", &SCAFFOLD_1_0[..]), ("scaffold-2.0", &SCAFFOLD_2_0[..])] {
        on_each_engine(|config, dir, url| {
            let (team, _) = Team::new(&config, dir, profile);
            let content = || query(url, "select * from users order by id");
            let before = content();
            for (method, path, complete, attributes) in rows {
                for (name, kind) in *attributes {
                    for value in kind.wrong_values() {
                        let others = complete.iter().filter(|other| *other != name);
                        let mut members: Vec<String> =
                            others.map(|other| format!("\"{other}\": {}", good(other))).collect();
                        members.push(format!("\"{name}\": {value}"));
                        let members = members.join(", ");
                        let kind = if path.contains("roles") { "roles" } else { "users" };
                        let body = format!("{{\"data\": {{\"type\": \"{kind}\", \"attributes\": {{{members}}}}}}}");
                        let answer = send(&team, method, path, &body);
                        let told = answer.json().is_some_and(|body| body["error"] != body["message"]);
                        if !(400..500).contains(&answer.status) || !told {
                            let (status, text) = (answer.status, answer.text());
                            let failure = format!("{url} {method} {path} {members}: {status} {text}");
                            failures.lock().unwrap().push(failure);
                        }
                    }
                }
            }
            if content() != before {
                failures.lock().unwrap().push(format!("{url} {profile}: rows changed"));
            }
        });
    }
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_nul_in_a_password_is_no_failure_of_the_server() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        let body = user(json!({"active": 1, "password": "correct\u{0}horse"}));
        let answer = team.as_ann("PATCH", ANN, Some(&body));
        assert!(
            [200, 401].contains(&answer.status),
            "{url} {} {}",
            answer.status,
            answer.text()
        );
        let cut_off = team.login_status("ann@example.com", "correct");
        assert_eq!(cut_off, 401, "{url}: the password must not end at the NUL");
        let login = team.login_status("ann@example.com", "correct\u{0}horse");
        assert_eq!(login, answer.status, "{url}: a password that was taken is good");
    });
}

/// A row with another year could not be read by a Flask app that shares the table, and MySQL holds none.
#[test]
fn only_the_years_that_python_knows_are_taken() {
    const TAKEN: [&str; 4] = ["0001", "0999", "1752", "9999"];
    const REFUSED: [&str; 8] = [
        "0000", "10000", "+12345", "+65536", "+262142", "-0001", "-4714", "-262143",
    ];
    let failures = Mutex::new(Vec::new());
    on_each_engine(|config, dir, url| {
        for (profile, name) in [("scaffold-1.0", "creation_time"), ("scaffold-2.0", "updateddate")] {
            let (team, config) = Team::new(&config, dir, profile);
            let years = TAKEN.map(|year| (year, 200)).into_iter();
            for (year, expected) in years.chain(REFUSED.map(|year| (year, 401))) {
                let time = format!("{year}-12-31T23:59:59.999999");
                let answer = team.as_root("PATCH", ANN, Some(&user(json!({"active": 1, name: time}))));
                let shown = attributes(&team.as_root("GET", ANN, None))[name].to_string();
                let is_kept = shown.starts_with(&format!("\"{time}"));
                if answer.status != expected || is_kept != (expected == 200) {
                    let status = answer.status;
                    let failure = format!("{url} {profile} {time}: {status} for {expected}, shown as {shown}");
                    failures.lock().unwrap().push(failure);
                }
            }
            drop(team);
            take_back_all(&config, dir);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn an_id_that_no_row_can_have_is_404_for_every_method() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        let body = user(json!({"active": 1}));
        for folder in ["users", "roles"] {
            for id in ["0", "999999", "2147483648", "9223372036854775807"] {
                let path = format!("/api/v1/{folder}/{id}.json");
                for method in ["GET", "HEAD", "PATCH", "DELETE"] {
                    let answer = team.as_root(method, &path, Some(&body));
                    assert_eq!(answer.status, 404, "{url} {method} {path} {}", answer.text());
                }
                let answer = team.as_root("PUT", &path, None);
                let allow = answer.header("allow");
                let expected = "DELETE, GET, HEAD, OPTIONS, PATCH";
                assert_eq!((answer.status, allow.as_deref()), (405, Some(expected)), "{url} {path}");
            }
            for rest in [
                "9223372036854775808.json",
                "100000000000000000000.json",
                "-1.json",
                "+1.json",
                "1.5.json",
                "1e0.json",
                "abc.json",
                ".json",
                "%20.json",
                "%EF%BC%91.json",
                "1/.json",
                "1.json/",
                "1.json.json",
                "1",
                "",
            ] {
                let path = format!("/api/v1/{folder}/{rest}");
                for method in ["GET", "PATCH", "DELETE", "PUT", "POST", "FOO"] {
                    let answer = team.as_root(method, &path, Some(&body));
                    assert_eq!(answer.status, 404, "{url} {method} {path} {}", answer.text());
                    assert!(answer.json().unwrap()["message"].is_string(), "{url} {path}");
                }
            }
        }
        for one in ["01", "%31", "0000000000000000000000001"] {
            let path = format!("/api/v1/users/{one}.json?x=1");
            let answer = team.as_root("GET", &path, None);
            assert_eq!(attributes(&answer)["email"], "root@example.com", "{url} {path}");
            assert_eq!(team.as_root("PATCH", &path, Some(&body)).status, 200, "{url} {path}");
        }
        assert_eq!(
            team.as_root("DELETE", "/api/v1/users/%302.json", None).status,
            204,
            "{url}"
        );
        assert_eq!(query(url, "select email from users"), "root@example.com", "{url}");
        for (path, allow) in [
            (USERS, "GET, HEAD, OPTIONS, POST"),
            ("/api/v1/signup.json", "OPTIONS, POST"),
            ("/api/v1/forgotpassword", "OPTIONS, PATCH, POST"),
        ] {
            for method in ["PUT", "DELETE", "TRACE", "FOO"] {
                let answer = team.as_nobody(method, path, None);
                assert_eq!(answer.header("allow").as_deref(), Some(allow), "{method} {path}");
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    });
}
