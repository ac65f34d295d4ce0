//! The API of a resource as an administrator, two ordinary users and nobody meet it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Output,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    http::{self, Response},
    needed::Needed,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{Engine, run_sql},
};

/// The password of all users here.
pub const PASSWORD: &str = "correct horse";

/// A server in the dialect of Flask-Scaffold 1.0, with an administrator (user 1), Ann and Bob.
pub struct Api {
    server: Server,
    admin: String,
    ann: String,
    bob: String,
    ids: RefCell<BTreeMap<(String, bool), Value>>,
    /// Whether Ann makes what others refer to, and not the administrator.
    is_for_ann: Cell<bool>,
}

/// Runs a test on an empty database of each engine that is installed.
pub fn on_each_engine(program: impl Into<PathBuf>, test: impl Fn(&Api)) {
    on_each_database(program, |config, dir, url| test(&Api::start(&config, dir, url)));
}

/// As [`on_each_engine`], with settings, their folder and the database's URL instead of a started server.
pub fn on_each_database(program: impl Into<PathBuf>, test: impl Fn(ServerConfig, &Path, &str)) {
    let config = cheap(program);
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::MySql] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(url) = fresh_database(engine, folder.path()) {
            let config = config.clone().env("DATABASE_URL", &url).folder(folder.path());
            test(config, folder.path(), &url);
        }
    }
}

/// Settings under which hashing costs little, and an empty database is filled under each fidelity.
pub fn cheap(program: impl Into<PathBuf>) -> ServerConfig {
    ServerConfig::of(program)
        .env("CREATE_TABLES", "on")
        .env("BCRYPT_COST", "4")
        .env("PASSWORD_ITERATIONS", "1000")
}

impl Api {
    /// Starts the server on an empty database and makes its users.
    fn start(config: &ServerConfig, dir: &Path, url: &str) -> Self {
        let config = config.clone().env("FLASK_PROFILE", "scaffold-1.0");
        let needed = Needed::of(&config);
        create_admin(&config, dir, url, &needed);
        let server = Server::start(&config);
        let admin = token(&server, "root@example.com", PASSWORD);
        let add = |list: &str, document: &Value| {
            let created = call(&server, "POST", list, Some(&admin), Some(document));
            assert_eq!(created.status, 201, "{}", created.text());
        };
        add(
            "/api/v1/roles.json",
            &json!({"data": {"type": "roles", "attributes": {"name": "member"}}}),
        );
        let [ann, bob] = [(2, "ann"), (3, "bob")].map(|(number, name)| {
            add(
                "/api/v1/users.json",
                &user_document(name, "member", needed.attributes(number)),
            );
            token(&server, &format!("{name}@example.com"), PASSWORD)
        });
        let (ids, is_for_ann) = Default::default();
        Self {
            server,
            admin,
            ann,
            bob,
            ids,
            is_for_ann,
        }
    }

    /// A server on a SQLite file in a folder that is gone with the second value.
    pub fn on_sqlite(program: impl Into<PathBuf>) -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = fresh_database(Engine::Sqlite, folder.path()).expect("SQLite is built in");
        let config = cheap(program).env("DATABASE_URL", &url).folder(folder.path());
        (Self::start(&config, folder.path(), &url), folder)
    }

    /// The address of the server.
    pub fn base(&self) -> &str {
        &self.server.base
    }

    /// All rows of a resource.
    pub fn rows(&self, plural: &str) -> Vec<Value> {
        self.rows_at(&list_of(plural))
    }

    /// All rows of the resource whose list has this path.
    pub fn rows_at(&self, list: &str) -> Vec<Value> {
        let answer = self.admin("GET", list, None);
        answer.json().unwrap()["data"].as_array().unwrap().clone()
    }

    /// A request of the administrator.
    pub fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.admin, method, path, body)
    }

    /// A request of an ordinary user.
    pub fn ann(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.ann, method, path, body)
    }

    /// A request of another ordinary user.
    pub fn bob(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.bob, method, path, body)
    }

    /// A request without a token.
    pub fn nobody(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, None, body)
    }

    /// A request with any token.
    pub fn with_token(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, Some(token), body)
    }

    /// The id of a resource that others refer to; it is added once.
    pub fn new_id(&self, plural: &'static str, make: fn(&Api) -> Value) -> Value {
        self.new_id_at(&list_of(plural), make)
    }

    /// As [`Api::new_id`], of the resource whose list has this path.
    pub fn new_id_at(&self, list: &str, make: fn(&Api) -> Value) -> Value {
        let key = (list.to_owned(), self.is_for_ann.get());
        if let Some(id) = self.ids.borrow().get(&key) {
            return id.clone();
        }
        let document = make(self);
        let created = match self.is_for_ann.get() {
            true => self.ann("POST", list, Some(&document)),
            false => self.admin("POST", list, Some(&document)),
        };
        if created.status != 201 && self.is_for_ann.replace(false) {
            // What Ann may not make is the administrator's, and everybody may see it.
            let id = self.new_id_at(list, make);
            self.is_for_ann.set(true);
            return id;
        }
        assert_eq!(created.status, 201, "{}", created.text());
        let id = key_of(&created);
        self.ids.borrow_mut().insert(key, id.clone());
        id
    }

    /// The id of one more row in the list of this path.
    pub fn another_id(&self, list: &str, make: fn(&Api) -> Value) -> Value {
        key_of(&self.admin("POST", list, Some(&make(self))))
    }

    /// A document in which all that is referred to was made by Ann, where she may.
    pub fn made_by_ann(&self, document: fn(&Api) -> Value) -> Value {
        self.is_for_ann.set(true);
        let document = document(self);
        self.is_for_ann.set(false);
        document
    }
}

