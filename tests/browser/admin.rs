//! The home page, users and roles, and what all pages have in common.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    driver::Browser,
    fake,
    person::{self, ADMIN, password_of},
};
use crate::{
    api::{call, cheap, run, token},
    parity::load_tables,
    support::{scaffolded::has_scaffolded, server::Server},
};

/// The most that a first page may weigh, compressed.
const MAX_FIRST_PAGE_BYTES: u64 = 300_000;

async fn signed_in(profile: &str) -> Option<(Browser, Server)> {
    let browser = Browser::start().await?;
    let server = Server::start(&cheap().env("FLASK_PROFILE", profile));
    person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
    Some((browser, server))
}

#[tokio::test]
async fn the_first_page_is_light_and_asks_only_its_own_server() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start(&cheap());
    let base = &server.base;
    for path in ["/login", "/", "/users"] {
        // As for somebody who comes for the first time.
        browser.forget_files().await;
        browser.received().await;
        browser.open(&format!("{base}{path}")).await;
        browser.shown("h1").await;
        browser.idle().await;
        let bytes = browser.received().await;
        assert!((10_000..MAX_FIRST_PAGE_BYTES).contains(&bytes), "{path}: {bytes} bytes");
        if path == "/login" {
            person::sign_in(&browser, base, ADMIN, &password_of(&server)).await;
        }
    }
    for path in [
        "/",
        "/users",
        "/users/1",
        "/users/1/edit",
        "/roles",
        "/signup",
        "/forgotpassword",
        "/docs",
    ] {
        browser.open(&format!("{base}{path}")).await;
        browser.shown("h1").await;
        browser.idle().await;
    }
    let sent = browser.sent().await;
    let own = format!("{base}/");
    assert!(
        sent.len() > 20 && sent.iter().all(|sent| sent.url.starts_with(&own)),
        "{sent:#?}"
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn home_shows_how_many_rows_there_are_and_the_latest() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.reads("#figures a[href='/users'] span", "1").await;
    browser.reads("#figures a[href='/roles'] span", "1").await;
    browser.reads("#entries a[href='/users/1']", "Admin").await;
    let code = "return document.getElementById('start').checkVisibility()";
    browser.gives(code, !has_scaffolded()).await;
    browser.screenshot("home").await;
    person::check_accessible(&browser).await;
    let role = json!({"data": {"type": "roles", "attributes": {"name": "editor"}}});
    let token = token(&server, ADMIN, &password_of(&server));
    assert_eq!(
        call(&server, "POST", "/api/v1/roles.json", Some(&token), Some(&role)).status,
        201
    );
    browser.reload().await;
    browser.reads("#figures a[href='/roles'] span", "2").await;
}

#[tokio::test]
async fn users_are_added_changed_and_deleted() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let Some((browser, server)) = signed_in(profile).await else {
            return;
        };
        let base = &server.base;
        browser.click("#menu a[href$='/users']").await;
        browser.click("#new").await;
        browser.shown("#form[data-ready]").await;
        browser.click("#save").await;
        browser.reads("#wrong-name", "Required").await;
        browser.fill("#field-name", "Ann").await;
        browser.fill("#field-email", ADMIN).await;
        browser.fill("#field-password", "correct horse").await;
        if profile == "scaffold-1.0" {
            browser.fill("#field-role", "adm").await;
            browser.press(Key::Down + "").await;
            browser.press(Key::Enter + "").await;
            browser
                .gives("return document.getElementById('field-role').value", "admin")
                .await;
        }
        browser.click("#save").await;
        browser
            .reads("#wrong-email", "This is taken already: it must be unique.")
            .await;
        browser.shown("#field-email.is-invalid[aria-invalid=true]").await;
        browser.gives("return document.activeElement.id", "field-email").await;
        browser.fill("#field-email", "ann@example.com").await;
        browser.click("#save").await;
        browser.at("/users").await;
        browser.shown("#row-2").await;
        assert!(person::token_of_user(&server, profile, "ann@example.com", "correct horse").is_some());

        // Without a password in the form the old one stays.
        browser.open(&format!("{base}/users/2/edit")).await;
        browser.shown("#form[data-ready]").await;
        browser.fill("#field-name", "Ann Other").await;
        browser.screenshot(&format!("user-{profile}")).await;
        browser.click("#save").await;
        browser.at("/users/2").await;
        browser.reads("#heading", "Ann Other").await;
        assert!(person::token_of_user(&server, profile, "ann@example.com", "correct horse").is_some());
        browser.click("#edit").await;
        browser.shown("#form[data-ready]").await;
        // As a person does, who finds the field empty.
        browser.click("#field-password").await;
        browser.press("another horse").await;
        browser.click("#save").await;
        browser.at("/users/2").await;
        browser
            .until("the new password works", async || {
                person::token_of_user(&server, profile, "ann@example.com", "another horse")
            })
            .await;

        browser.shown("#detail dd").await;
        browser.click("#delete").await;
        browser.screenshot("question").await;
        browser.press(Key::Escape + "").await;
        browser.click("#delete").await;
        browser.click("#question-yes").await;
        browser.at("/users").await;
        browser.shown("#row-1").await;
        browser
            .gives("return document.querySelectorAll('#row-2').length", 0)
            .await;
    }
}

