//! The page at `/docs`: it loads under its strict policy, signs a person in, and tries the API out.

use serde_json::{Value, json};

use super::{
    driver::Browser,
    fake,
    person::{self, ADMIN, password_of},
};
use crate::support::{
    http, program,
    server::{Server, ServerConfig},
};

/// The block of GET /api/users.
const USERS: &str = r#".opblock-get:has([data-path="/api/users"])"#;

/// A title that would run a script if anything took it for markup.
const MARKUP: &str = "</script><img src=x onerror=alert(1)>";

/// A fresh server and a browser that shows its docs.
struct Visit {
    browser: Browser,
    server: Server,
}

impl Visit {
    /// Opens the page; `None` where no browser is installed.
    async fn start() -> Option<Self> {
        let visit = Self {
            browser: Browser::start().await?,
            server: Server::start(&ServerConfig::of(program())),
        };
        visit.browser.open(&format!("{}/docs", visit.server.base)).await;
        visit.browser.shown(USERS).await;
        Some(visit)
    }

    /// Gets a token without the page.
    fn token(&self) -> String {
        let (status, answer) = self.log_in(&password_of(&self.server));
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().expect("a login gives a token").to_owned()
    }

    /// What the API answers to a login.
    fn log_in(&self, password: &str) -> (u16, Value) {
        let body = json!({"email": ADMIN, "password": password}).to_string();
        let headers = [("Content-Type", "application/json")];
        let response = http::send(&self.server.base, "POST", "/api/login", &headers, Some(body.as_bytes()));
        (response.status, response.json().expect("a login answers with JSON"))
    }

    async fn sign_in(&self) {
        sign_in(&self.browser, &password_of(&self.server)).await;
        self.browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
    }

    /// Executes GET /api/users, whose block is open, and waits for a status.
    async fn try_users(&self, status: &str) {
        self.browser.click(&format!("{USERS} .execute")).await;
        let cell = format!("{USERS} .live-responses-table tr.response td.response-col_status");
        self.browser.reads(&cell, status).await;
    }

    /// Opens the block of GET /api/users.
    async fn open_users(&self) {
        self.browser.click(&format!("{USERS} .opblock-summary-control")).await;
    }

    /// The Authorization header of each GET /api/users since the last look.
    async fn authorizations(&self) -> Vec<Option<String>> {
        let url = format!("{}/api/users", self.server.base);
        let sent = self.browser.sent().await;
        sent.iter()
            .filter(|sent| sent.method == "GET" && sent.url == url)
            .map(|sent| sent.header("Authorization").map(str::to_owned))
            .collect()
    }
}

async fn sign_in(browser: &Browser, password: &str) {
    browser.fill("#email", ADMIN).await;
    browser.fill("#password", password).await;
    browser.click("#sign-in-button").await;
}

/// Fails on anything in the console that is not an announced 401.
async fn assert_quiet(browser: &Browser) {
    let complaints = browser.complaints().await;
    let strange: Vec<_> = complaints
        .iter()
        .filter(|text| !text.contains("status of 401"))
        .collect();
    assert!(strange.is_empty(), "{strange:#?}");
}

#[tokio::test]
async fn the_docs_load_without_a_complaint_and_ask_only_their_own_server() {
    let Some(visit) = Visit::start().await else { return };
    visit.browser.shown("#sign-in").await;
    visit.browser.screenshot("docs").await;

    let complaints = visit.browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    let sent = visit.browser.sent().await;
    let own = format!("{}/", visit.server.base);
    assert!(sent.len() >= 5, "page, two styles, two scripts: {sent:#?}");
    assert!(sent.iter().all(|sent| sent.url.starts_with(&own)), "{sent:#?}");
}

#[tokio::test]
async fn the_docs_fit_a_narrow_screen() {
    let Some(visit) = Visit::start().await else { return };
    visit.browser.set_width(400).await;
    visit.open_users().await;
    visit.browser.shown(&format!("{USERS} .execute")).await;
    visit.browser.screenshot("docs-narrow").await;
    // Nothing sticks out at the side.
    let code = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth";
    visit.browser.gives(code, true).await;
}

