//! Who may do what: every operation of the OpenAPI document with every kind of caller.
//!
//! What is refused must leave no trace either, so all rows are compared after each request.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};

use super::{call, cheap, on_each_engine, run, token};
use crate::support::{
    scaffolded::is_scaffolded,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{Engine, query, run_sql},
};

const PASSWORD: &str = "correct horse";

/// The callers, in the order of the tables' columns; `owner` is the user whom the paths with an id name.
const CALLERS: [&str; 7] = ["none", "garbage", "other", "owner", "admin", "disabled", "deleted"];

const TUTORIAL: &str = "
    operation                       none  garbage  other  owner  admin  disabled  deleted
    post   /api/login               200   200      200    200    200    200       200
    get    /api/users               401   401      200    200    200    401       401
";

const SCAFFOLD_1_0: &str = "
    operation                       none  garbage  other  owner  admin  disabled  deleted
    post   /api/login               200   200      200    200    200    200       200
    get    /api/users               401   401      200    200    200    401       401
    post   /api/v1/login.json       200   200      200    200    200    200       200
    post   /api/v1/signup.json      201   201      201    201    201    201       201
    post   /api/v1/forgotpassword   201   201      201    201    201    201       201
    patch  /api/v1/forgotpassword   401   401      401    401    401    401       401
    get    /api/v1/users.json       401   401      200    200    200    401       401
    post   /api/v1/users.json       401   401      401    401    201    401       401
    get    /api/v1/users/{id}.json  401   401      200    200    200    401       401
    patch  /api/v1/users/{id}.json  401   401      401    200    200    401       401
    delete /api/v1/users/{id}.json  401   401      401    204    204    401       401
    get    /api/v1/roles.json       401   401      200    200    200    401       401
    post   /api/v1/roles.json       401   401      401    401    201    401       401
    get    /api/v1/roles/{id}.json  401   401      200    200    200    401       401
    patch  /api/v1/roles/{id}.json  401   401      401    401    200    401       401
    delete /api/v1/roles/{id}.json  401   401      401    401    204    401       401
";

const SCAFFOLD_2_0: &str = "
    operation                       none  garbage  other  owner  admin  disabled  deleted
    post   /api/v1/login.json       200   200      200    200    200    200       200
    post   /api/v1/signup.json      201   201      201    201    201    201       201
    post   /api/v1/forgotpassword   201   201      201    201    201    201       201
    patch  /api/v1/forgotpassword   401   401      401    401    401    401       401
    get    /api/v1/users.json       401   401      200    200    200    401       401
    post   /api/v1/users.json       401   401      401    401    201    401       401
    get    /api/v1/users/{id}.json  401   401      200    200    200    401       401
    patch  /api/v1/users/{id}.json  401   401      401    200    200    401       401
    delete /api/v1/users/{id}.json  401   401      401    204    204    401       401
";

/// A forgotten password of nobody is told, and a deleted user has none to set.
const SCAFFOLD_1_0_AS_FLASK: &str = "
    operation                       none  garbage  other  owner  admin  disabled  deleted
    post   /api/login               200   200      200    200    200    200       200
    get    /api/users               401   401      200    200    200    200       200
    post   /api/v1/login.json       200   200      200    200    200    200       200
    post   /api/v1/signup.json      201   201      201    201    201    201       201
    post   /api/v1/forgotpassword   404   404      404    404    404    404       404
    patch  /api/v1/forgotpassword   401   401      200    200    200    200       404
    get    /api/v1/users.json       401   401      200    200    200    200       200
    post   /api/v1/users.json       401   401      201    201    201    201       201
    get    /api/v1/users/{id}.json  401   401      200    200    200    200       200
    patch  /api/v1/users/{id}.json  401   401      200    200    200    200       200
    delete /api/v1/users/{id}.json  401   401      204    204    204    204       204
    get    /api/v1/roles.json       401   401      200    200    200    200       200
    post   /api/v1/roles.json       401   401      201    201    201    201       201
    get    /api/v1/roles/{id}.json  401   401      200    200    200    200       200
    patch  /api/v1/roles/{id}.json  401   401      200    200    200    200       200
    delete /api/v1/roles/{id}.json  401   401      204    204    204    204       204
";

