//! Replays what the Flask originals answered, on every engine, and holds us to the same answers.
//!
//! The recordings, the originals' tables and their rows stand beside this file; where we answer
//! otherwise on purpose, `deviations.toml` says so.

mod command;
mod compare;
mod conversation;
mod deviations;
mod front_end;
mod original;
mod peer;
mod recorded;
mod recording;
mod rehearsal;
mod self_check;
pub mod tokens;

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use conversation::replay;
use deviations::Deviations;
use original::{Original, SCAFFOLD_0_6_2, SCAFFOLD_0_6_3, SCAFFOLD_0_7, SCAFFOLD_1_0, SCAFFOLD_2_0, TUTORIAL};
use poem_scaffold::testing::inside::Fidelity;
use recording::{Case, Recording, file};

use crate::support::{
    program,
    scaffolded::assert_unaltered,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{Engine, assert_kept, run_sql, schema_of},
};

/// Who made the tables.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    /// The original, before us.
    Adopted,
    /// Our own migrations.
    Created,
}

/// Writes a module per original with its tests: on every engine and origin, under both fidelities.
macro_rules! replays {
    ($($module:ident: $original:ident;)*) => {$(
        mod $module {
            replays! { $original
                on_adopted_sqlite_tables_answers_as_flask: Sqlite, Adopted, Flask;
                on_adopted_sqlite_tables_answers_safely: Sqlite, Adopted, Safe;
                on_created_sqlite_tables_answers_as_flask: Sqlite, Created, Flask;
                on_created_sqlite_tables_answers_safely: Sqlite, Created, Safe;
                on_adopted_postgres_tables_answers_as_flask: Postgres, Adopted, Flask;
                on_adopted_postgres_tables_answers_safely: Postgres, Adopted, Safe;
                on_created_postgres_tables_answers_as_flask: Postgres, Created, Flask;
                on_created_postgres_tables_answers_safely: Postgres, Created, Safe;
                on_adopted_mysql_tables_answers_as_flask: MySql, Adopted, Flask;
                on_adopted_mysql_tables_answers_safely: MySql, Adopted, Safe;
                on_created_mysql_tables_answers_as_flask: MySql, Created, Flask;
                on_created_mysql_tables_answers_safely: MySql, Created, Safe;
            }
        }
    )*};
    ($original:ident $($test:ident: $engine:ident, $origin:ident, $fidelity:ident;)*) => {$(
        #[test]
        fn $test() {
            use super::{Engine, Fidelity, Origin, check};
            check(&super::$original, Engine::$engine, Origin::$origin, Fidelity::$fidelity, None);
        }
    )*};
}

/// Writes a module per release before 1.0 with its tests: its tables are adopted always.
macro_rules! adopted_replays {
    ($($module:ident: $original:ident;)*) => {$(
        mod $module {
            replays! { $original
                on_sqlite_answers_as_flask: Sqlite, Adopted, Flask;
                on_sqlite_answers_safely: Sqlite, Adopted, Safe;
                on_postgres_answers_as_flask: Postgres, Adopted, Flask;
                on_postgres_answers_safely: Postgres, Adopted, Safe;
                on_mysql_answers_as_flask: MySql, Adopted, Flask;
                on_mysql_answers_safely: MySql, Adopted, Safe;
            }
        }
    )*};
}

/// Writes a module per original with the tests of a build that has the originals' generated resources.
///
/// Of adopted tables only PostgreSQL's keep what was recorded: the others' decimals have one scale for all rows, as
/// they had for the original.
macro_rules! scaffolded_replays {
    ($($module:ident: $original:ident, $build:path;)*) => {$(
        mod $module {
            scaffolded_replays! { $original $build;
                on_created_sqlite_tables_answers_as_flask: Sqlite, Created, Flask;
                on_created_sqlite_tables_answers_safely: Sqlite, Created, Safe;
                on_created_postgres_tables_answers_as_flask: Postgres, Created, Flask;
                on_created_postgres_tables_answers_safely: Postgres, Created, Safe;
                on_created_mysql_tables_answers_as_flask: MySql, Created, Flask;
                on_created_mysql_tables_answers_safely: MySql, Created, Safe;
                on_adopted_postgres_tables_answers_as_flask: Postgres, Adopted, Flask;
                on_adopted_postgres_tables_answers_safely: Postgres, Adopted, Safe;
            }
        }
    )*};
    ($original:ident $build:path; $($test:ident: $engine:ident, $origin:ident, $fidelity:ident;)*) => {$(
        #[test]
        fn $test() {
            use super::{Engine, Fidelity, Origin, check};
            check(&super::$original, Engine::$engine, Origin::$origin, Fidelity::$fidelity, Some($build()));
        }
    )*};
}

scaffolded_replays! {
    scaffold_1_0_scaffolded: SCAFFOLD_1_0, crate::scaffold::wide::binary;
    scaffold_2_0_scaffolded: SCAFFOLD_2_0, crate::support::project::scaffold_2_0;
    tutorial_scaffolded: TUTORIAL, crate::scaffold::wide::binary;
}

replays! {
    tutorial: TUTORIAL;
    scaffold_1_0: SCAFFOLD_1_0;
    scaffold_2_0: SCAFFOLD_2_0;
}

