//! Forms when things go wrong: rows that do not come, sessions that end, answers that never arrive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    driver::Browser,
    fake::{self, Asked},
    person::{self, ADMIN, password_of},
    visit::Visit,
};
use crate::{
    api::{call, cheap},
    support::server::Server,
};

const PROBLEM: &str = "#problem:not([hidden])";

/// An administrator's browser; a server in front of the real one has its say first.
async fn behind(
    answer: impl Fn(&Asked) -> Option<(u16, Value)> + Send + Sync + 'static,
) -> Option<(Browser, Server, String)> {
    let browser = Browser::start().await?;
    let server = Server::start(&cheap());
    let base = fake::start(&server.base, answer);
    person::sign_in(&browser, &base, ADMIN, &password_of(&server)).await;
    Some((browser, server, base))
}

fn out_of_order() -> (u16, Value) {
    (500, json!({"error": "Out of order"}))
}

#[tokio::test]
async fn a_row_that_does_not_come_cannot_be_overwritten() {
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = broken.clone();
    let answer = move |asked: &Asked| {
        (is_broken.load(Ordering::Relaxed) && asked.path == "/api/v1/users/1.json").then(out_of_order)
    };
    let Some((browser, _server, base)) = behind(answer).await else {
        return;
    };
    browser.open(&format!("{base}/users/1/edit")).await;
    browser.reads(PROBLEM, "Out of order").await;
    browser
        .gives("return document.getElementById('save').checkVisibility()", false)
        .await;
    browser.screenshot("form-without-row").await;
    broken.store(false, Ordering::Relaxed);
    browser.click("#again").await;
    browser.shown("#form[data-ready]").await;
    browser.open(&format!("{base}/users/99/edit")).await;
    browser.reads(PROBLEM, "The user 99 does not exist.").await;
    browser
        .gives("return document.getElementById('again').checkVisibility()", false)
        .await;
}

#[tokio::test]
async fn a_reference_whose_rows_do_not_come_stays_as_it_is() {
    let answer = |asked: &Asked| (asked.path == "/api/v1/roles.json").then(out_of_order);
    let Some((browser, _server, base)) = behind(answer).await else {
        return;
    };
    browser.open(&format!("{base}/users/1/edit")).await;
    browser
        .reads("#wrong-role", "The choices cannot be loaded. Out of order")
        .await;
    browser
        .gives("return document.getElementById('field-role').value", "admin")
        .await;
    browser.fill("#field-name", "Chief").await;
    browser.click("#save").await;
    browser.at("/users/1").await;
    browser.reads("#heading", "Chief").await;
    browser.reads("dd[data-name=role]", "admin").await;
}

#[tokio::test]
async fn fifty_thousand_rows_to_choose_from_are_there_in_a_moment() {
    let answer = |asked: &Asked| {
        let name = |id: i32| {
            if id > 49_998 {
                "twin".to_owned()
            } else {
                format!("role {id}")
            }
        };
        let row = |id| json!({"type": "roles", "id": id, "attributes": {"name": name(id)}});
        (asked.path == "/api/v1/roles.json").then(|| (200, json!({"data": (1..=50_000).map(row).collect::<Vec<_>>()})))
    };
    let Some((browser, _server, base)) = behind(answer).await else {
        return;
    };
    browser.open(&format!("{base}/users/new")).await;
    browser.shown("#form[data-ready]").await;
    browser.fill("#field-role", "twi").await;
    let options = "return [...document.querySelectorAll('[role=option]')].map((option) => option.textContent).join()";
    browser.gives(options, "twin (twin),twin (twin)").await;
}

