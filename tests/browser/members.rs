//! The pages of users to whom a project adds attributes: signing up, the list, one user, the form.

use serde_json::{Value, json};

use super::{driver::Browser, person};
use crate::{
    api::{call, run},
    support::{
        members::{self, members},
        server::Server,
        services::fresh_database,
        sql::{Engine, query},
    },
};
use poem_scaffold::testing::cheap;

const PASSWORD: &str = "correct horse";

#[test]
fn users_are_shown_and_changed_with_what_a_project_adds() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let folder = tempfile::tempdir().unwrap();
        let url = fresh_database(Engine::Sqlite, folder.path()).unwrap();
        members::create(&url, profile);
        let config = cheap(members()).env("DATABASE_URL", &url).env("FLASK_PROFILE", profile);
        let config = config.folder(folder.path());
        let root = "user create root@example.com --admin --set company=Acme --set badge=1 --set phone=555 --set pin=9";
        let words: Vec<&str> = root.split(' ').collect();
        run(&config, folder.path(), &words, Some(&format!("{PASSWORD}\n")));
        let server = Server::start(&config);
        let pages = async {
            let browser = Browser::start().await?;
            signs_up(&browser, &server).await;
            is_listed_and_shown(&browser, &server).await;
            is_changed(&browser, &server, profile).await;
            Some(())
        };
        if tokio::runtime::Runtime::new().unwrap().block_on(pages).is_some() {
            assert_eq!(query(&url, "select pin from users where id = 2"), "1234", "{profile}");
        }
    }
}

/// Ann signs up, and is told what is missing.
async fn signs_up(browser: &Browser, server: &Server) {
    browser.open(&format!("{}/signup", server.base)).await;
    for (name, value) in [
        ("name", "Ann"),
        ("email", "ann@example.com"),
        ("password", PASSWORD),
        ("badge", "8"),
        ("phone", "0123"),
        ("birthday", "2001-02-03"),
        ("invited_with", "a letter"),
    ] {
        browser.set(&format!("#field-{name}"), value).await;
    }
    browser
        .gives("return document.getElementById('field-isAdmin')", Value::Null)
        .await;
    browser.click("form button").await;
    browser.reads("#wrong-company", "Required").await;
    person::check_accessible(browser).await;
    browser.screenshot("members-signup").await;
    browser.set("#field-company", "Beta").await;
    browser.set("#field-age", "30").await;
    browser.click("form button").await;
    browser.shown("#sign-out").await;
}

/// Ann sees of the other user what is for everyone.
async fn is_listed_and_shown(browser: &Browser, server: &Server) {
    let base = &server.base;
    browser.open(&format!("{base}/users")).await;
    browser.shown("#rows tbody tr").await;
    let columns = "return [...document.querySelectorAll('#columns label')].map(label => label.textContent)";
    let columns = browser.script(columns).await;
    for (label, is_there) in [("Web site", true), ("Last seen", true), ("Phone", true), ("Pin", false)] {
        assert_eq!(
            columns.as_array().unwrap().contains(&json!(label)),
            is_there,
            "{label}: {columns}"
        );
    }
    browser.click("#export").await;
    let csv = browser.downloaded("users.csv").await;
    let ann = csv.lines().find(|line| line.contains("ann@example.com")).unwrap();
    let root = csv.lines().find(|line| line.contains("root@example.com")).unwrap();
    assert!(
        ann.contains("0123") && root.contains("Acme") && !root.contains("555"),
        "{csv}"
    );
    browser.open(&format!("{base}/users/2")).await;
    browser.reads("#detail dd[data-name=phone]", "0123").await;
    browser.reads("#detail dd[data-name=plan]", "free").await;
    browser.open(&format!("{base}/users/1")).await;
    browser.reads("#detail dd[data-name=company]", "Acme").await;
    browser
        .gives("return document.querySelector('dd[data-name=phone]')", Value::Null)
        .await;
    person::check_accessible(browser).await;
    browser.screenshot("members-user").await;
}

/// Ann changes herself, and then an administrator changes Ann; the pin, which nobody sees, stays where it is not typed.
async fn is_changed(browser: &Browser, server: &Server, profile: &str) {
    let base = &server.base;
    browser.open(&format!("{base}/users/2/edit")).await;
    browser.shown("#form[data-ready]").await;
    browser
        .gives("return document.getElementById('field-invited_with')", Value::Null)
        .await;
    browser
        .gives("return document.getElementById('field-note')", Value::Null)
        .await;
    browser.set("#field-age", "5").await;
    browser.set("#field-pin", "1234").await;
    browser.click("#save").await;
    browser.reads("#wrong-age", "Must be at least 18.").await;
    browser.set("#field-age", "31").await;
    browser.screenshot("members-form").await;
    browser.click("#save").await;
    browser.at("/users/2").await;
    browser.reads("#detail dd[data-name=age]", "31").await;
    browser.click("#sign-out").await;
    browser.at("/login").await;
    person::type_in(browser, "root@example.com", PASSWORD).await;
    browser.shown("#sign-out").await;
    browser.open(&format!("{base}/users/2/edit")).await;
    browser.shown("#form[data-ready]").await;
    browser.set("#field-note", "a good one").await;
    browser.set("#field-isAdmin", "1").await;
    browser.click("#save").await;
    browser.at("/users/2").await;
    browser.reads("#detail dd[data-name=note]", "a good one").await;
    browser.reads("#detail dd[data-name=isAdmin]", "Yes").await;
    browser.open(&format!("{base}/users/new")).await;
    browser.shown("#form[data-ready]").await;
    let defaults = "return ['order', 'plan', 'locale'].map(name => document.getElementById(`field-${name}`).value)";
    browser.gives(defaults, json!(["10", "free", ""])).await;
    for (name, value) in [
        ("name", "Cleo"),
        ("email", "cleo@example.com"),
        ("password", PASSWORD),
        ("company", "Delta"),
        ("badge", "9"),
    ] {
        browser.set(&format!("#field-{name}"), value).await;
    }
    browser.set("#field-plan", "paid").await;
    if profile == "scaffold-1.0" {
        browser.fill("#field-role", "admin").await;
        browser.click("#choices-role [role=option]").await;
    }
    browser.click("#save").await;
    browser.at("/users").await;
    let token = person::token_of_user(server, profile, "root@example.com", PASSWORD).unwrap();
    let cleo = call(server, "GET", "/api/v1/users/3.json", Some(&token), None)
        .json()
        .unwrap();
    let cleo = &cleo["data"]["attributes"];
    assert_eq!((&cleo["order"], &cleo["locale"]), (&json!(10), &json!("en")), "{cleo}");
    assert_eq!(cleo["plan"], "paid", "{cleo}");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
