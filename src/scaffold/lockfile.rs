//! `Cargo.lock`: the entries of a project's own crates, as cargo writes them.
//!
//! Cargo would write them with the next build; but `cargo build --locked`, as in a CI run, refuses to.

use std::fmt::Write;

/// The lock file of the project's workspace.
pub const PATH: &str = "Cargo.lock";

/// What each entry begins with.
const ENTRY: &str = "[[package]]\n";
/// The version that a crate has which states none.
const NO_VERSION: &str = "0.0.0";
/// What every resource and project depends on.
pub const LIBRARY: &str = "poem_scaffold";

/// The text with the crates of resources, on which the crate `project` depends; as it was where `project` has no entry.
pub fn with(text: &str, project: &str, packages: &[String]) -> String {
    let mut entries = Entries::of(text);
    let mut missing = packages.to_vec();
    missing.retain(|package| entries.find(package).is_none());
    // What cargo did not write would not be the same again when a crate goes.
    if missing.is_empty() || entries.to_text() != text {
        return text.to_owned();
    }
    for package in &missing {
        if !entries.add_dependency(project, package) {
            return text.to_owned();
        }
        entries.add(package, NO_VERSION, &[LIBRARY]);
    }
    entries.to_text()
}

/// The text without the crate of a resource.
pub fn without(text: &str, project: &str, package: &str) -> String {
    let mut entries = Entries::of(text);
    if entries.find(package).is_none() {
        return text.to_owned();
    }
    entries.remove_dependency(project, package);
    entries.remove(package);
    entries.to_text()
}

/// The lock file of the library alone, made of that of its workspace and of its manifest.
pub fn of_library(workspace: &str, manifest: &toml::Table) -> String {
    let mut entries = Entries::of(workspace);
    let list = &mut entries.list;
    list.retain(|entry| name_of(entry).is_some_and(|name| name == LIBRARY || !is_of_workspace(entry)));
    // What only its own tests need, itself with all features among it, is not locked where it is a dependency.
    let names = |section: &str| {
        let table = manifest.get(section).and_then(toml::Value::as_table);
        table.into_iter().flat_map(toml::Table::keys).collect::<Vec<_>>()
    };
    let dependencies = names("dependencies");
    for name in names("dev-dependencies") {
        if !dependencies.contains(&name) {
            entries.remove_dependency(LIBRARY, name);
        }
    }
    entries.to_text()
}

/// The lock file of a project without resources, made of the library's own.
pub fn of_project(library: &str, project: &str) -> String {
    let mut entries = Entries::of(library);
    entries.add(project, "0.1.0", &[LIBRARY]);
    entries.to_text()
}

/// Whether an entry is of a crate of the workspace itself, which comes from nowhere else.
fn is_of_workspace(entry: &str) -> bool {
    !entry.contains("\nsource = ")
}

/// Whether a crate is locked.
pub fn has(text: &str, package: &str) -> bool {
    Entries::of(text).find(package).is_some()
}

/// The version that is locked of a crate.
pub fn version_of(text: &str, package: &str) -> Option<String> {
    let entry = Entries::of(text).find(package)?.clone();
    let versions = entry.lines().filter_map(|line| line.strip_prefix("version = \""));
    Some(versions.map(|version| version.trim_end_matches('"')).next()?.to_owned())
}

/// A lock file in its parts.
struct Entries {
    head: String,
    list: Vec<String>,
    end: &'static str,
}

impl Entries {
    fn of(text: &str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let text = text.replace("\r\n", "\n");
        let mut parts = text.split(ENTRY);
        Self {
            head: parts.next().unwrap_or_default().to_owned(),
            list: parts.map(|entry| entry.trim_end().to_owned()).collect(),
            end,
        }
    }

    fn to_text(&self) -> String {
        let entries: Vec<String> = self.list.iter().map(|entry| format!("{ENTRY}{entry}\n")).collect();
        format!("{}{}", self.head, entries.join("\n")).replace('\n', self.end)
    }

    fn find(&mut self, package: &str) -> Option<&mut String> {
        self.list.iter_mut().find(|entry| name_of(entry) == Some(package))
    }

