//! Plays a recording against a server: fills in tokens and ids, sends, and judges each answer.

use std::{collections::BTreeMap, sync::LazyLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::Utc;
use poem_scaffold::testing::inside::{
    Fidelity,
    parity::{json::text_of, normal::NewIds},
};
use regex::{Captures, Regex};
use serde_json::Value;

use super::{
    compare::Comparison,
    deviations::Deviations,
    recording::{Case, Recording, TokenSource},
    tokens::forge,
};
use crate::support::http::{self, Response};

/// How many problems of one case a report shows.
const PROBLEMS_SHOWN: usize = 6;

/// What came of a whole recording.
#[derive(Default)]
pub struct Outcome {
    pub ran: usize,
    /// One readable text per failed case.
    pub failures: Vec<String>,
}

/// Sends every case of the recording to `base` in order, and judges the answers.
///
/// A case that one of the deviations covers must fail the comparison with the recording and have
/// the answer that the deviation states.
pub fn replay(recording: &Recording, base: &str, secret: &str, deviations: &Deviations, fidelity: Fidelity) -> Outcome {
    let mut conversation = Conversation::new(recording, base, secret);
    let mut outcome = Outcome::default();
    for case in &recording.cases {
        let problems = match conversation.answer(case) {
            Ok(answer) => {
                conversation.remember(case, &answer);
                let app = &recording.meta.app;
                deviations.judge(fidelity, app, case, &conversation.comparison, &answer)
            }
            Err(reason) => vec![format!("request not sent: {reason}")],
        };
        outcome.ran += 1;
        if !problems.is_empty() {
            outcome.failures.push(report(case, &problems));
        }
    }
    outcome
}

fn report(case: &Case, problems: &[String]) -> String {
    let mut text = format!("[{:?}] {}", case.tag, case.name);
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        text.push_str("\n      ");
        text.push_str(problem);
    }
    if problems.len() > PROBLEMS_SHOWN {
        text.push_str(&format!("\n      and {} more", problems.len() - PROBLEMS_SHOWN));
    }
    text
}

/// A request as it is sent.
pub struct Filled {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

pub struct Conversation<'a> {
    recording: &'a Recording,
    base: &'a str,
    secret: &'a str,
    /// Tokens that the server gave us; one login serves all cases.
    logins: BTreeMap<&'a str, String>,
    pub vars: BTreeMap<String, Value>,
    comparison: Comparison,
}

impl<'a> Conversation<'a> {
    pub fn new(recording: &'a Recording, base: &'a str, secret: &'a str) -> Self {
        Self {
            recording,
            base,
            secret,
            logins: BTreeMap::new(),
            vars: BTreeMap::new(),
            comparison: Comparison {
                recorded_day: recording.day(),
                today: Utc::now().date_naive(),
                ids: NewIds::new(),
            },
        }
    }

    fn answer(&mut self, case: &Case) -> Result<Response, String> {
        let Filled { path, headers, body } = self.request(case)?;
        let method = &case.request.method;
        Ok(http::send(self.base, method, &path, &headers, body.as_deref()))
    }

    /// The request of a case with tokens and ids.
    pub fn request(&mut self, case: &Case) -> Result<Filled, String> {
        let request = &case.request;
        let mut headers = Vec::with_capacity(request.headers.len());
        for (name, value) in &request.headers {
            headers.push((name.clone(), self.filled(value)?));
        }
        Ok(Filled {
            path: self.filled(&request.path)?,
            headers,
            body: match (&request.body_b64, &request.body) {
                (Some(bytes), _) => Some(BASE64_STANDARD.decode(bytes).map_err(|error| error.to_string())?),
                (None, Some(text)) => Some(self.filled(text)?.into_bytes()),
                (None, None) => None,
            },
        })
    }

    /// Replaces `{{tok:NAME}}`, `{{var:NAME}}` and `{{rep:CHARACTER:COUNT}}`.
    fn filled(&mut self, template: &str) -> Result<String, String> {
        static HOLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{(tok|var|rep):([^}]+)\}\}").unwrap());
        let mut text = String::new();
        let mut end = 0;
        for hole in HOLE.captures_iter(template) {
            let place = hole.get_match();
            text.push_str(&template[end..place.start()]);
            text.push_str(&self.filling(&hole)?);
            end = place.end();
        }
        Ok(text + &template[end..])
    }

    fn filling(&mut self, hole: &Captures) -> Result<String, String> {
        let name = &hole[2];
        match &hole[1] {
            "tok" => self.token(name),
            "var" => match self.vars.get(name) {
                Some(value) => Ok(text_of(value)),
                None => Err(format!("no value for {name}")),
            },
            _ => {
                let (character, count) = name.split_once(':').ok_or("no count")?;
                let count = count.parse().map_err(|_| format!("bad count {count}"))?;
                Ok(character.repeat(count))
            }
        }
    }

    fn token(&mut self, name: &str) -> Result<String, String> {
        let (name, source) = self
            .recording
            .tokens
            .get_key_value(name)
            .ok_or_else(|| format!("no token {name}"))?;
        match source {
            TokenSource::Forge(recipe) => Ok(forge(recipe, self.secret, Utc::now().timestamp())),
            TokenSource::Login { path, body } => {
                if !self.logins.contains_key(name.as_str()) {
                    self.logins.insert(name, log_in(self.base, path, body)?);
                }
                Ok(self.logins[name.as_str()].clone())
            }
        }
    }

    /// Keeps what later cases need of an answer: captured values and the ids of new resources.
    fn remember(&mut self, case: &Case, answer: &Response) {
        let json = answer.json().unwrap_or_default();
        for (name, pointer) in &case.capture {
            let old = self.recording.vars.get(name);
            match json.pointer(pointer) {
                Some(new) => {
                    self.vars.insert(name.clone(), new.clone());
                    if let Some(resource) = json["data"]["type"].as_str() {
                        self.rename(resource, old, new);
                    }
                }
                // Later cases then at least ask for what the original had.
                None => {
                    if let Some(old) = old.filter(|_| !self.vars.contains_key(name)) {
                        self.vars.insert(name.clone(), old.clone());
                    }
                }
            }
        }
        let recorded = case.response.json.as_ref().filter(|_| case.response.status == 201);
        if let (Some(recorded), Some(data)) = (recorded, json["data"].as_object()) {
            let recorded = &recorded["data"];
            let new = data.get("id").unwrap_or(&Value::Null);
            if let Some(resource) = recorded["type"].as_str() {
                self.rename(resource, recorded.get("id"), new);
            }
        }
    }

    fn rename(&mut self, resource: &str, old: Option<&Value>, new: &Value) {
        if let Some(old) = old.filter(|old| old.is_number() || old.is_string()) {
            let old = (resource.to_owned(), text_of(old));
            self.comparison.ids.insert(old, new.clone());
        }
    }
}

fn log_in(base: &str, path: &str, body: &str) -> Result<String, String> {
    let headers = [("Content-Type", "application/json")];
    let answer = http::send(base, "POST", path, &headers, Some(body.as_bytes()));
    match answer.json().as_ref().map(|json| &json["token"]) {
        Some(Value::String(token)) => Ok(token.clone()),
        _ => Err(format!("no token from {path}: {} {}", answer.status, answer.text())),
    }
}
