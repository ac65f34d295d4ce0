//! Methods, unknown paths, headers and limits around the API.

use super::{call, cheap};
use crate::support::{http, server::Server};

#[test]
fn a_wrong_method_is_405_with_the_allowed_ones() {
    let server = Server::start(&cheap());
    for (path, allow, wrong) in [
        (
            "/api/login",
            "OPTIONS, POST",
            ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "FOO"],
        ),
        (
            "/api/users",
            "GET, HEAD, OPTIONS",
            ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"],
        ),
        (
            "/docs",
            "GET, HEAD",
            ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"],
        ),
    ] {
        for method in wrong {
            let answer = call(&server, method, path, None, None);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow").as_deref(), Some(allow), "{method} {path}");
        }
    }
    for path in ["/api/login", "/api/users"] {
        let answer = call(&server, "OPTIONS", path, None, None);
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
        assert!(answer.header("allow").is_some(), "{path}");
    }
}

#[test]
fn an_unknown_path_is_404_for_every_method_as_json_under_the_api() {
    let server = Server::start(&cheap());
    for path in [
        "/api",
        "/api/",
        "/api/nope",
        "/api/login/",
        "/api/users/1",
        "/api/%ff",
        "/api//login",
        "/api/users%00",
    ] {
        for method in ["GET", "POST", "DELETE", "FOO"] {
            let answer = call(&server, method, path, None, None);
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(
                answer.header("content-type").as_deref(),
                Some("application/json"),
                "{path}"
            );
            assert!(answer.json().unwrap()["message"].is_string(), "{path}");
        }
    }
    for path in [
        "/nope",
        "/poem-scaffold/x/",
        "/poem-scaffold/x/nope.js",
        "/poem-scaffold/x/../docs.html",
        "/poem-scaffold/x/%2e%2e/docs.html",
        "/poem-scaffold/x/..%2fdocs.html",
        "/poem-scaffold/x//etc/passwd",
        "/poem-scaffold/x/docs.js%00",
        "/index.html",
    ] {
        let answer = call(&server, "GET", path, None, None);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("/docs"), "{path}");
    }
}

#[test]
fn every_answer_forbids_sniffing_framing_and_foreign_scripts() {
    let server = Server::start(&cheap());
    for path in [
        "/api/users",
        "/api/nope",
        "/docs",
        "/openapi.json",
        "/nope",
        "/poem-scaffold/x/docs.js",
    ] {
        let answer = call(&server, "GET", path, None, None);
        assert_eq!(
            answer.header("x-content-type-options").as_deref(),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy").as_deref(),
            Some("no-referrer"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe") && answer.header("server").is_none(),
            "{path}"
        );
        let cached = answer.header("cache-control");
        assert_eq!(
            cached.as_deref() == Some("no-store"),
            path.starts_with("/api"),
            "{path} {cached:?}"
        );
    }
}

#[test]
fn a_body_beyond_the_limit_is_413_with_or_without_a_length() {
    let server = Server::start(&cheap());
    let body = vec![b' '; (1 << 20) + 1];
    let answer = http::send(&server.base, "POST", "/api/login", &[("X-Test", "length")], Some(&body));
    assert_eq!(answer.status, 413);
    let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let headers = [("Transfer-Encoding", "chunked"), ("Content-Length", "")];
    let answer = http::send(&server.base, "POST", "/api/login", &headers[..1], Some(&chunked));
    // Both headers together are refused before the body is read; without the length it is the size that counts.
    assert!([400, 413].contains(&answer.status), "{}", answer.status);
    assert_eq!(
        call(&server, "GET", "/api/users", None, None).status,
        401,
        "the server is alive"
    );
}

#[test]
fn an_unchanged_file_is_not_sent_again() {
    let server = Server::start(&cheap());
    let first = call(&server, "GET", "/poem-scaffold/x/docs.js", None, None);
    assert_eq!(first.status, 200);
    assert_eq!(
        first.header("content-type").as_deref(),
        Some("text/javascript; charset=utf-8")
    );
    let tag = first.header("etag").unwrap();
    let again = http::send(
        &server.base,
        "GET",
        "/poem-scaffold/x/docs.js",
        &[("If-None-Match", tag)],
        None,
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
}
