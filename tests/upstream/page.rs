//! The page on which administrators see who answers each route.

use serde_json::json;

use super::{
    peer::with_peer,
    routes::{GET_ROLES, Pair, ROLES},
};
use crate::{
    api::call,
    browser::{
        driver::Browser,
        person::{self, ADMIN, password_of},
    },
};

#[test]
fn administrators_see_who_answers_each_route_and_what_differs() {
    with_peer(|peer| {
        let pair = Pair::recording(peer);
        pair.set(GET_ROLES, "compare");
        pair.wait_for(ROLES, true);
        for query in ["", "?name=boss", "?rows=3"] {
            pair.get(&format!("{ROLES}{query}"));
        }
        pair.get("/cookies");
        pair.figures(GET_ROLES, 3);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(see(&pair));
    });
}

async fn see(pair: &Pair) {
    let Some(browser) = Browser::start().await else { return };
    browser
        .open(&format!("{}/poem-scaffold/routes", pair.server.base))
        .await;
    browser.shown("#sign-in").await;
    person::check_accessible(&browser).await;
    browser.fill("#email", ADMIN).await;
    browser.fill("#password", "wrong").await;
    browser.click("#sign-in button").await;
    browser.shown("#problem").await;
    browser.fill("#password", &password_of(&pair.server)).await;
    browser.click("#sign-in button").await;
    browser.shown("#report").await;
    let row = "const row = [...document.querySelectorAll('#routes tr')].find((row) => \
               row.querySelector('code').textContent === ";
    let cells = "); return [...row.cells].slice(1).map((cell) => cell.textContent)";
    let code = format!("{row}'{GET_ROLES}'{cells}.filter((_, place) => [0, 5, 6].includes(place))");
    let figures = pair.figures(GET_ROLES, 3);
    let compared = figures["compared"].to_string();
    browser.gives(&code, json!(["both, compared", compared, "2"])).await;
    let code = format!("{row}'GET /cookies'{cells}[0]");
    browser.gives(&code, "the old app only").await;
    let code = r"return /^Recording: \d+ answers recorded, 0 left out\.$/.test(document.querySelector('#recording').textContent)";
    browser.gives(code, true).await;
    browser.click("#routes summary").await;
    browser.shown("#routes details li").await;
    person::check_accessible(&browser).await;
    browser.screenshot("routes").await;
    browser.set_dark().await;
    browser.set_width(400).await;
    let fits = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth";
    browser.gives(fits, true).await;
    browser.screenshot("routes-narrow").await;
    browser.click("#sign-out").await;
    browser.shown("#sign-in").await;
}

#[test]
fn others_do_not_see_it() {
    with_peer(|peer| {
        let pair = Pair::start(peer);
        let figures = "/poem-scaffold/routes.json";
        assert_eq!(call(&pair.server, "GET", figures, None, None).status, 401);
        let user = json!({"data": {"type": "users", "attributes": {
            "email": "ann@example.com", "password": "correct horse", "name": "Ann", "active": 1,
        }}});
        assert_eq!(
            call(&pair.server, "POST", "/api/v1/signup.json", None, Some(&user)).status,
            201
        );
        let ann = crate::api::token(&pair.server, "ann@example.com", "correct horse");
        let answer = call(&pair.server, "GET", figures, Some(&ann), None);
        assert_eq!(
            (answer.status, answer.json()),
            (401, Some(json!({"error": "Admin Access Required"})))
        );
        assert_eq!(pair.get(figures).status, 200);
    });
}