#[tokio::test]
async fn what_a_row_refers_to_is_named_without_its_whole_list() {
    let answer = |asked: &Asked| (asked.path == "/api/v1/roles.json").then(out_of_order);
    let Some((browser, _server, base)) = behind(answer).await else {
        return;
    };
    browser.open(&format!("{base}/users/1")).await;
    browser.reads("dd[data-name=role]", "admin").await;
    let code = "const from = (name) => import(new URL(name, document.querySelector('script[type=module]').src));
                Promise.all([from('./references.js'), from('./api.js')])
                  .then(([{ labelsOfSome }, { resourceOf }]) => labelsOfSome(resourceOf({ resource: 'roles' }), [1, 99]))
                  .then((labels) => (document.title = JSON.stringify([...labels])))";
    browser.script(code).await;
    browser.gives("return document.title", r#"[[1,"admin"]]"#).await;
}

#[tokio::test]
async fn what_was_filled_in_outlasts_the_session() {
    let Some((browser, _server, base)) = behind(|_| None).await else {
        return;
    };
    browser.open(&format!("{base}/roles/new")).await;
    browser.fill("#field-name", "editor").await;
    let take = "const key = 'poem-scaffold.session'; const kept = localStorage.getItem(key);
                localStorage.removeItem(key); return kept";
    let kept = browser.script(take).await;
    browser.click("#save").await;
    let text = "Your session has expired. Sign in in another tab, then save again. Sign in";
    browser.reads(PROBLEM, text).await;
    browser.shown("#problem a[href='/login'][target='_blank']").await;
    browser.screenshot("form-session-ended").await;
    person::check_accessible(&browser).await;
    let give = format!("localStorage.setItem('poem-scaffold.session', {kept})");
    browser.script(&give).await;
    browser.click("#save").await;
    browser.at("/roles").await;
    browser.shown("#row-2").await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for_in_silence() {
    let answer = |asked: &Asked| {
        let is_stalled = asked.method == "POST" && asked.path == "/api/v1/roles.json";
        is_stalled.then(|| {
            thread::sleep(Duration::from_secs(3));
            out_of_order()
        })
    };
    let Some((browser, _server, base)) = behind(answer).await else {
        return;
    };
    browser.open(&format!("{base}/roles/new")).await;
    browser.fill("#field-name", "editor").await;
    // Seconds pass faster, but for the notice: a busy machine would look for it when it is gone again.
    let code = "const real = setTimeout;
                const faster = (time) => (time < 6000 ? time / 50 : time > 15000 ? time / 20 : time);
                window.setTimeout = (run, time) => real(run, faster(time));";
    browser.script(code).await;
    browser.click("#save").await;
    browser.reads("#notices .toast-body", "Still saving …").await;
    let text = "The server does not answer. It may still have saved the change: check before you try again.";
    browser.reads(PROBLEM, text).await;
    browser
        .gives("return document.getElementById('save').disabled", false)
        .await;
}

#[tokio::test]
async fn the_way_back_shows_pages_as_they_are_now() {
    let Some((browser, server, base)) = behind(|_| None).await else {
        return;
    };
    browser.open(&format!("{base}/roles/new")).await;
    browser.fill("#field-name", "editor").await;
    browser.click("#save").await;
    browser.at("/roles").await;
    browser.shown("#row-2").await;
    browser.script("history.back()").await;
    browser.at("/roles/new").await;
    browser.fill("#field-name", "writer").await;
    browser.click("#save").await;
    browser.at("/roles").await;
    browser.shown("#row-3").await;

    browser.click("#sign-out").await;
    browser.at("/login").await;
    browser.script("history.back()").await;
    let here = "return location.pathname + location.search";
    browser.gives(here, "/login?next=%2Froles").await;

    person::type_in(&browser, ADMIN, &password_of(&server)).await;
    browser.at("/roles").await;
    browser.script("history.back()").await;
    browser.at("/login").await;
    browser
        .gives("return document.getElementById('field-password').value", "")
        .await;
    browser
        .gives("return document.querySelector('form button').disabled", false)
        .await;
}

#[tokio::test]
async fn what_the_server_did_not_change_is_said() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::start(&cheap());
    let ann = json!({"data": {"type": "users", "attributes":
        {"name": "Ann", "email": "ann@example.com", "password": "correct horse", "active": 1}}});
    assert_eq!(
        call(&server, "POST", "/api/v1/signup.json", None, Some(&ann)).status,
        201
    );
    person::sign_in(&browser, &server.base, "ann@example.com", "correct horse").await;
    browser.open(&format!("{}/users/2/edit", server.base)).await;
    browser.fill("#field-name", "Ann Other").await;
    browser.fill("#field-role", "ADMIN").await;
    browser.press(Key::Tab + "").await;
    browser
        .gives("return document.getElementById('field-role').value", "admin")
        .await;
    browser.click("#save").await;
    browser
        .reads("#notices .toast-body", "Saved: Ann Other. Not changed: Role")
        .await;
}

#[tokio::test]
async fn who_sets_their_own_password_stays_signed_in() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let Some(browser) = Browser::start().await else { return };
        let server = Server::start(&cheap().env("FLASK_PROFILE", profile));
        let base = &server.base;
        person::sign_in(&browser, base, ADMIN, &password_of(&server)).await;
        browser.open(&format!("{base}/users/1/edit")).await;
        browser.fill("#field-password", "correct horse").await;
        browser.fill("#field-email", "chief@example.com").await;
        browser.click("#save").await;
        browser.at("/users/1").await;
        browser.reads("#heading", "Admin").await;
        browser.reads("#me", "chief@example.com").await;
        browser.open(&format!("{base}/users")).await;
        browser.shown("#row-1").await;
    }
}

