//! What was scaffolded, built: formatted, without warnings, and its own tests pass on every engine.

use std::{fmt::Write, path::Path, process::Command};

use crate::support::{
    project::{Project, cargo, keep, profile_folder, scaffolded},
    server::ServerConfig,
    services::left_out,
    sql::{run_sql, schema_of},
};

fn check_format(folder: &Path) {
    if is_there("fmt") {
        cargo(folder, &["fmt", "--check"]);
    } else {
        left_out::<()>("the format of generated code", "rustfmt");
    }
}

/// The code is formatted and gives no warning, and the tests of these resources pass.
fn check(folder: &Path, resources: &[&str]) {
    check_format(folder);
    let tests: Vec<String> = resources
        .iter()
        .map(|plural| format!("resources::{plural}::"))
        .collect();
    let mut args = vec!["test", "--test", "suite", "--", "api::rooms::"];
    args.extend(tests.iter().map(String::as_str));
    let printed = cargo(folder, &args);
    assert!(!printed.contains("warning:"), "{printed}");
    assert!(printed.contains("test result: ok."), "{printed}");
}

/// Clippy compiles everything anew, so it has to be asked for.
fn check_with_clippy(folder: &Path) {
    if std::env::var_os("REQUIRE_SERVICES").is_some_and(|value| value == "1") {
        assert!(
            is_there("clippy"),
            "clippy is not installed, although REQUIRE_SERVICES=1"
        );
        cargo(folder, &["clippy", "--all-targets", "--", "-D", "warnings"]);
    } else {
        left_out::<()>("clippy of generated code", "REQUIRE_SERVICES=1 in the environment");
    }
}

fn is_there(tool: &str) -> bool {
    let run = Command::new("cargo").args([tool, "--version"]).output();
    run.is_ok_and(|run| run.status.success())
}

#[test]
fn the_originals_resources_are_good_code_whose_tests_pass() {
    for recording in ["S1", "S2"] {
        let folder = scaffolded(recording);
        check(&folder, &["posts", "comments", "authors", "specimens"]);
        check_with_clippy(&folder);
    }
}

#[test]
fn every_type_modifier_and_access_and_random_ones_are_good_code_whose_tests_pass() {
    let project = Project::whole();
    project.must(&["scaffold", "tests/scaffold/wide.yaml"]);
    for sample in ["blog", "module", "users"] {
        project.must(&["scaffold", &format!("scaffold/{sample}.yaml")]);
    }
    // A field more of each kind that can be added, and an owner.
    let wide = project.read("tests/scaffold/wide.yaml");
    let more = wide
        .replace(
            "  - name:string^\n",
            "  - name:string^\n  - code:string?^\n  - rank_of:integer=1\n  - born:datetime\n",
        )
        .replace(
            "news:\n  auth: public\n",
            "news:\n  auth: {create: user, delete: owner}\n",
        )
        .replace(
            "    - tag:string?=none\n",
            "    - tag:string?=none\n    - other:references(news)?\n    - price:decimal\n",
        );
    project.write("tests/scaffold/wide.yaml", more);
    let lines = project.must(&["scaffold", "tests/scaffold/wide.yaml"]);
    assert!(lines.contains("_news_owner_id.up.sql"), "{lines}");
    let mut random = Random(2026);
    let yaml: String = (0..8).map(|number| resource(&mut random, number)).collect();
    let path = project.write("random.yaml", &yaml);
    project.must(&["scaffold", &path]);
    let folder = keep(&project, "wide");
    let plurals = [
        "categories",
        "articles",
        "secrets",
        "diary_entries",
        "memos",
        "news",
        "equipment_items",
    ];
    check(&folder, &plurals);
    check_with_clippy(&folder);
    // All steps back and forth, in a database of each engine.
    cargo(&folder, &["build", "--bin", "poem-scaffold"]);
    let binary = folder.join("target").join(profile_folder()).join("poem-scaffold");
    crate::api::on_each_engine(|config, dir, url| {
        let config: ServerConfig = config.binary(&binary);
        let run = |args: &[&str]| {
            let output = config.command(dir, args);
            let text = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(output.status.success(), "{url} {args:?}: {text}");
            text
        };
        let steps = run(&["db", "upgrade"]).lines().count();
        assert!(steps > 10, "{url}");
        for _ in 0..steps {
            run(&["db", "downgrade"]);
        }
        assert_eq!(run(&["db", "upgrade"]).lines().count(), steps, "{url}");
    });
    crate::api::on_each_engine(|config, dir, url| adopted_table_is_not_altered(&config.binary(&binary), dir, url));
}

