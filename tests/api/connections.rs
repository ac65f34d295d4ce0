//! Slow, silent and hostile connections, refusals that arrive, and the way the server stops.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{assert_is_logged, call, cheap, log_in};
use crate::support::server::Server;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    stream
}

/// Everything that the server sends until it closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer that ends with a JSON object, on a connection that may go on.
fn json_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while !bytes.ends_with(b"}") {
        match stream.read(&mut chunk) {
            Ok(read @ 1..) => bytes.extend_from_slice(&chunk[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn connections_that_send_no_whole_request_are_closed_while_others_are_served() {
    let server = Server::start(&cheap());
    let started = Instant::now();
    let mut stalled: Vec<TcpStream> = [
        "",
        "GET /api",
        "GET /api/users HTTP/1.1\r\nHost: x\r\n",
        "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    .iter()
    .cycle()
    .take(200)
    .map(|start| {
        let mut stream = connect(&server);
        stream.write_all(start.as_bytes()).unwrap();
        stream
    })
    .collect();
    let before = Instant::now();
    assert_eq!(call(&server, "GET", "/api/users", None, None).status, 401);
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    for stream in &mut stalled {
        rest(stream);
    }
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn oversized_and_ambiguous_requests_are_refused() {
    let server = Server::start(&cheap());
    let long = "x".repeat(40_000);
    for (request, expected) in [
        (
            format!("GET /api/users HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
            "431",
        ),
        (format!("GET /api/users?{long} HTTP/1.1\r\nHost: x\r\n\r\n"), "414"),
        (format!("GET /{}", "x".repeat(200_000)), "414"),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(200)),
            "431",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(200_000)),
            "431",
        ),
        ("GET /api/users HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (
            "GET /api/users HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(),
            "400",
        ),
        ("GET /api/users HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n".to_owned(), "400"),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n{} ".to_owned(),
            "400",
        ),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ".to_owned(),
            "400",
        ),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n{}".to_owned(),
            "400",
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "400"),
    ] {
        for ends in [true, false] {
            let mut stream = connect(&server);
            stream.write_all(request.as_bytes()).unwrap();
            if ends {
                stream.shutdown(Shutdown::Write).unwrap();
            }
            let answer = if ends {
                rest(&mut stream)
            } else {
                json_answer(&mut stream)
            };
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {expected} ")),
                "{request:.80}: {answer}"
            );
            assert!(
                answer.contains("content-type: application/json"),
                "{request:.80}: {answer}"
            );
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{request:.80}: {answer}"));
            assert!(body["message"].is_string(), "{request:.80}: {answer}");
        }
    }
    assert_eq!(
        call(&server, "GET", "/api/users", None, None).status,
        401,
        "the server is alive"
    );
}

/// The answer to a client that reads it only after it has sent everything, as Python's do.
fn send_all_then_read(server: &Server, request: &str, body: &[u8]) -> String {
    let mut stream = connect(server);
    let head = format!("{request}Host: x\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).expect("the whole body must be taken");
    rest(&mut stream)
}

#[test]
fn a_refusal_reaches_a_client_that_sends_its_large_body_first() {
    let server = Server::start(&cheap());
    let body = vec![b' '; 900_000];
    for _ in 0..30 {
        let put = "PATCH /api/v1/users/1.json HTTP/1.1\r\nAuthorization: Bearer x\r\n";
        let answer = send_all_then_read(&server, put, &body);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        let answer = send_all_then_read(&server, "POST /api/login HTTP/1.1\r\n", &body);
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        let answer = send_all_then_read(&server, "POST /nowhere HTTP/1.1\r\n", &body);
        assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    }
}

#[test]
fn a_client_that_has_said_all_is_still_answered() {
    let server = Server::start(&cheap());
    let mut stream = connect(&server);
    let body = r#"{"email": "nobody@example.com", "password": "x"}"#;
    let head = format!(
        "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn bodies_of_accounts_may_have_64_kib_and_in_flask_a_mebibyte() {
    let login = |server: &Server, bytes: usize| {
        let body = json!({"email": "nobody@example.com", "password": "x".repeat(bytes)});
        call(server, "POST", "/api/login", None, Some(&body)).status
    };
    let sign_up = |server: &Server, bytes: usize| {
        let attributes = json!({"email": "x".repeat(bytes)});
        let body = json!({"data": {"type": "users", "attributes": attributes}});
        call(server, "POST", "/api/v1/signup.json", None, Some(&body)).status
    };
    let server = Server::start(&cheap());
    assert_eq!((login(&server, 60_000), login(&server, 70_000)), (401, 413));
    assert_eq!(sign_up(&server, 70_000), 413);
    let key = "k".repeat(32);
    let flask = cheap().env("FLASK_FIDELITY", "flask").env("SECRET_KEY", &key);
    let server = Server::start(&flask);
    assert_eq!((login(&server, 70_000), login(&server, 1_100_000)), (401, 413));
    assert_ne!(sign_up(&server, 70_000), 413);
}

#[test]
fn a_body_that_stops_arriving_is_answered_with_408() {
    let server = Server::start(&cheap());
    let mut stream = connect(&server);
    stream
        .write_all(b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        .unwrap();
    let started = Instant::now();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_token_is_looked_at_before_the_body_arrives() {
    let server = Server::start(&cheap());
    let mut stream = connect(&server);
    stream
        .write_all(
            b"PATCH /api/v1/users/1.json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n",
        )
        .unwrap();
    let mut status = [0; 12];
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 401");
}

#[test]
fn answers_on_one_connection_do_not_wait_for_acknowledgements() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "x".repeat(40_000)).unwrap();
    let server = Server::start(&cheap().env("STATIC_DIR", folder.path().to_str().unwrap()));
    let mut stream = connect(&server);
    let started = Instant::now();
    for _ in 0..20 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let mut chunk = [0; 65536];
        while !answer.ends_with(&[b'x'; 40_000]) {
            let read = stream.read(&mut chunk).unwrap();
            assert_ne!(read, 0);
            answer.extend_from_slice(&chunk[..read]);
        }
    }
    // Each that waits takes 40 ms more.
    assert!(
        started.elapsed() < Duration::from_millis(400),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn an_endless_body_is_refused_at_the_limit() {
    let server = Server::start(&cheap());
    let mut stream = connect(&server);
    stream
        .write_all(b"POST /api/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // The server answers and closes long before this is done.
    for _ in 0..1000 {
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    assert_eq!(
        call(&server, "GET", "/api/users", None, None).status,
        401,
        "the server is alive"
    );
    assert_is_logged(&server, "status=413");
}

#[test]
fn a_signal_refuses_new_connections_and_ends_the_process_with_0() {
    let server = Server::start(&cheap());
    let mut half = connect(&server);
    half.write_all(b"GET /api").unwrap();
    let started = Instant::now();
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let code = server.wait();
    assert_eq!(code, Some(0));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn a_request_whose_client_has_left_is_waited_for_at_the_end() {
    let server = Server::start(&cheap().env("BCRYPT_COST", "13"));
    assert_eq!(log_in(&server, "nobody@example.com", "x").status, 401);
    let mut stream = connect(&server);
    let body = r#"{"email": "nobody@example.com", "password": "y"}"#;
    let request = format!(
        "POST /api/login?left HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}GET / HTTP/1.1\r\n",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    drop(stream);
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let log = server.rest_of_output();
    assert_eq!(log.matches("POST /api/login").count(), 2, "{log}");
}