#[tokio::test]
async fn rows_that_are_called_the_same_are_told_apart() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    for _ in 0..2 {
        visit.add("news", json!({"headline": "Twice"}));
    }
    let mut item = visit.example("equipment_items");
    item["other"] = json!(1);
    visit.add("equipment_items", item);
    visit.open_form("/equipment_items/1/edit").await;
    let value = "return document.getElementById('field-other').value";
    browser.gives(value, "Twice (1)").await;
    browser.click("#field-other").await;
    browser.screenshot("choices").await;
    // Enter takes what was typed, and saves nothing yet.
    browser.fill("#field-other", "twice (2)").await;
    browser.press(Key::Enter + "").await;
    browser.gives(value, "Twice (2)").await;
    browser.press(Key::Down + "").await;
    browser.press(Key::Down + "").await;
    let selected = "return document.querySelector('#choices-other .active').ariaSelected";
    browser.gives(selected, "true").await;
    browser.press(Key::Escape + "").await;
    browser.click("#save").await;
    browser.at("/equipment_items/1").await;
    assert_eq!(visit.attributes("equipment_items", 1)["other"], 2);
}

#[tokio::test]
async fn choices_open_where_they_can_be_seen() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    for number in 0..20 {
        visit.add("news", json!({"headline": format!("News {number}")}));
    }
    browser.set_width(600).await;
    visit.open_form("/equipment_items/new").await;
    browser.click("#field-other").await;
    let code = "const { bottom } = document.getElementById('choices-other').getBoundingClientRect();
                return bottom > 0 && bottom <= innerHeight + 1";
    browser.gives(code, true).await;
}

#[tokio::test]
async fn numbers_in_json_keep_their_digits() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let payload = |last: u8| json!({"large": 12345678901234567890_u64, "whole": 1.0, "last": last});
    let mut item = visit.example("equipment_items");
    item["other"] = json!(null);
    item["payload"] = payload(1);
    visit.add("equipment_items", item);
    visit.open_form("/equipment_items/1/edit").await;
    let code = "const field = document.getElementById('field-payload');
                field.value = field.value.replace('\"last\": 1', '\"last\": 2')";
    browser.script(code).await;
    browser.click("#save").await;
    browser.at("/equipment_items/1").await;
    assert_eq!(visit.attributes("equipment_items", 1)["payload"], payload(2));
    // A delete can be taken back as exactly.
    browser.shown("#detail dd").await;
    browser.click("#delete").await;
    browser.click("#question-yes").await;
    browser.at("/equipment_items").await;
    browser.click("#notices button.btn-outline-primary").await;
    browser.shown("#rows tbody tr").await;
    let restored = call(
        &visit.server,
        "GET",
        "/api/v1/equipment_items.json",
        Some(&visit.token),
        None,
    );
    assert_eq!(restored.json().unwrap()["data"][0]["attributes"]["payload"], payload(2));
}

#[tokio::test]
async fn what_a_new_row_is_not_given_gets_its_default() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.open_form("/equipment_items/new").await;
    browser.reads("#hint-seen_at", "(default if empty)").await;
    browser.reads("#hint-other", "(optional)").await;
    browser.screenshot("hints-new").await;
    browser.fill("#field-payload", "{}").await;
    browser.fill("#field-price", "1.50").await;
    browser.fill("#field-tag", "").await;
    browser.click("#save").await;
    browser.at("/equipment_items").await;
    let item = visit.attributes("equipment_items", 1);
    assert_eq!(item["is_kept"], false);
    assert!(item["seen_at"].is_string(), "{item}");
    assert_eq!(item["tag"], json!(null), "what was shown and taken out is none");

    visit.add_category("Rust");
    visit.open_form("/categories/1/edit").await;
    browser
        .gives("return document.getElementById('hint-rank_of').textContent", "")
        .await;
    browser.reads("#hint-code", "(optional)").await;
}

#[tokio::test]
async fn times_that_no_clock_shows_are_refused() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    browser.set_time_zone("Europe/Berlin").await;
    let category = visit.add_category("Rust");
    let mut article = visit.example("articles");
    article["category"] = category;
    article["reviewer"] = json!(null);
    // The second half past two of that night.
    article["begins_at"] = json!("2026-10-25T01:30:00+00:00");
    visit.add("articles", article);
    visit.open_form("/articles/1/edit").await;
    for (field, time, text) in [
        (
            "begins_at",
            "2026-03-29T02:30",
            "This time does not exist on that day: the clocks go forward.",
        ),
        ("begins_at", "12026-01-01T00:00", "Must not be after the year 9999."),
        ("due", "12026-01-01", "Must not be after the year 9999."),
    ] {
        browser.set(&format!("#field-{field}"), time).await;
        browser.click("#save").await;
        browser.reads(&format!("#wrong-{field}"), text).await;
    }
    browser.set("#field-due", "2026-01-02").await;
    browser.set("#field-begins_at", "2026-10-25T02:45").await;
    browser.click("#save").await;
    browser.at("/articles/1").await;
    assert_eq!(
        visit.attributes("articles", 1)["begins_at"],
        "2026-10-25T01:45:00+00:00"
    );
}
