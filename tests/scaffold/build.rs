//! What was scaffolded, built: formatted, without warnings, and its own tests pass on every engine.

use std::{path::Path, process::Command};

use super::{
    random::{self, Random},
    wide,
};
use crate::support::{
    program,
    project::{Project, cargo, clippy, sample},
    server::ServerConfig,
    services::left_out,
    sql::{run_sql, schema_of},
};

fn check_format(folder: &Path) {
    if is_there("fmt") {
        cargo(folder, &["fmt", "--all", "--check"]);
    } else {
        left_out::<()>("the format of generated code", "rustfmt");
    }
}

/// The code is formatted and gives no warning, and the tests of these resources pass.
fn check(folder: &Path, resources: &[&str]) {
    check_format(folder);
    let tests: Vec<String> = resources.iter().map(|plural| format!("{plural}::")).collect();
    let mut args = vec!["test", "--test", "resources", "--", "the_program_"];
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
        clippy(folder);
    } else {
        left_out::<()>("clippy of generated code", "REQUIRE_SERVICES=1 in the environment");
    }
}

fn is_there(tool: &str) -> bool {
    let run = Command::new("cargo").args([tool, "--version"]).output();
    run.is_ok_and(|run| run.status.success())
}

#[test]
fn every_type_modifier_and_access_and_random_ones_are_good_code_whose_tests_pass() {
    let folder = wide::project();
    let plurals = [
        "categories",
        "articles",
        "secrets",
        "diary_entries",
        "memos",
        "news",
        "equipment_items",
        "shops",
        "couples",
        "payloads",
        "customer_support_conversation_participants",
        "mp3s",
        "mp3_notes",
        "posts",
        "comments",
        "authors",
        "specimens",
        "things",
        "boxes",
        "errors",
        "options",
        "groups",
        "host_records",
        "matches",
        "strings",
        "app_docs",
        "cores",
        "languages",
        "tenants",
        "translations",
        "counters",
        "meters",
        "surveys",
        "responses",
        "choices",
        "timetables",
        "lamps",
        "vertexes",
        "edges",
        "crews",
        "skills",
        "gizmos",
        "vaults",
        "pebbles",
        "drawers",
        "polls",
        "poll_items",
        "poll_picks",
        "poll_votes",
        "poll_voters",
        "poll_replies",
    ];
    check(&folder, &plurals);
    check_with_clippy(&folder);
    // All steps back and forth, in a database of each engine.
    let binary = wide::binary();
    crate::api::on_each_engine(|config, dir, url| {
        let config: ServerConfig = config.binary(binary);
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
    crate::api::on_each_engine(|config, dir, url| adopted_table_is_not_altered(&config.binary(binary), dir, url));
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
        message.contains("the table news belongs to a Flask app and is never altered automatically"),
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

/// What ARCHITECTURE.md says of rooms, in what is generated.
#[test]
fn resources_do_not_import_each_other_and_have_sql_in_their_models_only() {
    let folder = wide::project();
    let sql = regex::Regex::new(r#""(select|insert|update|delete|alter|create|drop) "#).unwrap();
    let other = regex::Regex::new(r"\bapp_[a-z]").unwrap();
    let mut seen = 0;
    for resource in std::fs::read_dir(folder.join("src/app")).unwrap() {
        let resource = resource.unwrap().path();
        let Ok(manifest) = std::fs::read_to_string(resource.join("Cargo.toml")) else {
            continue;
        };
        let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
        assert_eq!(dependencies, "poem_scaffold.workspace = true\n", "{resource:?}");
        for name in ["lib.rs", "models.rs", "views.rs"] {
            let text = std::fs::read_to_string(resource.join(name)).unwrap();
            assert!(!other.is_match(&text), "{resource:?}/{name} imports another resource");
            assert_eq!(sql.is_match(&text), name == "models.rs", "{resource:?}/{name}");
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn the_samples_are_taken() {
    let project = Project::new();
    let samples = std::fs::read_dir(sample("scaffold")).unwrap();
    let samples = samples.map(|file| file.unwrap().file_name().into_string().unwrap());
    let samples: Vec<_> = samples.filter(|name| name.ends_with(".yaml")).collect();
    assert!(samples.len() >= 3, "{samples:?}");
    for name in samples {
        project.must(&["scaffold", &sample(&format!("scaffold/{name}")), "--dry-run"]);
    }
    // A project has one to begin with.
    project.must(&["scaffold", "blog.yaml", "--dry-run"]);
}

#[test]
fn random_resources_are_taken() {
    const FILES: u64 = 500;
    let small = Project::new();
    let before = small.files();
    // Formatting takes ten times as long as all else.
    let without_rustfmt = ServerConfig::of(program()).env("PATH", "");
    for seed in 0..FILES {
        let mut random = Random(seed);
        let count = 1 + random.below(5);
        let yaml = random::text(&random::resources(&mut random, count));
        let path = small.write("random.yaml", &yaml);
        let output = without_rustfmt.command(small.path(), &["scaffold", &path, "--dry-run"]);
        assert!(
            output.status.success(),
            "seed {seed}: {yaml}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    std::fs::remove_file(small.path().join("random.yaml")).unwrap();
    assert!(small.files() == before);
}
