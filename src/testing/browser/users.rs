//! The pages of users to whom a project adds attributes, as an administrator uses them.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{driver::Browser, person, resource::fill};
use crate::testing::{Api, PASSWORD};

/// Adds a user in the form, and saves it unchanged; what the API says is compared at each step.
///
/// `attributes` gives those of a new user.
pub fn users_pages_work(program: impl Into<PathBuf>, attributes: impl Fn(&Api) -> Value) {
    let (api, _folder) = Api::on_sqlite(program);
    let attributes = attributes(&api);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime must start");
    runtime.block_on(they_work(&api, attributes));
}

async fn they_work(api: &Api, attributes: Value) {
    let Some(browser) = Browser::start().await else { return };
    let base = api.base();
    person::sign_in(&browser, base, "root@example.com", PASSWORD).await;
    let before = api.rows("users").len();
    browser.open(&format!("{base}/users/new")).await;
    browser.shown("#form[data-ready]").await;
    let mut by_hand = attributes.clone();
    if let Some(by_hand) = by_hand.as_object_mut() {
        // A role is found by its name.
        by_hand.remove("role");
    }
    fill(&browser, &by_hand).await;
    browser.fill("#field-role", "admin").await;
    browser.click("#choices-role [role=option]").await;
    person::check_accessible(&browser).await;
    browser.screenshot("users-form").await;
    browser.click("#save").await;
    browser.at("/users").await;
    browser.shown("#rows tbody tr").await;
    browser.screenshot("users-list").await;
    person::check_accessible(&browser).await;
    let rows = api.rows("users");
    assert_eq!(rows.len(), before + 1);
    let is_new = |row: &&Value| row["attributes"]["email"] == attributes["email"];
    let added = rows.iter().find(is_new).expect("it is listed").clone();
    for (name, value) in attributes.as_object().expect("attributes are an object") {
        let shown = added["attributes"].get(name).filter(|_| name != "password");
        if let Some(shown) = shown {
            assert_eq!(shown, value, "{name}");
        }
    }
    browser.open(&format!("{base}/users/{}", added["id"])).await;
    browser.shown("#detail dd").await;
    person::check_accessible(&browser).await;
    browser.screenshot("users-user").await;
    browser.click("#edit").await;
    browser.shown("#form[data-ready]").await;
    person::check_accessible(&browser).await;
    browser.click("#save").await;
    browser.at(&format!("/users/{}", added["id"])).await;
    let now = api.rows("users");
    let now = now.iter().find(is_new).expect("it is listed");
    assert_eq!(now["attributes"], added["attributes"], "saved as it was");
    assert_eq!(json!(browser.complaints().await), json!([]));
}
