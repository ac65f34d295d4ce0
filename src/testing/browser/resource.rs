//! A resource's pages as a person uses them: whatever was scaffolded, the same way.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{driver::Browser, person};
use crate::testing::{Api, PASSWORD, segment};

/// Adds a row in the form, finds it in the list and on its own page, saves it unchanged, deletes it, and takes that
/// back where the row would be what it was; what the API says is compared at each step.
///
/// `document` gives a document that is good for a new row.
pub fn its_pages_work(program: impl Into<PathBuf>, plural: &str, document: fn(&Api) -> Value) {
    its_pages_work_at(program, plural, &format!("/api/v1/{plural}.json"), &[], document);
}

/// As [`its_pages_work`], of a resource with this path; `clocks` are attributes that the server sets with each change.
pub fn its_pages_work_at(
    program: impl Into<PathBuf>,
    plural: &str,
    list: &str,
    clocks: &[&str],
    document: fn(&Api) -> Value,
) {
    let (api, _folder) = Api::on_sqlite(program);
    let document = document(&api);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime must start");
    runtime.block_on(they_work(&api, plural, list, clocks, document));
}

async fn they_work(api: &Api, plural: &str, list: &str, clocks: &[&str], mut document: Value) {
    let Some(browser) = Browser::start().await else { return };
    let attributes = document["data"]["attributes"].take();
    let base = api.base();
    let rows = || rows_of(api, list, clocks);
    person::sign_in(&browser, base, "root@example.com", PASSWORD).await;

    let before = rows();
    browser.open(&format!("{base}/{plural}")).await;
    browser.shown(if before.is_empty() { "#empty" } else { "#rows" }).await;
    browser.click("#new").await;
    browser.at(&format!("/{plural}/new")).await;
    fill_all(&browser, &attributes, &document["data"]["id"]).await;
    browser.screenshot(&format!("{plural}-form")).await;
    browser.click("#save").await;

    browser.at(&format!("/{plural}")).await;
    browser.shown("#rows tbody tr").await;
    browser.screenshot(&format!("{plural}-list")).await;
    person::check_accessible(&browser).await;
    let with_it = rows();
    let [added] = new_rows(&before, &with_it)[..] else {
        panic!("one is added: {with_it:?}");
    };
    for (name, value) in attributes.as_object().expect("attributes are an object") {
        // What is only written was compared with nothing before either: the API does not show it.
        if let Some(shown) = added["attributes"].get(name) {
            assert_eq!(shown, value, "{name}");
        }
    }

    let (id, line) = (segment(&added["id"]), line_of(added));
    browser.click(&format!("{line} td:first-child a")).await;
    browser.at(&format!("/{plural}/{id}")).await;
    browser.shown("#detail dd").await;
    person::check_accessible(&browser).await;
    browser.click("#edit").await;
    browser.at(&format!("/{plural}/{id}/edit")).await;
    browser.shown("#form[data-ready]").await;
    person::check_accessible(&browser).await;
    browser.click("#save").await;
    browser.at(&format!("/{plural}/{id}")).await;
    browser.shown("#notices .toast").await;
    assert_eq!(rows(), with_it, "saved as it was");

    browser.open(&format!("{base}/{plural}")).await;
    browser.click(&format!("{line} button.delete")).await;
    browser.click("#question-yes").await;
    browser.shown("#notices .toast").await;
    assert_eq!(rows(), before);
    let is_lost = "return document.querySelector('#rows table').dataset.restorable === 'false'";
    if plural == "roles" || browser.script(is_lost).await == true {
        let complaints = browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        return;
    }
    browser.click("#notices button.btn-outline-primary").await;
    browser.shown("#rows tbody tr").await;
    browser
        .until("it is there again", async || {
            (rows().len() == with_it.len()).then_some(())
        })
        .await;
    let restored = rows();
    let [restored] = new_rows(&before, &restored)[..] else {
        panic!("one is added again: {restored:?}");
    };
    assert_eq!(restored["attributes"], added["attributes"]);

    // The same from its own page.
    delete_on_its_page(&browser, base, plural, &restored["id"]).await;
    browser.click("#notices button.btn-outline-primary").await;
    let restored = async || (rows().len() == with_it.len()).then_some(());
    browser.until("it is there again", restored).await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// All rows, without what the server sets with each change.
fn rows_of(api: &Api, list: &str, clocks: &[&str]) -> Vec<Value> {
    let mut rows = api.rows_at(list);
    for row in &mut rows {
        let attributes = row["attributes"].as_object_mut().expect("attributes are an object");
        attributes.retain(|name, _| !clocks.contains(&name.as_str()));
    }
    rows
}

async fn delete_on_its_page(browser: &Browser, base: &str, plural: &str, id: &Value) {
    browser.open(&format!("{base}/{plural}/{}", segment(id))).await;
    browser.shown("#detail dd").await;
    browser.click("#delete").await;
    browser.click("#question-yes").await;
    browser.at(&format!("/{plural}")).await;
}

/// What was not there before.
fn new_rows<'r>(before: &[Value], rows: &'r [Value]) -> Vec<&'r Value> {
    rows.iter().filter(|row| !before.contains(row)).collect()
}

/// The selector of a row's line in the list.
fn line_of(row: &Value) -> String {
    let id = row["id"].as_str().map_or_else(|| row["id"].to_string(), str::to_owned);
    format!("[id={}]", json!(format!("row-{id}")))
}

/// Fills the form with attributes, and with the key that people give; that of others is not in the form.
async fn fill_all(browser: &Browser, attributes: &Value, id: &Value) {
    fill(browser, attributes).await;
    if let Some(id) = id.as_str() {
        browser.fill("#field-id", id).await;
    }
}

/// Puts attributes into the fields of the form that is shown, each as a person would.
pub async fn fill(browser: &Browser, attributes: &Value) {
    browser.shown("#form[data-ready]").await;
    for (name, value) in attributes.as_object().expect("attributes are an object") {
        let kind = format!("return document.querySelector('[data-field={name}]')?.dataset.kind");
        let kind = browser.script(&kind).await;
        let control = format!("#field-{name}");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match (kind.as_str().unwrap_or_default(), value) {
            ("", _) => panic!("the form has no field for {name}"),
            (_, Value::Null) => {}
            ("reference", _) => {
                browser.click(&control).await;
                browser
                    .click(&format!("#choices-{name} [data-value={}]", json!(text)))
                    .await;
            }
            ("many", Value::Array(ids)) => {
                for id in ids {
                    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                    let option = format!("#choices-{name} [data-value={}]", json!(id));
                    browser.click(&control).await;
                    browser.click(&option).await;
                }
            }
            ("boolean" | "bool", _) => {
                let is_yes = *value == 1 || *value == true;
                let code = format!(
                    "const control = document.querySelector('{control}');
                     if (control.type !== 'checkbox') control.value = {is_yes} ? '1' : '0';
                     return control.type === 'checkbox' && control.checked !== {is_yes}"
                );
                if browser.script(&code).await == true {
                    browser.click(&control).await;
                }
            }
            ("date" | "time" | "enum", _) => browser.set(&control, &text).await,
            ("datetime", _) => {
                let code = format!(
                    "const time = new Date('{text}');
                     return new Date(time - time.getTimezoneOffset() * 60000).toISOString().slice(0, 19)"
                );
                let local = browser.script(&code).await;
                browser.set(&control, local.as_str().expect("a time")).await;
            }
            _ => browser.fill(&control, &text).await,
        }
    }
}
