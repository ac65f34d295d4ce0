//! What `.scaffold/` says came with a clone, so it may say anything: nothing outside of the project is touched by it.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::project::Project;

const RUN: [&str; 2] = ["scaffold", "blog.yaml"];
const RUNS: [&[&str]; 3] = [&RUN, &["destroy", "posts"], &["destroy", "posts", "--force"]];
const SECRET: &str = "not yours\n";
const NEW: &str = "src/app/posts/notes.rs";

/// A project with a resource, and beside it a folder of somebody else's.
struct Trap {
    project: Project,
    foreign: TempDir,
}

impl Trap {
    fn new() -> Self {
        let (project, foreign) = (Project::new(), tempfile::tempdir().unwrap());
        project.write("blog.yaml", "posts:\n - title:string\n");
        project.must(&RUN);
        fs::create_dir(foreign.path().join("stage")).unwrap();
        for name in ["secret.rs", "0", "stage/0"] {
            fs::write(foreign.path().join(name), SECRET).unwrap();
        }
        Self { project, foreign }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.project.path().join(path)
    }

    /// The foreign file.
    fn secret(&self) -> PathBuf {
        self.foreign.path().join("secret.rs")
    }

    /// How the foreign file is named from the project.
    fn relative(&self) -> String {
        let name = self.foreign.path().file_name().unwrap().to_string_lossy();
        format!("../{name}/secret.rs")
    }

    fn journal(&self, entries: &Value) {
        self.project.write(".scaffold/journal", entries.to_string());
    }

    fn stage(&self) {
        self.project.write(".scaffold/stage/0", "// staged\n");
    }

    /// The run must refuse, name the file, and change nothing, neither here nor there.
    fn holds(&self, args: &[&str], named: &str, case: &str) {
        let before = tree(self.foreign.path());
        let (message, duration) = self.project.refused_in(args);
        assert!(message.starts_with(&format!("error: {named}: ")), "{case}: {message}");
        assert!(message.len() < 2000, "{case}: {message}");
        assert!(duration.as_secs() < 5, "{case}: {duration:?}");
        assert!(tree(self.foreign.path()) == before, "{case}: something foreign changed");
    }
}

