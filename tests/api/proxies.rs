//! Whose address counts behind a proxy, and listening on a Unix socket.

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use super::{call, cheap, refused};
use crate::support::{
    http::{self, Response},
    server::Server,
};

fn get(server: &Server, path: &str, headers: &[(&str, &[u8])]) -> Response {
    http::send(&server.base, "GET", path, headers, None)
}

/// The log lines of requests for a path, which may come a moment after the answer.
fn logged(server: &Server, path: &str, count: usize) -> Vec<String> {
    let started = Instant::now();
    loop {
        let output = server.output();
        let lines: Vec<String> = output
            .lines()
            .filter(|line| line.contains(path))
            .map(str::to_owned)
            .collect();
        if lines.len() >= count || started.elapsed() > Duration::from_secs(5) {
            return lines;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_log_has_the_clients_address_and_believes_trusted_proxies_only() {
    for (trusted, header, expected) in [
        ("", "198.51.100.7", "127.0.0.1"),
        ("10.0.0.0/8,unix", "198.51.100.7", "127.0.0.1"),
        ("127.0.0.0/8", "198.51.100.7", "198.51.100.7"),
        (
            "127.0.0.1, 10.0.0.0/8",
            "203.0.113.1, 198.51.100.7, 10.1.2.3",
            "198.51.100.7",
        ),
        ("127.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ] {
        let server = Server::start(&cheap().env("TRUSTED_PROXIES", trusted));
        get(&server, "/api/whose", &[("X-Forwarded-For", header.as_bytes())]);
        let lines = logged(&server, "GET /api/whose", 1);
        let client = format!("client=\"{expected}\"");
        assert_eq!(lines.len(), 1, "{trusted} {header}: {lines:?}");
        assert!(lines[0].contains(&client), "{trusted} {header}: {lines:?}");
    }
}

#[test]
fn no_forwarded_header_causes_a_server_error() {
    let server = Server::start(&cheap().env("TRUSTED_PROXIES", "127.0.0.1"));
    let huge = "10.0.0.1,".repeat(3000);
    for value in [
        "",
        ",",
        ",,,",
        "unknown",
        "\u{fffd}",
        "[::1",
        "1.2.3.4:99999",
        "999.1.1.1",
        huge.as_str(),
    ] {
        for name in ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Prefix"] {
            let status = get(&server, "/api/users", &[(name, value.as_bytes())]).status;
            assert_eq!(status, 401, "{name}: {value:.40}");
        }
    }
    let raw = get(&server, "/api/users", &[("X-Forwarded-For", b"\xff\x80")]);
    assert_eq!(raw.status, 401);
    let prefix = b"//evil.example";
    let location = get(&server, "/login/", &[("X-Forwarded-Prefix", prefix)]).header("location");
    assert_eq!(location.as_deref(), Some("../login"));
}

#[test]
fn a_trusted_proxys_prefix_or_else_the_public_path_is_in_the_document() {
    const PUBLIC: &str = "https://example.org/there/";
    for (trusted, public, servers) in [
        ("127.0.0.1", "", "/app"),
        ("", "", ""),
        ("", PUBLIC, "https://example.org/there"),
        ("", "https://example.org", ""),
        ("127.0.0.1", PUBLIC, "/app"),
    ] {
        let config = cheap().env("TRUSTED_PROXIES", trusted).env("PUBLIC_URL", public);
        let server = Server::start(&config);
        let prefix: &[(&str, &[u8])] = &[("X-Forwarded-Prefix", b"/app/")];
        let document = get(&server, "/openapi.json", prefix).json().unwrap();
        assert_eq!(
            document["servers"][0]["url"].as_str().unwrap_or_default(),
            servers,
            "{trusted} {public}"
        );
    }
}

#[test]
fn redirects_and_pages_are_relative_so_any_path_of_a_proxy_is_kept() {
    let server = Server::start(&cheap());
    let location = |path| get(&server, path, &[]).header("location");
    assert_eq!(location("/login/").as_deref(), Some("../login"));
    assert_eq!(location("/users/7/edit/?a=b").as_deref(), Some("../edit?a=b"));
    for (path, home) in [
        ("/", "./"),
        ("/login", "./"),
        ("/docs", "./"),
        ("/users/new", "../"),
        ("/users/7/edit", "../../"),
        ("/nothing/at/all", "../../"),
    ] {
        let page = get(&server, path, &[]).text();
        assert!(page.contains(&format!("href=\"{home}")), "{path}: {page}");
        assert!(
            !page.contains("href=\"/") && !page.contains("src=\"/"),
            "{path}: {page}"
        );
    }
}

#[test]
fn networks_that_cannot_be_read_are_refused_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().env("TRUSTED_PROXIES", "10.0.0.0/8,proxy.example");
    let text = refused(&config, folder.path(), &["serve", "--port", "0"], None, 2);
    assert!(text.contains("the second entry is not a network"), "{text}");
    assert!(!text.contains("proxy.example"), "{text}");
}

/// The answer to a request through a Unix socket.
fn through(path: &Path, headers: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    let request = format!("GET /api/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_unix_socket_is_served_and_removed_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let host = format!("unix:{}", path.display());
    let config = cheap()
        .env("HOST", &host)
        .env("TRUSTED_PROXIES", "unix")
        .folder(folder.path());
    let server = Server::start(&config);
    assert_eq!(server.base, host);
    assert!(through(&path, "X-Forwarded-For: 198.51.100.7\r\n").starts_with("HTTP/1.1 401"));
    through(&path, "");
    let lines = logged(&server, "GET /api/users", 2);
    assert!(lines[0].contains("client=\"198.51.100.7\""), "{lines:?}");
    assert!(lines[1].contains("client=\"unix\""), "{lines:?}");
    let text = refused(&config, folder.path(), &["serve"], None, 1);
    assert!(text.contains("another program listens"), "{text}");
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(server.wait(), Some(0));
    assert!(!path.exists());
}

#[test]
fn a_dead_socket_is_replaced_and_any_other_file_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    drop(UnixListener::bind(&path).unwrap());
    let config = cheap()
        .env("HOST", &format!("unix:{}", path.display()))
        .folder(folder.path());
    let server = Server::start(&config);
    assert!(through(&path, "").starts_with("HTTP/1.1 401"));
    drop(server);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "precious").unwrap();
    let text = refused(&config, folder.path(), &["serve"], None, 1);
    assert!(text.contains("not a socket"), "{text}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn what_clients_claim_is_not_believed_without_a_proxy() {
    let server = Server::start(&cheap());
    let claims: &[(&str, &[u8])] = &[("X-Forwarded-For", b"198.51.100.7"), ("Forwarded", b"for=198.51.100.7")];
    assert_eq!(get(&server, "/api/users", claims).status, 401);
    assert_eq!(call(&server, "GET", "/api/users", None, None).status, 401);
    assert!(!server.output().contains("198.51.100.7"));
}