/// Its API has truth values where 1.0's has numbers.
#[tokio::test]
async fn users_of_0_6_are_switched_off_and_on() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}/users.db", folder.path().display());
    // It has a runtime of its own.
    std::thread::scope(|scope| scope.spawn(|| load_tables("S06", &url, |schema| schema)).join()).unwrap();
    let config = cheap().env("FLASK_PROFILE", "scaffold-1.0").env("DATABASE_URL", &url);
    run(&config, folder.path(), &["user", "grant-admin", ADMIN], None);
    let server = Server::start(&config);
    let base = &server.base;
    person::sign_in(&browser, base, ADMIN, "password").await;
    for (user, shown) in [(1, "Yes"), (2, "No")] {
        browser.open(&format!("{base}/users/{user}")).await;
        browser.shown("#detail dd").await;
        let code =
            format!("return [...document.querySelectorAll('#detail dd')].some((cell) => cell.innerText === '{shown}')");
        browser.gives(&code, true).await;
    }
    let is_let_in = || person::token_of_user(&server, "scaffold-1.0", "forgot@example.com", "password").is_some();
    for may_log_in in [false, true] {
        browser.open(&format!("{base}/users/6/edit")).await;
        browser.shown("#form[data-ready]").await;
        browser
            .gives("return document.getElementById('field-active').checked", !may_log_in)
            .await;
        browser.click("#field-active").await;
        browser.click("#save").await;
        browser.at("/users/6").await;
        assert_eq!(is_let_in(), may_log_in);
    }
    // Without a change of the switch it goes back as it came.
    browser.open(&format!("{base}/users/6/edit")).await;
    browser.shown("#form[data-ready]").await;
    browser.fill("#field-name", "Still let in").await;
    browser.click("#save").await;
    browser.at("/users/6").await;
    assert!(is_let_in());
}

#[tokio::test]
async fn what_somebody_may_not_do_is_said_in_the_servers_words() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start(&cheap());
    let base = &server.base;
    let ann = json!({"data": {"type": "users", "attributes":
        {"name": "Ann", "email": "ann@example.com", "password": "correct horse", "active": 1}}});
    assert_eq!(
        call(&server, "POST", "/api/v1/signup.json", None, Some(&ann)).status,
        201
    );
    person::sign_in(&browser, base, "ann@example.com", "correct horse").await;
    browser.open(&format!("{base}/users/1/edit")).await;
    browser.shown("#form[data-ready]").await;
    browser.fill("#field-name", "Mallory").await;
    browser.click("#save").await;
    browser.reads("#problem:not([hidden])", "Admin Access Required").await;
    browser.open(&format!("{base}/users/99")).await;
    browser.reads("#problem", "The user 99 does not exist.").await;
    let code =
        "return [...document.querySelectorAll('main button, main .btn')].filter((one) => one.checkVisibility()).length";
    browser.gives(code, 0).await;
    person::check_accessible(&browser).await;
    browser.screenshot("no-such-row").await;

    // After a refusal of something at the end of a long list, the reason is in sight.
    browser.open(&format!("{base}/roles")).await;
    browser.click("#row-1 button.delete").await;
    browser
        .reads("#question-warning", "Users with this role will have no role.")
        .await;
    browser.click("#question-yes").await;
    browser.reads("#problem", "Admin Access Required").await;
    browser.gives("return document.activeElement.id", "problem").await;
}

