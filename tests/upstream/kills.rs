//! The old app is killed in the middle of requests: only those fail, each in a way that its client can see.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    forwarding::behind,
    peer::{Peer, with_each_peer},
    streams::{MEBIBYTE, connect, head},
};
use crate::{
    api::{call, serve},
    support::{http, server::Server},
};

/// For this long an answer is not made.
const SECONDS: u32 = 60;

/// Sends a request without its body on a connection of its own.
fn begin(server: &Server, method: &str, path: &str, headers: &str) -> BufReader<TcpStream> {
    let mut stream = connect(server);
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n").unwrap();
    BufReader::new(stream)
}

/// Sends a body until nobody reads it any more.
fn send_without_end(stream: &TcpStream) {
    let mut stream = stream.try_clone().unwrap();
    thread::spawn(move || {
        let part = vec![b'u'; MEBIBYTE];
        while stream.write_all(&part).is_ok() {}
    });
}

fn length(head: &str) -> Option<usize> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().map(|(_, length)| length.parse().unwrap())
}

fn read_json(reader: &mut impl BufRead, head: &str) -> Value {
    let mut body = vec![0; length(head).unwrap()];
    reader.read_exact(&mut body).unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// All is as it was once the app runs again.
fn check_after_restart(peer: &mut Peer, server: &Server, token: &str) {
    peer.restart();
    assert_eq!(http::get(&server.base, "/").status, 200);
    assert_eq!(
        call(server, "GET", "/whoami", Some(token), None).json(),
        Some(json!({"sub": "1"}))
    );
    let no_headers: [(&str, &str); 0] = [];
    let uploaded = http::send(&server.base, "POST", "/api/v1/uploads", &no_headers, Some(b"abc"));
    assert_eq!((uploaded.status, &uploaded.json().unwrap()["length"]), (201, &json!(3)));
}

#[test]
fn before_the_head_of_an_answer_the_client_gets_502() {
    with_each_peer(|peer| {
        let (server, token) = serve(&behind(&peer.base).env("TOKEN_SUB", "text"));
        let ours = || assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
        let late = format!("?seconds={SECONDS}");
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let web_socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let begun: Vec<(String, BufReader<TcpStream>)> = [
            ("POST", "/api/v1/uploads", "", "Content-Length: 100000000000\r\n"),
            ("PUT", "/api/v1/uploads", &late, "Content-Length: 100000000000\r\n"),
            ("GET", "/api/v1/exports/9.csv", &late, ""),
            ("GET", "/whoami", &late, &bearer),
            ("GET", "/old", &late, ""),
            ("GET", "/cookies", &late, "Cookie: a=1\r\n"),
            ("GET", "/events", &late, ""),
            ("GET", "/slow", &late, ""),
            ("POST", "/slow", &late, "Content-Length: 0\r\n"),
            ("GET", "/slow", &late, web_socket),
        ]
        .into_iter()
        .map(|(method, path, query, headers)| {
            let reader = begin(&server, method, &format!("{path}{query}"), headers);
            if headers.contains("100000000000") {
                send_without_end(reader.get_ref());
            }
            (format!("{method} {path}"), reader)
        })
        .collect();
        thread::sleep(Duration::from_millis(800));
        ours();
        peer.kill();
        let killed = Instant::now();
        for (name, mut reader) in begun {
            let head = head(&mut reader);
            assert!(head.starts_with("HTTP/1.1 502 "), "{name}: {head}");
            let lower = head.to_lowercase();
            assert!(!lower.contains("set-cookie") && !lower.contains("location"), "{head}");
            let text = "The app behind this server does not answer, try again in a moment.";
            assert_eq!(read_json(&mut reader, &head), json!({"message": text}), "{name}");
            ours();
        }
        assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
        check_after_restart(peer, &server, &token);
    });
}

#[test]
fn after_the_head_of_an_answer_its_client_sees_that_it_is_cut() {
    with_each_peer(|peer| {
        let (server, token) = serve(&behind(&peer.base).env("TOKEN_SUB", "text"));
        let ours = || assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
        let begun: Vec<_> = [
            ("/api/v1/exports/1000.csv", "200"),
            ("/events?events=1000", "200"),
            ("/half", "200"),
            ("/half?status=302", "302"),
        ]
        .into_iter()
        .map(|(path, status)| {
            let mut reader = begin(
                &server,
                "GET",
                path,
                if peer.is_old() { "Connection: close\r\n" } else { "" },
            );
            let head = head(&mut reader);
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
            let has_cookie = head.to_lowercase().contains("set-cookie: session=");
            assert_eq!(has_cookie, path.starts_with("/half"), "{head}");
            assert_ne!(reader.fill_buf().unwrap(), b"", "{path}");
            (path, length(&head), reader)
        })
        .collect();
        ours();
        peer.kill();
        let killed = Instant::now();
        for (path, length, mut reader) in begun {
            let mut rest = Vec::new();
            let ended = reader.read_to_end(&mut rest);
            match length {
                Some(length) => assert!(rest.len() < length, "{path}"),
                // With HTTP/1.0, as old Flasks speak it, the end of a connection is the end of an answer.
                None => assert!(
                    peer.is_old() || ended.is_err() || !rest.ends_with(b"0\r\n\r\n"),
                    "{path} seems to be whole"
                ),
            }
            ours();
        }
        assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
        check_after_restart(peer, &server, &token);
    });
}
