//! What every test of the pages does.

use super::driver::Browser;

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
    assert_eq!(found, serde_json::json!([]), "{found:#}");
}
