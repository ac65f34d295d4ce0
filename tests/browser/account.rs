//! Signing in, up and out, and forgotten passwords.

use serde_json::json;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
};
use crate::{
    api::{call, cheap, token},
    support::server::{Server, ServerConfig},
};

const NOTICE: &str = "#notice:not([hidden])";
const PROBLEM: &str = "#problem:not([hidden])";

/// A browser and a server of a first start; `None` where no browser is installed.
async fn visit(config: &ServerConfig) -> Option<(Browser, Server)> {
    Some((Browser::start().await?, Server::start(config)))
}

#[tokio::test]
async fn a_session_lasts_over_reloads_until_somebody_signs_out() {
    let Some((browser, server)) = visit(&cheap()).await else {
        return;
    };
    let base = &server.base;
    browser.open(&format!("{base}/users")).await;
    browser.at("/login").await;
    browser.screenshot("login").await;
    person::check_accessible(&browser).await;
    person::type_in(&browser, ADMIN, &password_of(&server)).await;
    browser.at("/users").await;
    browser.reads("#me", ADMIN).await;
    browser.reload().await;
    browser.shown("#rows tbody tr").await;

    browser.click("#sign-out").await;
    browser.at("/login").await;
    browser.reads(NOTICE, "You have signed out.").await;
    browser.open(&format!("{base}/")).await;
    browser.at("/login").await;
    let kept = browser
        .script("return localStorage.getItem('poem-scaffold.session')")
        .await;
    assert_eq!(kept, json!(null));
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_said_in_words() {
    let Some((browser, server)) = visit(&cheap()).await else {
        return;
    };
    browser.open(&format!("{}/login", server.base)).await;
    browser.click("form button").await;
    browser.reads("#wrong-email", "Required").await;
    person::check_accessible(&browser).await;
    person::type_in(&browser, ADMIN, "wrong").await;
    browser.reads(PROBLEM, "invalid username/password").await;
    browser.screenshot("login-refused").await;
    browser.gives("return document.activeElement.id", "problem").await;
    let wrong = json!({"email": ADMIN, "password": "wrong"});
    for _ in 0..4 {
        assert_eq!(call(&server, "POST", "/api/login", None, Some(&wrong)).status, 401);
    }
    browser.reload().await;
    person::type_in(&browser, ADMIN, "wrong").await;
    browser
        .reads(PROBLEM, "Too many attempts. Try again in 5 minutes.")
        .await;
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .all(|text| text.contains("status of 401") || text.contains("status of 429")),
        "{complaints:?}"
    );
}

