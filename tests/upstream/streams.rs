//! Bodies of any size and answers of any length pass through in flat memory, and hold nothing of ours.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use super::peer::{Peer, SECRET_KEY, with_each_peer, with_peer};
use crate::{
    api::{call, cheap, serve},
    support::server::Server,
};

pub const MEBIBYTE: usize = 1 << 20;
/// What the memory may grow by while bodies pass.
const ROOM: usize = 24 * MEBIBYTE;

/// MiB of an upload or download; the whole form of the test has 2048.
fn mebibytes() -> usize {
    std::env::var("UPSTREAM_MEBIBYTES").map_or(96, |text| text.parse().unwrap())
}

fn behind(peer: &Peer) -> (Server, String) {
    serve(&cheap().env("UPSTREAM", &peer.base).env("SECRET_KEY", SECRET_KEY))
}

pub fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// The most memory that the process ever had, in bytes.
pub fn peak(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// The memory may not have grown by much since it was at most `before`.
fn check_memory(server: &Server, before: usize, started: Instant) {
    let (peak, seconds) = (peak(server), started.elapsed().as_secs());
    println!(
        "{} MiB in {seconds} s, {} MiB of memory at most, {} before",
        mebibytes(),
        peak / MEBIBYTE,
        before / MEBIBYTE
    );
    assert!(peak - before < ROOM, "the memory grew from {before} to {peak} bytes");
}

/// Reads the head of an answer: its first line and the headers.
pub fn head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head
}

#[test]
fn a_large_upload_arrives_whole_in_flat_memory() {
    with_each_peer(|peer| {
        let (server, _) = behind(peer);
        let (before, started) = (peak(&server), Instant::now());
        let (part, parts) = (vec![b'u'; MEBIBYTE], mebibytes());
        let mut digest = Sha256::new();
        let mut stream = connect(&server);
        let length = parts * MEBIBYTE;
        write!(
            stream,
            "POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
        )
        .unwrap();
        for _ in 0..parts {
            stream.write_all(&part).unwrap();
            digest.update(&part);
        }
        let mut reader = BufReader::new(stream);
        let head = head(&mut reader);
        assert!(head.starts_with("HTTP/1.1 201 "), "{head}");
        let mut line = String::new();
        let hash: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        while !line.contains(&hash) {
            assert_ne!(reader.read_line(&mut line).unwrap(), 0, "{line}");
        }
        assert!(line.contains(&length.to_string()), "{line}");
        check_memory(&server, before, started);
    });
}

#[test]
fn an_upload_in_chunks_arrives_whole() {
    with_peer(|peer| {
        let (server, _) = behind(peer);
        let mut stream = connect(&server);
        write!(
            stream,
            "PUT /api/v1/uploads HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        .unwrap();
        for part in ["abc", "defgh"] {
            write!(stream, "{:x}\r\n{part}\r\n", part.len()).unwrap();
            stream.flush().unwrap();
            thread::sleep(Duration::from_millis(50));
        }
        write!(stream, "0\r\n\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        assert!(head(&mut reader).starts_with("HTTP/1.1 201 "));
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.contains("\"length\":8"), "{line}");
    });
}

#[test]
fn a_large_download_arrives_whole_in_flat_memory_however_slowly_it_is_read() {
    with_each_peer(|peer| {
        let (server, token) = behind(peer);
        let (before, started) = (peak(&server), Instant::now());
        let mut stream = connect(&server);
        let parts = mebibytes();
        write!(stream, "GET /api/v1/exports/{parts}.csv HTTP/1.0\r\n\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        assert!(head(&mut reader).starts_with("HTTP/1.0 200 "));
        let mut part = vec![0; MEBIBYTE];
        for number in 0..parts {
            // Longer than a client of ours may pause.
            if number == 1 {
                thread::sleep(Duration::from_secs(16));
                assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
            }
            reader.read_exact(&mut part).unwrap();
            assert!(part.starts_with(format!("{number},x").as_bytes()), "part {number}");
        }
        assert_eq!(reader.read(&mut part).unwrap(), 0);
        check_memory(&server, before, started);
    });
}

#[test]
fn events_arrive_one_by_one() {
    with_each_peer(|peer| {
        let (server, _) = behind(peer);
        let mut stream = connect(&server);
        write!(stream, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        assert!(head(&mut reader).contains("text/event-stream"));
        let mut times = Vec::new();
        let mut line = String::new();
        while times.len() < 3 {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if line.starts_with("data: ") {
                times.push(Instant::now());
            }
        }
        let between = times[2] - times[0];
        assert!(between > Duration::from_millis(500), "{between:?}");
    });
}

#[test]
fn a_client_that_waits_for_100_gets_it() {
    with_each_peer(|peer| {
        let (server, _) = behind(peer);
        let mut stream = connect(&server);
        let request = "POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        assert_eq!(head(&mut reader), "HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"abc").unwrap();
        assert!(head(&mut reader).starts_with("HTTP/1.1 201 "));
    });
}

#[test]
fn slow_answers_hold_nothing_of_ours() {
    with_peer(|peer| {
        let (server, token) = behind(peer);
        let waiting: Vec<TcpStream> = (0..50)
            .map(|_| {
                let mut stream = connect(&server);
                write!(stream, "GET /slow?seconds=2 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
                stream
            })
            .collect();
        let started = Instant::now();
        for _ in 0..20 {
            assert_eq!(call(&server, "GET", "/api/users", Some(&token), None).status, 200);
        }
        assert!(started.elapsed() < Duration::from_secs(2));
        for stream in waiting {
            assert!(head(&mut BufReader::new(stream)).starts_with("HTTP/1.1 200 "));
        }
    });
}

#[test]
fn a_web_socket_is_open_until_either_side_closes_it() {
    with_peer(|peer| {
        let (server, _) = behind(peer);
        let mut stream = connect(&server);
        let request = "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let head = head(&mut reader).to_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        // RFC 6455 section 1.3.
        assert!(
            head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{head}"
        );
        for text in ["one", "two"] {
            // A text of one frame, under the mask 0.
            let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
            frame.extend_from_slice(text.as_bytes());
            stream.write_all(&frame).unwrap();
            let mut answer = vec![0; 2 + "echo: ".len() + text.len()];
            reader.read_exact(&mut answer).unwrap();
            assert_eq!(&answer[2..], format!("echo: {text}").as_bytes());
        }
        peer.kill();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    });
}
