//! The words of texts for users: no phrase that a plainer one replaces, no line too long for a terminal.

use std::{collections::BTreeSet, fs, path::Path};

use proc_macro2::{Delimiter, TokenTree};

use super::{
    help::{COLUMNS, helps},
    source::{product_sources, root},
};

const PHRASES: [&str; 4] = ["so that", "is none of", "is no ", "whatever"];

/// Texts that are part of the API's contract.
const CONTRACT: [&str; 1] = ["There is no such row."];

/// The phrases in a text, with the place of each.
fn wrong(place: &str, text: &str) -> Vec<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = PHRASES.iter().filter(|phrase| line.contains(**phrase));
    found.map(|phrase| format!("{place}: `{phrase}`")).collect()
}

/// The string literals in tokens; doc comments, which are attributes, are not among them.
fn literals(tokens: &[TokenTree], found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Literal(literal) if literal.to_string().contains('"') => {
                found.push(literal.to_string().replace("\\\n", " "));
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_doc = group.delimiter() == Delimiter::Bracket
                    && matches!(inner.first(), Some(TokenTree::Ident(name)) if *name == "doc");
                if !is_doc {
                    literals(&inner, found);
                }
            }
            _ => {}
        }
    }
}

/// The files below a folder, by their paths in the repository.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn texts_for_users_have_no_roundabout_phrases() {
    let mut found = BTreeSet::new();
    for source in product_sources() {
        let path = format!("src/{}", source.path.display());
        let mut texts = Vec::new();
        literals(&source.tokens, &mut texts);
        let texts = texts
            .iter()
            .filter(|text| !CONTRACT.iter().any(|known| text.contains(known)));
        found.extend(texts.flat_map(|text| wrong(&path, text)));
    }
    let pages = files(&root().join("templates")).into_iter().filter(|path| {
        path.ends_with(".html") || path.ends_with(".js") && (path.contains("/js/") || path.ends_with("/docs.js"))
    });
    let documents = files(&root().join("docs")).into_iter().chain(["README.md".to_owned()]);
    let documents = documents.filter(|path| path.ends_with(".md"));
    for path in pages.chain(documents) {
        found.extend(wrong(&path, &fs::read_to_string(root().join(&path)).unwrap()));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn help_is_plain_and_fits_a_terminal() {
    let all = helps();
    assert!(
        all.iter().any(|(name, _)| name == "db upgrade"),
        "the subcommands are found"
    );
    let mut found = BTreeSet::new();
    for (name, help) in &all {
        found.extend(wrong(name, help));
        let long = help.lines().filter(|line| line.chars().count() > COLUMNS);
        found.extend(long.map(|line| format!("{name}: {line}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}
