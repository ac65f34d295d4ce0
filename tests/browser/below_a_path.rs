//! Everything below a path of the host, behind a proxy that takes the path off: no request leaves it.

use serde_json::Value;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
};
use crate::{
    api::cheap,
    support::{path_proxy::PathProxy, server::Server},
};

/// Says the prefix as nginx does with `proxy_set_header`.
const WITH_PREFIX: &str = "X-Forwarded-Prefix: /app\r\n";

#[tokio::test]
async fn every_page_and_call_stays_below_the_path_of_a_proxy() {
    let Some(browser) = Browser::start().await else { return };
    for (profile, lines) in [
        ("scaffold-1.0", ""),
        ("scaffold-1.0", WITH_PREFIX),
        ("scaffold-2.0", ""),
        ("tutorial", ""),
    ] {
        let mut proxy = PathProxy::bind();
        let config = cheap()
            .env("FLASK_PROFILE", profile)
            .env("PUBLIC_URL", &proxy.base)
            .env("TRUSTED_PROXIES", "127.0.0.1");
        let server = Server::start(&config);
        proxy.forward_to(&server.base, lines);
        let base = proxy.base.as_str();
        browser.sent().await;

        sign_in_on_the_way_to_users(&browser, base, &password_of(&server)).await;
        match profile {
            "scaffold-1.0" => add(&browser, "roles", &[("name", "editor")]).await,
            "scaffold-2.0" => {
                let fields = [
                    ("name", "Bob"),
                    ("email", "bob@example.com"),
                    ("password", "correct horse"),
                ];
                add(&browser, "users", &fields).await;
            }
            _ => {}
        }
        if profile != "tutorial" {
            look_at_and_edit(&browser).await;
        }
        try_the_docs(&browser, base, profile).await;
        if profile != "tutorial" {
            reset(&browser, base, &server).await;
        }
        assert_eq!(browser.complaints().await, Vec::<String>::new(), "{profile}");
        browser.open(&format!("{base}/nothing/here")).await;
        browser.click("main a[href='../']").await;
        browser.at("/app/login").await;

        let sent = browser.sent().await;
        let own = format!("{base}/");
        assert!(
            sent.len() > 20 && sent.iter().all(|sent| sent.url.starts_with(&own)),
            "{profile}: {sent:#?}"
        );
        assert_eq!(proxy.strays(), Vec::<String>::new(), "{profile}");
        browser.complaints().await;
    }
}

/// Asks for a page, is led to sign in and back; and finds the session again after a reload.
async fn sign_in_on_the_way_to_users(browser: &Browser, base: &str, password: &str) {
    browser.open(&format!("{base}/users?a=b")).await;
    browser.at("/app/login").await;
    browser.gives("return location.search", "?next=%2Fusers%3Fa%3Db").await;
    person::type_in(browser, ADMIN, password).await;
    browser.at("/app/users").await;
    browser.shown("#rows tbody tr").await;
    browser.reload().await;
    browser.shown("#rows tbody tr").await;
    browser.reads("#me", ADMIN).await;
    let code = "return document.querySelector('#menu [aria-current]').dataset.resource";
    browser.gives(code, "users").await;
    // Another app below another path of the host has a session of its own.
    let code = "return localStorage.getItem('poem-scaffold.session')";
    browser.gives(code, Value::Null).await;
    browser.click("#menu a[href='./']").await;
    browser.at("/app/").await;
    browser.shown("#figures a[href='/app/users']").await;
    browser.click("#figures a[href='/app/users']").await;
    browser.at("/app/users").await;
}

/// Adds a row by way of the menu and the list.
async fn add(browser: &Browser, resource: &str, fields: &[(&str, &str)]) {
    browser.click(&format!("#menu a[data-resource={resource}]")).await;
    browser.at(&format!("/app/{resource}")).await;
    browser.click("#new").await;
    browser.at(&format!("/app/{resource}/new")).await;
    browser.shown("#form[data-ready]").await;
    browser.reload().await;
    browser.shown("#form[data-ready]").await;
    for (name, value) in fields {
        browser.fill(&format!("#field-{name}"), value).await;
    }
    browser.click("#save").await;
    browser.at(&format!("/app/{resource}")).await;
    browser.shown("#row-2").await;
}

/// From the list to a row's own page, its form and back.
async fn look_at_and_edit(browser: &Browser) {
    browser.click("#menu a[data-resource=users]").await;
    browser.click("#row-1 td:first-child a").await;
    browser.at("/app/users/1").await;
    browser.shown("#detail dd").await;
    browser.reload().await;
    browser.shown("#detail dd").await;
    browser.click("#edit").await;
    browser.at("/app/users/1/edit").await;
    browser.shown("#form[data-ready]").await;
    browser.click("#cancel").await;
    browser.at("/app/users/1").await;
    browser.click("nav a[href='../users']").await;
    browser.at("/app/users").await;
    browser.shown("#rows tbody tr").await;
}

/// Tries a call out as who is signed in, and signs out.
async fn try_the_docs(browser: &Browser, base: &str, profile: &str) {
    browser.open(&format!("{base}/docs")).await;
    browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
    let path = if profile == "tutorial" {
        "/api/users"
    } else {
        "/api/v1/users.json"
    };
    let block = format!(".opblock-get:has([data-path=\"{path}\"])");
    browser.click(&format!("{block} .opblock-summary-control")).await;
    browser.click(&format!("{block} .execute")).await;
    let cell = format!("{block} .live-responses-table tr.response td.response-col_status");
    browser.reads(&cell, "200").await;
    browser.click("#sign-out").await;
    browser.shown("#sign-in").await;
    browser.click("h1 a").await;
    browser.at("/app/login").await;
}

/// Follows the link of a reset mail, which is printed.
async fn reset(browser: &Browser, base: &str, server: &Server) {
    browser.click("a[href='./forgotpassword']").await;
    browser.at("/app/forgotpassword").await;
    browser.fill("#field-email", ADMIN).await;
    browser.click("form button").await;
    let link = person::reset_link(browser, server, base).await;
    browser.open(&link).await;
    browser.at("/app/resetpassword").await;
    browser.fill("#field-password", "a new password").await;
    browser.fill("#field-repeated", "a new password").await;
    browser.click("form button").await;
    browser.at("/app/login").await;
}
