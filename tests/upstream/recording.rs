//! What the old app answers is recorded while clients read it, and `parity` asks it again.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    peer::{Peer, SECRET_KEY, with_each_peer},
    routes::{GET_ROLES, ROLES},
};
use crate::{
    api::{call, cheap, refused, run, serve},
    support::{
        http,
        server::{Server, ServerConfig},
    },
};

const FILE: &str = "old.jsonl";
const COPY: &str = "copy.jsonl";
const UPLOADS: &str = "/api/v1/uploads";

fn config(peer: &Peer, folder: &Path) -> ServerConfig {
    cheap()
        .folder(folder)
        .env("UPSTREAM", &peer.base)
        .env("SECRET_KEY", SECRET_KEY)
        .env("TOKEN_SUB", "text")
        .env("RECORDING", FILE)
}

/// What the server says of its recording, once so many answers are recorded or left out.
fn figures(server: &Server, token: &str, answers: u64) -> Value {
    let started = Instant::now();
    loop {
        let all = call(server, "GET", "/poem-scaffold/routes.json", Some(token), None);
        let recording = all.json().unwrap()["recording"].clone();
        let count = |name: &str| recording[name].as_u64().unwrap();
        if count("recorded") + count("left_out") >= answers {
            return recording;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{recording}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Seven requests that are recorded: four of them can be asked again without writing, and one that writes.
fn ask_what_is_recorded(server: &Server, token: &str) {
    for (path, token, status) in [
        ("/whoami", Some(token), 200),
        ("/whoami", None, 401),
        ("/old", None, 302),
        (ROLES, Some(token), 200),
        ("/status/404?access_token=hunter3&x=1", None, 404),
    ] {
        assert_eq!(call(server, "GET", path, token, None).status, status, "{path}");
    }
    for body in [
        json!({"title": "One"}),
        json!({"email": "ann@example.com", "password": "hunter2"}),
    ] {
        let answer = call(server, "POST", UPLOADS, Some(token), Some(&body));
        assert_eq!(answer.status, 201);
        assert_eq!(answer.json().unwrap()["length"], body.to_string().len());
    }
}

/// Four requests that are left out, and one that the old app does not get.
fn ask_what_is_left_out(server: &Server, token: &str) {
    let no_headers: [(&str, &str); 0] = [];
    let upload = vec![b'u'; 2 << 20];
    let answer = http::send(&server.base, "POST", UPLOADS, &no_headers, Some(&upload));
    assert_eq!(answer.json().unwrap()["length"], upload.len());
    let download = http::get(&server.base, "/api/v1/exports/2.csv");
    assert_eq!(download.body.len(), 2 << 20);
    assert!(http::get(&server.base, "/events").text().contains("data: 2"));
    let answer = http::send(&server.base, "GET", "/", &[("Range", "bytes=0-1")], None);
    assert!(answer.header("Via").is_some());
    assert_eq!(call(server, "GET", "/api/users", Some(token), None).status, 200);
}

#[test]
fn what_passes_is_recorded_without_secrets_and_can_be_asked_again() {
    with_each_peer(|peer| {
        let folder = tempfile::tempdir().unwrap();
        let config = config(peer, folder.path());
        fs::write(
            folder.path().join("routes.toml"),
            format!("{GET_ROLES:?} = \"compare\"\n"),
        )
        .unwrap();
        let (server, token) = serve(&config);
        ask_what_is_recorded(&server, &token);
        ask_what_is_left_out(&server, &token);
        assert_eq!(
            figures(&server, &token, 11),
            json!({"recorded": 7, "left_out": 4, "has_ended": false})
        );
        let file = folder.path().join(FILE);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), 8, "{text}");
        let signature = token.rsplit('.').next().unwrap();
        for secret in [&token, signature, "hunter2", "hunter3"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        // What is asked now is recorded, too.
        fs::copy(&file, folder.path().join(COPY)).unwrap();
        let parity = |args: &[&str]| run(&config, folder.path(), &[&["parity"], args].concat(), None);
        let replay = ["replay", COPY, "--against", &server.base, "--token", &token];
        let said = parity(&replay);
        assert!(said.contains("4 calls: 4 equal"), "{said}");
        let said = parity(&[&replay[..], &["--writes", "--new-is-copy"]].concat());
        assert!(said.contains("5 calls: 5 equal"), "{said}");
        let servers = ["compare", "--old", &peer.base, "--new", &server.base];
        let said = parity(&[&servers[..], &["--from", COPY, "--token", &token, "--per-route", "1"]].concat());
        assert!(said.contains("3 calls: 3 equal"), "{said}");

        drop(server);
        let before = fs::read_to_string(&file).unwrap().lines().count();
        let server = Server::start(&config);
        let seen = call(&server, "POST", "/seen", None, Some(&json!({"a": 1})));
        let headers = seen.json().unwrap()["headers"].clone();
        assert_eq!(
            (&headers["Content-Length"], &headers["Transfer-Encoding"]),
            (&json!("7"), &Value::Null)
        );
        Command::new("kill")
            .args(["-INT", &server.pid().to_string()])
            .status()
            .unwrap();
        assert_eq!(server.wait(), Some(0));
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), before + 1, "{text}");
        assert_eq!(text.matches("\"parity_recording\":").count(), 1);
    });
}

#[test]
fn a_file_that_cannot_be_used_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "mine\n").unwrap();
    let config = |file: &str| {
        cheap()
            .env("UPSTREAM", "http://127.0.0.1:1")
            .env("SECRET_KEY", SECRET_KEY)
            .env("RECORDING", file)
    };
    for (file, problem) in [
        ("notes.txt", "the file is not a recording"),
        (
            "nowhere/old.jsonl",
            "the file cannot be written: No such file or directory",
        ),
    ] {
        let text = refused(&config(file), folder.path(), &["serve", "--port", "0"], None, 2);
        assert!(
            text.contains(&format!("RECORDING in the environment: {problem}")) && text.contains("expected a new file"),
            "{text}"
        );
        assert!(!text.contains(file), "{text}");
    }
    assert_eq!(fs::read_to_string(&notes).unwrap(), "mine\n");
}
