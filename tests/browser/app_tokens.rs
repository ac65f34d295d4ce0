//! The pages where tokens are a Flask app's: they send them as the app does, and know its refusals.

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
};
use crate::{api::cheap, support::server::Server};

#[tokio::test]
async fn the_pages_work_with_the_tokens_of_each_package() {
    for (settings, word) in [
        (&[("TOKEN_DIALECT", "flask-jwt")][..], "JWT "),
        (
            &[
                ("TOKEN_DIALECT", "flask-jwt-extended-4"),
                ("JWT_HEADER_NAME", "X-Access-Token"),
                ("JWT_HEADER_TYPE", "none"),
                ("TOKEN_IDENTITY", "email"),
            ],
            "",
        ),
        (&[("TOKEN_DIALECT", "pyjwt"), ("JWT_IDENTITY_CLAIM", "user_id")], ""),
    ] {
        let config = cheap().env("SECRET_KEY", "a test key of at least thirty-two bytes!");
        let config = settings
            .iter()
            .fold(config, |config, (name, value)| config.env(name, value));
        let Some(browser) = Browser::start().await else {
            return;
        };
        // The first start makes the administrator.
        let server = Server::start(&config);
        person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
        browser.open(&format!("{}/users", server.base)).await;
        browser.shown("#rows tbody tr").await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());

        browser.open(&format!("{}/docs", server.base)).await;
        browser.shown("#sign-out").await;
        let value = "const { value } = JSON.parse(localStorage.authorized).JWT;
                     return value.slice(0, value.indexOf('ey'))";
        browser.gives(value, word).await;

        let spoil = "const key = 'poem-scaffold.session';
                     const session = JSON.parse(localStorage.getItem(key));
                     session.token = session.token.slice(0, -8) + 'AAAAAAAA';
                     localStorage.setItem(key, JSON.stringify(session));";
        browser.script(spoil).await;
        browser.open(&format!("{}/users", server.base)).await;
        browser.at("/login").await;
        browser
            .gives("return new URLSearchParams(location.search).get('reason')", "invalid")
            .await;
    }
}
