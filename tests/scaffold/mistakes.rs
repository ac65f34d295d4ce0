//! Mistakes that people make in definitions (`mistakes.txt`): all are found at once, and what is suggested is accepted.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{program, project::Project, server::ServerConfig, terminal::in_terminal};

/// A definition with one mistake.
struct Mistake {
    code: &'static str,
    line: u64,
    has_suggestion: bool,
    text: &'static str,
}

fn mistakes() -> Vec<Mistake> {
    let all = include_str!("mistakes.txt").split("=== ").skip(1);
    all.map(|case| {
        let (head, text) = case.split_once('\n').unwrap();
        let words: Vec<&str> = head.split(' ').collect();
        Mistake {
            code: words[0],
            line: words[1].parse().unwrap(),
            has_suggestion: words.len() == 2,
            text,
        }
    })
    .collect()
}

/// The errors of a definition; none if it is accepted.
fn errors(project: &Project, text: &str) -> Vec<Value> {
    let path = project.write("mistake.yaml", text);
    let output = project.run(&["scaffold", &path, "--dry-run", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    match answer.get("errors") {
        None => {
            assert_eq!(output.status.code(), Some(0), "{text}");
            Vec::new()
        }
        Some(errors) => {
            assert_eq!(output.status.code(), Some(2), "{text}");
            errors.as_array().unwrap().clone()
        }
    }
}

/// The text with all suggestions that do not touch each other.
fn mended(text: &str, errors: &[Value]) -> String {
    let number = |edit: &Value, name: &str| usize::try_from(edit[name].as_u64().unwrap()).unwrap();
    let edits = errors
        .iter()
        .map(|error| &error["suggestion"])
        .filter(|edit| !edit.is_null());
    let mut edits: Vec<(usize, usize, &str)> = edits
        .map(|edit| {
            (
                number(edit, "start"),
                number(edit, "end"),
                edit["replacement"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut mended = text.to_owned();
    let mut least = text.len() + 1;
    for (start, end, replacement) in edits.into_iter().rev() {
        if end <= least {
            mended.replace_range(start..end, replacement);
            least = start;
        }
    }
    mended
}

#[test]
fn what_is_suggested_is_accepted() {
    let project = Project::new();
    let mut wrong = Vec::new();
    let all = mistakes();
    for Mistake {
        code,
        line,
        has_suggestion,
        text,
    } in &all
    {
        let found = errors(&project, text);
        let is_found =
            |error: &Value| error["code"] == *code && error["line"] == *line && error["file"] == "mistake.yaml";
        let mended = mended(text, &found);
        let left = errors(&project, &mended);
        if !found.iter().any(is_found) || left.is_empty() != *has_suggestion {
            let messages = |errors: &[Value]| -> Vec<String> {
                let one = |error: &Value| format!("{} {} {}", error["code"], error["line"], error["message"]);
                errors.iter().map(one).collect()
            };
            wrong.push(format!(
                "=== {code} {line}\n{text}{:#?}\nmended:\n{mended}{:#?}",
                messages(&found),
                messages(&left)
            ));
        }
    }
    assert!(all.len() > 200);
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
}

#[test]
fn all_mistakes_of_a_file_are_found_at_once() {
    let project = Project::new();
    let mut text = String::new();
    let mut expected = BTreeSet::new();
    // Those in an item of a list, each in a resource of its own.
    for Mistake { code, text: one, .. } in mistakes() {
        let item = one
            .strip_prefix("posts:\n")
            .filter(|item| item.starts_with("  - ") && item.lines().count() == 1);
        let is_of_item = !["E01", "E02", "E25", "E26"].contains(&code);
        if let Some(item) = item.filter(|_| is_of_item && expected.len() < 100) {
            let number = expected.len();
            text += &format!("thing_{number}_x:\n{item}");
            expected.insert((u64::try_from(2 * number + 2).unwrap(), code));
        }
    }
    let errors = errors(&project, &text);
    let found: BTreeSet<(u64, &str)> = errors
        .iter()
        .map(|error| (error["line"].as_u64().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(expected.len() == 100 && missing.is_empty(), "{missing:?}");

    // As people see them: each with file, line, the line itself and what is wrong marked.
    let output = project.run(&["scaffold", "mistake.yaml"]);
    let message = String::from_utf8(output.stderr).unwrap();
    for (line, code) in &expected {
        let at = message
            .find(&format!(" --> mistake.yaml:{line}:"))
            .unwrap_or_else(|| panic!("{line}: {message}"));
        let (before, after) = message.split_at(at);
        let title = before.trim_end().lines().last().unwrap();
        assert!(title.starts_with("error["), "{title}");
        let lines: Vec<&str> = after.lines().take(4).collect();
        let shown = text.lines().nth(usize::try_from(*line).unwrap() - 1).unwrap();
        assert!(
            lines[2].ends_with(shown) && lines[3].contains('^'),
            "{code}: {lines:#?}"
        );
    }
    assert!(!message.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn a_terminal_shows_colours_unless_it_is_told_not_to() {
    let project = Project::new();
    project.write("mistake.yaml", "posts:\n  - title:strin\n");
    let config = ServerConfig::of(program());
    for (config, has_colours) in [(config.clone(), true), (config.env("NO_COLOR", "1"), false)] {
        let run = ["scaffold", "mistake.yaml"];
        let Some((shown, code)) = in_terminal(&config, project.path(), &[], &run) else {
            return;
        };
        assert_eq!(code, Some(2), "{shown:?}");
        let is_coloured = shown.contains("\u{1b}[1m") && shown.contains("\u{1b}[91m");
        assert_eq!(is_coloured, has_colours, "{shown:?}");
        assert!(shown.contains("mistake.yaml:2:11"), "{shown:?}");
    }
}
