//! `parity rehearse`: on copies of each engine's database, of which nothing stays.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    command::{har, token},
    load_legacy_tables,
    peer::{APP, Both, OLD, Run, config, database_url},
    recording::file,
};
use crate::support::{
    program,
    server::ServerConfig,
    services::fresh_database,
    sql::{Engine, query},
    vectors::python,
};

const LOGIN: [&str; 2] = ["--login", "leo@techarena51.com"];

fn rehearse(config: &ServerConfig, folder: &Path, command: &str, more: &[&str]) -> Run {
    let words = ["parity", "rehearse", "--old-command", command];
    let words = [&words[..], &LOGIN, more].concat();
    Run::of(config.command_reading(folder, &words, "password\n"))
}

/// The command of the Flask app; `None` where it cannot be installed.
fn flask() -> Option<String> {
    Some(format!("exec {} -B {APP} {{port}}", python(OLD)?.display()))
}

fn folder_with_rows() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    load_legacy_tables(&database_url(folder.path()));
    // Where the copies are.
    fs::create_dir(folder.path().join("tmp")).unwrap();
    folder
}

/// The program with a temporary folder of its own.
fn prepared(folder: &Path) -> ServerConfig {
    config(folder).env("TMPDIR", folder.join("tmp").to_str().unwrap())
}

fn left_behind(folder: &Path) -> usize {
    fs::read_dir(folder.join("tmp")).unwrap().count()
}

#[test]
fn a_flask_app_and_our_server_answer_the_same_on_copies() {
    let Some(command) = flask() else { return };
    let folder = folder_with_rows();
    let before = fs::read(folder.path().join("old.db")).unwrap();
    let run = rehearse(&prepared(folder.path()), folder.path(), &command, &[]).ended_with(0);
    assert!(
        run.stdout.contains("\nGO: 4 requests were answered as expected\n"),
        "{}",
        run.stdout
    );
    assert_eq!(fs::read(folder.path().join("old.db")).unwrap(), before);
    assert_eq!(left_behind(folder.path()), 0);
    let run = rehearse(&prepared(folder.path()), folder.path(), &command, &["--keep"]).ended_with(0);
    assert_eq!(run.stdout.matches("kept ").count(), 2, "{}", run.stdout);
    assert_eq!(left_behind(folder.path()), 1);
}

#[test]
fn the_recorded_requests_are_rehearsed_with_those_that_write() {
    let Some(both) = Both::start(OLD) else { return };
    let har = both.file("T.har", &har(&both.old.base));
    let notes = json!({"log": {"entries": [{"request": {
        "method": "POST", "url": "http://original.test/api/notes", "postData": {"text": "{\"text\": \"one\"}"},
        "headers": [{"name": "Authorization", "value": format!("Bearer {}", token(&both.old.base))}],
    }}]}});
    let notes = both.file("notes.har", notes.to_string().as_bytes());
    drop(both.old);
    let folder = both.folder.path();
    fs::create_dir(folder.join("tmp")).unwrap();
    let config = prepared(folder);
    let users = || query(&database_url(folder), "select count(*) from users");
    let before = users();
    let command = flask().unwrap();
    let deviations = file("deviations.toml");
    let more = [
        "--from",
        &har,
        "--own-tokens",
        "--writes",
        "--deviations",
        deviations.to_str().unwrap(),
    ];
    let run = rehearse(&config, folder, &command, &more).ended_with(0);
    assert!(run.stdout.contains("GO: 196 requests"), "{}", run.stdout);
    let run = rehearse(&config, folder, &command, &["--from", &notes, "--writes"]).ended_with(1);
    assert!(
        run.stdout.contains("status 201 became 404") && run.stderr.contains("NO GO"),
        "{}",
        run.stdout
    );
    let stubborn = format!(
        "exec env DATABASE_URL={} {}",
        database_url(folder),
        command.trim_start_matches("exec ")
    );
    let run = rehearse(&config, folder, &stubborn, &["--from", &notes, "--writes"]).ended_with(2);
    assert!(run.stderr.contains("would write into the original"), "{}", run.stderr);
    let words = [
        "parity",
        "rehearse",
        "--old-command",
        &command,
        "--from",
        &notes,
        "--writes",
    ];
    let run = Run::of(config.command(folder, &words)).ended_with(2);
    assert!(
        run.stderr.contains("--writes needs --login or --token"),
        "{}",
        run.stderr
    );
    assert_eq!(users(), before);
    assert_eq!(left_behind(folder), 0);
}

