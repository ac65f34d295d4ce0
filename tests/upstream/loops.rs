//! An old app whose address is this server's own, or leads back to it.

use std::{
    fs,
    io::copy,
    net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream},
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{forwarding::behind, peer::with_peer};
use crate::{
    api::{refused, run},
    support::{
        http::{self, Response},
        server::Server,
        services::free_port,
    },
};

const TEXT: &str = "UPSTREAM, the address of the app behind this server, leads back to this server.";

/// Passes connections on as they are.
struct Relay {
    base: String,
    listener: TcpListener,
    accepted: Arc<AtomicUsize>,
}

impl Relay {
    fn reserve() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            listener,
            accepted: Arc::default(),
        }
    }

    /// Passes them to this server from now on.
    fn open(&self, base: &str) {
        let (listener, accepted) = (self.listener.try_clone().unwrap(), self.accepted.clone());
        let address = base.strip_prefix("http://").unwrap().to_owned();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, Ok(server)) = (client.unwrap(), TcpStream::connect(&address)) else {
                    return;
                };
                accepted.fetch_add(1, Ordering::SeqCst);
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || {
                        // One side may be gone first.
                        let _ = copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
            }
        });
    }
}

fn send(base: &str, method: &str, path: &str, body: Option<&[u8]>) -> Response {
    let no_headers: [(&str, &str); 0] = [];
    http::send(base, method, path, &no_headers, body)
}

#[test]
fn our_own_address_is_refused_at_the_start_in_each_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let port = &free_port().to_string();
    let cases = [
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "LOCALHOST"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.1"),
        ("127.0.0.1", "0.0.0.0"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
        ("localhost", "localhost"),
        ("0.0.0.0", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.9.9.9"),
        ("0.0.0.0", "0.0.0.0"),
        ("::", "localhost"),
        ("::", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
    ];
    let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    for (host, upstream) in cases.into_iter().filter(|(host, _)| has_ipv6 || !host.contains(':')) {
        let config = behind(&format!("http://{upstream}:{port}"));
        let text = refused(
            &config,
            folder.path(),
            &["serve", "--host", host, "--port", port],
            None,
            2,
        );
        let expected = format!(":{port} is this server's own address, it listens on http://");
        assert!(
            text.contains("UPSTREAM in the environment: http://") && text.contains(&expected),
            "{host} {upstream}: {text}"
        );
        assert!(
            text.contains("expected the address of the old app; to listen elsewhere, use --host or --port"),
            "{text}"
        );
    }
    // It is known before anything is made.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn our_own_socket_is_refused_at_the_start_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let [socket, link] = ["socket", "link"].map(|name| folder.path().join(name));
    symlink(&socket, &link).unwrap();
    let host = format!("unix:{}", socket.display());
    for path in [&socket, &link] {
        let config = behind(&format!("unix:{}", path.display()));
        let text = refused(&config, folder.path(), &["serve", "--host", &host], None, 2);
        let expected = format!("is this server's own address, it listens on {host};");
        assert!(text.contains(&expected), "{text}");
        assert!(!socket.exists());
    }
}

#[test]
fn a_request_that_comes_back_is_answered_at_once() {
    for (profile, member) in [("scaffold-1.0", "message"), ("scaffold-2.0", "error")] {
        let relay = Relay::reserve();
        let config = behind(&relay.base).env("FLASK_PROFILE", profile);
        let server = Server::start(&config);
        relay.open(&server.base);
        run(&config, server.dir(), &["routes", "set", "GET /docs", "old"], None);
        let started = Instant::now();
        while http::get(&server.base, "/docs").status != 508 {
            assert!(started.elapsed() < Duration::from_secs(5), "the file is not read");
        }
        let (large, before) = (vec![b'x'; 8 << 20], relay.accepted.load(Ordering::SeqCst));
        let cases: [(&str, &str, Option<&[u8]>); 5] = [
            ("GET", "/nowhere", None),
            ("GET", "/docs", None),
            ("POST", "/api/v1/uploads", Some(b"abc")),
            ("POST", "/api/v1/uploads", Some(&large)),
            ("DELETE", "/nowhere", None),
        ];
        for (method, path, body) in cases {
            let started = Instant::now();
            let answer = send(&server.base, method, path, body);
            assert!(started.elapsed() < Duration::from_secs(3), "{method} {path}");
            let expected: Value = json!({member: TEXT});
            assert_eq!(
                (answer.status, answer.json()),
                (508, Some(expected)),
                "{method} {path}: {answer:?}"
            );
        }
        // Each has come back once, and idle connections are used again.
        let accepted = relay.accepted.load(Ordering::SeqCst) - before;
        assert!(accepted <= cases.len(), "{accepted} connections");
        assert_eq!(http::get(&server.base, "/openapi.json").status, 200);
        let output = server.output();
        assert!(output.contains("answered 508"), "{output}");
    }
}

#[test]
fn a_request_that_comes_back_through_another_server_is_answered_by_the_first() {
    let relay = Relay::reserve();
    let first = Server::start(&behind(&relay.base));
    let second = Server::start(&behind(&first.base));
    relay.open(&second.base);
    let answer = http::get(&first.base, "/nowhere");
    assert_eq!((answer.status, answer.json()), (508, Some(json!({"message": TEXT}))));
    assert_eq!(
        answer.header("Via").as_deref(),
        Some("1.1 poem-scaffold, 1.1 poem-scaffold")
    );
}

#[test]
fn two_servers_may_stand_one_behind_the_other() {
    with_peer(|peer| {
        let inner = Server::start(&behind(&peer.base));
        let outer = Server::start(&behind(&inner.base));
        let saw = http::get(&outer.base, "/seen");
        assert_eq!(saw.status, 200);
        let json = saw.json().unwrap();
        let via = json["headers"]["Via"].as_str().unwrap();
        let names: Vec<&str> = via.split(',').map(str::trim).collect();
        assert_eq!(names.len(), 2, "{via}");
        assert_ne!(names[0], names[1]);
        assert_eq!(
            saw.header("Via").as_deref(),
            Some("1.1 poem-scaffold, 1.1 poem-scaffold")
        );
    });
}
