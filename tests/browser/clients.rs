//! Clients that speak as the originals' front ends do, served from STATIC_DIR: a person logs in, works and logs out.
//!
//! The pages in `clients/` are our own; `clients/tutorial/vendor/` has the libraries that the tutorial's is made with.

use std::path::Path;

use super::{
    driver::{Browser, Sent},
    person::{ADMIN, password_of},
};
use crate::support::server::{Server, ServerConfig, command};

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
        let config = ServerConfig::default()
            .env("FLASK_PROFILE", profile)
            .env("STATIC_DIR", folder.to_str().expect("the path is text"))
            .env("BCRYPT_COST", "4");
        let server = Server::start(&config);
        let args = ["user", "create", "ann@example.com", "--name", "Ann"];
        let made = command(server.dir(), config.environment(), &args, Some("correct horse\n"));
        assert!(made.status.success(), "{made:?}");
        let visit = Self { browser, server };
        visit.browser.open(&visit.server.base).await;
        Some(visit)
    }

    /// The path and the fragment of the page's address.
    async fn address(&self) -> String {
        let code = "return location.pathname + location.hash";
        self.browser.script(code).await.as_str().unwrap_or_default().to_owned()
    }

    async fn kept(&self, name: &str) -> Option<String> {
        let code = format!("return localStorage.getItem('{name}')");
        self.browser.script(&code).await.as_str().map(str::to_owned)
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
    assert_eq!(visit.address().await, "/#/");
    browser.screenshot("client-tutorial").await;
    let token = visit.kept("satellizer_token").await.expect("the token is kept");

    browser.reload().await;
    browser.reads("#user-2", "2 ann@example.com Ann true").await;

    browser.click("#log-out").await;
    browser.shown("#log-in").await;
    assert_eq!(visit.kept("satellizer_token").await, None);
    browser.click("#home").await;
    browser.shown("#log-in").await;
    assert_eq!(visit.address().await, "/#/login");
    assert_eq!(
        browser.script("return document.querySelectorAll('.user').length").await,
        0
    );
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
    let token = visit.kept("id_token").await.expect("the token is kept");

    // The original had no answer to this.
    assert_eq!(visit.address().await, "/dashboard");
    browser.reload().await;
    browser.reads("h1", "Dashboard").await;
    assert_eq!(visit.address().await, "/dashboard");

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
        .reads(".alert", "code 403, A value that must be unique is taken already.")
        .await;
    add("Bob", "bob@example.com").await;
    browser.reads("#user-3 td:nth-child(1)", "Bob").await;
    browser.reads("#user-3 td:nth-child(3)", "Admin").await;
    browser.screenshot("client-scaffold").await;

    browser.click("#user-3 button").await;
    let gone = "const rows = document.querySelectorAll('tbody tr'); return rows.length === 2";
    browser.holds(gone).await;
    assert_eq!(visit.address().await, "/users");

    browser.click("#log-out").await;
    browser.shown("#login").await;
    assert_eq!(visit.kept("id_token").await, None);
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
