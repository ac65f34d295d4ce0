//! The tokens of Flask apps: what their packages answered is answered here, and each side accepts the other's tokens.
//!
//! The recordings stand in `tests/vectors/dialects/`; where we answer otherwise on purpose, `deviations.toml` there says why.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::PathBuf,
    thread,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{cheap, log_in, run};
use crate::{
    parity::tokens::{Forgery, forge},
    support::{
        http::{Response, send},
        server::{Server, ServerConfig},
        vectors::{folder, pythons, rows_of_script},
    },
};

const KEY: &str = "the key of a Flask app, for tests: 32 bytes";
const ADDRESS: &str = "ann@example.com";
const PASSWORD: &str = "correct horse";

/// A row that nobody has, and the list, which alone takes POST.
const ITEM: &str = "/api/v1/users/99.json";
const LIST: &str = "/api/v1/users.json";

/// The recordings, each with the package that it is from.
const RECORDINGS: [(&str, &str); 5] = [
    ("flask-jwt", "flask-jwt==0.3.2"),
    ("flask-jwt-extended-3", "flask-jwt-extended==3.25.1"),
    ("flask-jwt-extended-4", "flask-jwt-extended==4.7.4"),
    // Which bring PyJWT 2.15.1 and 1.7.1.
    ("pyjwt", "flask-jwt-extended==4.7.4"),
    ("pyjwt-1", "flask-jwt-extended==3.25.1"),
];

/// Where our answer is another one on purpose.
#[derive(Deserialize)]
struct Deviation {
    dialects: Vec<String>,
    cases: Vec<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    /// Whether only answers of 500 are meant.
    #[serde(default)]
    crashes: bool,
    /// Our status, or 0 for the usual one of the dialect; without one, the request is let in.
    status: Option<u16>,
    #[serde(default)]
    text: String,
    /// Flask-JWT's name of the error.
    #[serde(default)]
    error: String,
    challenge: Option<String>,
    #[expect(dead_code, reason = "for who reads the file")]
    why: String,
}

#[derive(Deserialize)]
struct Deviations {
    deviation: Vec<Deviation>,
}

impl Deviation {
    fn is_of(&self, dialect: &str, row: &Value) -> bool {
        (!self.crashes || row["status"] == 500)
            && self.dialects.iter().any(|of| of == dialect)
            && self.cases.iter().any(|case| row["case"] == case.as_str())
            && self
                .settings
                .iter()
                .all(|(name, value)| row["settings"][name] == *value)
    }

    fn answer(&self, dialect: &str, row: &Value) -> Option<(u16, Value)> {
        let usual = if dialect.starts_with("flask-jwt-extended") {
            422
        } else {
            401
        };
        let status = self.status.map(|status| if status == 0 { usual } else { status })?;
        let text = &self.text;
        let usual = if dialect.starts_with("pyjwt") { "message" } else { "msg" };
        let member = row["settings"]["JWT_ERROR_MESSAGE_KEY"].as_str().unwrap_or(usual);
        let body = match dialect {
            "flask-jwt" => json!({"description": text, "error": self.error, "status_code": status}),
            _ => json!({member: text}),
        };
        Some((status, body))
    }
}

/// The value of `TOKEN_DIALECT` for a recording.
fn dialect_of(recording: &str) -> &str {
    recording.strip_suffix("-1").unwrap_or(recording)
}

fn deviations() -> Vec<Deviation> {
    let text = fs::read_to_string(folder().join("dialects/deviations.toml")).unwrap();
    toml::from_str::<Deviations>(&text).unwrap().deviation
}

/// The recorded rows of a dialect.
fn recorded(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(format!("dialects/{file}.json"))).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    // The first one names the releases.
    rows.into_iter().skip(1).collect()
}

/// A server with these settings whose first user is the one of the recorded tokens.
fn server(dialect: &str, settings: &Value) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = cheap()
        .env("SECRET_KEY", KEY)
        .env("TOKEN_DIALECT", dialect_of(dialect))
        .folder(folder.path());
    for (name, value) in settings.as_object().unwrap() {
        config = config.env(name, value.as_str().unwrap());
    }
    create_ann(&config, &folder);
    (Server::start(&config), folder)
}

fn create_ann(config: &ServerConfig, folder: &TempDir) {
    let password = format!("{PASSWORD}\n");
    run(
        config,
        folder.path(),
        &["user", "create", ADDRESS, "--admin"],
        Some(&password),
    );
}

