//! `parity record | replay | compare` between a real Flask app and our server.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    conversation::{Conversation, Filled},
    load_legacy_tables,
    peer::{Both, CURRENT, OLD, Peer, Run, config, database_url, secret_key},
    recording::{Recording, file},
};
use crate::support::{
    http,
    server::Server,
    services::free_port,
    sql::{query, run_sql},
};

/// The recorded requests as a HAR file, with the tokens that they need at this app.
pub fn har(base: &str) -> Vec<u8> {
    let recording = Recording::load("T").unwrap();
    let secret = secret_key();
    let mut conversation = Conversation::new(&recording, base, &secret);
    let mut entry = |case| {
        let Filled { path, headers, body } = conversation.request(case).unwrap();
        let headers: Vec<Value> = headers
            .into_iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let mut request = json!({
            "method": case.request.method,
            "url": format!("http://original.test{path}"),
            "headers": headers,
        });
        if let Some(body) = body {
            request["postData"] = json!({"text": BASE64_STANDARD.encode(body), "encoding": "base64"});
        }
        json!({"comment": case.name, "request": request})
    };
    let entries: Vec<Value> = recording.cases.iter().map(&mut entry).collect();
    json!({"log": {"version": "1.2", "entries": entries}})
        .to_string()
        .into_bytes()
}

