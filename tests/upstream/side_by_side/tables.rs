//! The tables that Flask made, to the byte, and which ones have come.

use std::collections::BTreeMap;

use crate::support::sql::{Engine, query, schema_of};

/// The tables of `side_by_side.py`, each with its columns; the first one is the key.
const TABLES: [(&str, &[&str]); 7] = [
    ("roles", &["id", "name", "description"]),
    (
        "users",
        &["id", "email", "password", "name", "active", "creation_time", "role"],
    ),
    ("tags", &["uid", "\"update\""]),
    ("notes", &["id", "tag"]),
    ("gadgets", &["uid", "name"]),
    ("people", &["id_user", "name"]),
    (
        "comments",
        &["id", "body", "hex(picture)", "price", "is_read", "author"],
    ),
];

/// Their definitions and rows.
pub struct Tables {
    /// Tables, columns, constraints and indexes; in SQLite also how the file is written.
    pub definitions: String,
    rows: BTreeMap<(&'static str, String), Vec<String>>,
}

impl Tables {
    /// As they are now.
    pub fn of(url: &str) -> Self {
        let mut definitions = schema_of(url);
        if Engine::of(url) == Engine::Sqlite {
            definitions += &query(url, "pragma journal_mode");
        }
        let rows = TABLES.iter().flat_map(|(name, columns)| {
            let rows = rows_of(url, name, columns).into_iter();
            rows.map(|row| ((*name, row[0].clone()), row))
        });
        Self {
            definitions,
            rows: rows.collect(),
        }
    }

    /// The row of this table in which a column has this value.
    pub fn row(&self, table: &str, column: usize, value: &str) -> &[String] {
        let found = self
            .rows
            .iter()
            .find(|((name, _), row)| *name == table && row[column] == value);
        found.unwrap_or_else(|| panic!("{table} has no {value}")).1
    }

    /// Checks that all rows of `self` are in `after`, and that they are the same where `may_differ` does not say that
    /// the cell of this table, row and column was changed.
    pub fn assert_kept(&self, after: &Self, context: &str, may_differ: impl Fn(&str, &[String], usize) -> bool) {
        assert_eq!(after.definitions, self.definitions, "{context}");
        for ((table, key), row) in &self.rows {
            let now = after.rows.get(&(*table, key.clone()));
            let now = now.unwrap_or_else(|| panic!("{context}: {table} {key} is gone"));
            assert_eq!(row.len(), now.len(), "{context}: {table} {key}");
            for (column, (was, is)) in row.iter().zip(now).enumerate() {
                let is_kept = was == is || may_differ(table, row, column);
                assert!(is_kept, "{context}: {table} {key}: {was:?} is now {is:?}");
            }
        }
    }
}

/// The cells of each row. Texts have all characters but the three control characters that part them.
fn rows_of(url: &str, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let in_words_of_engine = |column: &&str| match Engine::of(url) {
        Engine::Sqlite => (*column).to_owned(),
        Engine::Postgres => column.replace("hex(picture)", "encode(picture, 'hex')"),
        Engine::MySql => column.replace('"', "`"),
    };
    let key = columns[0];
    let columns: Vec<String> = columns.iter().map(in_words_of_engine).collect();
    let columns = columns.join(", '\u{1d}', ");
    let text = query(
        url,
        &format!("select '\u{1e}', {columns}, '\u{1f}' from {table} order by {key}"),
    );
    let rows = text.split("\u{1e}|").skip(1);
    rows.map(|row| {
        let (row, _) = row.rsplit_once("|\u{1f}").unwrap();
        row.split("|\u{1d}|").map(str::to_owned).collect()
    })
    .collect()
}

/// The tables of ours in this database.
pub fn ours(url: &str) -> Vec<String> {
    let sql = match Engine::of(url) {
        Engine::Sqlite => "select name from sqlite_master where type = 'table' and name like 'poem%' order by name",
        Engine::Postgres => {
            "select table_name::text from information_schema.tables
             where table_schema = 'public' and table_name like 'poem%' order by 1"
        }
        Engine::MySql => {
            "select table_name from information_schema.tables
             where table_schema = database() and table_name like 'poem%' order by 1"
        }
    };
    query(url, sql).lines().map(str::to_owned).collect()
}