#[test]
fn the_reasons_not_to_go_are_told() {
    let folder = folder_with_rows();
    let config = prepared(folder.path());
    for (command, more, code, expected) in [
        (
            "echo 'no module named app'; exit 3; # {port}",
            &[][..],
            1,
            "no module named app",
        ),
        ("no-such-program {port}", &[], 1, "NO GO: the old app has ended"),
        ("true", &[], 2, "write {port} where"),
        ("true", &["--old", "ftp://x"], 2, "--old: expected"),
        ("true {port}", &["--from", "missing"], 2, "missing: No such file"),
    ] {
        let run = rehearse(&config, folder.path(), command, more).ended_with(code);
        assert!(run.stderr.contains(expected), "{command}: {}", run.stderr);
        assert_eq!(left_behind(folder.path()), 0, "{command}");
    }
    let nothing = config.env("DATABASE_URL", "sqlite:nothing.db");
    let run = rehearse(&nothing, folder.path(), "true {port}", &[]).ended_with(1);
    assert!(run.stderr.contains("nothing.db"), "{}", run.stderr);
    assert!(!folder.path().join("nothing.db").exists());
}

#[test]
fn each_engine_is_copied_and_the_original_stays() {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::MySql] {
        let folder = folder_with_rows();
        let Some(url) = fresh_database(engine, folder.path()) else {
            return;
        };
        load_legacy_tables(&url);
        let databases = || match engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => query(&url, "select datname from pg_database where datname like 'rehearsal%'"),
            Engine::MySql => query(
                &url,
                "select schema_name from information_schema.schemata where schema_name like 'rehearsal%'",
            ),
        };
        let config = prepared(folder.path()).env("DATABASE_URL", &url);
        // Our own program as the old app: it has the drivers of all engines.
        let command = format!("exec {} serve --port {{port}}", program().display());
        let run = rehearse(&config, folder.path(), &command, &[]).ended_with(0);
        assert!(run.stdout.contains("GO: 4 requests"), "{engine:?}: {}", run.stdout);
        let tables = match engine {
            Engine::Sqlite => query(&url, "select name from sqlite_master where name like 'poem_scaffold%'"),
            Engine::Postgres => query(
                &url,
                "select tablename from pg_tables where tablename like 'poem_scaffold%'",
            ),
            // The server has the databases of other tests, too.
            Engine::MySql => query(
                &url,
                "select table_name from information_schema.tables
                 where table_schema = database() and table_name like 'poem_scaffold%'",
            ),
        };
        assert_eq!(tables, "", "{engine:?}: nothing is written into the original");
        assert_eq!(databases(), "", "{engine:?}");
        assert_eq!(left_behind(folder.path()), 0, "{engine:?}");
    }
}

fn is_there(process: &str) -> bool {
    Path::new("/proc").join(process).join("cmdline").exists()
        && !fs::read_to_string(Path::new("/proc").join(process).join("stat"))
            .unwrap_or_default()
            .contains(") Z ")
}

#[test]
fn the_old_app_ends_however_the_rehearsal_ends() {
    let folder = folder_with_rows();
    for signal in ["-TERM", "-KILL"] {
        let file = folder.path().join(format!("pid{signal}"));
        let command = format!("sh -c 'echo $$ >{}; exec sleep 600'; # {{port}}", file.display());
        let words = ["parity", "rehearse", "--old-command", &command];
        let mut rehearsal = prepared(folder.path()).spawn(folder.path(), &words);
        let deadline = Instant::now() + Duration::from_secs(30);
        let process = loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if text.ends_with('\n') {
                break text.trim().to_owned();
            }
            assert!(Instant::now() < deadline, "the old app does not start");
            thread::sleep(Duration::from_millis(50));
        };
        assert!(is_there(&process));
        let pid = rehearsal.id().to_string();
        Command::new("kill").args([signal, &pid]).status().unwrap();
        rehearsal.wait().unwrap();
        while is_there(&process) {
            assert!(Instant::now() < deadline, "{signal}: the old app is still there");
            thread::sleep(Duration::from_millis(50));
        }
        if signal == "-TERM" {
            assert_eq!(left_behind(folder.path()), 0);
        }
    }
}