fn tree(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| match path.is_dir() {
        true => tree(&path),
        false => vec![(path.clone(), fs::read_to_string(path).unwrap())],
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

/// The SHA-256 of a text, by which a journal knows files.
fn hash(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let printed = Command::new("sha256sum").arg(file.path()).output().unwrap().stdout;
    String::from_utf8(printed).unwrap()[..64].to_owned()
}

#[test]
fn a_journal_that_leads_out_is_refused() {
    let trap = Trap::new();
    let out = trap.relative();
    for path in [
        out.clone(),
        trap.secret().to_string_lossy().into_owned(),
        format!("./{out}"),
        format!("src/app/../../{out}"),
        format!("src/app/posts/../../../{out}"),
        "..".to_owned(),
        String::new(),
        "/".to_owned(),
        "src/app/posts/a\0.rs".to_owned(),
        "src/lib.rs".to_owned(),
        "src/app/users/lib.rs".to_owned(),
        "src/app/Cargo.toml".to_owned(),
        "../Cargo.lock".to_owned(),
        "../Cargo.toml".to_owned(),
        "src/app/posts/build.rs/x".to_owned(),
        ".cargo/config.toml".to_owned(),
        ".git/config".to_owned(),
        ".scaffold/journal".to_owned(),
        ".scaffold/stage/0".to_owned(),
    ] {
        let found = fs::read_to_string(trap.path(&path)).ok();
        // As made, overwritten and deleted.
        for (before, stage) in [
            (None, Some("0")),
            (found.as_deref().map(hash), Some("0")),
            (found.as_deref().map(hash), None),
        ] {
            trap.stage();
            trap.journal(&json!([{"path": path, "before": before, "stage": stage}]));
            RUNS.iter()
                .for_each(|args| trap.holds(args, ".scaffold/journal", &path));
        }
    }
}

#[test]
fn a_stage_that_leads_out_is_refused() {
    let trap = Trap::new();
    trap.stage();
    for name in [
        format!("../../{}", trap.relative()),
        trap.secret().to_string_lossy().into_owned(),
        "../posts.json".to_owned(),
        "..".to_owned(),
        ".".to_owned(),
        String::new(),
        "00".to_owned(),
        "+0".to_owned(),
        "-1".to_owned(),
        "0/".to_owned(),
        "65536".to_owned(),
        "journal".to_owned(),
    ] {
        trap.journal(&json!([{"path": NEW, "before": null, "stage": name}]));
        trap.holds(&RUN, ".scaffold/journal", &name);
    }
    let entry = |path: &str, stage: &str| json!({"path": path, "before": null, "stage": stage});
    trap.journal(&json!([entry(NEW, "0"), entry("src/app/posts/more.rs", "0")]));
    trap.holds(&RUN, ".scaffold/journal", "one stage for two files");
    trap.journal(&json!([entry(NEW, "0"), entry(NEW, "1")]));
    trap.holds(&RUN, ".scaffold/journal", "one file twice");
}

#[test]
fn links_in_place_of_what_a_run_keeps_are_refused() {
    // What is a link, what it leads to, and the path that is named.
    for (link, to, named) in [
        (".scaffold/stage", "", ".scaffold/stage"),
        (".scaffold/stage/0", "secret.rs", ".scaffold/stage/0"),
        (".scaffold/journal", "0", ".scaffold/journal"),
        (".scaffold/posts.json", "0", ".scaffold/posts.json"),
        ("src/app/posts", "", "src/app/posts"),
        (NEW, "secret.rs", NEW),
        (".scaffold", "", ".scaffold"),
    ] {
        let trap = Trap::new();
        if !link.ends_with("posts.json") {
            trap.stage();
            trap.journal(&json!([{"path": NEW, "before": hash(SECRET), "stage": "0"}]));
        }
        let place = trap.path(link);
        if place.is_dir() {
            fs::remove_dir_all(&place).unwrap();
        } else if place.exists() {
            fs::remove_file(&place).unwrap();
        }
        symlink(trap.foreign.path().join(to), &place).unwrap();
        RUNS.iter().for_each(|args| trap.holds(args, named, link));
    }
}

#[test]
fn links_that_lie_in_the_stage_are_not_written_through() {
    let trap = Trap::new();
    fs::create_dir(trap.path(".scaffold/stage")).unwrap();
    for number in 0..50 {
        symlink(trap.secret(), trap.path(&format!(".scaffold/stage/{number}"))).unwrap();
    }
    trap.project.must(&["destroy", "posts"]);
    symlink(trap.foreign.path(), trap.path(".scaffold/stage")).unwrap();
    trap.project.must(&RUN);
    let foreign = tree(trap.foreign.path());
    assert_eq!(foreign.len(), 3);
    assert!(foreign.iter().all(|(_, text)| text == SECRET));
}

#[test]
fn a_record_that_names_what_is_not_the_resources_is_refused() {
    const RECORD: &str = ".scaffold/posts.json";
    let trap = Trap::new();
    let record: Value = serde_json::from_str(&trap.project.read(RECORD)).unwrap();
    for path in [
        trap.relative(),
        trap.secret().to_string_lossy().into_owned(),
        format!("src/app/posts/../../../{}", trap.relative()),
        "src/main.rs".to_owned(),
        "src/app/mod.rs".to_owned(),
        "src/app/users/lib.rs".to_owned(),
        "tests/resources/main.rs".to_owned(),
        "Cargo.toml".to_owned(),
        "Cargo.lock".to_owned(),
        "../Cargo.lock".to_owned(),
        "src/app/comments/Cargo.toml".to_owned(),
        ".scaffold/skeleton".to_owned(),
        ".scaffold/../posts.json".to_owned(),
        "migrations/sqlite/20260827000001_users.up.sql".to_owned(),
    ] {
        let text = fs::read_to_string(trap.path(&path)).unwrap_or(SECRET.to_owned());
        for texts in ["files", "migrations"] {
            let mut hostile = record.clone();
            hostile[texts][&path] = text.as_str().into();
            trap.project.write(RECORD, hostile.to_string());
            RUNS.iter().for_each(|args| trap.holds(args, RECORD, &path));
        }
    }
    for (pointer, value) in [
        ("/resource/plural", json!("comments")),
        ("/resource/plural", json!("../posts")),
        ("/resource/singular", json!("a/../b")),
        ("/resource/fields/0/name", json!("title; drop table users")),
        ("/resource/fields/0/kind", json!({"references": "../../x"})),
        ("/resource/fields/0/kind", json!("struct")),
        ("/files", json!([])),
        ("/has_owner_column", json!("yes")),
    ] {
        let mut hostile = record.clone();
        *hostile.pointer_mut(pointer).unwrap() = value;
        trap.project.write(RECORD, hostile.to_string());
        trap.holds(&["destroy", "posts", "--force"], RECORD, pointer);
    }
    trap.project.write(RECORD, record.to_string());
    // Under a name that is another's, ours or none.
    for (name, plural) in [("comments", "posts"), ("users", "users"), ("..", ".."), ("a b", "a b")] {
        let named = format!(".scaffold/{name}.json");
        let mut hostile = record.clone();
        hostile["resource"]["plural"] = plural.into();
        trap.project.write(&named, hostile.to_string());
        trap.holds(&RUN, &named, name);
        fs::remove_file(trap.path(&named)).unwrap();
    }
}

#[test]
fn what_is_too_large_too_deep_or_of_another_version_is_refused() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let texts = [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "[{}]".to_owned(),
        "\u{feff}[]".to_owned(),
        format!("[{{\"path\":\"{NEW}\",\"before\":null,\"stage\":\"0\",\"mode\":511}}]"),
        format!("{{\"version\":2,\"entries\":[],\"x\":{deep}}}"),
        deep,
    ];
    for path in [".scaffold/journal", ".scaffold/posts.json"] {
        let trap = Trap::new();
        for text in &texts {
            trap.project.write(path, text);
            let start: String = text.chars().take(80).collect();
            trap.holds(&RUN, path, &start);
        }
        trap.project.write(path, b"\xff\xfe");
        trap.holds(&RUN, path, "no UTF-8");
        let file = fs::File::create(trap.path(path)).unwrap();
        file.set_len(1 << 34).unwrap();
        // Not by `holds`, which would read all of it.
        let output = trap.project.run(&RUN);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        let expected = format!("error: {path}: is larger than 16 MiB");
        assert!(message.starts_with(&expected), "{message}");
    }
}
