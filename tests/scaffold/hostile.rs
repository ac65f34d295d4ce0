//! Input that must be refused: exit code 2, a message with the place, in under a second, and nothing changed.

mod names;
mod projects;
mod tables;
mod types;
mod yaml;

use std::time::Duration;

use crate::support::project::{Project, says};

/// How long a refusal may take.
const SECOND: Duration = Duration::from_secs(1);

/// Runs each YAML text, which must be refused with a message that has the other text in it, in parts between `…`.
fn all_refused<T: AsRef<[u8]>>(cases: impl IntoIterator<Item = (T, String)>) {
    let project = Project::new();
    let mut problems = Vec::new();
    let mut count = 0;
    for (yaml, expected) in cases {
        let path = project.write("bad.yaml", &yaml);
        let (message, mut duration) = project.refused_in(&["scaffold", &path]);
        // Once more where the machine was busy with something else.
        if duration >= SECOND {
            duration = project.refused_in(&["scaffold", &path]).1;
        }
        let is_told = says(&message, &expected);
        let errors = message.matches("error[").count().max(1);
        let is_good =
            message.starts_with("error") && message.contains("bad.yaml:") && is_told && message.len() < 2500 * errors;
        if !is_good || duration >= SECOND {
            let shown: String = String::from_utf8_lossy(yaml.as_ref()).chars().take(200).collect();
            problems.push(format!("{shown}{message}  expected: {expected}  in {duration:?}\n"));
        }
        count += 1;
    }
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

fn texts(cases: &[(&str, &str)]) -> Vec<(Vec<u8>, String)> {
    let owned = |(yaml, expected): &(&str, &str)| (yaml.as_bytes().to_vec(), (*expected).to_owned());
    cases.iter().map(owned).collect()
}
