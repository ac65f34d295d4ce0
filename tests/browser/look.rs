//! Pages in a deployment's own colour and with its logo: they can be read in any colour.

use std::fs;

use serde_json::json;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
};
use crate::{api::cheap, support::server::Server};

/// A logo whose script would be seen, and with a style of its own.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 24"><style>rect { fill: #1d6b3a }</style>
<rect width="60" height="24" rx="6"/><script>document.documentElement.setAttribute("data-ran", "")</script></svg>"##;

#[tokio::test]
async fn pages_can_be_read_in_every_colour_in_light_and_in_dark_mode() {
    let Some(browser) = Browser::start().await else { return };
    for (color, background, text) in [
        ("#c2410c", "rgb(194, 65, 12)", "rgb(255, 255, 255)"),
        ("#ffe600", "rgb(255, 230, 0)", "rgb(0, 0, 0)"),
        ("#111111", "rgb(17, 17, 17)", "rgb(255, 255, 255)"),
    ] {
        let server = Server::start(&cheap().env("PAGES_COLOR", color));
        person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
        for colours in ["light", "dark"] {
            let code = format!("localStorage.setItem('poem-scaffold.colours', '{colours}')");
            browser.script(&code).await;
            for path in ["/", "/users", "/users/1", "/users/new", "/login"] {
                browser.open(&format!("{}{path}", server.base)).await;
                browser.shown("h1").await;
                browser.idle().await;
                let name = format!("look{color}-{colours}{}", path.replace('/', "-"));
                browser.screenshot(&name).await;
                person::check_accessible(&browser).await;
            }
            browser.open(&format!("{}/users", server.base)).await;
            let code = "const style = getComputedStyle(document.querySelector('#new'));
                return [style.backgroundColor, style.color]";
            browser.gives(code, json!([background, text])).await;
        }
        browser.open(&format!("{}/docs", server.base)).await;
        browser.shown(".bar h1").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_logo_is_shown_and_its_scripts_do_not_run() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("logo.svg"), LOGO).unwrap();
    let server = Server::start(&cheap().env("PAGES_LOGO", "logo.svg").folder(folder.path()));
    for (path, height) in [("/login", 32), ("/docs", 24)] {
        browser.open(&format!("{}{path}", server.base)).await;
        let code = "const image = document.querySelector('img[src*=\"/pages/logo.svg\"]');
            return [image.complete && image.naturalWidth > 0, image.height]";
        browser.gives(code, json!([true, height])).await;
    }
    let code = "return document.querySelector('img[src*=\"/pages/logo.svg\"]').src";
    let address = browser.script(code).await;
    browser.open(address.as_str().unwrap()).await;
    browser.shown("rect").await;
    browser
        .gives("return document.documentElement.hasAttribute('data-ran')", false)
        .await;
}
