//! `parity replay` over the recordings of the originals: what it reports is what the replay of this suite reports.

use std::{collections::BTreeSet, fs};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use poem_scaffold::testing::inside::{
    Fidelity,
    parity::{answer::Answer, deviations, secrets},
};
use serde_json::{Value, json};

use super::{
    Origin,
    conversation::{Conversation, Filled},
    front_end,
    original::{Original, SCAFFOLD_0_6_2, SCAFFOLD_0_6_3, SCAFFOLD_0_7, SCAFFOLD_1_0, SCAFFOLD_2_0, TUTORIAL},
    peer::Run,
    recording::{Case, Mode, Recorded, Recording, Tag, file},
    schema_script, seed_script,
};
use crate::support::{
    program,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{Engine, run_sql},
};

/// The answer as a line of a recording has it.
fn line_of(recorded: &Recorded) -> Value {
    let answer = Answer {
        status: recorded.status,
        headers: recorded.headers.clone(),
        body: recorded.body.clone().unwrap_or_default().into_bytes(),
    };
    let body = secrets::mask_answer(&answer.body, &answer.media_type());
    let body = match String::from_utf8(body).unwrap() {
        text if text.is_empty() => json!("empty"),
        text => json!({"text": text}),
    };
    json!({"milliseconds": 1.0, "status": answer.status, "headers": answer.headers, "body": body})
}

/// The same with its rows in another order: the originals have no ORDER BY.
fn reordered(line: &Value, recorded: &Recorded) -> Value {
    let mut second = line.clone();
    let mut json = recorded.json.clone().unwrap_or_default();
    for name in ["data", "users"] {
        if let Some(rows) = json.get_mut(name).and_then(Value::as_array_mut) {
            rows.reverse();
            second["body"] = json!({"text": secrets::mask_json(&json).to_string()});
        }
    }
    second
}

/// A recording of the command with the requests and answers of this one, for a server at `base`.
fn rewritten(recording: &Recording, base: &str) -> String {
    let mut conversation = Conversation::new(recording, base, &recording.secret_key);
    conversation.vars.clone_from(&recording.vars);
    let mut lines = vec![json!({"parity_recording": 1, "server": "the original", "day": recording.day()})];
    for case in &recording.cases {
        let Filled { path, headers, body } = conversation.request(case).unwrap();
        let first = line_of(&case.response);
        let is_safe = ["GET", "HEAD", "OPTIONS"].contains(&case.request.method.as_str());
        let mut line = json!({
            "name": case.name,
            "method": case.request.method,
            "target": path,
            "headers": headers,
            "token": false,
            "second": is_safe.then(|| reordered(&first, &case.response)),
            "first": first,
        });
        if let Some(body) = body {
            line["body"] = match String::from_utf8(body) {
                Ok(text) => json!({"text": text}),
                Err(error) => json!({"base64": BASE64_STANDARD.encode(error.as_bytes())}),
            };
        }
        lines.push(line);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The names of the cases that a report has as different.
fn different(report: &Value) -> BTreeSet<String> {
    let routes = report["routes"].as_array().unwrap().iter();
    let differences = routes.flat_map(|route| route["differences"].as_array().unwrap());
    let entries = differences.filter_map(|found| found["deviation"].as_str());
    let entries = entries.map(|entry| deviations::Deviations::parse(entry).unwrap());
    let cases = entries.flat_map(|entry| entry.entries).flat_map(|entry| entry.cases);
    cases.map(|stated| stated.case).collect()
}

/// Replays a recording against our server, and gives the cases that differ and whose values count: a client may not
/// depend on the texts of a framework or of a database.
fn replay(original: &Original) -> Option<Vec<String>> {
    let mut recording = Recording::load(original.recording).unwrap();
    recording.cases.retain(|case| !case.needs_resources());
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_database(Engine::Postgres, folder.path())?;
    run_sql(&url, &schema_script(original.recording, Engine::Postgres));
    run_sql(
        &url,
        &seed_script(original.recording, Engine::Postgres, Origin::Adopted),
    );
    let mut config = ServerConfig::of(program())
        .folder(folder.path())
        .env("DATABASE_URL", &url)
        .env("FLASK_PROFILE", original.profile)
        .env("FLASK_FIDELITY", Fidelity::Flask.name())
        .env("SECRET_KEY", &recording.secret_key)
        .env("PASSWORD_ITERATIONS", "1000");
    if original.has_pages {
        let front_end = front_end::write_stand_ins(&recording, &folder.path().join("front-end"));
        config = config.env("STATIC_DIR", front_end.to_str().unwrap());
    }
    let server = Server::start(&config);
    let path = folder.path().join(format!("{}.jsonl", original.recording));
    fs::write(&path, rewritten(&recording, &server.base)).unwrap();
    let words = [
        "parity",
        "replay",
        path.to_str().unwrap(),
        "--against",
        &server.base,
        "--writes",
        "--new-is-copy",
        "--json",
    ];
    let deviations = file("deviations.toml");
    let words = [&words[..], &["--deviations", deviations.to_str().unwrap()]].concat();
    let run = Run::of(config.command(folder.path(), &words));
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!(report["calls"], recording.cases.len(), "{}", original.recording);
    assert_eq!(report["unneeded_deviations"], json!([]));
    let counts = |case: &&Case| case.tag != Tag::Accident && [Mode::Json, Mode::Text].contains(&case.compare);
    let counting: BTreeSet<&str> = recording
        .cases
        .iter()
        .filter(counts)
        .map(|case| case.name.as_str())
        .collect();
    let found = different(&report)
        .into_iter()
        .filter(|name| counting.contains(name.as_str()));
    Some(found.collect())
}

fn assert_all_named(originals: &[Original]) {
    for original in originals {
        if let Some(different) = replay(original) {
            assert_eq!(different, [""; 0], "{}", original.recording);
        }
    }
}

#[test]
fn what_differs_from_the_tutorial_is_named() {
    assert_all_named(&[TUTORIAL]);
}

#[test]
fn what_differs_from_1_0_and_the_releases_before_is_named() {
    assert_all_named(&[SCAFFOLD_1_0, SCAFFOLD_0_6_2, SCAFFOLD_0_6_3, SCAFFOLD_0_7]);
}

#[test]
fn what_differs_from_2_0_is_named() {
    assert_all_named(&[SCAFFOLD_2_0]);
}
