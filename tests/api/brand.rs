//! An app's own title, colour and logo in pages, API docs and mails.

use std::{fs, path::Path};

use serde_json::json;

use super::{call, cheap, refused};
use crate::support::{
    http::{self, Response},
    mail::MailSink,
    server::{Server, ServerConfig},
};

/// A title that each place has to escape in its own way.
const TITLE: &str = r#"Ann's "Blog", <b> & Co"#;
const ESCAPED: &str = "Ann&#39;s &quot;Blog&quot;, &lt;b&gt; &amp; Co";
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><script>alert(1)</script></svg>"#;

fn get(server: &Server, path: &str) -> Response {
    let answer = http::get(&server.base, path);
    assert_eq!(answer.status, 200, "{path}");
    answer
}

/// The address of the file that a page loads, by what it ends with.
fn loaded(server: &Server, page: &str, end: &str) -> Option<String> {
    let html = get(server, page).text();
    let addresses = html.split(['"']).filter(|part| part.starts_with("./poem-scaffold/"));
    let address = addresses.into_iter().find(|address| address.ends_with(end))?;
    Some(address[1..].to_owned())
}

fn started(folder: &Path, settings: &[(&str, &str)]) -> Server {
    let config = settings
        .iter()
        .fold(cheap(), |config, (name, value)| config.env(name, value));
    Server::start(&config.folder(folder))
}

/// What is said of a setting for which the server does not start.
fn refused_with(folder: &Path, name: &str, value: &str) -> String {
    refused(&cheap().env(name, value), folder, &["serve", "--port", "0"], None, 2)
}

#[test]
fn the_title_is_in_pages_docs_and_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), &[("PAGES_TITLE", TITLE)]);
    for page in ["/", "/login", "/users", "/nothing", "/docs"] {
        let html = http::get(&server.base, page).text();
        assert!(html.contains(ESCAPED) && !html.contains(TITLE), "{page}: {html}");
        assert!(!html.contains(">poem-scaffold<"), "{page}: {html}");
    }
    let document = get(&server, "/openapi.json").json().unwrap();
    assert_eq!(document["info"]["title"], TITLE);
    assert!(
        document["info"]["license"].is_null(),
        "whose API it is, is not ours to say"
    );
    let config = cheap().env("PAGES_TITLE", TITLE);
    let output = config.command(folder.path(), &["openapi"]);
    assert!(output.status.success());
    let written = fs::read(folder.path().join("openapi/scaffold-1.0.json")).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written["info"], document["info"]);
}

#[test]
fn mails_come_from_the_app_and_name_it() {
    let Some(sink) = MailSink::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("PAGES_TITLE", TITLE),
        ("PUBLIC_URL", "https://app.example.com"),
        ("MAIL_SERVER", "localhost"),
        ("MAIL_PORT", &sink.port.to_string()),
    ];
    let server = started(folder.path(), &settings);
    let body = json!({"data": {"type": "users", "attributes": {"email": "admin@example.com"}}});
    let answer = call(&server, "POST", "/api/v1/forgotpassword", None, Some(&body));
    assert_eq!(answer.status, 201, "{}", answer.text());
    let mail = sink.next();
    assert_eq!(mail.from, r#""Ann's \"Blog\", <b> & Co" <no-reply@localhost>"#);
    assert!(
        mail.text.contains(&format!("asked {TITLE} to reset the password")),
        "{mail:?}"
    );
    assert!(
        mail.html.contains(&format!("asked {ESCAPED} to reset the password")),
        "{mail:?}"
    );
}

#[test]
fn without_the_settings_pages_load_what_they_always_did() {
    let folder = tempfile::tempdir().unwrap();
    let server = started(folder.path(), &[]);
    for page in ["/", "/login", "/docs"] {
        assert_eq!(loaded(&server, page, "/pages/color.css"), None);
        assert!(!get(&server, page).text().contains("<img"), "{page}");
    }
    assert!(loaded(&server, "/", "/icon.svg").is_some());
}

