//! The named differences from the originals, and the proof that each is needed and as stated.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::{
    compare::Comparison,
    recording::{Case, Recorded, Recording, file},
};
use crate::support::http::Response;

/// All of `deviations.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    #[serde(default, rename = "deviation")]
    entries: Vec<Deviation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    name: String,
    reason: String,
    fidelity: BTreeSet<Fidelity>,
    #[serde(default)]
    cases: Vec<Stated>,
    rewrite: Option<Rewrite>,
}

/// Our answer to one case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    /// Those that have the case, and where we answer the same.
    #[serde(rename = "recording", deserialize_with = "one_or_some")]
    recordings: Vec<String>,
    case: String,
    #[serde(default)]
    status: u16,
    #[serde(default, deserialize_with = "json_text")]
    json: Option<Value>,
    /// The case whose recorded answer we give, instead of a status and a body.
    like: Option<String>,
    /// Where the answer differs between the fidelities of the entry: the one it is given under.
    fidelity: Option<Fidelity>,
}

impl Stated {
    fn is_about(&self, recording: &str) -> bool {
        self.recordings.iter().any(|name| name == recording)
    }
}

/// One member that has another value in all our answers: the rest of them must be as recorded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rewrite {
    #[serde(rename = "recording", deserialize_with = "one_or_some")]
    recordings: Vec<String>,
    member: String,
    value: Value,
}

impl Rewrite {
    /// Sets the member wherever a recorded answer has it; tells whether that changed the answer.
    fn apply(&self, answer: &mut Recorded) -> bool {
        answer.json.as_mut().is_some_and(|json| self.apply_to(json))
    }

    fn apply_to(&self, json: &mut Value) -> bool {
        let mut changed = false;
        match json {
            Value::Object(members) => {
                for (name, member) in members {
                    if *name != self.member {
                        changed |= self.apply_to(member);
                    } else if *member != self.value {
                        *member = self.value.clone();
                        changed = true;
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    changed |= self.apply_to(item);
                }
            }
            _ => {}
        }
        changed
    }

    /// Whether the rewrite shows in the comparison of at least one case of each recording.
    fn is_needed(&self) -> bool {
        let shows_in = |recording: Recording| {
            let mut cases = recording.cases.into_iter().filter(Case::compares_values);
            cases.any(|mut case| self.apply(&mut case.response))
        };
        let mut recordings = self.recordings.iter();
        recordings.all(|name| Recording::load(name).is_some_and(shows_in))
    }
}

/// The values of FLASK_FIDELITY.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    Flask,
    Safe,
}

impl Fidelity {
    /// As it stands in the environment.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flask => "flask",
            Self::Safe => "safe",
        }
    }

    /// How many entries may hold, over all recordings.
    fn limit(self) -> usize {
        match self {
            Self::Flask => 12,
            Self::Safe => 30,
        }
    }
}

impl Deviations {
    /// Reads `deviations.toml`.
    pub fn load() -> Self {
        let text = fs::read_to_string(file("deviations.toml")).expect("deviations.toml is there");
        Self::parse(&text)
    }