/// A table that a Flask app made gets no column from us, but may have got it from somebody else.
fn adopted_table_is_not_altered(config: &ServerConfig, dir: &Path, url: &str) {
    run_sql(
        url,
        "create table news (id integer primary key, headline varchar(250) not null)",
    );
    let before = schema_of(url);
    let refused = config.command(dir, &["db", "upgrade"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{url}: {message}");
    assert!(
        message.contains("the table news was made by a Flask app and is never altered here"),
        "{message}"
    );
    assert!(
        message.contains("alter table news add column owner_id integer"),
        "{message}"
    );
    assert!(before.lines().all(|line| schema_of(url).contains(line)), "{url}");
    run_sql(url, "alter table news add column owner_id integer");
    let taken = config.command(dir, &["db", "upgrade"]);
    let lines = String::from_utf8_lossy(&taken.stdout).into_owned();
    assert!(
        taken.status.success(),
        "{url}: {}",
        String::from_utf8_lossy(&taken.stderr)
    );
    assert!(
        lines
            .lines()
            .any(|line| line.contains("news_owner_id") && line.ends_with("adopted")),
        "{lines}"
    );
}

/// A sequence of numbers that is the same for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A random resource that must be taken; its number keeps its names apart from others'.
fn resource(random: &mut Random, number: usize) -> String {
    const KINDS: [&str; 15] = [
        "string",
        "text",
        "integer",
        "biginteger",
        "boolean",
        "email",
        "url",
        "datetime",
        "date",
        "decimal",
        "bool",
        "float",
        "uuid",
        "json",
        "enum(on,off,half-way)",
    ];
    const WORDS: [&str; 12] = [
        "title", "note", "amount", "entry_of", "value", "status2", "a", "data", "query", "name", "new", "patch",
    ];
    let name = random.one_of(&[
        "thing",
        "boxes_of",
        "person",
        "story",
        "bus",
        "datum",
        "match",
        "blog_post",
    ]);
    let name = format!("{name}_{}", char::from(b'a' + (number % 26) as u8));
    let mut yaml = format!("{name}:\n");
    let whos = ["public", "user", "owner", "admin"];
    match random.below(3) {
        0 => writeln!(yaml, "  auth: {}", random.one_of(&whos[1..])).unwrap(),
        1 => {
            let (list, update) = (random.one_of(&whos), random.one_of(&whos));
            writeln!(yaml, "  auth: {{list: {list}, create: user, update: {update}}}").unwrap();
        }
        _ => {}
    }
    writeln!(yaml, "  fields:").unwrap();
    for index in 0..=random.below(7) {
        let kind = random.one_of(&KINDS);
        let default = match (kind, random.below(4)) {
            ("string" | "text", 0) => "=some text, \"quoted\"",
            ("integer" | "biginteger", 0) => "=-5",
            ("boolean" | "bool", 0) => "=true",
            ("float", 0) => "=0.5",
            ("decimal", 0) => "=10.50",
            ("enum(on,off,half-way)", 0) => "=half-way",
            ("datetime", 0) => "=now",
            ("date", 0) => "=today",
            _ => "",
        };
        let nullable = if random.below(3) == 0 { "?" } else { "" };
        let can_be_unique = ["string", "email", "url", "integer", "uuid", "date"].contains(&kind) && default.is_empty();
        let unique = if can_be_unique && random.below(4) == 0 { "^" } else { "" };
        let word = random.one_of(&WORDS);
        writeln!(yaml, "    - {word}_{index}:{kind}{nullable}{unique}{default}").unwrap();
    }
    yaml
}

#[test]
fn random_resources_are_taken() {
    const FILES: u64 = 200;
    let small = Project::new();
    let before = small.files();
    for seed in 0..FILES {
        let mut random = Random(seed);
        let count = 1 + random.below(3);
        let yaml: String = (0..count).map(|number| resource(&mut random, number)).collect();
        let path = small.write("random.yaml", &yaml);
        let output = small.run(&["scaffold", &path, "--dry-run"]);
        assert!(
            output.status.success(),
            "seed {seed}: {yaml}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    std::fs::remove_file(small.path().join("random.yaml")).unwrap();
    assert!(small.files() == before);
}