/// A token of the first user.
pub fn token(base: &str) -> String {
    let body = json!({"email": "leo@techarena51.com", "password": "password"}).to_string();
    let no_headers: [(&str, &str); 0] = [];
    let answer = http::send(base, "POST", "/api/login", &no_headers, Some(body.as_bytes()));
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

fn compare_recorded(both: &Both, deviations: &Path) -> Value {
    let har = both.file("T.har", &har(&both.old.base));
    let run = both.parity(
        &[
            "compare",
            "--old",
            &both.old.base,
            "--new",
            &both.new.base,
            "--from",
            &har,
            "--writes",
            "--old-is-copy",
            "--new-is-copy",
            "--deviations",
            deviations.to_str().unwrap(),
            "--json",
        ],
        "",
    );
    assert_ne!(run.code, Some(2), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["calls"], 196, "{}", run.stderr);
    let secrets = ["SOME SECRET", "hunter2", "correct horse", &secret_key()];
    assert!(secrets.iter().all(|secret| !run.stdout.contains(secret)));
    report
}

/// What a report names as different, and what is named without need.
fn left_over(report: &Value) -> Vec<String> {
    let routes = report["routes"].as_array().unwrap().iter();
    let differences = routes.flat_map(|route| {
        let found = route["differences"].as_array().unwrap().iter();
        found.map(move |found| {
            format!(
                "{}: {} {} {} {}",
                route["route"], found["what"], found["case"], found["old"], found["new"]
            )
        })
    });
    let unneeded = report["unneeded_deviations"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string);
    differences.chain(unneeded).collect()
}

#[test]
fn over_the_recorded_requests_only_what_the_deviations_name_differs() {
    let Some(both) = Both::start(OLD) else { return };
    let report = compare_recorded(&both, &file("deviations.toml"));
    assert_eq!(left_over(&report), [""; 0], "{report:#}");
    assert_eq!(report["named"], 3, "{report:#}");
    assert_eq!(report["is_equal"], true);
}

#[test]
fn a_current_flask_differs_as_its_own_file_names() {
    let Some(both) = Both::start(CURRENT) else { return };
    let report = compare_recorded(&both, &file("peer/current.toml"));
    assert_eq!(left_over(&report), [""; 0], "{report:#}");
    assert_eq!(report["is_equal"], true);
}

const LOGIN: [&str; 2] = ["--login", "leo@techarena51.com"];
const PASSWORD: &str = "password\n";

/// The first entry that a report proposes, with a reason.
fn proposed(report: &str) -> String {
    let report: Value = serde_json::from_str(report).unwrap();
    let routes = report["routes"].as_array().unwrap().iter();
    let mut differences = routes.flat_map(|route| route["differences"].as_array().unwrap());
    let entry = differences.find_map(|found| found["deviation"].as_str()).unwrap();
    entry.replace("reason = \"\"", "reason = \"Renamed on purpose.\"")
}

#[test]
fn a_recording_is_replayed_and_its_differences_can_be_named() {
    let Some(both) = Both::start(OLD) else { return };
    let recording = both.file("old.jsonl", b"");
    let record = [
        "record",
        "--from",
        "profile",
        "--against",
        &both.old.base,
        "--to",
        &recording,
    ];
    let said = both.parity(&[&record[..], &LOGIN].concat(), PASSWORD).ended_with(0);
    assert!(said.stdout.contains("4 requests"), "{}", said.stdout);
    let recorded = fs::read_to_string(&recording).unwrap();
    assert_eq!(recorded.lines().count(), 5, "{recorded}");
    assert!(!recorded.contains("Bearer ey"), "{recorded}");

    let replay = |more: &[&str]| {
        let arguments = ["replay", &recording, "--against", &both.new.base];
        both.parity(&[&arguments[..], &LOGIN, more].concat(), PASSWORD)
    };
    replay(&[]).ended_with(0);
    run_sql(
        &database_url(both.folder.path()),
        "update users set name = 'Other' where id = 1",
    );
    let shown = replay(&[]).ended_with(1);
    assert!(
        shown.stdout.contains("GET /api/users: value $.users[*].name (1 call)"),
        "{}",
        shown.stdout
    );
    let curl = format!(
        "curl -i '{}/api/users' -H \"Authorization: Bearer $TOKEN\"",
        both.new.base
    );
    assert!(shown.stdout.contains(&curl), "{}", shown.stdout);
    assert_eq!(shown.stderr, "error: 1 of 4 answers differ\n");

    let page = both.file("report.html", b"");
    let report = replay(&["--json", "--html", &page]).ended_with(1);
    assert!(fs::read_to_string(&page).unwrap().contains("1 of 4 answers differ"));
    let named = both.file("named.toml", proposed(&report.stdout).as_bytes());
    replay(&["--deviations", &named]).ended_with(0);
    run_sql(
        &database_url(both.folder.path()),
        "update users set name = 'Leo' where id = 1",
    );
    let unneeded = replay(&["--deviations", &named]).ended_with(1);
    assert!(
        unneeded.stderr.contains("1 deviations are not needed any more"),
        "{}",
        unneeded.stderr
    );
    let only = both.file(
        "token.jsonl",
        &recorded.lines().take(2).collect::<Vec<_>>().join("\n").into_bytes(),
    );
    let nothing = both
        .parity(&["replay", &only, "--against", &both.new.base], "")
        .ended_with(2);
    assert!(
        nothing.stderr.contains("no request could be asked"),
        "{}",
        nothing.stderr
    );
    let without_token = both
        .parity(&["replay", &recording, "--against", &both.new.base], "")
        .ended_with(0);
    assert!(
        without_token.stdout.contains("2 requests need a token"),
        "{}",
        without_token.stdout
    );
}

#[test]
fn tokens_are_sent_as_the_settings_of_the_app_say() {
    for settings in [
        &[("TOKEN_DIALECT", "flask-jwt")][..],
        &[
            ("TOKEN_DIALECT", "pyjwt"),
            ("JWT_HEADER_NAME", "x-access-token"),
            ("JWT_HEADER_TYPE", "none"),
        ],
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_TOKEN_LOCATION", "query_string")],
        &[
            ("TOKEN_DIALECT", "flask-jwt-extended-4"),
            ("JWT_TOKEN_LOCATION", "cookies"),
        ],
    ] {
        let folder = tempfile::tempdir().unwrap();
        load_legacy_tables(&database_url(folder.path()));
        let config = config(folder.path());
        let config = settings
            .iter()
            .fold(config, |config, (name, value)| config.env(name, value));
        let server = Server::start(&config);
        let run = |words: &[&str]| {
            let words = [&["parity"], words, &["--against", &server.base], &LOGIN].concat();
            Run::of(config.command_reading(folder.path(), &words, PASSWORD)).ended_with(0)
        };
        run(&["record", "--to", "old.jsonl"]);
        let recorded = fs::read_to_string(folder.path().join("old.jsonl")).unwrap();
        let statuses: Vec<i64> = recorded
            .lines()
            .skip(1)
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["first"]["status"]
                    .as_i64()
                    .unwrap()
            })
            .collect();
        let invalid = if settings[0].1 == "flask-jwt-extended-4" {
            422
        } else {
            401
        };
        assert_eq!(statuses, [200, 200, 401, invalid], "{settings:?}");
        run(&["replay", "old.jsonl"]);
    }
}

