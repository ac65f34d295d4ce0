//! Tables of scaffolded resources that a Flask app made: compared, served, and never altered.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use super::wide;
use crate::{
    api::{call, cheap, on_each_engine, serve},
    support::{
        http::Response,
        server::{Server, ServerConfig},
        services::Postgres,
        sql::{Engine, query, run_sql, schema_of},
    },
};

/// The table of diary entries with these columns beside its key.
fn create(url: &str, columns: &str) {
    create_table(url, "diary__entries", columns);
}

fn create_table(url: &str, table: &str, columns: &str) {
    let key = match Engine::of(url) {
        Engine::Sqlite => "INTEGER NOT NULL PRIMARY KEY",
        Engine::Postgres => "SERIAL PRIMARY KEY",
        Engine::MySql => "INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY",
    };
    run_sql(url, &format!("CREATE TABLE {table} (id {key}, {columns})"));
}

fn said(config: &ServerConfig, dir: &Path, args: &[&str], code: i32) -> String {
    let output = config.command(dir, args);
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let text = text.concat();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

fn add(server: &Server, token: &str, attributes: &Value) -> Response {
    let body = json!({"data": {"type": "diary_entries", "attributes": attributes}});
    call(server, "POST", "/api/v1/diary_entries.json", Some(token), Some(&body))
}

fn attributes(answer: &Response) -> Value {
    answer.json().unwrap()["data"]["attributes"].clone()
}

#[test]
fn a_resources_table_with_other_columns_is_refused_with_a_list() {
    let binary = wide::binary();
    on_each_engine(|config, dir, url| {
        let config = config.binary(binary);
        create(url, "text_of_it TEXT, mood INTEGER, owner_id INTEGER");
        let before = schema_of(url);
        for args in [&["serve", "--port", "0"][..], &["db", "upgrade"]] {
            let said = said(&config, dir, args, 2);
            assert!(said.contains("diary__entries.text_of_day is missing"), "{url}: {said}");
            assert!(
                said.to_lowercase().contains("diary__entries.mood is int"),
                "{url}: {said}"
            );
            assert!(
                !said.contains("owner_id") && !said.contains("users table"),
                "{url}: {said}"
            );
        }
        assert_eq!(schema_of(url), before, "{url}");
        let columns = "text_of_day TEXT, mood VARCHAR(9), owner_id INTEGER";
        run_sql(url, "drop table diary__entries");
        create(url, columns);
        assert!(said(&config, dir, &["db", "upgrade"], 0).contains("adopted"), "{url}");
    });
}

#[test]
fn a_resources_table_with_other_nulls_and_defaults_is_served_as_far_as_it_goes() {
    let binary = wide::binary();
    on_each_engine(|config, _, url| {
        let config = config.binary(binary);
        create(
            url,
            "text_of_day VARCHAR(90) DEFAULT 'nothing', mood VARCHAR(9) NULL, owner_id INTEGER, \
             seen TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL",
        );
        run_sql(
            url,
            "insert into diary__entries (text_of_day, mood) values ('old', null)",
        );
        let (schema, rows) = (schema_of(url), query(url, "select * from diary__entries"));
        let (server, token) = serve(&config);
        assert!(server.output().contains("adopted:"), "{}", server.output());
        assert!(!server.output().contains("will be refused"), "{}", server.output());
        // What the table's own null makes of a required attribute.
        let old = call(&server, "GET", "/api/v1/diary_entries/1.json", Some(&token), None);
        assert_eq!(attributes(&old)["mood"], json!(null), "{url}: {}", old.text());
        for (sent, stored) in [
            (json!({"mood": "1"}), "nothing"),
            (json!({"mood": "1", "text_of_day": null}), "nothing"),
            (json!({"mood": "1", "text_of_day": "mine"}), "mine"),
            (json!({}), "nothing"),
        ] {
            let answer = add(&server, &token, &sent);
            assert_eq!(answer.status, 201, "{url}: {}", answer.text());
            assert_eq!(attributes(&answer)["text_of_day"], json!(stored), "{url}: {sent}");
        }
        let mine = query(url, "select * from diary__entries where id = 1");
        assert!(
            schema.lines().all(|line| schema_of(url).contains(line)) && mine == rows,
            "{url}"
        );
    });
    on_each_engine(|config, dir, url| {
        let config = config.binary(binary);
        create(
            url,
            "text_of_day VARCHAR(90) NOT NULL, mood VARCHAR(9) NOT NULL, owner_id INTEGER, place VARCHAR(9) NOT NULL",
        );
        let said = said(&config, dir, &["db", "upgrade"], 0);
        assert!(
            said.contains("note: diary__entries.text_of_day is not nullable"),
            "{url}: {said}"
        );
        assert!(said.contains("note: diary__entries.place is varchar(9)") || Engine::of(url) != Engine::MySql);
        assert!(said.contains("diary__entries.place is"), "{url}: {said}");
        let (server, token) = serve(&config);
        assert!(
            server.output().contains("note:     diary__entries.place is"),
            "{}",
            server.output()
        );
        let answer = add(&server, &token, &json!({"mood": "1", "text_of_day": "mine"}));
        assert_eq!(answer.status, 403, "{url}: {}", answer.text());
        run_sql(url, "alter table diary__entries drop column place");
        drop(server);
        let server = Server::start(&config);
        assert!(!server.output().contains("diary__entries.place"), "{}", server.output());
        let answer = add(&server, &token, &json!({"mood": "1", "text_of_day": "mine"}));
        assert_eq!(answer.status, 201, "{url}: {}", answer.text());
        assert_eq!(add(&server, &token, &json!({"mood": "1"})).status, 403, "{url}");
    });
}

/// PostgreSQL takes a name without quotes for one in small letters.
#[test]
fn a_table_of_the_originals_name_is_served_with_its_capital() {
    let binary = wide::binary();
    on_each_engine(|config, _, url| {
        let config = config.binary(binary);
        let quote = if Engine::of(url) == Engine::MySql { '`' } else { '"' };
        let table = format!("{quote}mp3S{quote}");
        let columns = "name VARCHAR(250) NOT NULL UNIQUE, cover_of INTEGER, diary_entry INTEGER, owner_id INTEGER, \
                       code_of VARCHAR(250), replaced_by INTEGER";
        create_table(url, &table, columns);
        run_sql(url, &format!("insert into {table} (name) values ('old')"));
        let schema = schema_of(url);
        let (server, token) = serve(&config);
        assert!(server.output().contains("adopted:"), "{}", server.output());
        assert!(schema.lines().all(|line| schema_of(url).contains(line)), "{url}");
        let old = call(&server, "GET", "/api/v1/mp3s/1.json", Some(&token), None);
        assert_eq!(attributes(&old)["name"], json!("old"), "{url}: {}", old.text());
        let body = |name: &str| json!({"data": {"type": "mp3s", "attributes": {"name": name, "cover_of": 1}}});
        let new = call(&server, "POST", "/api/v1/mp3s.json", Some(&token), Some(&body("new")));
        assert_eq!(new.status, 201, "{url}: {}", new.text());
        assert_eq!(query(url, &format!("select count(*) from {table}")), "2", "{url}");
        let changed = call(
            &server,
            "PATCH",
            "/api/v1/mp3s/2.json",
            Some(&token),
            Some(&body("newer")),
        );
        assert_eq!(changed.status, 200, "{url}: {}", changed.text());
        let gone = call(&server, "DELETE", "/api/v1/mp3s/2.json", Some(&token), None);
        assert_eq!(gone.status, 204, "{url}: {}", gone.text());
    });
}

/// A server that is not strict would store an empty text.
#[test]
fn what_is_missing_is_refused_where_mysql_is_lenient() {
    on_each_engine(|config, _, url| {
        if Engine::of(url) != Engine::MySql {
            return;
        }
        let config = config.binary(wide::binary());
        create(
            url,
            "text_of_day VARCHAR(90) NOT NULL, mood VARCHAR(9) NOT NULL, owner_id INTEGER",
        );
        let lenient = "NO_ENGINE_SUBSTITUTION";
        let strict = query(url, "select @@global.sql_mode");
        let (server, token) = serve(&config);
        drop(server);
        run_sql(url, &format!("set global sql_mode = '{lenient}'"));
        let server = Server::start(&config);
        let answer = add(&server, &token, &json!({"mood": "1"}));
        drop(server);
        run_sql(url, &format!("set global sql_mode = '{strict}'"));
        assert_eq!(answer.status, 403, "{}", answer.text());
    });
}

/// The statements of a start on a database in which all steps are taken.
fn statements_of_a_start(config: &ServerConfig, dir: &Path) -> usize {
    let postgres = Postgres::shared().unwrap();
    let url = postgres.create_database();
    let config = config.clone().env("DATABASE_URL", &url).folder(dir);
    said(&config, dir, &["db", "upgrade"], 0);
    drop(Server::start(&config));
    let name = url.rsplit('/').next().unwrap();
    run_sql(&url, &format!("alter database {name} set log_statement = 'all'"));
    let before = postgres.statements();
    let server = Server::start(&config);
    // What a start does in the background belongs to it.
    let mut seen = postgres.statements();
    for _ in 0..10 {
        std::thread::sleep(Duration::from_secs(1));
        match postgres.statements() {
            now if now == seen => break,
            now => seen = now,
        }
    }
    drop(server);
    seen - before
}

#[test]
fn a_start_asks_few_questions_however_many_steps_there_are() {
    if Postgres::shared().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let few = statements_of_a_start(&cheap(), folder.path());
    let many = statements_of_a_start(&cheap().binary(wide::binary()), folder.path());
    // Forty-two find out whether there is a pooler.
    assert!(few <= 65, "{few} statements");
    assert!(many <= few + 2, "{many} statements, of which {few} without resources");
}
