//! Pages with rows of other resources inside of a row (`examples/keys/nested.rs`).

use poem_scaffold::testing::{Api, PASSWORD};
use serde_json::json;

use super::{driver::Browser, person};
use crate::support::keys_program;

#[test]
fn rows_inside_of_a_row_are_counted_in_lists_and_shown_on_its_page() {
    let (api, _folder) = Api::on_sqlite(keys_program());
    let add = |list: &str, document: serde_json::Value| {
        let added = api.admin("POST", list, Some(&document));
        assert_eq!(added.status, 201, "{}", added.text());
    };
    for tag in ["a <b>", "none"] {
        let document = json!({"data": {"type": "tag", "id": tag, "attributes": {"update": "12"}}});
        add("/api/v1/tags.json", document);
    }
    for (note, tag) in [
        ("first & last", json!("a <b>")),
        ("2", json!("a <b>")),
        ("alone", json!(null)),
    ] {
        add(
            "/notes",
            json!({"data": {"type": "notes", "id": note, "attributes": {"tag": tag}}}),
        );
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(they_are_shown(&api));
}

async fn they_are_shown(api: &Api) {
    let Some(browser) = Browser::start().await else { return };
    let base = api.base();
    person::sign_in(&browser, base, "root@example.com", PASSWORD).await;
    let cells = |css: &str| format!("return [...document.querySelectorAll('{css}')].map((cell) => cell.textContent)");

    browser.open(&format!("{base}/labelled")).await;
    browser.shown("#rows tbody tr").await;
    let counts = cells("#rows tbody td:nth-child(3)");
    browser.gives(&counts, json!(["2 rows", "0 rows"])).await;
    person::check_accessible(&browser).await;
    browser.screenshot("nested-list").await;

    browser.open(&format!("{base}/labelled/a%20%3Cb%3E")).await;
    browser.shown("#detail dd").await;
    let rows = cells("#detail dd tbody td");
    browser
        .gives(&rows, json!(["2", "#a <b>", "first & last", "#a <b>"]))
        .await;
    let links = "return [...document.querySelectorAll('#detail dd tbody a')].map((link) => link.pathname)";
    let tag = "/tags/a%20%3Cb%3E";
    browser
        .gives(links, json!(["/notes/2", tag, "/notes/first%20%26%20last", tag]))
        .await;
    person::check_accessible(&browser).await;
    browser.screenshot("nested-detail").await;
    browser.set_width(360).await;
    browser.screenshot("nested-detail-narrow").await;

    browser.open(&format!("{base}/labelled/none")).await;
    browser.shown("#detail dd").await;
    browser
        .gives(&cells("#detail dd[data-kind=nested]"), json!(["–"]))
        .await;
    person::check_accessible(&browser).await;

    browser.open(&format!("{base}/remarks")).await;
    browser.shown("#rows tbody tr").await;
    let labels = cells("#rows tbody td:nth-child(2)");
    browser.gives(&labels, json!(["#a <b>", "–", "#a <b>"])).await;
    browser.open(&format!("{base}/remarks/2")).await;
    browser.shown("#detail dd").await;
    browser.gives(&rows, json!(["a <b>", "12"])).await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}
