//! A recorded conversation with one of the Flask originals, as it stands in `recordings/`.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::LazyLock};

use chrono::NaiveDate;
use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::tokens::Forgery;

/// One original's answers to an ordered list of requests.
#[derive(Deserialize)]
pub struct Recording {
    pub meta: Meta,
    /// The key that the original signed its tokens with.
    pub secret_key: String,
    /// The tokens that requests name as `{{tok:NAME}}`.
    pub tokens: BTreeMap<String, TokenSource>,
    /// What the original's answers gave for the values that requests name as `{{var:NAME}}`.
    pub vars: BTreeMap<String, Value>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Meta {
    /// `T` for the tutorial app, `S1` and `S2` for Flask-Scaffold 1.0 and 2.0.
    pub app: String,
    recorded_at: String,
}

/// Where a token comes from.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum TokenSource {
    /// From the server under test, by this login.
    Login { path: String, body: String },
    /// From us, with the server's key or a wrong one.
    Forge(Forgery),
}

#[derive(Clone, Deserialize)]
pub struct Case {
    pub name: String,
    pub tag: Tag,
    pub compare: Mode,
    /// Values to take out of the answer: name and JSON pointer.
    pub capture: BTreeMap<String, String>,
    pub request: Request,
    pub response: Recorded,
}

/// What a client may expect of a case.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// A client may depend on all of it.
    Contract,
    /// The original answered 500 on input; any 4xx with a JSON object is as good.
    Crash,
    /// Framework text such as 404 pages; only the status counts.
    Accident,
}

/// How much of the body of a `contract` case is compared.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Json,
    /// JSON, types of the members only.
    Shape,
    Text,
    Status,
}

#[derive(Clone, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// A body that is not UTF-8, in base64.
    pub body_b64: Option<String>,
}

#[derive(Clone, Deserialize)]
pub struct Recorded {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// The true length of a body of which only the beginning was kept.
    pub body_truncated_from: Option<usize>,
    /// The body as JSON, where it is some; `null` is a body too.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
}

impl Recording {
    /// Reads `recordings/NAME.json`; `None` if there is no such recording.
    pub fn load(name: &str) -> Option<Self> {
        let text = fs::read_to_string(file(&format!("recordings/{name}.json"))).ok()?;
        match serde_json::from_str(&text) {
            Ok(recording) => Some(recording),
            Err(error) => panic!("recordings/{name}.json: {error}"),
        }
    }

    /// The case with this name.
    pub fn case(&self, name: &str) -> Option<Case> {
        self.cases.iter().find(|case| case.name == name).cloned()
    }

    /// The day that stands in the recorded answers for today.
    pub fn day(&self) -> NaiveDate {
        self.meta.recorded_at[..10]
            .parse()
            .expect("recorded_at starts with a date")
    }
}

impl Case {
    /// Whether the case asks for what the originals' generator made of `blog.yaml` and `alltypes.yaml`, which a build
    /// has only after `scaffold`.
    pub fn needs_resources(&self) -> bool {
        static GENERATED: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"(?i)^/api/v1/(posts|comments|authors|specimens)\b").unwrap());
        GENERATED.is_match(&self.request.path)
    }

    /// Whether the values in the answer count, not only its status or the types.
    pub fn compares_values(&self) -> bool {
        self.tag == Tag::Contract && self.compare == Mode::Json
    }
}

/// The path of a file in this folder.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/parity")
        .join(name)
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
