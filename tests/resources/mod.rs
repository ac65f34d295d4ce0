//! The scaffolded resources, and the roles as an example of one: a module each, every test on every engine.

mod roles;

// scaffold: modules

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    api::{call, cheap, on_each_engine as with_each_engine, run, token},
    support::{
        http::Response,
        server::{Server, ServerConfig},
    },
};

/// The password of all users here.
pub const PASSWORD: &str = "correct horse";

/// A server in the dialect of Flask-Scaffold 1.0, with an administrator (user 1), Ann and Bob.
pub struct Api {
    server: Server,
    admin: String,
    ann: String,
    bob: String,
    ids: RefCell<BTreeMap<(&'static str, bool), Value>>,
    /// Whether Ann makes what others refer to, and not the administrator.
    is_for_ann: Cell<bool>,
}

/// Whether a path of the API is a scaffolded resource's: who may do what with it is for its own tests.
pub fn is_scaffolded(path: &str) -> bool {
    let plural = path.trim_start_matches("/api/v1/").split(['/', '.']).next().unwrap();
    let example = format!("{}/src/app/{plural}/example.json", env!("CARGO_MANIFEST_DIR"));
    std::path::Path::new(&example).exists()
}

/// Runs a test on an empty database of each engine that is installed.
fn on_each_engine(test: impl Fn(&Api)) {
    with_each_engine(|config, dir, _| test(&Api::start(&config, dir)));
}

impl Api {
    /// Starts the server on an empty database and makes its users.
    fn start(config: &ServerConfig, dir: &Path) -> Self {
        let config = config.clone().env("FLASK_PROFILE", "scaffold-1.0");
        let password = format!("{PASSWORD}\n");
        let users = ["root@example.com", "ann@example.com", "bob@example.com"];
        run(&config, dir, &["user", "create", users[0], "--admin"], Some(&password));
        run(&config, dir, &["user", "create", users[1]], Some(&password));
        run(&config, dir, &["user", "create", users[2]], Some(&password));
        let server = Server::start(&config);
        let [admin, ann, bob] = users.map(|email| token(&server, email, PASSWORD));
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
    pub fn on_sqlite() -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Self::start(&cheap().folder(folder.path()), folder.path()), folder)
    }

    /// The address of the server.
    pub fn base(&self) -> &str {
        &self.server.base
    }

    /// All rows of a resource.
    pub fn rows(&self, plural: &str) -> Vec<Value> {
        let answer = self.admin("GET", &format!("/api/v1/{plural}.json"), None);
        answer.json().unwrap()["data"].as_array().unwrap().clone()
    }

    /// A request of the administrator.
    fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.admin, method, path, body)
    }

    /// A request of an ordinary user.
    fn ann(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.ann, method, path, body)
    }

    /// A request of another ordinary user.
    fn bob(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.with_token(&self.bob, method, path, body)
    }

    /// A request without a token.
    fn nobody(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, None, body)
    }

    /// A request with any token.
    fn with_token(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.server, method, path, Some(token), body)
    }

    /// The id of a resource that others refer to; it is added once.
    fn new_id(&self, plural: &'static str, make: fn(&Api) -> Value) -> Value {
        let key = (plural, self.is_for_ann.get());
        if let Some(id) = self.ids.borrow().get(&key) {
            return id.clone();
        }
        let (list, document) = (format!("/api/v1/{plural}.json"), make(self));
        let created = match self.is_for_ann.get() {
            true => self.ann("POST", &list, Some(&document)),
            false => self.admin("POST", &list, Some(&document)),
        };
        if created.status != 201 && self.is_for_ann.replace(false) {
            // What Ann may not make is the administrator's, and everybody may see it.
            let id = self.new_id(plural, make);
            self.is_for_ann.set(true);
            return id;
        }
        let id = json!(id_of(&created));
        self.ids.borrow_mut().insert(key, id.clone());
        id
    }

    /// A document in which all that is referred to was made by Ann, where she may; only scaffolded tests call it.
    #[allow(dead_code)]
    fn made_by_ann(&self, document: fn(&Api) -> Value) -> Value {
        self.is_for_ann.set(true);
        let document = document(self);
        self.is_for_ann.set(false);
        document
    }
}

/// The id in an answer that must be a success.
fn id_of(answer: &Response) -> i64 {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["id"].as_i64().unwrap()
}

/// The attributes in an answer that must be a success.
fn attributes(answer: &Response) -> Value {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["attributes"].take()
}

/// Checks that an answer refuses one attribute with these words.
fn refused(answer: &Response, status: u16, name: &str, detail: &str) {
    let error = json!({"detail": detail, "source": {"pointer": format!("/data/attributes/{name}")}});
    let body = answer.json().unwrap();
    assert_eq!(answer.status, status, "{body}");
    let errors = body["error"]["errors"].as_array().cloned().unwrap_or_default();
    assert!(errors.contains(&error), "{name}: {body}");
}
