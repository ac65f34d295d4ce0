//! What changed in generated code, by version: `scaffold/CHANGES.md`.

/// All of it.
const CHANGES: &str = include_str!("../../scaffold/CHANGES.md");

/// What begins the line of a section that only tests read.
const DIGEST: &str = "templates: ";

/// What is newer than a version, section by section; empty if nothing is.
pub fn since(version: &str) -> String {
    let sections = CHANGES
        .split("\n## ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'));
    let newer = sections.filter(|(title, _)| numbers(title) > numbers(version));
    let texts = newer.map(|(title, text)| {
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(DIGEST)).collect();
        format!("{title}: {}", lines.join("\n").trim())
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

fn numbers(version: &str) -> Vec<u32> {
    version
        .trim()
        .split('.')
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{
        flask::hashlib::hex,
        scaffold::{render, skeleton},
    };

    #[test]
    fn what_is_newer_than_a_project_is_told() {
        assert!(since("0.0.9").starts_with("0.1.0: The first version"));
        assert!(!since("0.0.9").contains(DIGEST));
        assert_eq!(since(skeleton::VERSION), "");
        assert_eq!(since("99.0.0"), "");
    }

    #[test]
    fn templates_that_differ_are_told_of() {
        let mut hash = Sha256::new();
        for (name, text) in render::templates().into_iter().chain(skeleton::templates()) {
            hash.update(format!("{name}\0{text}\0"));
        }
        let digest = hex(&hash.finalize()[..8]);
        let told = CHANGES.lines().find_map(|line| line.strip_prefix(DIGEST));
        assert_eq!(
            told,
            Some(digest.as_str()),
            "the templates differ from those that scaffold/CHANGES.md tells of: say there, under the version in Cargo.toml, \
             what changes in generated code, and write this digest"
        );
    }
}