#[test]
fn an_access_log_is_asked_once_for_each_address() {
    let Some(both) = Both::start(OLD) else { return };
    let log = b"x - - [1] \"GET /api/users?a=1 HTTP/1.1\" 200 1\nx - - [1] \"GET /api/users?a=1 HTTP/1.1\" 200 1\n\
        x - - [1] \"HEAD /api/users HTTP/1.1\" 401 1\nx - - [1] \"POST /api/login HTTP/1.1\" 200 1\nnonsense\n\
        x - - [1] \"GET /nothing/7 HTTP/1.1\" 404 1\nx - - [1] \"GET /nothing/8 HTTP/1.1\" 404 1\n";
    let log = both.file("access.log", log);
    let compare = [
        "compare",
        "--old",
        &both.old.base,
        "--new",
        &both.new.base,
        "--from",
        &log,
    ];
    let run = both.parity(&compare, "").ended_with(0);
    for line in [
        "4 calls: 4 equal",
        "1 requests that write were left out",
        "line 5: nonsense",
        "GET /nothing/{id}",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let limited = both
        .parity(&[&compare[..], &["--per-route", "1"]].concat(), "")
        .ended_with(0);
    assert!(
        limited.stdout.contains("1 requests were left out by --per-route 1"),
        "{}",
        limited.stdout
    );
    // With a token the list has rows, of which one differs.
    run_sql(
        &database_url(both.folder.path()),
        "update users set email = 'a@b.museum' where id = 1",
    );
    let recording = both.file("log.jsonl", b"");
    let record = [
        "record",
        "--against",
        &both.old.base,
        "--from",
        &log,
        "--to",
        &recording,
    ];
    both.parity(&[&record[..], &["--login", "sha256@example.com"]].concat(), PASSWORD)
        .ended_with(0);
    assert!(fs::read_to_string(&recording).unwrap().contains("a@b.museum"));
}

#[test]
fn what_changes_by_itself_is_no_difference() {
    let Some(both) = Both::start(CURRENT) else { return };
    let log = both.file("access.log", b"x - - [1] \"GET /api/dice HTTP/1.1\" 200 1\n");
    let itself = [
        "compare",
        "--old",
        &both.old.base,
        "--new",
        &both.old.base,
        "--from",
        &log,
    ];
    let run = both.parity(&itself, "").ended_with(0);
    assert!(run.stdout.contains("1 calls: 1 equal"), "{}", run.stdout);
    let recording = both.file("dice.jsonl", b"");
    let record = [
        "record",
        "--against",
        &both.old.base,
        "--from",
        &log,
        "--to",
        &recording,
    ];
    both.parity(&record, "").ended_with(0);
    both.parity(&["replay", &recording, "--against", &both.old.base], "")
        .ended_with(0);
    let other = [
        "compare",
        "--old",
        &both.old.base,
        "--new",
        &both.new.base,
        "--from",
        &log,
        "--json",
    ];
    let run = both.parity(&other, "").ended_with(1);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["routes"][0]["differences"][0]["what"], "status 200 became 404");
}