/// A request with its token, sent to us.
fn ask(server: &Server, method: &str, query: &str, headers: &[(String, String)]) -> Response {
    let path = if method == "POST" { LIST } else { ITEM };
    let path = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    // A character is a byte.
    let bytes = |text: &str| {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect::<Vec<_>>()
    };
    let headers: Vec<(&str, Vec<u8>)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), bytes(value)))
        .collect();
    send(&server.base, method, &path, &headers, None)
}

/// What a recorded request sends: method, query and headers.
fn filled(request: &Value) -> (String, String, Vec<(String, String)>) {
    let recipe = &request["token"];
    let token = match recipe["raw"].as_str() {
        Some(raw) => raw.to_owned(),
        None if recipe.is_null() => String::new(),
        None => {
            let recipe: Forgery = serde_json::from_value(recipe.clone()).unwrap();
            forge(&recipe, KEY, chrono::Utc::now().timestamp())
        }
    };
    let csrf = recipe["claims"]["csrf"].as_str().unwrap_or("none");
    let fill = |text: &Value| text.as_str().unwrap().replace("{t}", &token).replace("{csrf}", csrf);
    let headers = request["headers"].as_array().unwrap();
    let headers = headers.iter().map(|pair| (fill(&pair[0]), fill(&pair[1]))).collect();
    (fill(&request["method"]), fill(&request["query"]), headers)
}

/// What is wrong with our answer to a recorded request; `None` means that it is let in.
fn fault(row: &Value, expected: Option<(u16, Value)>, challenge: Option<&str>, answer: &Response) -> Option<String> {
    let body = answer.json().unwrap_or_default();
    let is_same = match &expected {
        // Behind the guard, the row and the body are missing.
        None => [404, 400].contains(&answer.status),
        Some((status, expected)) => (answer.status, &body) == (*status, expected),
    };
    if is_same && answer.header("WWW-Authenticate").as_deref() == challenge {
        return None;
    }
    let expected = expected.map_or_else(|| "let in".to_owned(), |(status, body)| format!("{status} {body}"));
    Some(format!(
        "{} {}: expected {expected}, got {} {body}",
        row["settings"], row["case"], answer.status
    ))
}

/// The recorded answer; `None` means that the request was let in.
fn answer_of(row: &Value) -> Option<(u16, Value)> {
    let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
    (status != 200).then(|| (status, row["body"].clone()))
}

/// The servers of a dialect by their settings, each with its folder.
struct Servers(BTreeMap<String, (Server, TempDir)>);

impl Servers {
    /// Those for the settings of these rows; whoever gets a token from now on has one that is younger than its user.
    fn start(dialect: &str, rows: &[Value]) -> Self {
        let settings: BTreeMap<String, &Value> = rows
            .iter()
            .map(|row| (row["settings"].to_string(), &row["settings"]))
            .collect();
        let servers = settings
            .into_iter()
            .map(|(key, settings)| (key, server(dialect, settings)))
            .collect();
        thread::sleep(Duration::from_millis(1100));
        Self(servers)
    }

