//! Slow, silent and hostile connections, and the way the server stops.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use super::{call, cheap};
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
            "HTTP/1.1 431",
        ),
        ("GET /api/users HTTP/1.1\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        (
            "GET /api/users HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "GET /api/users HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n{} ".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST /api/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n{}".to_owned(),
            "HTTP/1.1 400",
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "HTTP/1.1 400"),
    ] {
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = rest(&mut stream);
        // Closing with unread bytes left resets the connection, which can overtake the answer.
        assert!(
            answer.is_empty() || answer.starts_with(expected),
            "{request:.80}: {answer}"
        );
    }
    assert_eq!(
        call(&server, "GET", "/api/users", None, None).status,
        401,
        "the server is alive"
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
    assert!(server.output().contains("status=413"), "{}", server.output());
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
