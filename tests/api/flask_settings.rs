//! `.env` files and database URLs, compared with the real python-dotenv and SQLAlchemy.

use std::{collections::BTreeMap, path::Path};

use poem_scaffold::{
    error::Result,
    testing::inside::{
        DatabaseUrl, Fate,
        dotenv::{self, NotUtf8},
        parameters,
        sqlalchemy::{SqlAlchemyUrl, make_url},
    },
};
use serde_json::{Value, json};

use super::{cheap, run};
use crate::support::{
    server::Server,
    services::{MariaDb, Postgres},
    sql::{query, run_sql},
    vectors::{python, rows, rows_of_script},
};

const DOTENV: &str = "python-dotenv==1.2.1";
const SQLALCHEMY: &str = "sqlalchemy==2.0.36";

/// What the environment of `make_dotenv.py` has.
fn environment(name: &str) -> Option<String> {
    match name {
        "NAME" => Some("given".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn content(row: &Value) -> Vec<u8> {
    match row["bytes"].as_str() {
        None => row["file"].as_str().unwrap().as_bytes().to_vec(),
        Some(digits) => (0..digits.len() / 2)
            .map(|place| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap())
            .collect(),
    }
}

#[test]
fn dotenv_files_are_read_as_python_dotenv_reads_them() {
    let rows = rows("dotenv.json");
    let mut skipping = 0;
    for row in &rows {
        let read = dotenv::parse(&content(row), environment);
        let expected = if row["differs"].is_null() {
            &row["values"]
        } else {
            &row["ours"]
        };
        match read {
            Ok(read) => {
                let values: BTreeMap<_, _> = read.values.iter().cloned().collect();
                assert_eq!(json!(values), *expected, "{row}");
                if row["differs"].is_null() {
                    assert_eq!(json!(read.skipped.len()), row["skipped"], "{row}");
                    skipping += usize::from(!read.skipped.is_empty());
                }
            }
            Err(NotUtf8 { line, key }) => assert_eq!(json!([line, key]), *expected, "{row}"),
        }
    }
    assert!(rows.len() > 700 && skipping > 100, "{} {skipping}", rows.len());
}

/// The parts that are given to a driver, which gets no empty ones.
fn parts(url: &SqlAlchemyUrl) -> Value {
    let mut query: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &url.query {
        query.entry(name).or_default().push(value);
    }
    let query: BTreeMap<&str, Value> = query
        .into_iter()
        .map(|(name, values)| {
            (
                name,
                if values.len() == 1 {
                    json!(values[0])
                } else {
                    json!(values)
                },
            )
        })
        .collect();
    let mut parts = json!({"drivername": url.drivername});
    // Python reads a number.
    let port = url
        .port
        .as_ref()
        .map(|port| port.trim().trim_start_matches('0').to_owned());
    for (name, part) in [
        ("username", &url.username),
        ("password", &url.password),
        ("host", &url.host),
        ("port", &port),
        ("database", &url.database),
    ] {
        if let Some(part) = part {
            parts[name] = json!(part);
        }
    }
    if !query.is_empty() {
        parts["query"] = json!(query);
    }
    parts
}

#[test]
fn database_urls_are_taken_apart_as_sqlalchemy_does() {
    let (mut as_older, mut opened) = (0, 0);
    for row in rows("database_urls.json") {
        let text = row["url"].as_str().unwrap();
        let expected_refusal = row["refused"].as_str();
        let parsed = DatabaseUrl::parse(text);
        if let Some(expected) = expected_refusal {
            let message = parsed.expect_err(text).to_string();
            assert!(message.contains(expected), "{text}: {message}");
            continue;
        }
        let newer = &row["parts"];
        let is_odd = |part: &str| newer[part].as_str().is_some_and(|text| text.contains('@'));
        let older = &row["older"]["parts"];
        let is_older = (newer.is_null() && !older.is_null()) || (is_odd("host") && !older.is_null());
        let expected = if is_older { older } else { newer };
        if expected.is_null() {
            assert!(parsed.is_err(), "{row}");
            continue;
        }
        let Some(url) = make_url(text) else {
            // SQLAlchemy drops what comes after an address in brackets, and after a line feed.
            assert!(text.contains('['), "{row}");
            continue;
        };
        assert_eq!(parts(&url), *expected, "{row}");
        as_older += usize::from(is_older);
        if is_older {
            continue;
        }
        opened += usize::from(is_opened_so(&row, parsed));
    }
    assert!(as_older > 20 && opened > 250, "{as_older} {opened}");
}

/// Whether the driver would have been given the same; what we refuse lacks a part that we need, or is no address.
fn is_opened_so(row: &Value, parsed: Result<DatabaseUrl>) -> bool {
    let options = &row["options"];
    let server = match parsed {
        Ok(DatabaseUrl::Sqlite(path)) => {
            let path = path.to_str().unwrap();
            let uri = format!("file:{path}");
            let argument = row["arguments"][0].as_str().unwrap();
            let argument = argument.split('?').next().unwrap();
            assert!(argument == path || argument == uri, "{row}");
            return true;
        }
        Ok(DatabaseUrl::Postgres(server) | DatabaseUrl::MySql(server)) => server,
        Err(error) => {
            let message = error.to_string();
            let reasons = [
                "database name is missing",
                "user name is missing",
                "port",
                "several hosts",
                "host is a path",
                "no parameter",
            ];
            assert!(
                reasons.iter().any(|reason| message.contains(reason)),
                "{row}: {message}"
            );
            return false;
        }
    };
    let option = |names: &[&str]| names.iter().find_map(|name| options[*name].as_str().map(str::to_owned));
    if options.is_null() {
        return false;
    }
    assert_eq!(server.user, option(&["user"]), "{row}");
    assert_eq!(server.password, option(&["password", "passwd"]), "{row}");
    assert_eq!(Some(server.database), option(&["dbname", "database", "db"]), "{row}");
    if server.socket.is_none() {
        assert_eq!(server.host, option(&["host"]), "{row}");
    }
    if let Some(port) = options["port"].as_u64() {
        assert_eq!(u64::from(server.port), port, "{row}");
    }
    true
}

#[test]
fn the_real_packages_still_say_what_the_vectors_say() {
    for (package, script, file, ours) in [
        (DOTENV, "make_dotenv.py", "dotenv.json", &[][..]),
        (SQLALCHEMY, "make_database_urls.py", "database_urls.json", &["older"]),
    ] {
        let Some(python) = python(package) else {
            continue;
        };
        let mut expected = rows(file);
        for row in &mut expected {
            let row = row.as_object_mut().unwrap();
            ours.iter().for_each(|member| _ = row.remove(*member));
        }
        let input: String = expected.iter().map(|row| format!("{row}\n")).collect();
        let said = rows_of_script(&python, script, &["judge"], &input);
        assert_eq!(said.len(), expected.len());
        for (said, expected) in said.iter().zip(&expected) {
            assert_eq!(said, expected);
        }
    }
}

#[test]
fn parameters_of_a_url_have_their_effect_on_postgres() {
    let Some(url) = Postgres::shared().map(Postgres::create_database) else {
        return;
    };
    run_sql(&url, "create schema app");
    let of_python = url.replace("postgres://", "postgresql+psycopg2://")
        + "?application_name=my+app&options=-csearch_path%3Dapp&client_encoding=utf8&connect_timeout=3";
    let server = Server::start(&cheap().env("SQLALCHEMY_DATABASE_URI", &of_python));
    assert!(
        server.output().contains("without effect: client_encoding"),
        "{}",
        server.output()
    );
    let tables = query(
        &url,
        "select distinct table_schema from information_schema.tables where table_name = 'users'",
    );
    assert_eq!(tables, "app");
    let names = "select distinct application_name from pg_stat_activity where datname = current_database() and application_name <> ''";
    assert_eq!(query(&url, names), "my app");
}

#[test]
fn a_socket_of_mariadb_is_used() {
    let Some(mariadb) = MariaDb::shared() else { return };
    let url = mariadb.create_database();
    let (_, database) = url.rsplit_once('/').unwrap();
    let socket = mariadb.folder().join("socket");
    let folder = tempfile::tempdir().unwrap();
    for driver in ["mysql", "mysql+pymysql", "mysql+mysqlconnector"] {
        // The port is nobody's: what is opened is the socket.
        let url = format!(
            "{driver}://root@localhost:1/{database}?unix_socket={}",
            socket.display()
        );
        let said = run(
            &cheap().env("DATABASE_URL", &url),
            folder.path(),
            &["db", "upgrade"],
            None,
        );
        assert!(!said.contains("error"), "{said}");
    }
    let tables = query(
        &url,
        "select count(*) from information_schema.tables where table_schema = database() and table_name = 'users'",
    );
    assert_eq!(tables, "1");
}

#[test]
fn every_parameter_of_each_driver_is_in_the_table() {
    for row in rows("driver_parameters.json") {
        let names: Vec<&str> = row["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert!(names.len() > 5, "{row}");
        for name in names {
            let is_known = parameters::table().any(|known| {
                known.names.contains(&name) && known.drivers.iter().any(|driver| row["driver"] == driver.name())
            });
            assert!(is_known, "{name} of {}", row["driver"]);
        }
    }
}

/// The table of the page, as the code has it.
#[test]
fn the_page_about_database_urls_lists_every_parameter() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/database-urls.md");
    let page = std::fs::read_to_string(page).unwrap();
    let lines = parameters::table().map(|row| {
        let drivers: Vec<&str> = row.drivers.iter().map(|driver| driver.name()).collect();
        let names: Vec<String> = row.names.iter().map(|name| format!("`{name}`")).collect();
        let fate = match row.fate {
            Fate::Honoured => "honoured".to_owned(),
            Fate::Ignored => "ignored".to_owned(),
            Fate::OnlyAs(values) => format!("only {}", values.join(", ")),
            Fate::Refused => "refused".to_owned(),
        };
        format!(
            "| {} | {} | {fate} | {} |",
            drivers.join(", "),
            names.join(" "),
            row.note
        )
    });
    let expected: Vec<String> = lines.collect();
    let (_, table) = page.split_once("## Parameters").unwrap();
    let found: Vec<&str> = table.lines().filter(|line| line.contains("| `")).collect();
    assert_eq!(found, expected, "the table is:\n{}", expected.join("\n"));
}