/// 2.0 notes the caller's name in the rows that it writes, and a deleted user has none: the original crashed.
const SCAFFOLD_2_0_AS_FLASK: &str = "
    operation                       none  garbage  other  owner  admin  disabled  deleted
    post   /api/v1/login.json       200   200      200    200    200    200       200
    post   /api/v1/signup.json      201   201      201    201    201    201       201
    post   /api/v1/forgotpassword   404   404      404    404    404    404       404
    patch  /api/v1/forgotpassword   401   401      200    200    200    200       404
    get    /api/v1/users.json       401   401      200    200    200    200       200
    post   /api/v1/users.json       401   401      201    201    201    201       403
    get    /api/v1/users/{id}.json  401   401      200    200    200    200       200
    patch  /api/v1/users/{id}.json  401   401      200    200    200    200       401
    delete /api/v1/users/{id}.json  401   401      204    204    204    204       204
";

/// Settings that shut callers out, who are then answered as if they had sent no token.
const SHUT_OUT: [(&str, &str); 2] = [("DISABLED_USERS", "disabled"), ("STALE_TOKENS", "deleted")];

/// Other settings with the answers that each changes, everything else being as in `flask`.
const CLOSED_HOLES: [(&str, &str, &str); 3] = [
    (
        "USER_WRITES",
        "owner",
        "operation                      none  garbage  other  owner  admin  disabled  deleted
        post   /api/v1/users.json       401   401      401    401    201    401       401
        patch  /api/v1/users/{id}.json  401   401      401    200    200    401       401
        delete /api/v1/users/{id}.json  401   401      401    204    204    401       401
        post   /api/v1/roles.json       401   401      401    401    201    401       401
        patch  /api/v1/roles/{id}.json  401   401      401    401    200    401       401
        delete /api/v1/roles/{id}.json  401   401      401    401    204    401       401",
    ),
    (
        "RESET_TOKEN",
        "single-use",
        "operation                      none  garbage  other  owner  admin  disabled  deleted
        patch  /api/v1/forgotpassword   401   401      401    401    401    401       401",
    ),
    (
        "FORGOT_UNKNOWN",
        "hide",
        "operation                      none  garbage  other  owner  admin  disabled  deleted
        post   /api/v1/forgotpassword   201   201      201    201    201    201       201",
    ),
];

#[test]
fn every_operation_refuses_whom_it_must_and_changes_nothing_then() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for (profile, table) in [
            ("tutorial", TUTORIAL),
            ("scaffold-1.0", SCAFFOLD_1_0),
            ("scaffold-2.0", SCAFFOLD_2_0),
        ] {
            check(engine, profile, &[("FLASK_FIDELITY", "safe")], &rows(table));
        }
    }
}

#[test]
fn as_flask_everybody_with_a_token_may_do_everything() {
    for (profile, table) in [
        ("scaffold-1.0", SCAFFOLD_1_0_AS_FLASK),
        ("scaffold-2.0", SCAFFOLD_2_0_AS_FLASK),
    ] {
        check(Engine::Sqlite, profile, &[("FLASK_FIDELITY", "flask")], &rows(table));
    }
}

#[test]
fn each_setting_closes_its_own_hole_and_no_other() {
    for (name, caller) in SHUT_OUT {
        let mut table = rows(SCAFFOLD_1_0_AS_FLASK);
        let column = CALLERS.iter().position(|name| *name == caller).unwrap();
        for statuses in table.values_mut() {
            statuses[column] = statuses[0];
        }
        let settings = [("FLASK_FIDELITY", "flask"), (name, "deny")];
        check(Engine::Sqlite, "scaffold-1.0", &settings, &table);
    }
    for (name, value, changes) in CLOSED_HOLES {
        let mut table = rows(SCAFFOLD_1_0_AS_FLASK);
        for (operation, statuses) in rows(changes) {
            let before = table.insert(operation, statuses);
            assert!(before.is_some_and(|before| before != statuses), "{name}={value}");
        }
        let settings = [("FLASK_FIDELITY", "flask"), (name, value)];
        check(Engine::Sqlite, "scaffold-1.0", &settings, &table);
    }
}