#[tokio::test]
async fn signing_in_authorizes_try_it_out_and_outlives_a_reload() {
    let Some(visit) = Visit::start().await else { return };
    visit.sign_in().await;
    visit.open_users().await;
    visit.try_users("200").await;
    visit.browser.screenshot("docs-signed-in").await;
    let first = visit.authorizations().await;
    assert!(
        matches!(&first[..], [Some(value)] if value.starts_with("Bearer ey")),
        "{first:?}"
    );

    visit.browser.reload().await;
    visit.browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
    visit.open_users().await;
    visit.try_users("200").await;
    assert_eq!(visit.authorizations().await, first, "the same token");
    assert_quiet(&visit.browser).await;
}

#[tokio::test]
async fn a_wrong_password_shows_what_the_server_says() {
    let Some(visit) = Visit::start().await else { return };
    let (status, answer) = visit.log_in("wrong");
    assert_eq!(status, 401);
    let text = answer["message"].as_str().or(answer["error"].as_str());
    let text = text.expect("a refusal has a text");

    sign_in(&visit.browser, "wrong").await;
    visit.browser.reads("#problem", text).await;
    visit.browser.screenshot("docs-wrong-password").await;
    assert_quiet(&visit.browser).await;

    visit.sign_in().await;
    // The old text is gone.
    let code = "return document.getElementById('problem').textContent";
    visit.browser.gives(code, "").await;
}

#[tokio::test]
async fn signing_out_forgets_the_token() {
    let Some(visit) = Visit::start().await else { return };
    visit.sign_in().await;
    visit.browser.click("#sign-out").await;
    visit.browser.shown("#sign-in").await;
    visit.open_users().await;
    visit.try_users("401").await;

    visit.browser.reload().await;
    visit.browser.shown("#sign-in").await;
    visit.open_users().await;
    visit.try_users("401").await;
    assert_eq!(visit.authorizations().await, [None, None]);
    let kept = visit.browser.script("return JSON.stringify(localStorage)").await;
    let kept = kept.as_str().expect("a string");
    assert!(!kept.contains("ey") && !kept.contains(ADMIN), "{kept}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_forgotten_and_the_reason_said() {
    let Some(visit) = Visit::start().await else { return };
    let session = "localStorage.setItem('poem-scaffold.session', JSON.stringify({ token: 'a.b.c', email: 'a@b.c' }))";
    visit.browser.script(session).await;
    visit.browser.reload().await;
    visit.browser.reads("#who", "Signed in as a@b.c").await;
    visit.open_users().await;
    visit.try_users("401").await;
    visit
        .browser
        .reads("#problem", "Token is invalid. Please sign in.")
        .await;
    visit.browser.shown("#sign-in").await;
    visit.browser.screenshot("docs-refused").await;
    visit
        .browser
        .gives("return localStorage.getItem('poem-scaffold.session')", Value::Null)
        .await;
    visit.try_users("401").await;
    visit
        .browser
        .reads("#problem", "Missing authorization header. Please sign in.")
        .await;
}

#[tokio::test]
async fn the_docs_have_the_colours_of_the_other_pages_and_can_be_read() {
    let Some(visit) = Visit::start().await else { return };
    for colours in ["dark", "light"] {
        let code = format!("localStorage.setItem('poem-scaffold.colours', '{colours}')");
        visit.browser.script(&code).await;
        visit.browser.reload().await;
        visit.browser.shown(USERS).await;
        let code = "return [document.documentElement.matches('.dark-mode'),
            getComputedStyle(document.body).backgroundColor === 'rgb(28, 32, 34)']";
        visit.browser.gives(code, vec![colours == "dark"; 2]).await;
        visit.browser.screenshot(&format!("docs-{colours}")).await;
        // Swagger UI puts buttons into what can be clicked as a whole.
        let known = "for (const part of document.querySelectorAll('.opblock, .models')) part.remove()";
        visit.browser.script(known).await;
        person::check_accessible(&visit.browser).await;
        visit.browser.click(".auth-wrapper .authorize").await;
        visit.browser.shown(".modal-ux .close-modal[aria-label=Close]").await;
        person::check_accessible(&visit.browser).await;
    }
}