    /// Sends all requests, as they were sent or with tokens of now, and gives what is wrong with the answers.
    fn replay(
        &self,
        dialect: &str,
        rows: &[Value],
        deviations: &[Deviation],
        used: &mut HashSet<usize>,
    ) -> Vec<String> {
        let mut faults = Vec::new();
        for row in rows {
            let (server, _) = &self.0[&row["settings"].to_string()];
            let deviation = deviations.iter().position(|deviation| deviation.is_of(dialect, row));
            used.extend(deviation);
            let (expected, challenge) = match deviation.map(|index| &deviations[index]) {
                Some(deviation) => (deviation.answer(dialect, row), deviation.challenge.as_deref()),
                None => (answer_of(row), row["challenge"].as_str()),
            };
            let (method, query, headers) = match row.get("sent") {
                Some(sent) => filled(sent),
                None => filled(&row["request"]),
            };
            let answer = ask(server, &method, &query, &headers);
            faults.extend(fault(row, expected, challenge, &answer).map(|fault| format!("{dialect} {fault}")));
        }
        faults
    }
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn each_recorded_request_is_answered_as_the_package_answered_it() {
    let deviations = deviations();
    let mut used = HashSet::new();
    let (mut count, mut faults) = (0, Vec::new());
    for (dialect, _) in RECORDINGS {
        let rows = recorded(dialect);
        count += rows.len();
        let servers = Servers::start(dialect, &rows);
        faults.extend(servers.replay(dialect, &rows, &deviations, &mut used));
    }
    assert_none(&faults);
    let unused: Vec<_> = (0..deviations.len()).filter(|index| !used.contains(index)).collect();
    assert!(unused.is_empty(), "deviations that are none: {unused:?}");
    assert!(count > 3_000, "{count}");
}

/// The Python of each dialect's package.
fn packages() -> Option<Vec<(&'static str, PathBuf)>> {
    let pythons = pythons(&RECORDINGS.map(|(_, package)| package.to_owned()))?;
    Some(RECORDINGS.iter().map(|(dialect, _)| *dialect).zip(pythons).collect())
}

#[test]
fn the_real_packages_answer_the_same_anew_and_their_own_tokens_are_accepted() {
    let Some(packages) = packages() else { return };
    let deviations = deviations();
    for (dialect, python) in packages {
        let servers = Servers::start(dialect, &recorded(dialect));
        let rows = rows_of_script(&python, "make_dialects.py", &[dialect_of(dialect), "record", "raw"], "");
        let mut rows: Vec<Value> = rows.into_iter().skip(1).collect();
        let mut anew = rows.clone();
        for row in &mut anew {
            row.as_object_mut().unwrap().remove("sent");
        }
        assert_eq!(anew, recorded(dialect), "{dialect}");
        // What is about seconds may be over by now.
        let is_about_seconds = |case: &str| {
            [" in 5 s", " in 20 s", " by 5 s", "just not"]
                .iter()
                .any(|part| case.contains(part))
        };
        rows.retain(|row| !is_about_seconds(row["case"].as_str().unwrap()));
        assert_none(&servers.replay(dialect, &rows, &deviations, &mut HashSet::new()));
    }
}

/// The settings under which our own tokens are handed to the packages.
fn settings_of_issuers(dialect: &str) -> Vec<Value> {
    let mut all = vec![
        json!({}),
        json!({"JWT_IDENTITY_CLAIM": "user_id"}),
        json!({"TOKEN_IDENTITY": "email", "JWT_ACCESS_TOKEN_EXPIRES": "3600"}),
        json!({"JWT_SECRET_KEY": "the key of another app, for tests: 32 bytes"}),
    ];
    if dialect.starts_with("pyjwt") {
        // The decorator has the key of its app.
        all.pop();
    }
    if dialect.starts_with("flask-jwt-extended") {
        all.push(json!({"JWT_TOKEN_LOCATION": "headers,cookies"}));
    }
    all
}

#[test]
fn tokens_of_our_login_are_accepted_by_the_real_packages() {
    let Some(packages) = packages() else { return };
    for (dialect, python) in packages {
        let scheme = if dialect == "flask-jwt" { "JWT" } else { "Bearer" };
        let mut requests = Vec::new();
        for settings in settings_of_issuers(dialect) {
            let (server, _folder) = server(dialect, &settings);
            let answer = log_in(&server, ADDRESS, PASSWORD);
            let token = answer.json().unwrap()["token"].as_str().unwrap().to_owned();
            let claims = claims(&token);
            let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
            assert_eq!(lifetime, lifetime_of(dialect, &settings), "{dialect} {settings}");
            let headers = json!([["Authorization", format!("{scheme} {token}")]]);
            requests.push(json!({"settings": settings, "method": "GET", "query": "", "headers": headers}));
            if settings.get("JWT_TOKEN_LOCATION").is_some() {
                let csrf = claims["csrf"].as_str().unwrap().to_owned();
                let headers = json!([
                    ["Cookie", format!("access_token_cookie={token}")],
                    ["X-CSRF-TOKEN", csrf]
                ]);
                requests.push(json!({"settings": settings, "method": "POST", "query": "", "headers": headers}));
            }
            let headers = [("Authorization".to_owned(), format!("{scheme} {token}"))];
            assert_eq!(ask(&server, "GET", "", &headers).status, 404, "{dialect} {settings}");
        }
        let input: Vec<String> = requests.iter().map(Value::to_string).collect();
        let answers = rows_of_script(
            &python,
            "make_dialects.py",
            &[dialect_of(dialect), "ask"],
            &input.join("\n"),
        );
        assert_eq!(answers.len(), requests.len());
        for (request, answer) in requests.iter().zip(answers) {
            assert_eq!(
                answer,
                json!({"status": 200, "body": {"accepted": true}}),
                "{dialect} {request}"
            );
        }
    }
}

/// Seconds that a token of the login is valid: `JWT_ACCESS_TOKEN_EXPIRES` and `JWT_EXPIRATION_DELTA` of the packages.
fn lifetime_of(dialect: &str, settings: &Value) -> i64 {
    if let Some(given) = settings.get("JWT_ACCESS_TOKEN_EXPIRES") {
        return given.as_str().unwrap().parse().unwrap();
    }
    match dialect {
        "flask-jwt" => 300,
        "pyjwt" | "pyjwt-1" => 86_400,
        _ => 900,
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
