//! The named differences of a server from the old app: `deviations.toml`.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::flask::profile::Fidelity;

/// All entries of a file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    /// In the order of the file.
    #[serde(default, rename = "deviation")]
    pub entries: Vec<Deviation>,
}

/// One named difference, which may show in many answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// What it is called.
    pub name: String,
    /// Why the old app's answer is not kept.
    #[serde(default)]
    pub reason: String,
    /// Under which fidelities it holds; left out, under each.
    #[serde(default)]
    pub fidelity: BTreeSet<Fidelity>,
    /// The answers, one by one.
    #[serde(default)]
    pub cases: Vec<Stated>,
    /// One member of all answers.
    pub rewrite: Option<Rewrite>,
}

/// Our answer to one request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The recordings that have the case, and where we answer the same; none means each.
    #[serde(rename = "recording", default, deserialize_with = "one_or_some")]
    pub recordings: Vec<String>,
    /// The request's name.
    pub case: String,
    /// Our status; 0 where `like` takes its place.
    #[serde(default)]
    pub status: u16,
    /// Our whole body; left out, only the status is compared.
    #[serde(default, deserialize_with = "json_text")]
    pub json: Option<Value>,
    /// The case whose old answer we give, instead of a status and a body.
    pub like: Option<String>,
    /// Where the answer differs between the fidelities of the entry: the one it is given under.
    pub fidelity: Option<Fidelity>,
}

/// One member that has another value in all our answers: the rest of them must be as the old app's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// As in [`Stated`].
    #[serde(rename = "recording", default, deserialize_with = "one_or_some")]
    pub recordings: Vec<String>,
    /// The member's name, at any depth.
    pub member: String,
    /// Our value.
    pub value: Value,
}

fn includes(recordings: &[String], recording: &str) -> bool {
    recordings.is_empty() || recordings.iter().any(|name| name == recording)
}

impl Stated {
    /// Whether the case is one of this recording.
    pub fn is_about(&self, recording: &str) -> bool {
        includes(&self.recordings, recording)
    }
}

impl Rewrite {
    /// Whether it holds for this recording.
    pub fn is_about(&self, recording: &str) -> bool {
        includes(&self.recordings, recording)
    }

    /// Sets the member wherever an old answer has it; tells whether that changed the answer.
    pub fn apply(&self, json: &mut Value) -> bool {
        let mut changed = false;
        match json {
            Value::Object(members) => {
                for (name, member) in members {
                    if *name != self.member {
                        changed |= self.apply(member);
                    } else if *member != self.value {
                        *member = self.value.clone();
                        changed = true;
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    changed |= self.apply(item);
                }
            }
            _ => {}
        }
        changed
    }
}

impl Deviations {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The mistake, with its place.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// What is wrong with the entries themselves; empty if nothing is.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut names = BTreeSet::new();
        for entry in &self.entries {
            let name = &entry.name;
            if name.is_empty() || !names.insert(name) {
                mistakes.push(format!("{name:?} is not a name of its own"));
            }
            let covers_nothing = entry.cases.is_empty() && entry.rewrite.is_none();
            if entry.reason.is_empty() || covers_nothing {
                mistakes.push(format!("{name:?} lacks a reason or a case"));
            }
            let unclear = entry.cases.iter().filter(|stated| {
                stated.like.is_some() == (stated.status != 0) || (stated.like.is_some() && stated.json.is_some())
            });
            mistakes.extend(unclear.map(|stated| {
                format!(
                    "{name:?}: case {:?} needs either a status or the case that its answer is like",
                    stated.case
                )
            }));
        }
        mistakes
    }

    /// The entries that hold under a fidelity.
    pub fn entries_under(&self, fidelity: Fidelity) -> impl Iterator<Item = &Deviation> {
        let holds = move |entry: &&Deviation| entry.fidelity.is_empty() || entry.fidelity.contains(&fidelity);
        self.entries.iter().filter(holds)
    }

    /// The answers that are stated under a fidelity, with their entries.
    pub fn stated_under(&self, fidelity: Fidelity) -> impl Iterator<Item = (&Deviation, &Stated)> {
        let entries = self.entries_under(fidelity);
        let all = entries.flat_map(|entry| entry.cases.iter().map(move |stated| (entry, stated)));
        all.filter(move |(_, stated)| stated.fidelity.is_none_or(|only| only == fidelity))
    }

    /// What is stated of a case, with its entry.
    pub fn covering(&self, fidelity: Fidelity, recording: &str, case: &str) -> Option<(&Deviation, &Stated)> {
        let mut stated = self.stated_under(fidelity);
        stated.find(|(_, stated)| stated.case == case && stated.is_about(recording))
    }

    /// The rewrites that hold for a recording, with their entries.
    pub fn rewrites(&self, fidelity: Fidelity, recording: &str) -> impl Iterator<Item = (&Deviation, &Rewrite)> {
        let entries = self.entries_under(fidelity);
        let rewrites = entries.filter_map(|entry| Some((entry, entry.rewrite.as_ref()?)));
        rewrites.filter(move |(_, rewrite)| rewrite.is_about(recording))
    }
}

fn one_or_some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        Some(Vec<String>),
    }
    Ok(match Names::deserialize(deserializer)? {
        Names::One(name) => vec![name],
        Names::Some(names) => names,
    })
}

fn json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| D::Error::custom(format!("json: {error}")))
}