/// Every setting that `flask` opens is closed again by its own name on the other engines too.
#[test]
fn with_all_holes_closed_flask_is_as_strict_as_safe() {
    on_each_engine(|config, dir, url| {
        let mut settings: Vec<(&str, &str)> = vec![("FLASK_FIDELITY", "flask")];
        settings.extend(SHUT_OUT.map(|(name, _)| (name, "deny")));
        settings.extend(CLOSED_HOLES.map(|(name, value, _)| (name, value)));
        let world = World::new(&config, dir, url, "scaffold-1.0", &settings);
        world.check(&rows(SCAFFOLD_1_0));
    });
}

type Operation = (String, String);
type Statuses = [u16; CALLERS.len()];

/// Whether two looks at all rows differ in what we note of accounts, if at all.
fn same_but_notes(one: &BTreeMap<&str, String>, other: &BTreeMap<&str, String>) -> bool {
    let is_same =
        |(table, rows): (&&str, &String)| *table == "poem_scaffold_accounts" || other.get(table) == Some(rows);
    one.iter().all(is_same)
}

/// Reads a table as it is written above.
fn rows(table: &str) -> BTreeMap<Operation, Statuses> {
    let mut lines = table.trim().lines().map(|line| line.split_whitespace());
    let heading = lines.next().expect("a table has a heading");
    assert!(heading.skip(1).eq(CALLERS), "{table}");
    let mut rows = BTreeMap::new();
    for mut words in lines {
        let operation = [words.next(), words.next()].map(|word| word.expect("a row names an operation").to_owned());
        let statuses: Vec<u16> = words.map(|word| word.parse().expect("a status")).collect();
        let statuses = statuses.try_into().expect("a row has a status per caller");
        assert!(rows.insert(operation.into(), statuses).is_none(), "{table}");
    }
    rows
}

fn check(engine: Engine, profile: &str, settings: &[(&str, &str)], table: &BTreeMap<Operation, Statuses>) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(url) = fresh_database(engine, folder.path()) {
        let config = cheap().env("DATABASE_URL", &url).folder(folder.path());
        World::new(&config, folder.path(), &url, profile, settings).check(table);
    }
}

/// A server with a user of every kind, and copies of its tables to start each request from the same rows.
struct World<'u> {
    server: Server,
    url: &'u str,
    /// What failures are told with.
    name: String,
    /// The tables in an order in which their rows can be inserted.
    tables: Vec<&'static str>,
    tokens: [Option<String>; CALLERS.len()],
    owner: String,
    role: String,
}

impl<'u> World<'u> {
    fn new(config: &ServerConfig, dir: &Path, url: &'u str, profile: &str, settings: &[(&str, &str)]) -> Self {
        let mut config = config
            .clone()
            .env("FLASK_PROFILE", profile)
            .env("SECRET_KEY", "a test key of at least thirty-two bytes!");
        for (name, value) in settings {
            config = config.env(name, value);
        }
        for name in &CALLERS[2..] {
            let (email, password) = (address(name), format!("{PASSWORD}\n"));
            let mut args = vec!["user", "create", &email];
            args.extend((*name == "admin").then_some("--admin"));
            run(&config, dir, &args, Some(&password));
        }
        let has_roles = profile == "scaffold-1.0";
        if has_roles {
            run_sql(url, "insert into roles (name) values ('spare')");
        }
        let server = Server::start(&config);
        let tokens = CALLERS.map(|name| match name {
            "none" => None,
            "garbage" => Some("no.such.token".to_owned()),
            name => Some(log_in(&server, profile, &address(name))),
        });
        run(&config, dir, &["user", "disable", &address("disabled")], None);
        run_sql(url, "delete from users where email = 'deleted@example.com'");
        let id = |sql: &str| query(url, sql);
        let world = Self {
            name: format!("{url} {profile} {settings:?}"),
            url,
            tokens,
            owner: id("select id from users where email = 'owner@example.com'"),
            role: if has_roles {
                id("select id from roles where name = 'spare'")
            } else {
                String::new()
            },
            tables: [
                has_roles.then_some("roles"),
                Some("users"),
                Some("poem_scaffold_accounts"),
                Some("poem_scaffold_resets"),
                Some("poem_scaffold_adopted"),
            ]
            .into_iter()
            .flatten()
            .collect(),
            server,
        };
        for table in &world.tables {
            run_sql(url, &format!("create table copy_of_{table} as select * from {table}"));
        }
        world
    }