#[tokio::test]
async fn home_leaves_out_what_may_not_be_seen_and_says_why_it_is_empty() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start(&cheap());
    let rows = json!({"data": [{"id": 7, "attributes": {"name": "Ann"}}]});
    let refused = (401, json!({"error": "Admin Access Required"}));
    let down = (503, json!({"error": "The database is not available."}));
    for (users, roles, figures, problem) in [
        ((200, rows), refused, 1, ""),
        (down.clone(), down, 0, "The database is not available."),
    ] {
        let base = fake::start(&server.base, move |asked| match &*asked.path {
            "/api/v1/users.json" => Some(users.clone()),
            // Roles, and resources that developers have scaffolded here.
            path if path.starts_with("/api/v1/") => Some(roles.clone()),
            _ => None,
        });
        browser.open(&format!("{base}/login")).await;
        become_user(&browser, ADMIN).await;
        browser.open(&base).await;
        browser.idle().await;
        browser
            .gives("return document.querySelectorAll('#figures a').length", figures)
            .await;
        browser
            .gives("return document.getElementById('problem').textContent", problem)
            .await;
        browser.screenshot(&format!("home-with-{figures}")).await;
        browser.open(&format!("{base}/users")).await;
        browser.idle().await;
        let code = "return document.getElementById('export').checkVisibility()";
        browser.gives(code, problem.is_empty()).await;
    }
}

/// Writes a session of another user down, as a tab of the same browser does that signs in.
async fn become_user(browser: &Browser, email: &str) {
    let code = format!(
        "localStorage.setItem('poem-scaffold.session', JSON.stringify({{ token: 'a.b.c', email: '{email}' }}));
         dispatchEvent(new StorageEvent('storage'))"
    );
    browser.script(&code).await;
}

#[tokio::test]
async fn a_page_follows_who_signs_in_elsewhere_but_keeps_what_was_typed() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.open(&format!("{}/roles/new", server.base)).await;
    browser.shown("#form[data-ready]").await;
    browser.script("window.isSame = true").await;
    browser.fill("#field-name", "editor").await;
    become_user(&browser, "bob@example.com").await;
    browser.reads("#me", "bob@example.com").await;
    browser
        .reads("#notices .toast-body", "Another tab has signed in as bob@example.com.")
        .await;
    browser
        .gives("return document.getElementById('field-name').value", "editor")
        .await;
    browser.fill("#field-name", "").await;
    become_user(&browser, ADMIN).await;
    browser.gives("return window.isSame ?? false", false).await;
    browser.reads("#me", ADMIN).await;
}

#[tokio::test]
async fn an_address_without_a_page_gets_one_that_says_so() {
    for profile in ["tutorial", "scaffold-1.0", "scaffold-2.0"] {
        let server = Server::start(&cheap().env("FLASK_PROFILE", profile));
        let answer = call(&server, "GET", "/nothing/here", None, None);
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("app.css"), "{}", answer.text());
        for (path, location) in [
            ("/users/?a=b", Some("../users?a=b")),
            ("/docs/", Some("../docs")),
            ("/login/", Some("../login")),
            ("/nothing/", None),
            ("//users/", Some("../users")),
        ] {
            let answer = call(&server, "GET", path, None, None);
            assert_eq!(answer.header("location").as_deref(), location, "{profile} {path}");
            assert_eq!(answer.status, if location.is_some() { 307 } else { 404 });
        }
    }
    let Some(browser) = Browser::start().await else { return };
    browser.set_dark().await;
    let server = Server::start(&cheap());
    browser.open(&format!("{}/nothing/here", server.base)).await;
    browser.reads("h1", "Not found").await;
    browser.screenshot("not-found").await;
    person::check_accessible(&browser).await;
}

