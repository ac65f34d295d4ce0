//! An administrator's browser at a build that has every type of field.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
};
use crate::{
    api::{call, cheap, token},
    scaffold::wide,
    support::server::Server,
};

/// A browser that is signed in to a server with scaffolded resources.
pub struct Visit {
    pub browser: Browser,
    pub server: Server,
    pub token: String,
    folder: TempDir,
}

impl Visit {
    /// `None` where no browser is installed.
    pub async fn start(profile: &str) -> Option<Self> {
        let browser = Browser::start().await?;
        let folder = tempfile::tempdir().unwrap();
        let config = cheap().binary(wide::binary()).folder(folder.path());
        let server = Server::start(&config.env("FLASK_PROFILE", profile));
        person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
        let token = match profile {
            "scaffold-2.0" => person::token_of(&server, profile, &password_of(&server)).unwrap(),
            _ => token(&server, ADMIN, &password_of(&server)),
        };
        Some(Self {
            browser,
            server,
            token,
            folder,
        })
    }

    /// The folder with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds a row through the API and gives it.
    pub fn add(&self, plural: &str, attributes: Value) -> Value {
        let document = json!({"data": {"type": plural, "attributes": attributes}});
        let path = format!("/api/v1/{plural}.json");
        let answer = call(&self.server, "POST", &path, Some(&self.token), Some(&document));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json().unwrap()["data"].take()
    }

    /// Adds a category and gives its id.
    pub fn add_category(&self, name: &str) -> Value {
        let mut category = self.example("categories");
        category["name"] = json!(name);
        category["code"] = json!(null);
        category["parent"] = json!(null);
        self.add("categories", category)["id"].take()
    }

    /// Attributes that are good for a new row.
    pub fn example(&self, plural: &str) -> Value {
        let project = wide::binary().ancestors().nth(3).unwrap();
        let path = project.join(format!("src/app/{plural}/example.json"));
        let mut document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        document["data"]["attributes"].take()
    }

    /// The attributes of a row.
    pub fn attributes(&self, plural: &str, id: i64) -> Value {
        let answer = call(
            &self.server,
            "GET",
            &format!("/api/v1/{plural}/{id}.json"),
            Some(&self.token),
            None,
        );
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()["data"]["attributes"].take()
    }

    pub async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.server.base)).await;
        self.browser.idle().await;
    }

    /// Opens a form and waits until it is ready.
    pub async fn open_form(&self, path: &str) {
        self.open(path).await;
        self.browser.shown("#form[data-ready]").await;
    }

    /// Waits until the first cells of a column read so.
    pub async fn column_begins(&self, number: u8, texts: &[&str]) {
        let count = texts.len();
        let code = format!(
            "return [...document.querySelectorAll('#rows tbody td:nth-child({number})')]
               .slice(0, {count}).map((cell) => cell.innerText)"
        );
        self.browser.gives(&code, texts).await;
    }

    /// Adds so many posts, `Post 001` and so on; their `tittle` is spelled as Flask-Scaffold's sample has it.
    pub fn add_posts(&self, count: usize) {
        for number in 1..=count {
            let mut post = self.example("posts");
            post["tittle"] = json!(format!("Post {number:03}"));
            post["author"] = json!(["Zoë", "ann", "Bob"][number % 3]);
            post["published"] = json!(number % 2);
            self.add("posts", post);
        }
    }
}
