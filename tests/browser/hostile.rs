//! Hostile text in every field is shown as text: nothing runs, and the policy has nothing to stop.

use serde_json::{Value, json};

use super::visit::Visit;
use crate::support::sql::run_sql;

/// Texts that run a script, or show an image, if anything takes them for more than text.
const TEXTS: [&str; 4] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\"><svg onload=alert(3)>",
    "{{constructor.constructor('alert(4)')()}}",
];

/// Runs SQL past the program; on a thread of its own, because it waits.
fn run(url: &str, sql: &str) {
    std::thread::scope(|scope| scope.spawn(|| run_sql(url, sql)).join()).unwrap();
}

/// What a page holds that it should not.
const FOUND: &str = "return [...document.querySelectorAll('main img, main svg, main script, main iframe, dialog img')]
    .map((found) => found.outerHTML)
    .concat([...document.querySelectorAll('a')].map((link) => link.href).filter((href) => /^(javascript|data):/i.test(href)))";

/// Adds a row for each text, with it wherever a text can be.
fn add_rows(visit: &Visit) {
    let url = format!("sqlite:{}", visit.folder().join("wide.db").display());
    for (index, text) in TEXTS.iter().enumerate() {
        visit.add_category(&format!("{text}{index}"));
        let mut article = visit.example("articles");
        for name in ["subtitle", "lead_in", "body", "language", "slug", "note"] {
            article[name] = json!(format!("{text}{index}"));
        }
        article["title"] = json!(format!("{text}{index}"));
        article["token"] = json!(format!("67e55044-10b1-426f-9247-bb680e5fe0c{index}"));
        article["category"] = json!(index + 1);
        article["reviewer"] = json!(1);
        article["extra"] = json!({*text: [text]});
        article["meta_data"] = json!(text);
        visit.add("articles", article);
        // What the API refuses, another program may have written.
        let quoted = text.replace('\'', "''");
        run(
            &url,
            &format!(
                "update articles set link = 'javascript:alert(5)//{quoted}', contact = 'a@b\"{quoted}', \
                 status = '{quoted}', mood = '{quoted}', price = '{quoted}', trace = null where id = {}",
                index + 1
            ),
        );
    }
    run(
        &url,
        "update users set name = '<img src=x onerror=alert(6)>' where id = 1",
    );
}

#[tokio::test]
async fn hostile_text_stays_text_wherever_it_is_shown() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    add_rows(&visit);
    let every_column = "for (const box of document.querySelectorAll('#columns input')) if (!box.checked) box.click()";
    for path in [
        "/",
        "/articles",
        "/categories",
        "/users",
        "/articles/1",
        "/articles/2",
        "/articles/3",
        "/articles/4",
    ] {
        visit.open(path).await;
        browser.shown("h1").await;
        if path.matches('/').count() == 1 && path != "/" {
            browser.shown("#rows tbody tr").await;
            browser.script(every_column).await;
        }
        assert_eq!(browser.script(FOUND).await, json!([]), "{path}");
    }
    let code = "return document.querySelector('dd[data-name=title]').textContent";
    assert_eq!(browser.script(code).await, format!("{}3", TEXTS[3]));
    for path in ["/articles/1/edit", "/articles/2/edit", "/articles/3/edit"] {
        visit.open(path).await;
        browser.shown("#form[data-ready]").await;
        browser.click("#field-category").await;
        browser.shown("#choices-category [role=option]").await;
        assert_eq!(browser.script(FOUND).await, json!([]), "{path}");
    }
    // In errors, in the question before a delete, and in the notice after it.
    visit.open("/articles/new").await;
    browser.shown("#form[data-ready]").await;
    browser.fill("#field-link", TEXTS[0]).await;
    browser.fill("#field-meta_data", TEXTS[0]).await;
    browser.click("#save").await;
    browser.shown("#wrong-meta_data").await;
    assert_eq!(browser.script(FOUND).await, json!([]));
    visit.open("/articles").await;
    browser.click("#row-1 button.delete").await;
    browser.reads("#question-text", &format!("{}0", TEXTS[0])).await;
    assert_eq!(browser.script(FOUND).await, json!([]));
    browser.click("#question-yes").await;
    let notice = browser.shown("#notices .toast-body").await.text().await.unwrap();
    assert!(notice.contains(TEXTS[0]), "{notice}");
    assert_eq!(browser.script(FOUND).await, json!([]));

    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "the policy reports nothing: {complaints:#?}");
    assert_eq!(browser.script("return typeof alert").await, Value::from("function"));
}
