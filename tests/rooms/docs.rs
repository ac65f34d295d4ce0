//! README and docs, compared with what they list.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use poem_scaffold::testing::inside::replaceable_texts;
use regex::Regex;
use serde_json::Value;

use super::{
    help::helps,
    source::{root, sources},
};

/// Words that the README may have, to be read in ten minutes.
const README_WORDS: usize = 2000;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages, by their paths in the repository.
fn pages() -> BTreeMap<String, String> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let pages = docs.filter(|path| path.ends_with(".md"));
    let pages = pages.chain(["README.md".to_owned(), "tests/README.md".to_owned()]);
    pages.map(|path| (path.clone(), read(&path))).collect()
}

/// What the first cells of the table under a heading have in backticks.
fn first_cells(page: &str, heading: &str) -> Vec<String> {
    let (_, rest) = page
        .split_once(heading)
        .unwrap_or_else(|| panic!("{heading} is missing"));
    let lines = rest.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_readme_is_short() {
    let words = read("README.md").split_whitespace().count();
    assert!(words <= README_WORDS, "{words}");
}

#[test]
fn each_setting_is_listed() {
    let (_, help) = helps().into_iter().find(|(name, _)| name.is_empty()).unwrap();
    let names = help.split("[env: ").skip(1);
    let names: BTreeSet<&str> = names.map(|rest| rest.split(['=', ']']).next().unwrap()).collect();
    let page = read("docs/settings.md");
    let listed = first_cells(&page, "## All settings");
    assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), names);
}

#[test]
fn each_text_that_can_be_replaced_is_listed_and_sent() {
    let page = read("docs/tokens.md");
    let (_, rest) = page.split_once("```text\n").unwrap();
    let listed: Vec<&str> = rest.split("```").next().unwrap().lines().collect();
    let texts: Vec<&str> = replaceable_texts().collect();
    assert_eq!(listed, texts);
    let others = sources()
        .into_iter()
        .filter(|source| source.path != Path::new("error/texts.rs"));
    let ours: String = others.map(|source| source.code()).collect();
    let names = ["flask-jwt", "flask-jwt-extended-3", "flask-jwt-extended-4"];
    let recorded: String = names
        .map(|name| read(&format!("tests/vectors/dialects/{name}.json")))
        .concat();
    // A text that names an attribute is put together.
    for text in texts.iter().filter(|text| !text.contains('`')) {
        assert!(
            ours.contains(text) || recorded.contains(&format!("\"{text}\"")),
            "{text}"
        );
    }
}

#[test]
fn each_command_is_listed() {
    let helps = helps();
    // With `[COMMAND]`, it does something without one, too.
    let needs_another = |help: &str| help.contains("\nCommands:\n") && !help.contains(" [COMMAND]\n");
    let commands: BTreeSet<&str> = helps
        .iter()
        .filter(|(name, help)| !name.is_empty() && !needs_another(help))
        .map(|(name, _)| name.as_str())
        .collect();
    let listed = first_cells(&read("docs/commands.md"), "# Commands");
    let is_word = |word: &&str| !word.starts_with(['[', '-']) && word.chars().all(|c| c.is_lowercase() || c == '-');
    let listed: BTreeSet<String> = listed
        .iter()
        .map(|line| {
            line.split(' ')
                .skip(1)
                .take_while(is_word)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), commands);
}

#[test]
fn each_route_is_listed_with_its_profiles_and_statuses() {
    let mut routes: BTreeMap<String, (Vec<&str>, BTreeSet<String>)> = BTreeMap::new();
    for profile in ["scaffold-1.0", "scaffold-2.0", "tutorial"] {
        let document: Value = serde_json::from_str(&read(&format!("openapi/{profile}.json"))).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let Some(answers) = operation["responses"].as_object() else {
                    continue;
                };
                let route = routes.entry(format!("{} {path}", method.to_uppercase())).or_default();
                route.0.push(profile);
                route.1.extend(answers.keys().cloned());
            }
        }
    }
    let page = read("docs/api.md");
    for (route, (profiles, statuses)) in &routes {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{route}` |")));
        let row = row.unwrap_or_else(|| panic!("{route} is not listed"));
        let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
        assert!(row.contains(&format!("| {} |", profiles.join(", "))), "{row}");
        assert!(row.ends_with(&format!("| {} |", statuses.join(" "))), "{row}");
    }
    assert_eq!(first_cells(&page, "## Routes").len(), routes.len());
}

#[test]
fn each_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let anchors = |page: &str| -> BTreeSet<String> {
        let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
        let anchor = |heading: &str| {
            let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            words
                .chars()
                .filter(|c| c.is_alphanumeric() || "-_".contains(*c))
                .collect()
        };
        headings.map(anchor).collect()
    };
    for (path, page) in pages() {
        let folder = root().join(&path);
        let folder = folder.parent().unwrap();
        for found in link.captures_iter(&page).map(|found| found[1].to_owned()) {
            if found.contains("://") {
                continue;
            }
            let (file, anchor) = found.split_once('#').unwrap_or((&found, ""));
            let target = if file.is_empty() {
                root().join(&path)
            } else {
                folder.join(file)
            };
            assert!(target.exists(), "{path} links to {found}");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).contains(anchor), "{path} links to {found}");
            }
        }
    }
}

#[test]
fn the_index_has_each_page() {
    let index = read("docs/README.md");
    for path in pages().keys().filter_map(|path| path.strip_prefix("docs/")) {
        assert!(path == "README.md" || index.contains(&format!("]({path})")), "{path}");
    }
}
