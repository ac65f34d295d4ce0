//! Which web sites' pages may call the API from a browser.

use super::{cheap, refused};
use crate::support::{
    http::{Response, send},
    server::Server,
};

const ORIGIN: &str = "https://a.example";

fn start(profile: &str, origins: Option<&str>) -> Server {
    let config = cheap().env("FLASK_PROFILE", profile);
    Server::start(&match origins {
        Some(origins) => config.env("CORS_ORIGINS", origins),
        None => config,
    })
}

/// Requests that end in 200, 401, 404 and 405, and a preflight.
const REQUESTS: [(&str, &str, u16); 6] = [
    ("GET", "/openapi.json", 200),
    ("GET", "/api/v1/users.json", 401),
    ("GET", "/api/v1/nope", 404),
    ("GET", "/nope", 404),
    ("PUT", "/api/v1/users.json", 405),
    ("OPTIONS", "/api/v1/users.json", 200),
];

fn ask(server: &Server, method: &str, path: &str, origin: Option<&str>) -> Response {
    let mut headers: Vec<(&str, &str)> = origin.map(|origin| ("Origin", origin)).into_iter().collect();
    if method == "OPTIONS" {
        headers.push(("Access-Control-Request-Method", "PATCH"));
        headers.push(("Access-Control-Request-Headers", "x-b, authorization,content-type"));
    }
    let answer = send(&server.base, method, path, &headers, None);
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        None,
        "{method} {path}"
    );
    answer
}

/// The origin that may read the answer, and whether caches are told that it depends on who asks.
fn granted(answer: &Response) -> (Option<String>, bool) {
    let origin = answer.header("access-control-allow-origin");
    let vary = answer.header("vary").unwrap_or_default().to_lowercase();
    (origin, vary.split(", ").any(|name| name == "origin"))
}

#[test]
fn in_2_0_every_site_may_call_whatever_the_answer() {
    let server = start("scaffold-2.0", None);
    for (method, path, status) in REQUESTS {
        let anonymous = ask(&server, method, path, None);
        assert_eq!(anonymous.status, status, "{method} {path}");
        assert_eq!(granted(&anonymous), (Some("*".to_owned()), false), "{method} {path}");
        let answer = ask(&server, method, path, Some(ORIGIN));
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(granted(&answer), (Some(ORIGIN.to_owned()), true), "{method} {path}");
        let methods = answer.header("access-control-allow-methods");
        let headers = answer.header("access-control-allow-headers");
        if method == "OPTIONS" {
            let all = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
            assert_eq!(methods.as_deref(), Some(all));
            assert_eq!(headers.as_deref(), Some("authorization, content-type, x-b"));
        } else {
            assert_eq!((methods, headers), (None, None), "{method} {path}");
        }
    }
}

#[test]
fn in_the_other_profiles_no_site_may_call() {
    for profile in ["scaffold-1.0", "tutorial"] {
        let server = start(profile, None);
        for (method, path, _) in REQUESTS {
            for origin in [None, Some(ORIGIN)] {
                let answer = ask(&server, method, path, origin);
                let names: Vec<String> = answer.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
                assert!(
                    !names.iter().any(|name| name.starts_with("access-control")),
                    "{profile} {method} {path} {names:?}"
                );
            }
        }
    }
}

#[test]
fn only_the_listed_sites_may_call() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let server = start(profile, Some("https://a.example, http://localhost:4200"));
        for (method, path, status) in REQUESTS {
            for (origin, is_listed) in [
                (Some(ORIGIN), true),
                (Some("http://localhost:4200"), true),
                (Some("http://a.example"), false),
                (Some("https://a.example:8443"), false),
                (Some("https://a.example.evil.example"), false),
                (Some("https://b.a.example"), false),
                (Some("HTTPS://A.EXAMPLE"), false),
                (Some("null"), false),
                (Some("*"), false),
                (None, false),
            ] {
                let answer = ask(&server, method, path, origin);
                assert_eq!(answer.status, status, "{profile} {method} {path} {origin:?}");
                let expected = origin.filter(|_| is_listed).map(str::to_owned);
                // Caches must know even from an answer that grants nothing.
                assert_eq!(
                    granted(&answer),
                    (expected, true),
                    "{profile} {method} {path} {origin:?}"
                );
            }
        }
    }
}

#[test]
fn none_lets_no_site_call() {
    let server = start("scaffold-2.0", Some("none"));
    for (method, path, _) in REQUESTS {
        let answer = ask(&server, method, path, Some(ORIGIN));
        assert_eq!(granted(&answer).0, None, "{method} {path}");
    }
}

#[test]
fn what_browsers_never_send_as_origin_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for origins in [
        "a.example",
        "https://a.example/",
        "https://a.example/path",
        "https://A.example",
        "https://a.example:443",
        "https://a.example,nope",
        "null",
        "none,https://a.example",
        "file:///index.html",
        // No browser sends it, so it would let nobody in whom it seems to.
        "https://*.example",
    ] {
        let config = cheap().env("CORS_ORIGINS", origins);
        // An address that no machine has ends a start that was not refused, which would go on for ever otherwise.
        let args = ["serve", "--host", "203.0.113.1", "--port", "0"];
        let text = refused(&config, folder.path(), &args, None, 2);
        assert!(text.contains("CORS_ORIGINS"), "{origins}: {text}");
    }
}
