//! One of the two servers on the database, as a client meets it: both have the same API.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::http::{self, Response};
use poem_scaffold::testing::segment;

const USERS: &str = "/api/v1/users.json";

/// Flask or ours.
pub struct Side {
    /// What messages and new rows call it.
    pub name: &'static str,
    /// Its address.
    pub base: String,
}

impl Side {
    /// The token of a login; `None` where it is refused.
    pub fn log_in(&self, email: &str, password: &str) -> Option<String> {
        let answer = self.log_in_at_all(email, password);
        match answer.status {
            200 => Some(answer.json().unwrap()["token"].as_str().unwrap().to_owned()),
            401 => None,
            status => panic!("{} {email}: {status} {}", self.name, answer.text()),
        }
    }

    /// The answer to a login.
    pub fn log_in_at_all(&self, email: &str, password: &str) -> Response {
        let attributes = json!({"email": email, "password": password});
        self.send("POST", "/api/v1/login.json", None, "users", &attributes)
    }

    /// Makes a user, and gives the id.
    pub fn sign_up(&self, email: &str, password: &str) -> i64 {
        let attributes = json!({"email": email, "password": password, "name": "Zoë \\ 'x' 🧀", "active": 1});
        let answer = self.send("POST", "/api/v1/signup.json", None, "users", &attributes);
        self.data(&answer, 201)["id"].as_i64().unwrap()
    }

    /// Changes attributes of a user.
    pub fn change_user(&self, token: &str, id: i64, attributes: &Value) {
        let mut attributes = attributes.clone();
        attributes["active"] = json!(1);
        let answer = self.send("PATCH", &user_path(id), Some(token), "users", &attributes);
        self.data(&answer, 200);
    }

    /// Sets the password of the user whose token it is, as the link of a mail does.
    pub fn reset_password(&self, token: &str, password: &str) {
        let path = "/api/v1/forgotpassword";
        let answer = self.send("PATCH", path, Some(token), "users", &json!({"password": password}));
        assert_eq!(answer.status, 200, "{}: {}", self.name, answer.text());
    }

    /// Deletes a user.
    pub fn delete_user(&self, token: &str, id: i64) {
        let answer = self.call("DELETE", &user_path(id), Some(token), None);
        assert_eq!(answer.status, 204, "{}: {}", self.name, answer.text());
    }

    /// The status and the text of the answer to a token.
    pub fn answer_to(&self, token: &str) -> (u16, String) {
        let answer = self.call("GET", USERS, Some(token), None);
        (answer.status, answer.text())
    }

    /// All rows of a resource by id, without the attributes that only one of them shows.
    pub fn rows(&self, plural: &str, token: &str) -> BTreeMap<String, Value> {
        let answer = self.call("GET", &format!("/api/v1/{plural}.json"), Some(token), None);
        let rows = self.data(&answer, 200);
        let rows = rows.as_array().unwrap().iter().map(|row| {
            let mut attributes = row["attributes"].clone();
            attributes.as_object_mut().unwrap().remove("password");
            (row["id"].to_string(), attributes)
        });
        rows.collect()
    }

    /// Adds a row.
    pub fn add(&self, plural: &str, kind: &str, token: &str, id: Option<&str>, attributes: &Value) {
        let mut document = document(kind, attributes);
        if let Some(id) = id {
            document["data"]["id"] = json!(id);
        }
        let path = format!("/api/v1/{plural}.json");
        self.data(&self.call("POST", &path, Some(token), Some(&document)), 201);
    }

    /// Sets the text of a tag.
    pub fn change_tag(&self, uid: &str, text: &str) {
        let answer = self.send("PATCH", &tag_path(uid), None, "tag", &json!({"update": text}));
        self.data(&answer, 200);
    }

    /// The text of a tag, unless it is gone.
    pub fn tag(&self, uid: &str) -> Option<Value> {
        let answer = self.call("GET", &tag_path(uid), None, None);
        (answer.status != 404).then(|| self.data(&answer, 200)["attributes"]["update"].take())
    }

    /// Deletes a tag.
    pub fn delete_tag(&self, uid: &str) {
        let answer = self.call("DELETE", &tag_path(uid), None, None);
        assert_eq!(answer.status, 204, "{}: {}", self.name, answer.text());
    }

    fn send(&self, method: &str, path: &str, token: Option<&str>, kind: &str, attributes: &Value) -> Response {
        self.call(method, path, token, Some(&document(kind, attributes)))
    }

    fn call(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Response {
        let headers: Vec<_> = token
            .map(|token| ("Authorization", format!("Bearer {token}")))
            .into_iter()
            .collect();
        let body = body.map(Value::to_string);
        http::send(&self.base, method, path, &headers, body.as_deref().map(str::as_bytes))
    }

    /// What a success shows.
    fn data(&self, answer: &Response, status: u16) -> Value {
        assert_eq!(answer.status, status, "{}: {}", self.name, answer.text());
        answer.json().unwrap()["data"].take()
    }
}

fn document(kind: &str, attributes: &Value) -> Value {
    json!({"data": {"type": kind, "attributes": attributes}})
}

fn user_path(id: i64) -> String {
    format!("/api/v1/users/{id}.json")
}

fn tag_path(uid: &str) -> String {
    format!("/api/v1/tags/{}.json", segment(&json!(uid)))
}
