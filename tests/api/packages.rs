//! What the Python packages of the originals say now about the inputs of the committed vectors.

use poem_scaffold::testing::inside::plural::plural;
use serde_json::Value;

use crate::support::vectors::{folder, python, rows, run_script};

/// Compares a file of vectors with what a script makes of it now.
fn is_said_by(package: &str, script: &str, file: &str) {
    let Some(python) = python(package) else { return };
    let path = folder().join(file);
    let printed = run_script(&python, script, &[path.to_str().unwrap()], "");
    let now: Vec<Value> = serde_json::from_str(&printed).unwrap();
    let committed = rows(file);
    assert_eq!(now.len(), committed.len());
    for (now, committed) in now.iter().zip(&committed) {
        assert_eq!(now, committed);
    }
}

#[test]
fn plurals_are_those_of_inflect() {
    is_said_by("inflect==0.2.5", "make_plurals.py", "plurals.json");
}

#[test]
fn tables_are_those_of_flask_sqlalchemy() {
    is_said_by("flask-sqlalchemy==2.0", "make_tables.py", "tables.json");
}

#[test]
fn values_are_those_of_marshmallow() {
    is_said_by("marshmallow==2.3.0", "make_values.py", "values.json");
}

/// Looks at each line of a file of a name, a tab and its plural, where `PLURALS` names one.
#[test]
fn plurals_are_those_of_a_file() {
    let Ok(path) = std::env::var("PLURALS") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let is_wrong = |(name, expected): &&(&str, &str)| plural(name) != *expected;
    let wrong: Vec<_> = rows.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), rows.len());
}
