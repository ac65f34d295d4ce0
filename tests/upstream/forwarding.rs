//! Which requests the old app gets, how they reach it, and how its answers reach the client.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use super::peer::{SECRET_KEY, with_each_peer, with_peer};
use crate::{
    api::{call, cheap, serve},
    support::{
        http::{self, Response},
        server::{Server, ServerConfig},
        services::free_port,
    },
};

pub fn behind(base: &str) -> ServerConfig {
    cheap().env("UPSTREAM", base).env("SECRET_KEY", SECRET_KEY)
}

/// Method, path, headers and body.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<&'a [u8]>);

fn send(base: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Response {
    http::send(base, method, path, headers, body)
}

/// What a client sees of an answer, without what differs each time and what a proxy must say.
fn seen(response: &Response) -> (u16, Vec<(String, String)>, Vec<u8>) {
    const OF_HOPS: [&str; 5] = ["connection", "date", "transfer-encoding", "via", "keep-alive"];
    let headers = response.headers.iter();
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .filter(|(name, _)| !OF_HOPS.contains(&name.as_str()))
        .collect();
    headers.sort();
    (response.status, headers, response.body.clone())
}

#[test]
fn what_we_do_not_have_is_answered_as_the_old_app_does() {
    with_each_peer(|peer| {
        let server = Server::start(&behind(&peer.base));
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let cases: [Case; 19] = [
            ("GET", "/", &[], None),
            ("HEAD", "/", &[], None),
            ("GET", "/old", &[], None),
            ("GET", "/cookies", &[("Cookie", "a=1; b=\"2 3\"")], None),
            ("GET", "/nowhere", &[], None),
            ("GET", "/api/v1/nowhere.json", &[], None),
            ("GET", "/api/v1/users/x.json", &[], None),
            ("GET", "/users", &[("Accept", "text/html")], None),
            ("OPTIONS", "/old", &[], None),
            ("DELETE", "/nowhere", &[], None),
            ("POST", "/api/v1/uploads", &[], Some(b"abc")),
            ("POST", "/api/v1/uploads", &[], Some(b"")),
            ("POST", "/api/v1/uploads/refused", &form, Some(b"a=b")),
            // The path is ours, the method is not.
            ("PUT", "/api/v1/users.json", &form, Some(b"a=b")),
            ("GET", "/api/v1/exports/2.csv", &[], None),
            ("GET", "/status/204", &[], None),
            ("GET", "/status/304", &[], None),
            ("GET", "/status/418", &[], None),
            ("GET", "/status/503", &[], None),
        ];
        for (method, path, headers, body) in cases {
            let [direct, through] = [&peer.base, &server.base].map(|base| send(base, method, path, headers, body));
            assert_eq!(seen(&through), seen(&direct), "{method} {path}");
            assert_eq!(
                through.header("Via").as_deref(),
                Some("1.1 poem-scaffold"),
                "{method} {path}"
            );
        }
    });
}

#[test]
fn the_old_app_sees_the_request_as_it_was_sent() {
    with_each_peer(|peer| {
        let server = Server::start(&behind(&peer.base).env("TRUSTED_PROXIES", "10.0.0.0/8"));
        let headers = [
            ("Authorization", "Basic YTpi"),
            ("Cookie", "a=1"),
            ("X-Request-Id", "7"),
            ("X-Hop", "1"),
            ("Connection", "X-Hop"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Real-IP", "203.0.113.9"),
            ("TE", "trailers"),
        ];
        let path = "/seen?a=%2F&b=%20+c&a=2";
        let answer = send(&server.base, "POST", path, &headers, Some(b"\xffbody"));
        let saw = answer.json().unwrap();
        assert_eq!(saw["method"], "POST");
        assert_eq!(saw["path"], "/seen");
        assert_eq!(saw["query"], "a=%2F&b=%20+c&a=2");
        assert_eq!(saw["body"], "ÿbody");
        assert_eq!(saw["host"], "oracle.test");
        let names = |name: &str| saw["headers"].get(name).cloned();
        for (name, expected) in [
            ("Authorization", Some(json!("Basic YTpi"))),
            ("Cookie", Some(json!("a=1"))),
            ("X-Request-Id", Some(json!("7"))),
            ("X-Forwarded-For", Some(json!("127.0.0.1"))),
            ("X-Forwarded-Proto", Some(json!("http"))),
            ("X-Forwarded-Host", Some(json!("oracle.test"))),
            ("X-Hop", None),
            ("X-Real-Ip", None),
            ("Te", None),
        ] {
            assert_eq!(names(name), expected, "{name}: {saw}");
        }
        let via = saw["headers"]["Via"].as_str().unwrap();
        assert!(via.starts_with("1.1 poem-scaffold-"), "{via}");
        let unknown = send(&server.base, "LINK", "/seen", &[], None).json().unwrap();
        assert_eq!(unknown["method"], "LINK");
    });
}

#[test]
fn what_a_trusted_proxy_says_of_the_client_is_passed_on() {
    with_peer(|peer| {
        let server = Server::start(&behind(&peer.base).env("TRUSTED_PROXIES", "127.0.0.1"));
        let headers = [
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Prefix", "/blog"),
        ];
        let saw = send(&server.base, "GET", "/seen", &headers, None).json().unwrap();
        assert_eq!(saw["headers"]["X-Forwarded-For"], "203.0.113.9, 127.0.0.1");
        assert_eq!(saw["headers"]["X-Forwarded-Proto"], "https");
        assert_eq!(saw["headers"]["X-Forwarded-Prefix"], "/blog");
    });
}

#[test]
fn our_own_routes_come_first_then_the_files_then_the_old_app() {
    with_peer(|peer| {
        let files = tempfile::tempdir().unwrap();
        for (name, text) in [("index.html", "the files"), ("seen", "a file"), ("app.js", "1")] {
            fs::write(files.path().join(name), text).unwrap();
        }
        let folder = files.path().to_str().unwrap();
        let (plain, _) = serve(&behind(&peer.base));
        let (with_files, _) = serve(&behind(&peer.base).env("STATIC_DIR", folder));
        let (with_pages, _) = serve(&behind(&peer.base).env("PAGES", "on"));
        let bodies = |path: &str| {
            [&plain, &with_files, &with_pages].map(|server| {
                let text = http::get(&server.base, path).text();
                let known = [
                    "The old front end",
                    "the files",
                    "a file",
                    "Sign out",
                    "\"method\": \"GET\"",
                    "\"method\":\"GET\"",
                ];
                let found = known.into_iter().find(|known| text.contains(known));
                found.map_or(text.clone(), |known| known.replace(' ', ""))
            })
        };
        let seen = "\"method\":\"GET\"";
        assert_eq!(bodies("/"), ["Theoldfrontend", "thefiles", "Signout"]);
        assert_eq!(bodies("/seen"), [seen, "afile", seen]);
        for server in [&plain, &with_files, &with_pages] {
            for (path, status, server_header) in [
                ("/docs", 200, None),
                ("/openapi.json", 200, None),
                ("/api/v1/users.json", 401, None),
                ("/api/users", 401, None),
                ("/cookies", 200, Some("gunicorn")),
            ] {
                let answer = http::get(&server.base, path);
                assert_eq!(answer.status, status, "{path}");
                assert_eq!(answer.header("Server").as_deref(), server_header, "{path}");
            }
            let allowed = send(&server.base, "OPTIONS", "/api/v1/users.json", &[], None);
            assert_eq!(allowed.header("Allow").as_deref(), Some("GET, HEAD, OPTIONS, POST"));
        }
    });
}

#[test]
fn a_token_of_ours_is_good_in_a_view_of_the_old_app() {
    with_each_peer(|peer| {
        let (server, token) = serve(&behind(&peer.base).env("TOKEN_SUB", "text"));
        let answer = call(&server, "GET", "/whoami", Some(&token), None);
        assert_eq!(answer.json(), Some(json!({"sub": "1"})));
        let answer = call(&server, "GET", "/whoami", Some("x.y.z"), None);
        assert_eq!(
            (answer.status, answer.json()),
            (401, Some(json!({"error": "bad token"})))
        );
    });
}

#[test]
fn without_the_old_app_its_routes_say_so_soon_and_ours_go_on() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for (profile, member) in [
        ("scaffold-1.0", "message"),
        ("scaffold-2.0", "error"),
        ("tutorial", "message"),
    ] {
        let server = Server::start(&behind(&nobody).env("FLASK_PROFILE", profile));
        for method in ["GET", "POST"] {
            let started = Instant::now();
            let answer = send(&server.base, method, "/api/v1/uploads", &[], None);
            assert!(started.elapsed() < Duration::from_secs(3));
            let text = "The app behind this server does not answer, try again in a moment.";
            assert_eq!((answer.status, answer.json()), (502, Some(json!({member: text}))));
        }
        assert_eq!(http::get(&server.base, "/docs").status, 200);
    }
}

#[test]
fn a_killed_app_is_found_again_and_safe_requests_do_not_notice() {
    with_each_peer(|peer| {
        let (server, token) = serve(&behind(&peer.base));
        for _ in 0..3 {
            assert_eq!(http::get(&server.base, "/").status, 200);
            peer.kill();
            assert_eq!(http::get(&server.base, "/").status, 502);
            assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
            peer.restart();
            assert_eq!(http::get(&server.base, "/").status, 200);
        }
    });
}

#[test]
fn a_wrong_address_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let output = behind("https://flask").command(dir.path(), &["serve"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let expected = "UPSTREAM in the environment: expected http://HOST:PORT or unix:/PATH; ";
    assert!(text.contains(expected), "{text}");
}
