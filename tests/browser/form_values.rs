//! What forms of scaffolded resources refuse, send and show.

use serde_json::json;

use super::{person, resource::fill, visit::Visit};

#[tokio::test]
async fn what_the_form_refuses_stands_beside_its_field_and_nothing_is_sent() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_category("Rust");
    visit.open_form("/articles/new").await;
    for (field, typed, text) in [
        ("title", "ab", "Must have at least 3 characters; this has 2."),
        ("body", "", "Required"),
        ("category", "no such one", "Choose one from the list."),
        ("rating", "6", "Must be at most 5."),
        ("stock", "-6", "Must be at least -5."),
        ("words", "1.5", "This is not a whole number."),
        ("views", "9223372036854775808", "Must be at most 9223372036854775807."),
        ("score", "0.4", "Must be at least 0.5."),
        ("token", "123", "This is not a UUID."),
        ("contact", "bad", "This is not a mail address."),
        ("link", "javascript:x", "This is not a URL such as https://example.com."),
    ] {
        browser.fill(&format!("#field-{field}"), typed).await;
        browser.click("#save").await;
        browser.reads(&format!("#wrong-{field}"), text).await;
    }
    browser.fill("#field-meta_data", "{").await;
    browser.click("#save").await;
    let text = browser.shown("#wrong-meta_data").await.text().await.unwrap();
    assert!(text.starts_with("This is not JSON"), "{text}");
    // The first of them.
    browser.gives("return document.activeElement.id", "field-title").await;
    browser.screenshot("form-refused").await;
    person::check_accessible(browser).await;
    let sent = browser.sent().await;
    assert!(
        sent.iter()
            .all(|sent| sent.method == "GET" || sent.url.contains("login")),
        "{sent:#?}"
    );
    // Characters are counted as the server counts them.
    browser.fill("#field-title", "😀é!").await;
    browser.click("#save").await;
    let code = "return document.getElementById('wrong-title').textContent";
    browser.gives(code, "").await;
}

#[tokio::test]
async fn what_the_server_refuses_stands_beside_its_field() {
    // In 2.0 the errors come as the text that Python writes for them.
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let Some(visit) = Visit::start(profile).await else {
            return;
        };
        let browser = &visit.browser;
        visit.open_form("/modules/new").await;
        let mut module = visit.example("modules");
        module["contact"] = json!("\"it's no\"@example.com");
        if profile == "scaffold-2.0" {
            module.as_object_mut().unwrap().remove("updated_at");
        }
        fill(browser, &module).await;
        browser.click("#save").await;
        browser.reads("#wrong-contact", "Not a valid email address.").await;
        browser.gives("return document.activeElement.id", "field-contact").await;
        browser.screenshot(&format!("server-refused-{profile}")).await;

        visit.add_category("Rust");
        visit.open_form("/categories/new").await;
        let mut category = visit.example("categories");
        category["name"] = json!("Rust");
        category["code"] = json!(null);
        category["parent"] = json!(null);
        if profile == "scaffold-2.0" {
            category.as_object_mut().unwrap().remove("born");
        }
        fill(browser, &category).await;
        browser.click("#save").await;
        let taken = "This is taken already: it must be unique.";
        browser.reads("#wrong-name", taken).await;
        // Of two that are unique, it is still this one.
        browser.fill("#field-code", "c").await;
        browser.click("#save").await;
        browser.reads("#wrong-name", taken).await;
        browser.shown("#field-name[aria-invalid=true]").await;
        browser
            .gives("return document.querySelectorAll('[aria-invalid=true]').length", 1)
            .await;
    }
}

#[tokio::test]
async fn only_what_was_changed_is_sent() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let category = visit.add_category("Rust");
    let other = visit.add_category("Flask");
    let mut article = visit.example("articles");
    article["category"] = category;
    article["reviewer"] = json!(1);
    article["begins_at"] = json!("2026-01-02T03:04:05.678901+00:00");
    article["views"] = json!("9007199254740993");
    let before = visit.add("articles", article)["attributes"].clone();
    visit.open_form("/articles/1/edit").await;
    // Beyond what JavaScript's numbers hold.
    browser
        .gives(
            "return document.getElementById('field-views').value",
            "9007199254740993",
        )
        .await;
    browser.fill("#field-subtitle", "").await;
    browser.click("#field-category").await;
    browser.fill("#field-category", "fla").await;
    browser
        .click(&format!("#choices-category [data-value='{other}']"))
        .await;
    browser.click("#save").await;
    browser.at("/articles/1").await;
    let mut expected = before;
    expected["subtitle"] = json!(null);
    expected["category"] = other;
    assert_eq!(visit.attributes("articles", 1), expected);
    browser.reads("dd[data-name=category]", "Flask").await;
    browser.screenshot("detail").await;
}

#[tokio::test]
async fn times_are_those_of_the_readers_zone() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    browser.set_time_zone("Asia/Kolkata").await;
    let category = visit.add_category("Rust");
    let mut article = visit.example("articles");
    article["category"] = category;
    article["reviewer"] = json!(null);
    article["begins_at"] = json!("2026-01-31T20:00:00+00:00");
    article["due"] = json!("2026-01-31");
    visit.add("articles", article);
    visit.open("/articles/1").await;
    let text = browser
        .shown("dd[data-name=begins_at] time")
        .await
        .text()
        .await
        .unwrap();
    assert!(text.starts_with("Feb 1, 2026, 1:30:00"), "{text}");
    browser.reads("dd[data-name=due]", "Jan 31, 2026").await;
    visit.open_form("/articles/1/edit").await;
    let code = "return document.getElementById('field-begins_at').value.padEnd(19, ':00')";
    browser.gives(code, "2026-02-01T01:30:00").await;
    browser.set("#field-begins_at", "2026-02-01T01:45:00").await;
    browser.click("#save").await;
    browser.at("/articles/1").await;
    let changed = visit.attributes("articles", 1);
    assert_eq!(changed["begins_at"], "2026-01-31T20:15:00+00:00");
    assert_eq!(changed["due"], "2026-01-31");
}

#[tokio::test]
async fn in_2_0_a_new_row_is_not_asked_for_times() {
    let Some(visit) = Visit::start("scaffold-2.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_category("Rust");
    visit.open_form("/categories/new").await;
    browser
        .gives("return document.querySelectorAll('[data-kind=datetime]').length", 0)
        .await;
    browser.fill("#field-name", "Flask").await;
    fill(browser, &json!({"rank_of": 2})).await;
    browser.click("#save").await;
    browser.at("/categories").await;
    browser.shown("#row-2").await;
    visit.open_form("/categories/2/edit").await;
    browser
        .gives("return document.querySelectorAll('[data-kind=datetime]').length", 1)
        .await;
}