#[tokio::test]
async fn on_paper_there_is_nothing_to_click() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.set_print().await;
    for path in ["/", "/users", "/users/1"] {
        browser.open(&format!("{}{path}", server.base)).await;
        browser.shown("h1").await;
        browser.idle().await;
        browser.screenshot(&format!("paper{}", path.replace('/', "-"))).await;
        let code = "return [...document.querySelectorAll('button, input, .btn, #menu')]
            .filter((one) => one.checkVisibility()).map((one) => one.outerHTML)";
        browser.gives(code, Value::Array(Vec::new())).await;
    }
}

#[tokio::test]
async fn colours_follow_the_screen_until_they_are_chosen() {
    let Some(browser) = Browser::start().await else { return };
    browser.set_dark().await;
    let server = Server::start(&cheap());
    person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
    let theme = "return document.documentElement.dataset.bsTheme";
    browser.gives(theme, "dark").await;
    for path in ["/", "/users", "/users/1", "/users/1/edit"] {
        browser.open(&format!("{}{path}", server.base)).await;
        browser.shown("h1").await;
        browser.idle().await;
        browser.screenshot(&format!("dark{}", path.replace('/', "-"))).await;
        person::check_accessible(&browser).await;
    }
    browser.click("#colours").await;
    browser.gives(theme, "light").await;
    browser.reload().await;
    browser.gives(theme, "light").await;
}

#[tokio::test]
async fn a_narrow_screen_shows_everything_and_folds_the_menu() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.set_width(360).await;
    for path in ["/", "/users", "/users/1", "/users/1/edit", "/roles"] {
        browser.open(&format!("{}{path}", server.base)).await;
        browser.shown("h1").await;
        browser.idle().await;
        browser.screenshot(&format!("narrow{}", path.replace('/', "-"))).await;
        // Nothing sticks out at the side.
        let code = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth";
        browser.gives(code, true).await;
        person::check_accessible(&browser).await;
    }
    browser
        .gives("return document.getElementById('menu').checkVisibility()", false)
        .await;
    browser.click("#menu-button").await;
    browser.screenshot("narrow-menu").await;
    person::check_accessible(&browser).await;
    browser.shown("#menu a[href$='/docs']").await;
    browser.reads("#menu a[href='/users/1']", ADMIN).await;
    browser.click("#menu a[href$='/users']").await;
    browser.at("/users").await;
    // What can be done with a row is in sight.
    let code = "const box = document.querySelector('#row-1 .delete')?.getBoundingClientRect();
        return box?.right <= innerWidth";
    browser.gives(code, true).await;
}

#[tokio::test]
async fn keys_are_enough() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.open(&format!("{}/roles", server.base)).await;
    browser.shown("#rows tbody tr").await;
    browser.press(Key::Tab + "").await;
    browser
        .gives(
            "return document.activeElement.className",
            "visually-hidden-focusable skip",
        )
        .await;
    browser.press(Key::Enter + "").await;
    browser.gives("return document.activeElement.id", "content").await;
    // On through the buttons above the table.
    for _ in 0..3 {
        browser.press(Key::Tab + "").await;
    }
    browser.gives("return document.activeElement.id", "new").await;
    browser.press(Key::Enter + "").await;
    browser.at("/roles/new").await;
    browser.shown("#form[data-ready]").await;
    browser.press("editor").await;
    browser.press(Key::Enter + "").await;
    browser.at("/roles").await;
    browser.shown("#row-2").await;
}

#[tokio::test]
async fn the_docs_know_who_is_signed_in() {
    let Some((browser, server)) = signed_in("scaffold-1.0").await else {
        return;
    };
    browser.open(&format!("{}/docs", server.base)).await;
    browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
    browser.screenshot("docs-with-session").await;
    browser.click("#sign-out").await;
    browser.shown("#sign-in").await;
    browser.open(&format!("{}/users", server.base)).await;
    browser.at("/login").await;
    browser.open(&format!("{}/docs", server.base)).await;
    browser.fill("#email", ADMIN).await;
    browser.fill("#password", &password_of(&server)).await;
    browser.click("#sign-in-button").await;
    browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
    browser.open(&format!("{}/users", server.base)).await;
    browser.reads("#me", ADMIN).await;
    browser.click("#sign-out").await;
    browser.at("/login").await;
    browser.open(&format!("{}/docs", server.base)).await;
    browser.shown("#sign-in").await;
}
