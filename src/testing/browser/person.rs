//! What a person does on every page.

use serde_json::json;

use super::driver::Browser;
use crate::testing::{call, server::Server};

/// The administrator that a first start creates.
pub const ADMIN: &str = "admin@example.com";

/// The administrator's password, which the first start prints.
pub fn password_of(server: &Server) -> String {
    let output = server.output();
    let password = output.lines().find_map(|line| line.strip_prefix("  password: "));
    password.expect("the first start prints a password").trim().to_owned()
}

/// The administrator's token, if this is the password.
pub fn token_of(server: &Server, profile: &str, password: &str) -> Option<String> {
    token_of_user(server, profile, ADMIN, password)
}

/// A user's token, if this is the password.
pub fn token_of_user(server: &Server, profile: &str, email: &str, password: &str) -> Option<String> {
    let flat = json!({"email": email, "password": password});
    let document = json!({"data": {"type": "users", "attributes": flat}});
    let (path, body) = match profile {
        "tutorial" => ("/api/login", flat),
        _ => ("/api/v1/login.json", document),
    };
    let answer = call(server, "POST", path, None, Some(&body)).json()?;
    answer["token"].as_str().map(str::to_owned)
}

/// Signs in on the sign-in page and waits for the page behind it.
pub async fn sign_in(browser: &Browser, base: &str, email: &str, password: &str) {
    browser.open(&format!("{base}/login")).await;
    type_in(browser, email, password).await;
    browser.shown("#content h1").await;
    browser.shown("#sign-out").await;
}

/// Fills in the sign-in form that is shown and sends it.
pub async fn type_in(browser: &Browser, email: &str, password: &str) {
    browser.fill("#field-email", email).await;
    browser.fill("#field-password", password).await;
    browser.click("form button").await;
}

/// The link of the reset mail that the server prints; links begin with `base`.
pub async fn reset_link(browser: &Browser, server: &Server, base: &str) -> String {
    let start = format!("{base}/#/forgotpassword/");
    browser
        .until("the mail is printed", async || {
            let output = server.output();
            let at = output.find(&start)?;
            output[at..].split_whitespace().next().map(str::to_owned)
        })
        .await
}

/// Fails if axe finds something serious on the page that is shown.
pub async fn check_accessible(browser: &Browser) {
    let axe = include_str!("axe/axe.min.js");
    let code = format!(
        "{axe}; const done = arguments[arguments.length - 1];
         axe.run().then(({{ violations }}) => done(violations
           .filter(({{ impact }}) => impact === 'serious' || impact === 'critical')
           .map(({{ id, nodes }}) => `${{location.pathname}}: ${{id}}: ${{nodes[0].html}} ${{nodes[0].failureSummary}}`)))"
    );
    let found = browser.script_that_waits(&code).await;
    assert_eq!(found, json!([]), "{found:#}");
}