#[tokio::test]
async fn the_dialog_of_swagger_ui_and_the_sign_in_box_agree() {
    let Some(visit) = Visit::start().await else { return };
    let token = visit.token();
    visit.browser.click(".auth-wrapper .authorize").await;
    visit.browser.fill(".modal-ux input", &token).await;
    visit.browser.click(".modal-ux button.authorize").await;
    visit.browser.reads("#who", "Authorized with a token").await;
    visit.browser.screenshot("docs-dialog").await;
    visit.browser.click(".modal-ux button.btn-done").await;
    visit.open_users().await;
    visit.try_users("200").await;
    assert_eq!(visit.authorizations().await, [Some(format!("Bearer {token}"))]);

    visit.browser.click(".auth-wrapper .authorize").await;
    visit.browser.click(".modal-ux button.auth:not(.btn-done)").await;
    visit.browser.shown("#sign-in").await;
    assert_quiet(&visit.browser).await;
}

#[tokio::test]
async fn markup_in_a_title_stays_text() {
    let Some(visit) = Visit::start().await else { return };
    let base = in_front_of(&visit.server, |spec| spec["info"]["title"] = json!(MARKUP));
    visit.browser.open(&format!("{base}/docs")).await;
    visit.browser.shown(USERS).await;
    let code = "return document.querySelector('.info .title').innerText";
    let title = visit.browser.script(code).await;
    assert!(title.as_str().is_some_and(|title| title.starts_with(MARKUP)), "{title}");
    visit.browser.gives("return document.images.length", 0).await;
    assert_quiet(&visit.browser).await;
}

#[tokio::test]
async fn a_login_that_is_described_as_json_api_gets_a_json_api_document() {
    let Some(visit) = Visit::start().await else { return };
    let base = in_front_of(&visit.server, |spec| {
        let attributes = json!({"$ref": "#/components/schemas/Attributes"});
        spec["components"]["schemas"]["Attributes"] = json!({
            "type": "object",
            "properties": {"email": {"type": "string"}, "password": {"type": "string"}},
        });
        let data = json!({"properties": {"type": {"enum": ["users"]}, "attributes": {"allOf": [attributes]}}});
        let content = json!({"application/vnd.api+json": {"schema": {"properties": {"data": data}}}});
        spec["paths"]["/api/login"] = Value::Null;
        spec["paths"]["/api/v1/login.json"] = Value::Null;
        spec["paths"]["/api/v1/login"] = json!({"post": {
            "operationId": "login",
            "requestBody": {"content": content},
            "responses": {"200": {"description": "A token."}},
        }});
    });
    visit.browser.open(&format!("{base}/docs")).await;
    sign_in(&visit.browser, "secret").await;
    visit.browser.reads("#who", &format!("Signed in as {ADMIN}")).await;
}

/// A server with a changed specification, which also knows a JSON:API login; gives its address.
fn in_front_of(server: &Server, change: impl FnOnce(&mut Value)) -> String {
    let response = http::send(&server.base, "GET", "/openapi.json", &[("Accept", "*/*")], None);
    let mut spec = response.json().expect("the specification is JSON");
    change(&mut spec);
    // A path without operations is none.
    if let Some(paths) = spec["paths"].as_object_mut() {
        paths.retain(|_, operations| !operations.is_null());
    }
    let document = json!({"data": {"type": "users", "attributes": {"email": ADMIN, "password": "secret"}}});
    fake::start(&server.base, move |asked| match (&*asked.method, &*asked.path) {
        ("GET", "/openapi.json") => Some((200, spec.clone())),
        ("POST", "/api/v1/login") => {
            let fits = asked.content_type == "application/vnd.api+json"
                && serde_json::from_slice::<Value>(&asked.body).is_ok_and(|body| body == document);
            match fits {
                true => Some((200, json!({"token": "a.b.c"}))),
                false => Some((400, json!({"error": String::from_utf8_lossy(&asked.body)}))),
            }
        }
        _ => None,
    })
}
