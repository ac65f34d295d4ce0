//! Fields for any number of rows: found among many by typing, taken out again, with keys and with clicks.

use poem_scaffold::testing::{Api, PASSWORD};
use serde_json::{Value, json};

use super::{driver::Browser, person};
use crate::scaffold::wide;

/// The key that confirms.
const ENTER: &str = "\u{e007}";
/// The key that takes the last of a list out.
const BACKSPACE: &str = "\u{e003}";

fn crew(title: &str) -> Value {
    json!({"data": {"type": "crews", "attributes": {"title": title}}})
}

#[test]
fn rows_are_linked_and_unlinked_by_keys_and_clicks_on_a_small_dark_screen_too() {
    let (api, _folder) = Api::on_sqlite(wide::binary());
    for number in 1..=70 {
        let created = api.admin("POST", "/api/v1/crews.json", Some(&crew(&format!("Crew {number}"))));
        assert_eq!(created.status, 201, "{}", created.text());
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(links_work(&api));
}

async fn links_work(api: &Api) {
    let Some(browser) = Browser::start().await else { return };
    let base = api.base();
    person::sign_in(&browser, base, "root@example.com", PASSWORD).await;
    browser.set_dark().await;
    browser.set_width(400).await;
    browser.open(&format!("{base}/crews/new")).await;
    browser.shown("#form[data-ready]").await;
    browser.fill("#field-title", "Newest").await;
    browser.click("#field-friends").await;
    browser
        .reads("#choices-friends li:last-child", "20 more: type to find them")
        .await;
    for name in ["Crew 70", "crew 61", "Crew 62", "Crew 63"] {
        browser.fill("#field-friends", name).await;
        browser.press(ENTER).await;
        let chosen = "return document.querySelector('#chosen-friends li:last-child span')?.textContent";
        browser.gives(chosen, name.replace("crew", "Crew")).await;
    }
    // What is chosen is not offered again.
    browser.fill("#field-friends", "Crew 70").await;
    browser.reads("#choices-friends li", "No match").await;
    person::check_accessible(&browser).await;
    browser.screenshot("links-form").await;
    browser.fill("#field-friends", "Nobody").await;
    browser.click("#save").await;
    browser.reads("#wrong-friends", "Choose from the list.").await;
    browser.fill("#field-friends", "").await;
    browser.press(BACKSPACE).await;
    browser.click("#chosen-friends li:nth-child(2) button").await;
    browser.gives("return document.activeElement.id", "field-friends").await;
    browser.click("#save").await;
    browser.at("/crews").await;
    browser.shown("#rows tbody tr").await;
    person::check_accessible(&browser).await;

    browser.open(&format!("{base}/crews/71")).await;
    browser.shown("#detail dd").await;
    browser.reads("dd[data-name=friends]", "Crew 62, Crew 70").await;
    person::check_accessible(&browser).await;
    browser.screenshot("links-detail").await;
    browser.click("dd[data-name=friends] a:last-child").await;
    browser.at("/crews/70").await;
    let row = api.admin("GET", "/api/v1/crews/71.json", None).json().unwrap();
    assert_eq!(row["data"]["attributes"]["friends"], json!([62, 70]));

    // All of them can be taken out.
    browser.open(&format!("{base}/crews/71/edit")).await;
    browser.shown("#form[data-ready]").await;
    browser.click("#chosen-friends button").await;
    browser.click("#chosen-friends button").await;
    browser.click("#save").await;
    browser.at("/crews/71").await;
    browser.shown("#notices .toast").await;
    let row = api.admin("GET", "/api/v1/crews/71.json", None).json().unwrap();
    assert_eq!(row["data"]["attributes"]["friends"], json!([]));
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}