/// A document of a user with this name and role, as an administrator adds one.
pub(super) fn user_document(
    name: &str,
    role: &str,
    further: impl Iterator<Item = (impl Into<String>, Value)>,
) -> Value {
    let mut attributes = json!({
        "email": format!("{name}@example.com"), "password": PASSWORD, "name": name, "active": 1, "role": role,
    });
    for (name, value) in further {
        attributes[name.into()] = value;
    }
    json!({"data": {"type": "users", "attributes": attributes}})
}

/// Makes user 1 in an empty database: only the command line makes an administrator where none is.
fn create_admin(config: &ServerConfig, dir: &Path, url: &str, needed: &Needed) {
    let options = needed.options(1);
    let words = ["user", "create", "root@example.com", "--admin"];
    let words: Vec<&str> = words.into_iter().chain(options.iter().map(String::as_str)).collect();
    let password = format!("{PASSWORD}\n");
    let made = config.command_reading(dir, &words, &password);
    if !made.status.success() {
        move_active(&made, url);
        run(config, dir, &words, Some(&password));
    }
}

/// Gives `active` the column in which a program has missed it: only tables of Flask apps have it there, and not ours.
fn move_active(refusal: &Output, url: &str) {
    let said = String::from_utf8_lossy(&refusal.stderr);
    let missing = said
        .split_once("users.")
        .and_then(|(_, rest)| rest.split_once(" is missing; expected integer"));
    if let Some((column, _)) = missing {
        let quote = if Engine::of(url) == Engine::MySql { '`' } else { '"' };
        run_sql(
            url,
            &format!("alter table users rename column active to {quote}{column}{quote}"),
        );
    }
}

/// The path of a plain resource's list.
fn list_of(plural: &str) -> String {
    format!("/api/v1/{plural}.json")
}

/// The path of the row with this id, in the list of this path.
pub fn row_path(list: &str, id: &Value) -> String {
    let (start, ending) = match list.strip_suffix(".json") {
        Some(start) => (start, ".json"),
        None => (list, ""),
    };
    format!("{start}/{}{ending}", segment(id))
}

/// An id as a part of a path, in which browsers encode the same characters.
pub fn segment(id: &Value) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    match id {
        Value::String(text) => utf8_percent_encode(text, ENCODED).to_string(),
        other => other.to_string(),
    }
}

/// Sends a request with an optional token and an optional JSON body.
pub fn call(server: &Server, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Response {
    let authorization = token.map(|token| ("Authorization", format!("Bearer {token}")));
    let headers: Vec<(&str, String)> = authorization.into_iter().collect();
    let body = body.map(Value::to_string);
    http::send(&server.base, method, path, &headers, body.as_deref().map(str::as_bytes))
}

/// The answer to a login.
pub fn log_in(server: &Server, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    call(server, "POST", "/api/login", None, Some(&body))
}

/// The token of a login that must succeed.
pub fn token(server: &Server, email: &str, password: &str) -> String {
    let answer = log_in(server, email, password);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

/// Runs a subcommand that must succeed and gives what it printed.
pub fn run(config: &ServerConfig, dir: &Path, args: &[&str], stdin: Option<&str>) -> String {
    let output = config.command_reading(dir, args, stdin.unwrap_or_default());
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{args:?}: {text}");
    text
}

/// A document with one attribute changed.
pub fn with(document: &Value, name: &str, value: Value) -> Value {
    let mut changed = document.clone();
    changed["data"]["attributes"][name] = value;
    changed
}

/// A document without one attribute.
pub fn without(document: &Value, name: &str) -> Value {
    let mut changed = document.clone();
    changed["data"]["attributes"].as_object_mut().unwrap().remove(name);
    changed
}

/// A document with another id.
pub fn with_id(document: &Value, id: Value) -> Value {
    let mut changed = document.clone();
    changed["data"]["id"] = id;
    changed
}

/// A document without its id.
pub fn without_id(document: &Value) -> Value {
    let mut changed = document.clone();
    changed["data"].as_object_mut().unwrap().remove("id");
    changed
}

/// The number that is the id in an answer that must be a success.
pub fn id_of(answer: &Response) -> i64 {
    key_of(answer).as_i64().unwrap()
}

/// The id of any type in an answer that must be a success.
pub fn key_of(answer: &Response) -> Value {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["id"].take()
}

/// The attributes in an answer that must be a success.
pub fn attributes(answer: &Response) -> Value {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["attributes"].take()
}

/// Checks that an answer refuses one attribute with these words.
pub fn refused(answer: &Response, status: u16, name: &str, detail: &str) {
    refused_at(answer, status, &format!("/data/attributes/{name}"), detail);
}

/// Checks that an answer refuses the id of a new row with these words.
pub fn id_refused(answer: &Response, status: u16, detail: &str) {
    refused_at(answer, status, "/data/id", detail);
}

fn refused_at(answer: &Response, status: u16, pointer: &str, detail: &str) {
    let error = json!({"detail": detail, "source": {"pointer": pointer}});
    let body = answer.json().unwrap();
    assert_eq!(answer.status, status, "{body}");
    let errors = body["error"]["errors"].as_array().cloned().unwrap_or_default();
    assert!(errors.contains(&error), "{pointer}: {body}");
}