#[test]
fn what_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let both = config(folder.path());
    let write = |name: &str, text: &[u8]| {
        fs::write(folder.path().join(name), text).unwrap();
    };
    write("cut.har", br#"{"log": {"entries": [{"request"#);
    write("empty.log", b"");
    write("good.log", b"x - - [1] \"GET / HTTP/1.1\" 200 1\n");
    write("bare.toml", b"[[deviation]]\nname = \"x\"\nreason = \"\"\n");
    let down = format!("http://127.0.0.1:{}", free_port());
    let to = ["--old", &down, "--new", &down];
    for (arguments, expected) in [
        (&["--from", "cut.har"][..], "cut.har: not a HAR file: EOF"),
        (&["--from", "empty.log"], "empty.log: no request to ask"),
        (&["--from", "missing.log"], "missing.log: No such file"),
        (&["--from", "good.log"], &format!("{down} does not answer: ")),
        (&["--from", "good.log", "--writes"], "add --old-is-copy"),
        (
            &["--from", "good.log", "--writes", "--old-is-copy"],
            "add --new-is-copy",
        ),
        (&["--deviations", "bare.toml"], "\"x\" lacks a reason or a case"),
        (&["--deviations", "good.log"], "good.log: TOML parse error"),
        (&["--login", "ann@example.com"], "expected the password"),
        (&["--token", "x", "--login", "y"], "cannot be used with"),
        (&["--timeout", "0"], "--timeout"),
    ] {
        let words = [&["parity", "compare"], &to[..], arguments].concat();
        let run = Run::of(both.command(folder.path(), &words)).ended_with(2);
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
    let run = Run::of(both.command(folder.path(), &["parity", "replay", "good.log", "--against", &down])).ended_with(2);
    assert!(run.stderr.contains("good.log: not a recording"), "{}", run.stderr);
    let https = ["parity", "compare", "--old", "https://x", "--new", &down];
    let run = Run::of(both.command(folder.path(), &https)).ended_with(2);
    assert!(
        run.stderr.contains("--old: expected http://HOST:PORT"),
        "{}",
        run.stderr
    );
}

#[test]
fn rows_that_are_written_on_both_may_have_other_ids() {
    let Some(both) = Both::start(OLD) else { return };
    let other = tempfile::tempdir().unwrap();
    let beside = Peer::start(&both.python, other.path());
    run_sql(
        &database_url(other.path()),
        "insert into users (email, name, password, is_enabled) values ('x@example.com', 'X', '', true);
         delete from users where id < 3",
    );
    let headers = json!([{"name": "Authorization", "value": format!("Bearer {}", token(&both.old.base))}]);
    let entry = json!({"request": {
        "method": "POST", "url": "http://original.test/api/notes", "headers": headers, "postData": {"text": "{\"text\": \"one\"}"},
    }});
    let file = json!({"log": {"entries": [entry]}}).to_string();
    let file = both.file("notes.har", file.as_bytes());
    let compare = [
        "compare",
        "--old",
        &both.old.base,
        "--new",
        &beside.base,
        "--from",
        &file,
        "--writes",
    ];
    both.parity(&[&compare[..], &["--old-is-copy", "--new-is-copy"]].concat(), "")
        .ended_with(0);
    let recording = both.file("notes.jsonl", b"");
    let record = [
        "record",
        "--against",
        &both.old.base,
        "--from",
        &file,
        "--to",
        &recording,
        "--writes",
    ];
    both.parity(&[&record[..], &["--old-is-copy"], &LOGIN].concat(), PASSWORD)
        .ended_with(0);
    let ids = query(
        &database_url(both.folder.path()),
        "select count(*) from users where name = 'one'",
    );
    assert_eq!(
        ids, "1",
        "a request that writes is asked once, and the second one met the first one's row"
    );
}
