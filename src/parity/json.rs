//! Compares two JSON values and says in words where they differ.

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value, json};

/// Characters of a value that a report shows.
const SHOWN: usize = 110;

/// One difference between two values, and the path to it.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonDifference {
    /// Where it is: `$.users[3].name`.
    pub path: String,
    /// What it is.
    pub change: Change,
}

/// What differs.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another value: the expected one, and the one that came.
    Value(Value, Value),
    /// A list of another length.
    Length(usize, usize),
    /// A member that is expected and did not come.
    Missing(Value),
    /// A member that is not expected.
    Unexpected(Value),
}

impl fmt::Display for JsonDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.change {
            Change::Value(expected, got) => write!(f, "{path}: {}", contrast(expected, got)),
            Change::Length(expected, got) => write!(f, "{path}: expected {expected} items, got {got}"),
            Change::Missing(expected) => write!(f, "{path} missing (expected {})", shown(expected)),
            Change::Unexpected(got) => write!(f, "{path} unexpected {}", shown(got)),
        }
    }
}

/// Every difference between two values, each with its path.
pub fn differences(expected: &Value, got: &Value) -> Vec<JsonDifference> {
    let mut found = Vec::new();
    collect("$", expected, got, &mut found);
    found
}

fn collect(path: &str, expected: &Value, got: &Value, found: &mut Vec<JsonDifference>) {
    let mut add = |change| {
        let path = path.to_owned();
        found.push(JsonDifference { path, change });
    };
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => collect_members(path, expected, got, found),
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                collect(&format!("{path}[{index}]"), expected, got, found);
            }
        }
        (Value::Array(expected), Value::Array(got)) => add(Change::Length(expected.len(), got.len())),
        _ if same_scalar(expected, got) => {}
        _ => add(Change::Value(expected.clone(), got.clone())),
    }
}

fn collect_members(
    path: &str,
    expected: &Map<String, Value>,
    got: &Map<String, Value>,
    found: &mut Vec<JsonDifference>,
) {
    let keys: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
    for key in keys {
        let path = format!("{path}.{key}");
        let change = match (expected.get(key), got.get(key)) {
            (Some(expected), Some(got)) => {
                collect(&path, expected, got, found);
                continue;
            }
            (Some(expected), None) => Change::Missing(expected.clone()),
            (None, got) => Change::Unexpected(got.cloned().unwrap_or_default()),
        };
        found.push(JsonDifference { path, change });
    }
}

/// Equal, where 1 and 1.0 are the same number.
fn same_scalar(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        _ => expected == got,
    }
}

/// The name of a value's type.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A value as it stands in a path: texts without their quotes.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as a report shows it: cut where it is long.
pub fn shown(value: &Value) -> String {
    shown_from(0, &value.to_string())
}

/// Two values as a report shows them: from shortly before the place where they part.
pub fn contrast(expected: &Value, got: &Value) -> String {
    let (expected, got) = (expected.to_string(), got.to_string());
    let common = expected.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let start = if common < SHOWN / 2 { 0 } else { common - SHOWN / 4 };
    format!(
        "expected {}, got {}",
        shown_from(start, &expected),
        shown_from(start, &got)
    )
}

fn shown_from(start: usize, text: &str) -> String {
    let mut rest = text.chars().skip(start);
    let shown: String = rest.by_ref().take(SHOWN).collect();
    let before = if start > 0 { "..." } else { "" };
    let after = if rest.next().is_some() { "..." } else { "" };
    format!("{before}{shown}{after}")
}

/// JSON text with the members in alphabetical order, whatever order the map keeps.
pub fn sorted_json(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| key.as_str());
            let members: Vec<String> = members
                .into_iter()
                .map(|(key, member)| format!("{}: {}", json!(key), sorted_json(member)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(sorted_json).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_named_with_its_path() {
        let expected = json!({"a": [1, {"b": 1.0}], "c": null, "d": [1], "e": true});
        let got = json!({"a": [1.0, {"b": 2}], "d": [1, 2], "e": 1, "f": "x"});
        let found: Vec<String> = differences(&expected, &got).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "$.a[1].b: expected 1.0, got 2",
                "$.c missing (expected null)",
                "$.d: expected 1 items, got 2",
                "$.e: expected true, got 1",
                "$.f unexpected \"x\"",
            ]
        );
    }

    #[test]
    fn a_difference_deep_in_a_long_text_is_shown() {
        let long = |end: &str| json!(format!("{}{end}", "x".repeat(500)));
        let shown = contrast(&long("one"), &long("two"));
        assert!(
            shown.contains("xone") && shown.contains("xtwo") && shown.len() < 100,
            "{shown}"
        );
    }
}
