//! The named differences from the originals, and the proof that each is needed and as stated.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use poem_scaffold::testing::inside::{
    Fidelity,
    parity::{self, deviations::Rewrite},
};

use super::{
    compare::Comparison,
    recording::{Case, Recording, file},
};
use crate::support::http::Response;

/// The entries of `deviations.toml`, with the rules that hold for them here.
pub struct Deviations(parity::deviations::Deviations);

/// How many entries may hold, over all recordings.
fn limit(fidelity: Fidelity) -> usize {
    match fidelity {
        Fidelity::Flask => 12,
        Fidelity::Safe => 30,
    }
}

/// Whether the rewrite shows in the comparison of at least one case of each recording.
fn is_needed(rewrite: &Rewrite) -> bool {
    let shows_in = |recording: Recording| {
        let cases = recording.cases.into_iter().filter(Case::compares_values);
        let mut bodies = cases.filter_map(|case| case.response.json);
        bodies.any(|mut json| rewrite.apply(&mut json))
    };
    let mut recordings = rewrite.recordings.iter();
    recordings.all(|name| Recording::load(name).is_some_and(shows_in))
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
        Self(parity::deviations::Deviations::parse(text).unwrap_or_else(|error| panic!("deviations.toml: {error}")))
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
        let Some((entry, stated)) = self.0.covering(fidelity, recording, &case.name) else {
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
        for (_, rewrite) in self.0.rewrites(fidelity, recording) {
            if let Some(json) = case.response.json.as_mut() {
                rewrite.apply(json);
            }
        }
        case
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
        let mut mistakes = self.0.mistakes();
        for entry in &self.0.entries {
            let name = &entry.name;
            if entry.fidelity.is_empty() {
                mistakes.push(format!("{name:?} lacks a fidelity"));
            }
            if let Some(rewrite) = entry.rewrite.as_ref().filter(|rewrite| !is_needed(rewrite)) {
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
        let stated = self.0.entries.iter().flat_map(|entry| {
            let cases = entry.cases.iter();
            cases.flat_map(move |stated| stated.recordings.iter().map(move |name| (entry, stated, name)))
        });
        for (entry, stated, name) in stated {
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
        mistakes
    }

    fn mistakes_under(&self, fidelity: Fidelity) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut covered = BTreeSet::new();
        for (entry, stated) in self.0.stated_under(fidelity) {
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
        let count = self.0.entries_under(fidelity).count();
        if count > limit(fidelity) {
            let (name, limit) = (fidelity.name(), limit(fidelity));
            mistakes.push(format!("{count} entries under {name}, {limit} are allowed"));
        }
        mistakes
    }
}