#[test]
fn a_colour_is_a_style_sheet_whose_address_changes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = ["#1D6b3a", "#ffe600"].map(|color| {
        let server = started(folder.path(), &[("PAGES_COLOR", color)]);
        let address = loaded(&server, "/login", "/pages/color.css").unwrap();
        assert_eq!(loaded(&server, "/docs", "/pages/color.css"), Some(address.clone()));
        let styles = get(&server, &address);
        assert_eq!(styles.header("content-type").unwrap(), "text/css; charset=utf-8");
        assert!(styles.header("cache-control").unwrap().contains("immutable"));
        let background = format!("--bs-btn-bg: {};", color.to_lowercase());
        assert!(styles.text().contains(&background), "{}", styles.text());
        address
    });
    assert_ne!(addresses[0], addresses[1]);
    for wrong in ["red", "#fff", "0d6efd", "#0d6efd; } * { color: red"] {
        let said = refused_with(folder.path(), "PAGES_COLOR", wrong);
        assert!(
            said.contains("expected # and six hexadecimal digits"),
            "{wrong}: {said}"
        );
    }
}

#[test]
fn a_logo_is_the_icon_and_stands_in_the_bar_and_an_svg_runs_no_script() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("our logo");
    for (content, end, kind) in [
        (SVG.as_bytes(), "/pages/logo.svg", "image/svg+xml"),
        (b"\x89PNG\r\n\x1a\n", "/pages/logo.png", "image/png"),
        (b"\xff\xd8\xff\xe0", "/pages/logo.jpg", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "/pages/logo.webp", "image/webp"),
    ] {
        fs::write(&path, content).unwrap();
        // From the folder in which the server runs.
        let server = started(folder.path(), &[("PAGES_LOGO", "our logo")]);
        let address = loaded(&server, "/login", end).unwrap();
        for page in ["/", "/login", "/docs"] {
            let html = get(&server, page).text();
            assert!(
                html.contains(&format!("<link rel=\"icon\" href=\".{address}\">")),
                "{page}: {html}"
            );
            assert!(html.contains(&format!("src=\".{address}\" height=")), "{page}: {html}");
        }
        let logo = get(&server, &address);
        assert_eq!(logo.body, content);
        assert_eq!(logo.header("content-type").unwrap(), kind);
        assert_eq!(logo.header("x-content-type-options").unwrap(), "nosniff");
        let policy = logo.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(policy.contains("sandbox"), kind == "image/svg+xml", "{policy}");
    }
}

#[test]
fn a_logo_that_cannot_be_shown_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("large.svg", &[SVG.as_bytes(), &vec![b' '; 1 << 20]].concat());
    write("page.svg", b"<!doctype html><p>no image</p>");
    write("empty.png", b"");
    for (path, expected) in [
        ("nowhere.svg", "the file cannot be read"),
        (".", "expected an image file"),
        ("/dev/zero", "expected an image file"),
        ("large.svg", "larger than 1 MiB"),
        ("page.svg", "not an SVG, PNG, JPEG or WebP image"),
        ("empty.png", "not an SVG, PNG, JPEG or WebP image"),
    ] {
        let said = refused_with(folder.path(), "PAGES_LOGO", path);
        assert!(said.contains("PAGES_LOGO") && said.contains(expected), "{path}: {said}");
    }
}

/// A front end of the team's own keeps its look; the API docs are ours.
#[test]
fn the_docs_beside_a_static_dir_have_the_look_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::write(folder.path().join("site/index.html"), "theirs").unwrap();
    let settings = [
        ("STATIC_DIR", "site"),
        ("PAGES_TITLE", "Ours"),
        ("PAGES_COLOR", "#1d6b3a"),
    ];
    let server = started(folder.path(), &settings);
    assert_eq!(get(&server, "/").text(), "theirs");
    assert!(get(&server, "/docs").text().contains(">Ours</a>"));
    assert!(loaded(&server, "/docs", "/pages/color.css").is_some());
}

#[test]
fn help_and_messages_name_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let config: ServerConfig = cheap();
    let help = String::from_utf8(config.command(folder.path(), &["--help"]).stdout).unwrap();
    assert!(help.contains("sqlite:poem-scaffold.db"), "{help}");
    let help = String::from_utf8(config.command(folder.path(), &["scaffold", "--help"]).stdout).unwrap();
    assert!(help.contains("poem-scaffold scaffold post title:string"), "{help}");
}