    /// # Panics
    /// With the place of the mistake, if the text is not in the format that the file explains.
    pub fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|error| panic!("deviations.toml: {error}"))
    }

    /// What is wrong with an answer: measured by our own, where an entry covers the case.
    pub fn judge(
        &self,
        fidelity: Fidelity,
        recording: &str,
        case: &Case,
        comparison: &Comparison,
        got: &Response,
    ) -> Vec<String> {
        let problems = comparison.with_recorded(&self.rewritten(fidelity, recording, case), got);
        let Some((entry, stated)) = self.covering(fidelity, recording, &case.name) else {
            return problems;
        };
        if problems.is_empty() {
            return vec![format!(
                "deviation {:?} is not needed: the answer passes as recorded",
                entry.name
            )];
        }
        let problems = match &stated.like {
            None => comparison.with_stated(stated.status, stated.json.as_ref(), got),
            Some(other) => match Recording::load(recording).and_then(|recording| recording.case(other)) {
                Some(other) => comparison.with_recorded(&self.rewritten(fidelity, recording, &other), got),
                None => vec![format!("there is no case {other:?}")],
            },
        };
        problems
            .into_iter()
            .map(|problem| format!("deviation {:?}: {problem}", entry.name))
            .collect()
    }

    /// The case with the recorded answer that we would give, as far as rewrites tell.
    fn rewritten(&self, fidelity: Fidelity, recording: &str, case: &Case) -> Case {
        let mut case = case.clone();
        let rewrites = self.entries_under(fidelity).filter_map(|entry| entry.rewrite.as_ref());
        for rewrite in rewrites.filter(|rewrite| rewrite.recordings.iter().any(|name| name == recording)) {
            rewrite.apply(&mut case.response);
        }
        case
    }

    fn covering(&self, fidelity: Fidelity, recording: &str, case: &str) -> Option<(&Deviation, &Stated)> {
        self.stated_under(fidelity)
            .find(|(_, stated)| stated.is_about(recording) && stated.case == case)
    }

    fn stated_under(&self, fidelity: Fidelity) -> impl Iterator<Item = (&Deviation, &Stated)> {
        self.entries_under(fidelity)
            .flat_map(|entry| entry.cases.iter().map(move |stated| (entry, stated)))
            .filter(move |(_, stated)| stated.fidelity.is_none_or(|only| only == fidelity))
    }

    fn entries_under(&self, fidelity: Fidelity) -> impl Iterator<Item = &Deviation> {
        self.entries
            .iter()
            .filter(move |entry| entry.fidelity.contains(&fidelity))
    }

    /// What is wrong with the file itself, without any server; empty if nothing is.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.entry_mistakes();
        mistakes.extend(self.unknown_cases());
        for fidelity in [Fidelity::Flask, Fidelity::Safe] {
            mistakes.extend(self.mistakes_under(fidelity));
        }
        mistakes
    }

    fn entry_mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut names = BTreeSet::new();
        for entry in &self.entries {
            let name = &entry.name;
            if name.is_empty() || !names.insert(name) {
                mistakes.push(format!("{name:?} is not a name of its own"));
            }
            let covers_nothing = entry.cases.is_empty() && entry.rewrite.is_none();
            if entry.reason.is_empty() || entry.fidelity.is_empty() || covers_nothing {
                mistakes.push(format!("{name:?} lacks a reason, a fidelity or a case"));
            }
            if let Some(rewrite) = entry.rewrite.as_ref().filter(|rewrite| !rewrite.is_needed()) {
                mistakes.push(format!(
                    "{name:?} changes no case of one of the recordings {:?}: none shows another {:?}",
                    rewrite.recordings, rewrite.member
                ));
            }
        }
        mistakes
    }

    fn unknown_cases(&self) -> Vec<String> {
        let mut recordings = BTreeMap::new();
        let mut mistakes = Vec::new();
        for entry in &self.entries {
            for stated in &entry.cases {
                if stated.like.is_some() == (stated.status != 0) || (stated.like.is_some() && stated.json.is_some()) {
                    mistakes.push(format!(
                        "{:?}: case {:?} needs either a status or the case that its answer is like",
                        entry.name, stated.case
                    ));
                }
                for name in &stated.recordings {
                    let recording = recordings.entry(name).or_insert_with(|| Recording::load(name));
                    let known = recording
                        .as_ref()
                        .is_some_and(|recording| recording.cases.iter().any(|case| case.name == stated.case));
                    if !known {
                        mistakes.push(format!(
                            "{:?} names case {:?}, which recording {name:?} has not",
                            entry.name, stated.case
                        ));
                    }
                }
            }
        }
        mistakes
    }

    fn mistakes_under(&self, fidelity: Fidelity) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut covered = BTreeSet::new();
        for (entry, stated) in self.stated_under(fidelity) {
            for recording in &stated.recordings {
                if !covered.insert((recording, &stated.case)) {
                    mistakes.push(format!(
                        "{:?} covers {:?} under {}, which is covered already",
                        entry.name,
                        stated.case,
                        fidelity.name()
                    ));
                }
            }
        }
        let count = self.entries_under(fidelity).count();
        if count > fidelity.limit() {
            let (name, limit) = (fidelity.name(), fidelity.limit());
            mistakes.push(format!("{count} entries under {name}, {limit} are allowed"));
        }
        mistakes
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
