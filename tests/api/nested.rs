//! Rows of other resources inside of a row, one by one and in lists (`examples/keys/nested.rs`).

use std::collections::{BTreeMap, BTreeSet};

use poem_scaffold::testing;
use serde_json::{Value, json};

use super::call;
use crate::support::{keys_program, server::Server, sql::run_sql};

fn on_each_engine(test: impl Fn(&Server, &str)) {
    testing::on_each_database(keys_program(), |config, _, url| test(&Server::start(&config), url));
}

fn get(server: &Server, path: &str) -> Value {
    let answer = call(server, "GET", path, None, None);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json().unwrap()
}

/// What each row of a list has as this attribute, by id.
fn listed(server: &Server, path: &str, attribute: &str) -> BTreeMap<String, Value> {
    let list = get(server, path);
    let rows = list["data"].as_array().unwrap();
    let of_row = |row: &Value| {
        (
            row["id"].as_str().unwrap().to_owned(),
            row["attributes"][attribute].clone(),
        )
    };
    let all: BTreeMap<String, Value> = rows.iter().map(of_row).collect();
    assert_eq!(all.len(), rows.len(), "each once");
    all
}

fn add_tags(url: &str, tags: impl Iterator<Item = String>) {
    let column = if url.starts_with("mysql") {
        "`update`"
    } else {
        "\"update\""
    };
    for some in tags.collect::<Vec<_>>().chunks(1000) {
        let rows: Vec<String> = some.iter().map(|tag| format!("('{tag}', 'x')")).collect();
        run_sql(
            url,
            &format!("insert into tags (uid, {column}) values {}", rows.join(", ")),
        );
    }
}

/// Adds notes with their tags.
fn add_notes(url: &str, notes: impl Iterator<Item = (String, String)>) {
    for some in notes.collect::<Vec<_>>().chunks(1000) {
        let rows: Vec<String> = some.iter().map(|(id, tag)| format!("('{id}', '{tag}')")).collect();
        run_sql(url, &format!("insert into notes (id, tag) values {}", rows.join(", ")));
    }
}

#[test]
fn each_row_of_a_long_list_has_its_own_also_where_keys_differ_in_case_only() {
    const ROWS: usize = 2500;
    on_each_engine(|server, url| {
        let tag = |number: usize| match number % 4 {
            0 => format!("key {number}"),
            1 => format!("KEY {}", number - 1),
            2 => format!("é{number}"),
            _ => format!("_{number}"),
        };
        add_tags(url, (0..ROWS).map(tag));
        // None, one, two or three of them.
        let notes = |number: usize| (0..number % 7 % 4).map(move |count| format!("{number} {count}"));
        add_notes(
            url,
            (0..ROWS).flat_map(|number| notes(number).map(move |note| (note, tag(number)))),
        );
        let check = |order: &str| {
            let found = listed(server, "/labelled.json", "notes");
            assert_eq!(found.len(), ROWS, "{url} {order}");
            for number in 0..ROWS {
                let tag = tag(number);
                let expected: Value = notes(number).map(|note| json!({"id": note, "tag": tag})).collect();
                let expected = if expected.is_null() { json!([]) } else { expected };
                assert_eq!(found[&tag], expected, "{url} {order} {tag}");
            }
            let found = listed(server, "/remarks.json", "label");
            for number in 0..ROWS {
                for note in notes(number) {
                    assert_eq!(found[&note]["id"], tag(number), "{url} {order} {note}");
                }
            }
        };
        check("as we make it");
        if url.starts_with("postgres") {
            for (table, column) in [("tags", "uid"), ("notes", "tag")] {
                let sql = format!(r#"alter table {table} alter {column} type varchar(250) collate "en-US-x-icu""#);
                run_sql(url, &sql);
                check(&format!("in ICU's order of {table}"));
            }
        }
    });
}

#[test]
fn a_row_has_the_same_by_itself_and_in_a_list() {
    on_each_engine(|server, url| {
        add_tags(url, ["none", "one", "two", "7"].map(str::to_owned).into_iter());
        let notes = [("a", "two"), ("b", "one"), ("c", "two"), ("d", "7")];
        add_notes(url, notes.map(|(id, tag)| (id.to_owned(), tag.to_owned())).into_iter());
        run_sql(url, "insert into notes (id) values ('e')");
        let column = if url.starts_with("mysql") {
            "`update`"
        } else {
            "\"update\""
        };
        run_sql(url, &format!("update tags set {column} = '12' where uid = 'one'"));
        for (list, expected) in [
            (
                "/labelled.json",
                vec![
                    ("none", "[]"),
                    ("two", r#"[{"id":"a","tag":"two"},{"id":"c","tag":"two"}]"#),
                ],
            ),
            (
                "/remarks.json",
                // What cannot be read is null.
                vec![
                    ("a", r#"{"id":"two","update":null}"#),
                    ("b", r#"{"id":"one","update":12}"#),
                    ("e", "null"),
                ],
            ),
        ] {
            let all = get(server, list);
            for row in all["data"].as_array().unwrap() {
                let path = list.replace(".json", &format!("/{}.json", row["id"].as_str().unwrap()));
                let one = get(server, &path);
                assert_eq!(one["data"].to_string(), row.to_string(), "{url} {path}");
            }
            let attribute = if list == "/remarks.json" { "label" } else { "notes" };
            let found = listed(server, list, attribute);
            for (id, text) in expected {
                assert_eq!(found[id].to_string(), text, "{url} {list} {id}");
            }
        }
    });
}

#[test]
fn a_page_becomes_smaller_where_very_much_is_nested() {
    on_each_engine(|server, url| {
        // The first and the last by themselves are more than a query gives; those between them are with others.
        let count = |number: usize| match number {
            0 | 79 => 5000,
            30..50 => 300,
            _ => number % 3,
        };
        let tag = |number: usize| format!("{number:02}");
        add_tags(url, (0..80).map(tag));
        let notes = |number: usize| (0..count(number)).map(move |note| format!("{number:02}-{note:04}"));
        add_notes(
            url,
            (0..80).flat_map(|number| notes(number).map(move |note| (note, tag(number)))),
        );
        let found = listed(server, "/labelled.json", "notes");
        assert_eq!(found.len(), 80, "{url}");
        for number in 0..80 {
            let rows = found[&tag(number)].as_array().unwrap();
            let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), rows.len(), "{url} {number}");
            assert!(ids.into_iter().eq(notes(number)), "{url} {number}: {}", rows.len());
        }
    });
}

#[test]
fn the_specification_has_nested_rows_in_answers() {
    let server = Server::start(&testing::cheap(keys_program()));
    let specification = get(&server, "/openapi.json");
    let schemas = &specification["components"]["schemas"];
    let notes = &schemas["Labelled"]["properties"]["notes"];
    assert_eq!(notes["readOnly"], true, "{notes}");
    assert_eq!(notes["items"]["$ref"], "#/components/schemas/Labelled.notes", "{notes}");
    assert_eq!(schemas["Labelled.notes"]["required"], json!(["id"]));
    let label = &schemas["Remark"]["properties"]["label"];
    assert_eq!(label["readOnly"], true, "{label}");
    assert!(
        label.to_string().contains("#/components/schemas/Remark.label"),
        "{label}"
    );
}