    /// Adds an entry in its place, which is by name.
    fn add(&mut self, package: &str, version: &str, dependencies: &[&str]) {
        let mut entry = format!("name = \"{package}\"\nversion = \"{version}\"\ndependencies = [\n");
        for dependency in dependencies {
            // Writing to a text cannot fail.
            let _ = writeln!(entry, " \"{dependency}\",");
        }
        entry.push(']');
        let place = self.list.iter().position(|other| name_of(other) > Some(package));
        self.list.insert(place.unwrap_or(self.list.len()), entry);
    }

    fn remove(&mut self, package: &str) {
        self.list.retain(|entry| name_of(entry) != Some(package));
    }

    /// Whether there is an entry that depends on `package` now.
    fn add_dependency(&mut self, of: &str, package: &str) -> bool {
        let Some(entry) = self.find(of) else { return false };
        let new = format!(" \"{package}\",");
        let mut lines: Vec<&str> = entry.lines().collect();
        let Some(start) = lines.iter().position(|line| *line == "dependencies = [") else {
            return false;
        };
        let place = lines[start + 1..]
            .iter()
            .position(|line| *line > new.as_str() || *line == "]");
        lines.insert(start + 1 + place.unwrap_or_default(), &new);
        *entry = lines.join("\n");
        true
    }

    fn remove_dependency(&mut self, of: &str, package: &str) {
        if let Some(entry) = self.find(of) {
            let line = format!(" \"{package}\",");
            let lines: Vec<&str> = entry.lines().filter(|other| *other != line).collect();
            *entry = lines.join("\n");
        }
    }
}

fn name_of(entry: &str) -> Option<&str> {
    entry.strip_prefix("name = \"")?.split('"').next()
}

/// What cargo calls the package of a manifest.
pub fn package_in(manifest: &toml::Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, project: &str, package: &str) -> String {
        super::with(text, project, &[package.to_owned()])
    }

    const LOCK: &str = "# Made by cargo.\nversion = 4\n\n[[package]]\nname = \"blog\"\nversion = \"0.1.0\"\n\
                        dependencies = [\n \"poem_scaffold\",\n]\n\n[[package]]\nname = \"poem_scaffold\"\n\
                        version = \"0.2.0\"\ndependencies = [\n \"serde\",\n]\n\n[[package]]\nname = \"serde\"\n\
                        version = \"1.0.0\"\nchecksum = \"abc\"\n";

    #[test]
    fn a_crate_comes_to_its_place_and_goes_again() {
        let one = with(LOCK, "blog", "app-posts");
        let two = with(&one, "blog", "app-authors");
        assert!(two.contains("4\n\n[[package]]\nname = \"app-authors\"\nversion = \"0.0.0\"\ndependencies = [\n \"poem_scaffold\",\n]\n\n[[package]]\nname = \"app-posts\"\n"));
        assert!(two.contains("dependencies = [\n \"app-authors\",\n \"app-posts\",\n \"poem_scaffold\",\n]"));
        assert_eq!(with(&two, "blog", "app-posts"), two);
        let both = ["app-posts", "app-authors"].map(str::to_owned);
        assert_eq!(super::with(LOCK, "blog", &both), two);
        assert_eq!(super::with(&one, "blog", &both), two);
        assert_eq!(
            without(&without(&two, "blog", "app-posts"), "blog", "app-authors"),
            LOCK
        );
        let crlf = LOCK.replace('\n', "\r\n");
        let with_crlf = with(&crlf, "blog", "app-posts");
        assert_eq!(with_crlf, one.replace('\n', "\r\n"));
        assert_eq!(without(&with_crlf, "blog", "app-posts"), crlf);
    }

    #[test]
    fn what_is_no_lock_file_of_the_project_stays_as_it_is() {
        for text in ["", "x", LOCK, "[[package]]\nname = \"other\"\n"] {
            assert_eq!(with(text, "other", "app-posts"), text);
            assert_eq!(with(text, "none", "app-posts"), text);
        }
    }

    #[test]
    fn the_version_of_a_crate_is_found() {
        assert_eq!(version_of(LOCK, "poem_scaffold"), Some("0.2.0".to_owned()));
        assert_eq!(version_of(LOCK, "serde_json"), None);
    }
}