adopted_replays! {
    scaffold_0_6_2: SCAFFOLD_0_6_2;
    scaffold_0_6_3: SCAFFOLD_0_6_3;
    scaffold_0_7: SCAFFOLD_0_7;
}

#[test]
fn every_deviation_names_recorded_cases_and_there_are_few() {
    let mistakes = Deviations::load().mistakes();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Plays the recording against the build under test, or against one that has the generated resources too.
fn check(original: &Original, engine: Engine, origin: Origin, fidelity: Fidelity, scaffolded: Option<&Path>) {
    let mut recording = Recording::load(original.recording).expect("the recording is there");
    let is_there = |case: &Case| scaffolded.is_some() || !case.needs_resources();
    recording.cases.retain(is_there);
    let folder = tempfile::tempdir().expect("a temporary folder must be made");
    let Some(url) = fresh_database(engine, folder.path()) else {
        return;
    };
    let secret = match fidelity {
        Fidelity::Flask => recording.secret_key.clone(),
        // The recorded key is one that `safe` refuses.
        Fidelity::Safe => random_key(),
    };
    let config = match scaffolded {
        Some(binary) => ServerConfig::of(program()).binary(binary),
        None => ServerConfig::of(program()),
    };
    let config = config
        .folder(folder.path())
        .env("DATABASE_URL", &url)
        .env("FLASK_PROFILE", original.profile)
        .env("FLASK_FIDELITY", fidelity.name())
        .env("SECRET_KEY", &secret)
        // A recording fails to log in more often within seconds than anybody may.
        .env("LOGIN_THROTTLE", "off")
        // The recorded passwords are shorter than those that `safe` takes; its refusals have tests of their own.
        .env("MIN_PASSWORD", "1")
        .env("BCRYPT_COST", "4")
        .env("PASSWORD_ITERATIONS", "1000");
    let front_end = front_end::write_stand_ins(&recording, &folder.path().join("front-end"));
    let config = match original.has_pages {
        true => config.env("STATIC_DIR", &front_end.to_string_lossy()),
        false => config,
    };
    match origin {
        Origin::Adopted => run_sql(&url, &schema_script(original.recording, engine)),
        Origin::Created => run(folder.path(), &config, &["db", "upgrade"]),
    }
    run_sql(&url, &seed_script(original.recording, engine, origin));
    if let (Fidelity::Safe, Some(email)) = (fidelity, original.administrator) {
        run(folder.path(), &config, &["user", "grant-admin", email]);
    }
    let schema = schema_of(&url);

    let server = Server::start(&config);
    let outcome = replay(&recording, &server.base, &secret, &Deviations::load(), fidelity);

    assert!(
        outcome.failures.is_empty(),
        "{} of {} cases failed:\n{}\n\nthe server printed:\n{}",
        outcome.failures.len(),
        outcome.ran,
        outcome.failures.join("\n"),
        last_lines(&server.output())
    );
    assert!(outcome.ran > 0, "the recording has no cases");
    match scaffolded {
        // The program has resources beyond those that were recorded.
        Some(_) => assert_kept(&url, &schema),
        None => assert_unaltered(&url, &schema),
    }
}

fn random_key() -> String {
    let mut bytes = [0; 36];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    BASE64_STANDARD.encode(bytes)
}

fn run(folder: &Path, config: &ServerConfig, args: &[&str]) {
    let output = config.command(folder, args);
    assert!(
        output.status.success(),
        "{args:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Fills an empty database with the tutorial's tables and the recorded rows.
pub fn load_legacy_tables(url: &str) {
    load_tables(TUTORIAL.recording, url, |schema| schema);
}

/// The recordings of the releases before Flask-Scaffold 1.0.
pub const PAST: [&str; 3] = [
    SCAFFOLD_0_6_2.recording,
    SCAFFOLD_0_6_3.recording,
    SCAFFOLD_0_7.recording,
];

/// Fills an empty database with an original's tables, after an edit, and with the rows of its recording.
pub fn load_tables(recording: &str, url: &str, edit: impl Fn(String) -> String) {
    let engine = Engine::of(url);
    // Two calls: pg_dump's script leaves no schema in the search path of its session.
    run_sql(url, &edit(schema_script(recording, engine)));
    run_sql(url, &seed_script(recording, engine, Origin::Adopted));
}

/// The tables as the original's SQLAlchemy makes them on this engine.
fn schema_script(recording: &str, engine: Engine) -> String {
    let engine = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MySql => "mysql",
    };
    read(&format!("schema/{recording}.{engine}.sql"))
}

/// The rows that the recording starts from: one statement a line, in SQL that all engines know.
///
/// Times have six digits after the point, as SQLAlchemy writes them: on SQLite it reads `.1` as one microsecond.
fn seed_script(recording: &str, engine: Engine, origin: Origin) -> String {
    read(&format!("seed/{recording}.sql"))
        .lines()
        // Elsewhere the ids go on after the highest one by themselves.
        .filter(|line| engine == Engine::Postgres || !line.starts_with("SELECT setval"))
        // Alembic's table is none of ours.
        .filter(|line| origin == Origin::Adopted || !line.starts_with("INSERT INTO alembic_version"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn last_lines(text: &str) -> String {
    const SHOWN: usize = 30;
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}