    fn check(&self, table: &BTreeMap<Operation, Statuses>) {
        let served = call(&self.server, "GET", "/openapi.json", None, None).json().unwrap();
        let described = |(method, path): &Operation| served["paths"][path].get(method);
        let paths = served["paths"].as_object().unwrap().iter();
        for (path, methods) in paths.filter(|(path, _)| !is_scaffolded(path)) {
            for method in methods.as_object().unwrap().keys() {
                let operation = (method.clone(), path.clone());
                assert!(
                    table.contains_key(&operation),
                    "{}: {operation:?} has no row",
                    self.name
                );
            }
        }
        let at_first = self.all_rows();
        let mut failures = Vec::new();
        for (operation, statuses) in table {
            let Some(description) = described(operation) else {
                panic!("{}: there is no {operation:?}", self.name);
            };
            for ((caller, token), expected) in CALLERS.iter().zip(&self.tokens).zip(statuses) {
                let (method, path) = operation;
                let id = if path.contains("roles") {
                    &self.role
                } else {
                    &self.owner
                };
                let path = path.replace("{id}", id);
                let body = body_of(method, &path);
                let answer = call(
                    &self.server,
                    &method.to_uppercase(),
                    &path,
                    token.as_deref(),
                    body.as_ref(),
                );
                let now = self.all_rows();
                let is_changed = now != at_first;
                // A login is noted beside the users, in our own tables only.
                let is_noted = path.contains("login") && answer.status == 200 && same_but_notes(&now, &at_first);
                let is_write =
                    method != "get" && !path.contains("login") && !(method == "post" && path.ends_with("password"));
                let must_change = is_write && answer.status < 300;
                let is_documented = description["responses"].get(answer.status.to_string()).is_some();
                let is_as_it_must = is_noted || is_changed == must_change;
                if answer.status != *expected || !is_as_it_must || !is_documented {
                    failures.push(format!(
                        "{method} {path} as {caller}: {} for {expected}, rows changed: {is_changed}, \
                         documented: {is_documented}, {}",
                        answer.status,
                        answer.text()
                    ));
                }
                if is_changed {
                    self.restore();
                }
            }
        }
        assert!(failures.is_empty(), "{}\n{}", self.name, failures.join("\n"));
        assert_eq!(self.all_rows(), at_first, "{}", self.name);
    }

    fn all_rows(&self) -> BTreeMap<&'static str, String> {
        let dump = |table: &&'static str| (*table, query(self.url, &format!("select * from {table} order by 1")));
        self.tables.iter().map(dump).collect()
    }

    fn restore(&self) {
        for table in self.tables.iter().rev() {
            run_sql(self.url, &format!("delete from {table}"));
        }
        for table in &self.tables {
            run_sql(self.url, &format!("insert into {table} select * from copy_of_{table}"));
        }
    }
}

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

fn log_in(server: &Server, profile: &str, email: &str) -> String {
    if profile != "scaffold-2.0" {
        return token(server, email, PASSWORD);
    }
    let body = document("users", json!({"email": email, "password": PASSWORD}));
    let answer = call(server, "POST", "/api/v1/login.json", None, Some(&body));
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

fn document(kind: &str, attributes: Value) -> Value {
    json!({"data": {"type": kind, "attributes": attributes}})
}

/// What the operation wants; attributes that a profile does not know are ignored.
fn body_of(method: &str, path: &str) -> Option<Value> {
    let new = json!({"email": "new@example.com", "password": PASSWORD, "name": "New", "active": 1, "role": "spare"});
    Some(match (method, path) {
        ("post", "/api/login") => json!({"email": address("admin"), "password": PASSWORD}),
        ("post", "/api/v1/login.json") => document("users", json!({"email": address("admin"), "password": PASSWORD})),
        // Nobody's address, because the link to a user would be noted only after the answer.
        ("post", "/api/v1/forgotpassword") => document("users", json!({"email": address("nobody")})),
        ("patch", "/api/v1/forgotpassword") => document("users", json!({"password": "battery staple"})),
        ("post", path) if path.contains("roles") => document("roles", json!({"name": "new"})),
        ("patch", path) if path.contains("roles") => document("roles", json!({"name": "renamed"})),
        ("post", _) => document("users", new),
        ("patch", _) => document("users", json!({"name": "Renamed", "active": 1})),
        _ => return None,
    })
}
