//! Clients that speak as the originals' front ends do, served from STATIC_DIR: a person logs in, works and logs out.
//!
//! The pages in `clients/` are our own; `clients/tutorial/vendor/` has the libraries that the tutorial's is made with.

use std::path::Path;

use serde_json::Value;

use super::{
    driver::{Browser, Sent},
    person::{ADMIN, password_of},
};
use crate::support::{
    program,
    server::{Server, ServerConfig},
};

/// A fresh server with a client, and a browser that shows it.
struct Visit {
    browser: Browser,
    server: Server,
}

impl Visit {
    /// Opens the client of a profile; `None` where no browser is installed.
    async fn start(profile: &str) -> Option<Self> {
        let browser = Browser::start().await?;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/browser/clients")
            .join(profile);
        let config = ServerConfig::of(program())
            .env("FLASK_PROFILE", profile)
            .env("STATIC_DIR", folder.to_str().expect("the path is text"))
            .env("BCRYPT_COST", "4");
        let server = Server::start(&config);
        let args = ["user", "create", "ann@example.com", "--name", "Ann"];
        let made = config.command_reading(server.dir(), &args, "correct horse\n");
        assert!(made.status.success(), "{made:?}");
        let visit = Self { browser, server };
        visit.browser.open(&visit.server.base).await;
        Some(visit)
    }

    /// Waits until the page's address has this path and fragment.
    async fn at(&self, address: &str) {
        self.browser
            .gives("return location.pathname + location.hash", address)
            .await;
    }

    /// Waits until the browser keeps something under a name, and gives it.
    async fn kept(&self, name: &str) -> String {
        let code = format!("return localStorage.getItem('{name}')");
        let read = async || self.browser.script(&code).await.as_str().map(str::to_owned);
        self.browser.until(&format!("{name} is kept"), read).await
    }

    /// Waits until the browser keeps nothing under a name.
    async fn forgot(&self, name: &str) {
        let code = format!("return localStorage.getItem('{name}')");
        self.browser.gives(&code, Value::Null).await;
    }

    /// The status of the user list where no token is sent.
    async fn anonymous_status(&self, path: &str) -> u64 {
        let code = format!("return fetch('{path}').then(answer => answer.status)");
        self.browser.script(&code).await.as_u64().expect("a status")
    }

    /// Gives all requests; fails if one went elsewhere, or the console shows more than the announced statuses.
    async fn end(self, announced: &[&str]) -> Vec<Sent> {
        let complaints = self.browser.complaints().await;
        let is_announced = |text: &&String| announced.iter().any(|status| text.contains(status));
        let strange: Vec<_> = complaints.iter().filter(|text| !is_announced(text)).collect();
        assert!(strange.is_empty(), "{strange:#?}");
        let sent = self.browser.sent().await;
        let own = format!("{}/", self.server.base);
        assert!(sent.iter().all(|sent| sent.url.starts_with(&own)), "{sent:#?}");
        assert!(!sent.is_empty(), "the requests are recorded");
        sent
    }
}

/// The Authorization header of each request of a method to a path.
fn authorizations<'s>(sent: &'s [Sent], method: &str, path: &str) -> Vec<Option<&'s str>> {
    let fits = |sent: &&Sent| sent.method == method && sent.url.ends_with(path);
    let fitting = sent.iter().filter(fits);
    fitting.map(|sent| sent.header("Authorization")).collect()
}

#[tokio::test]
async fn the_tutorials_client_logs_in_lists_users_and_logs_out() {
    let Some(visit) = Visit::start("tutorial").await else {
        return;
    };
    let (browser, password) = (&visit.browser, password_of(&visit.server));
    browser.fill("#email", ADMIN).await;
    browser.fill("#password", "wrong").await;
    browser.click("#log-in").await;
    browser
        .reads("#problem", r#"{"message":"invalid username/password"}"#)
        .await;

    browser.fill("#password", &password).await;
    browser.click("#log-in").await;
    browser.reads("#user-1", "1 admin@example.com Admin true").await;
    browser.reads("#user-2", "2 ann@example.com Ann true").await;
    visit.at("/#/").await;
    browser.screenshot("client-tutorial").await;
    let token = visit.kept("satellizer_token").await;

    browser.reload().await;
    browser.reads("#user-2", "2 ann@example.com Ann true").await;

    browser.click("#log-out").await;
    browser.shown("#log-in").await;
    visit.forgot("satellizer_token").await;
    browser.click("#home").await;
    browser.shown("#log-in").await;
    visit.at("/#/login").await;
    browser
        .gives("return document.querySelectorAll('.user').length", 0)
        .await;
    assert_eq!(visit.anonymous_status("/api/users").await, 401);

    let sent = visit.end(&["status of 401"]).await;
    let bearer = format!("Bearer {token}");
    assert_eq!(
        authorizations(&sent, "GET", "/api/users"),
        [Some(&*bearer), Some(&*bearer), None]
    );
}

#[tokio::test]
async fn the_client_of_2_0_logs_in_adds_and_deletes_a_user_and_reloads_anywhere() {
    let Some(visit) = Visit::start("scaffold-2.0").await else {
        return;
    };
    let (browser, password) = (&visit.browser, password_of(&visit.server));
    browser.fill("#login [name=email]", ADMIN).await;
    browser.fill("#login [name=password]", "wrong").await;
    browser.click("#login button").await;
    browser.reads(".alert", "code 401, invalid username/password").await;

    browser.fill("#login [name=password]", &password).await;
    browser.click("#login button").await;
    browser.reads("h1", "Dashboard").await;
    let token = visit.kept("id_token").await;

    // The original had no answer to this.
    visit.at("/dashboard").await;
    browser.reload().await;
    browser.reads("h1", "Dashboard").await;
    visit.at("/dashboard").await;

    browser.click("#to-users").await;
    browser.reads("#user-2 td:nth-child(2)", "ann@example.com").await;
    let add = async |name: &str, email: &str| {
        browser.click("#to-add").await;
        browser.fill("#add [name=name]", name).await;
        browser.fill("#add [name=email]", email).await;
        browser.fill("#add [name=password]", "correct horse").await;
        browser.click("#add button").await;
    };
    add("Bob", "ann@example.com").await;
    browser
        .reads(".alert", "code 403, `email` is taken already: it must be unique.")
        .await;
    add("Bob", "bob@example.com").await;
    browser.reads("#user-3 td:nth-child(1)", "Bob").await;
    browser.reads("#user-3 td:nth-child(3)", "Admin").await;
    browser.screenshot("client-scaffold").await;

    browser.click("#user-3 button").await;
    browser
        .gives("return document.querySelectorAll('tbody tr').length", 2)
        .await;
    visit.at("/users").await;

    browser.click("#log-out").await;
    browser.shown("#login").await;
    visit.forgot("id_token").await;
    browser.reload().await;
    browser.shown("#login").await;
    assert_eq!(visit.anonymous_status("/api/v1/users.json").await, 401);

    let sent = visit.end(&["status of 401", "status of 403"]).await;
    let lists = authorizations(&sent, "GET", "/api/v1/users.json");
    let (last, with_token) = lists.split_last().expect("the list was asked for");
    assert!(with_token.len() >= 3, "{lists:?}");
    assert!(with_token.iter().all(|sent| *sent == Some(&*token)), "{lists:?}");
    assert_eq!(*last, None);
    assert_eq!(authorizations(&sent, "DELETE", "/api/v1/users/3.json"), [Some(&*token)]);
}
