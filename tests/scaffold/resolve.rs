//! Whether all that a project's sources name is there, as the compiler would find it; without compiling.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use regex::Regex;

use crate::support::project::{Project, sample};

const CRATES: &str = "Cargo.toml";
const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

macro_rules! pattern {
    ($pattern:literal) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).unwrap());
        &PATTERN
    }};
}

/// What the sources that `scaffold` changes name, and what these name, that no longer exists.
pub fn problems(project: &Project) -> Vec<String> {
    let mut resolver = Resolver {
        project,
        problems: Vec::new(),
    };
    resolver.crates();
    resolver.module("src/main.rs", "src");
    resolver.module("tests/resources/main.rs", "tests/resources");
    resolver.routes();
    resolver.templates();
    resolver.migrations();
    resolver.problems
}

struct Resolver<'p> {
    project: &'p Project,
    problems: Vec<String>,
}

impl Resolver<'_> {
    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.project.path().join(path)).ok()
    }

    fn missing(&mut self, path: &str, what: &str) {
        self.problems.push(format!("{path}: {what}"));
    }

    /// The crates that the project's own depends on, by how its code names them.
    fn dependencies(&self) -> BTreeMap<String, String> {
        let manifest: toml::Table = self.read(CRATES).unwrap_or_default().parse().unwrap_or_default();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let paths = dependencies.into_iter().flatten().map(|(name, at)| {
            let path = at.get("path").and_then(toml::Value::as_str).unwrap_or_default();
            (name.replace('-', "_"), path.to_owned())
        });
        paths.collect()
    }

    /// Each crate of the project has its description and its sources, and cargo has locked no other.
    fn crates(&mut self) {
        let manifest = self.read(CRATES).unwrap_or_default().parse::<toml::Table>();
        if manifest.is_err() {
            self.missing(CRATES, "invalid TOML");
        }
        for (name, folder) in self.dependencies().into_iter().filter(|(_, path)| !path.is_empty()) {
            let path = format!("{folder}/Cargo.toml");
            let manifest: toml::Table = self.read(&path).unwrap_or_default().parse().unwrap_or_default();
            let package = manifest.get("package").and_then(|package| package.get("name"));
            if package.and_then(toml::Value::as_str).map(|name| name.replace('-', "_")) != Some(name) {
                self.missing(CRATES, &path);
            }
            self.module(&format!("{folder}/lib.rs"), &folder);
        }
    }

    /// A source, and the modules below it, which are in `folder`.
    fn module(&mut self, path: &str, folder: &str) {
        let Some(text) = self.read(path) else {
            return self.missing(path, "no longer exists");
        };
        for name in captures(&text, pattern!(r"(?m)^ *(?:pub(?:\([a-z]+\))? )?mod ([a-z0-9_]+);")) {
            let (file, below) = (format!("{folder}/{name}.rs"), format!("{folder}/{name}"));
            match self.read(&file) {
                Some(_) => self.module(&file, &below),
                None => self.module(&format!("{below}/mod.rs"), &below),
            }
        }
        let here = Path::new(path).parent().unwrap();
        for included in captures(&text, pattern!(r#"include_(?:str|bytes)!\("([!-~]+)"\)"#)) {
            if self.read(&normal(&here.join(&included))).is_none() {
                self.missing(path, &included);
            }
        }
        if path.starts_with("src/app/") && path.ends_with("/views.rs") {
            let models = path.replace("views.rs", "models.rs");
            self.defined(path, &captures(&text, pattern!(r"models::([a-zA-Z0-9_]+)")), &models);
        }
        if path.starts_with("tests/resources/") {
            let others = captures(&text, pattern!(r"super::([a-z0-9_]+)::document"));
            self.defined(path, &others, "tests/resources/main.rs");
        }
    }

    /// These names of one source must be defined in another.
    fn defined(&mut self, path: &str, names: &BTreeSet<String>, other: &str) {
        let text = self.read(other).unwrap_or_default();
        let definitions = captures(&text, pattern!(r"(?:fn|struct|enum|mod) ([a-zA-Z0-9_]+)"));
        for name in names.difference(&definitions) {
            self.missing(path, &format!("`{name}` is not in {other}"));
        }
    }

    fn routes(&mut self) {
        const LIST: &str = "src/app/mod.rs";
        let text = self.read(LIST).unwrap_or_default();
        let crates = self.dependencies();
        let route = pattern!(r"(?m)^ +([a-z0-9_]+)::views::([a-zA-Z0-9_]+),$");
        for found in route.captures_iter(&text) {
            let (name, api) = (&found[1], &found[2]);
            let Some(folder) = crates.get(name) else {
                self.missing(LIST, &found[0]);
                continue;
            };
            let plural = folder.rsplit('/').next().unwrap();
            let views = self.read(&format!("{folder}/views.rs")).unwrap_or_default();
            if !views.contains(&format!("pub struct {api};")) {
                self.missing(LIST, &found[0]);
            }
            for page in ["index", "show", "form"] {
                let page = format!("templates/{plural}/{page}.html");
                if !self.project.path().join(&page).exists() {
                    self.missing(LIST, &page);
                }
            }
            for engine in ENGINES {
                let names = self.files_in(&format!("migrations/{engine}"));
                if !names.iter().any(|name| name.ends_with(&format!("_{plural}.up.sql"))) {
                    self.missing(LIST, &format!("no migration of {plural} on {engine}"));
                }
            }
        }
    }

    /// What the menu leads to, and what pages are made of.
    fn templates(&mut self) {
        let menu = self.read("templates/menu.html").unwrap_or_default();
        for plural in captures(&menu, pattern!(r#"resource="([a-z0-9_]+)""#)) {
            let page = format!("templates/{plural}/index.html");
            // Users and roles are the library's.
            if self.read(&page).is_none() && !Path::new(&sample(&page)).exists() {
                self.missing("templates/menu.html", &plural);
            }
        }
        let folders = self
            .files_in("templates")
            .into_iter()
            .filter(|name| !name.ends_with(".html"));
        for folder in folders {
            for file in self.files_in(&format!("templates/{folder}")) {
                let path = format!("templates/{folder}/{file}");
                let text = self.read(&path).unwrap_or_default();
                for base in captures(&text, pattern!(r#"\{% extends "([!-~]+)" %\}"#)) {
                    // It may be one of the library's.
                    if self.read(&format!("templates/{base}")).is_none()
                        && !Path::new(&sample("templates")).join(&base).exists()
                    {
                        self.missing(&path, &base);
                    }
                }
            }
        }
    }

    /// A migration is one as soon as its upper half is there, and needs the lower one.
    fn migrations(&mut self) {
        for engine in ENGINES {
            let names = self.files_in(&format!("migrations/{engine}"));
            for up in names.iter().filter(|name| name.ends_with(".up.sql")) {
                if !names.contains(&up.replace(".up.sql", ".down.sql")) {
                    self.missing(up, &format!("{engine} has no lower half"));
                }
            }
        }
    }

    fn files_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.project.path().join(folder)).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn captures(text: &str, pattern: &Regex) -> BTreeSet<String> {
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// A path without `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part.as_os_str().to_str().unwrap() {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn what_is_missing_is_found() {
    let project = Project::new();
    project.write("blog.yaml", "posts:\n - title:string\n");
    project.must(&["scaffold", "blog.yaml"]);
    assert_eq!(problems(&project), Vec::<String>::new());
    let migrations = project.files().into_keys().filter(|path| path.contains("_posts."));
    let mut paths: Vec<String> = migrations.collect();
    assert_eq!(paths.len(), 6);
    let others = [
        "src/app/posts/Cargo.toml",
        "src/app/posts/lib.rs",
        "src/app/posts/models.rs",
        "src/app/posts/views.rs",
        "src/app/posts/example.json",
        "tests/resources/posts.rs",
        "templates/posts/form.html",
    ];
    paths.extend(others.map(str::to_owned));
    for path in &paths {
        let content = project.read(path);
        fs::remove_file(project.path().join(path)).unwrap();
        assert!(!problems(&project).is_empty(), "{path}");
        project.write(path, content);
    }
    // And what is named in the lists, but not before.
    for (path, line) in [
        ("Cargo.toml", "app-posts = { path = \"src/app/posts\" }\n"),
        ("Cargo.toml", "# scaffold: resources\n"),
    ] {
        let content = project.read(path);
        let without = content.replacen(line, &"app-posts = 1\n".repeat(usize::from(line.starts_with('#'))), 1);
        assert_ne!(content, without);
        project.write(path, without);
        assert!(!problems(&project).is_empty(), "{path}: {line}");
        project.write(path, content);
    }
    assert_eq!(problems(&project), Vec::<String>::new());
}