#[tokio::test]
async fn the_way_back_after_signing_in_never_leaves_the_site() {
    let Some((browser, server)) = visit(&cheap()).await else {
        return;
    };
    let password = password_of(&server);
    for (next, path) in [
        ("/users/1%3Fa=b", "/users/1"),
        ("//evil.example/x", "/"),
        ("https://evil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("//%5B", "/"),
        ("/.//evil.example/x", "//evil.example/x"),
    ] {
        browser.open(&format!("{}/login?next={next}", server.base)).await;
        person::type_in(&browser, ADMIN, &password).await;
        browser.at(path).await;
        let origin = browser.script("return location.origin").await;
        assert_eq!(origin, server.base.as_str(), "{next}");
    }
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_leads_to_sign_in_and_tells_why() {
    let Some((browser, server)) = visit(&cheap()).await else {
        return;
    };
    let base = &server.base;
    person::sign_in(&browser, base, ADMIN, &password_of(&server)).await;
    // {"exp": 1}
    let code =
        "localStorage.setItem('poem-scaffold.session', JSON.stringify({token: 'e30.eyJleHAiOjF9.x', email: 'a'}))";
    browser.script(code).await;
    browser.open(&format!("{base}/roles")).await;
    browser.at("/login").await;
    browser
        .reads(NOTICE, "Your session has expired. Please sign in again.")
        .await;
    person::type_in(&browser, ADMIN, &password_of(&server)).await;
    browser.at("/roles").await;

    browser
        .script("localStorage.setItem('poem-scaffold.session', JSON.stringify({token: 'a.b.c'}))")
        .await;
    browser.open(&format!("{base}/users/1/edit")).await;
    browser.at("/login").await;
    browser
        .reads(NOTICE, "Your session is invalid. Please sign in again.")
        .await;
    person::type_in(&browser, ADMIN, &password_of(&server)).await;
    browser.at("/users/1/edit").await;
}

#[tokio::test]
async fn who_signs_up_is_signed_in_or_told_to_wait() {
    for (signup, profile) in [
        ("open", "scaffold-1.0"),
        ("approval", "scaffold-1.0"),
        ("open", "scaffold-2.0"),
        ("approval", "scaffold-2.0"),
    ] {
        let config = cheap().env("SIGNUP", signup).env("FLASK_PROFILE", profile);
        let Some((browser, server)) = visit(&config).await else {
            return;
        };
        browser.open(&format!("{}/signup", server.base)).await;
        browser.fill("#field-name", "Ann").await;
        browser.fill("#field-email", ADMIN).await;
        browser.fill("#field-password", "correct horse").await;
        browser.click("form button").await;
        browser
            .reads("#wrong-email", "This is taken already: it must be unique.")
            .await;
        browser.shown("#field-email[aria-invalid=true]").await;

        browser.fill("#field-email", "ann@example.com").await;
        browser.click("form button").await;
        if signup == "approval" {
            browser.at("/login").await;
            let text = "Your account has been created. An administrator must enable it before you can sign in.";
            browser.reads(NOTICE, text).await;
        } else {
            browser.at("/").await;
            browser.reads("#me", "ann@example.com").await;
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_before_it_is_made() {
    let short = "Must have at least 8 characters; this has 1.";
    for (profile, least, password) in [
        ("scaffold-1.0", "8", short),
        ("scaffold-1.0", "1", ""),
        // Its own pages wanted eight, whatever its server took.
        ("scaffold-2.0", "1", short),
    ] {
        let config = cheap().env("FLASK_PROFILE", profile).env("MIN_PASSWORD", least);
        let Some((browser, server)) = visit(&config).await else {
            return;
        };
        browser.open(&format!("{}/signup", server.base)).await;
        browser.fill("#field-name", "Ann").await;
        browser.fill("#field-email", "<b>@x").await;
        browser.fill("#field-password", "1").await;
        browser.click("form button").await;
        browser.reads("#wrong-email", "This is not a mail address.").await;
        let code = "return document.getElementById('wrong-password').textContent";
        browser.gives(code, password).await;
        browser.screenshot(&format!("signup-{profile}")).await;
        person::check_accessible(&browser).await;
    }
}

#[tokio::test]
async fn a_link_that_is_none_of_ours_sets_no_password() {
    let Some((browser, server)) = visit(&cheap()).await else {
        return;
    };
    browser.open(&format!("{}/resetpassword#%", server.base)).await;
    browser.fill("#field-password", "correct horse").await;
    browser.fill("#field-repeated", "correct horse").await;
    browser.click("form button").await;
    browser
        .reads(PROBLEM, "This link has been used or has expired. Request a new one.")
        .await;
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_once_by_the_link_of_the_mail() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let Some((browser, server)) = visit(&cheap().env("FLASK_PROFILE", profile)).await else {
            return;
        };
        let base = &server.base;
        browser.open(&format!("{base}/login")).await;
        browser.click("a[href$='/forgotpassword']").await;
        browser.fill("#field-email", ADMIN).await;
        browser.click("form button").await;
        let notice = browser.shown(NOTICE).await.text().await.unwrap();
        assert!(notice.contains("a mail is on its way"), "{notice}");

        let link = person::reset_link(&browser, &server, base).await;
        browser.open(&link).await;
        browser.at("/resetpassword").await;
        person::check_accessible(&browser).await;
        browser.fill("#field-password", "a new password").await;
        browser.fill("#field-repeated", "another").await;
        browser.click("form button").await;
        browser.reads("#wrong-repeated", "The passwords do not match.").await;
        browser.fill("#field-repeated", "a new password").await;
        browser.click("form button").await;
        browser.at("/login").await;
        browser
            .reads(NOTICE, "Your password has been changed. Please sign in.")
            .await;

        browser.open(&link).await;
        browser.at("/resetpassword").await;
        browser.fill("#field-password", "a third password").await;
        browser.fill("#field-repeated", "a third password").await;
        browser.click("form button").await;
        browser
            .reads(PROBLEM, "This link has been used or has expired. Request a new one.")
            .await;
        // A token of the second of the change is refused.
        browser
            .until("the password works", async || {
                person::token_of(&server, profile, "a new password")
            })
            .await;
    }
}

#[tokio::test]
async fn the_tutorials_users_can_be_looked_at() {
    let Some((browser, server)) = visit(&cheap().env("FLASK_PROFILE", "tutorial")).await else {
        return;
    };
    let base = &server.base;
    person::sign_in(&browser, base, ADMIN, &password_of(&server)).await;
    browser.open(&format!("{base}/users")).await;
    browser.shown("#rows tbody tr").await;
    browser
        .gives("return document.querySelectorAll('#new, .delete, .actions').length", 0)
        .await;
    person::check_accessible(&browser).await;
    for (path, status) in [
        ("/users/1", 404),
        ("/users/new", 404),
        ("/roles", 404),
        ("/signup", 404),
        ("/login", 200),
    ] {
        assert_eq!(call(&server, "GET", path, None, None).status, status, "{path}");
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    assert!(token(&server, ADMIN, &password_of(&server)).contains('.'));
}
