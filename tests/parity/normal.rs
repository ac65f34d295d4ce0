//! Brings an answer into a form in which only what a client can rely on is left to compare.
//!
//! Fresh times, password hashes, tokens, addresses and new ids become patterns; the order of rows
//! and of errors goes, because the originals have no ORDER BY and iterate over sets.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use chrono::NaiveDate;
use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use super::{
    json::{sorted_json, text_of},
    python,
    tokens::shape_of_token,
};

/// The ids that this server gave to what the original had under another id: by type and old id.
pub type NewIds = HashMap<(String, i64), Value>;

/// Normalises all texts in a JSON value, and maps the recorded ids to the new ones.
pub fn normalised(value: &Value, today: NaiveDate, ids: &NewIds) -> Value {
    match value {
        Value::Object(members) => {
            let id_type = members.get("type").and_then(Value::as_str);
            members
                .iter()
                .map(|(key, member)| {
                    let member = mapped(key, member, id_type, ids);
                    (key.clone(), normalised(&member, today, ids))
                })
                .collect()
        }
        Value::Array(items) => items.iter().map(|item| normalised(item, today, ids)).collect(),
        Value::String(text) => Value::String(normalised_text(text, today, ids)),
        other => other.clone(),
    }
}

/// The new value of an `id` next to a `type`, and of a `self` link.
fn mapped<'a>(key: &str, member: &'a Value, id_type: Option<&str>, ids: &'a NewIds) -> Cow<'a, Value> {
    match (key, member, id_type) {
        ("id", Value::Number(id), Some(id_type)) => {
            let old = id.as_i64().map(|id| (id_type.to_owned(), id));
            Cow::Borrowed(old.and_then(|old| ids.get(&old)).unwrap_or(member))
        }
        ("self", Value::String(link), _) => {
            mapped_link(link, ids).map_or(Cow::Borrowed(member), |link| Cow::Owned(Value::String(link)))
        }
        _ => Cow::Borrowed(member),
    }
}

fn mapped_link(link: &str, ids: &NewIds) -> Option<String> {
    let (resource, id) = link.strip_prefix('/')?.split_once('/')?;
    let new = ids.get(&(resource.to_owned(), id.parse().ok()?))?;
    Some(format!("/{resource}/{}", text_of(new)))
}

/// Replaces all that differs from run to run in a text by patterns, and a token's subject by its new id.
pub fn normalised_text(text: &str, today: NaiveDate, ids: &NewIds) -> String {
    let text = HASH.replace_all(text, "<HASH>");
    let text = TIME.replace_all(&text, |found: &Captures| time_pattern(found, today));
    let text = DAY.replace_all(&text, |found: &Captures| {
        if is_near(&found[0], today) {
            "<TODAY>".to_owned()
        } else {
            found[0].to_owned()
        }
    });
    let text = PYTHON_TIME.replace_all(&text, |found: &Captures| {
        let day = found[1].replace(", ", "-");
        if is_near(&day, today) {
            "datetime.datetime(<NOW>)".to_owned()
        } else {
            found[0].to_owned()
        }
    });
    let text = TOKEN.replace_all(&text, |found: &Captures| match shape_of_token(&found[0]) {
        Some(mut shape) => {
            let subject = &mut shape["claims"]["sub"];
            let new = subject.as_i64().and_then(|id| ids.get(&("users".to_owned(), id)));
            *subject = new.unwrap_or(subject).clone();
            format!("<JWT {}>", sorted_json(&shape))
        }
        None => found[0].to_owned(),
    });
    let text = SQL_FRAGMENT.replace_all(&text, "LINE $1: <fragment> ^");
    ADDRESS.replace_all(&text, "0x<ADDR>").into_owned()
}

static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"pbkdf2:[a-z0-9]+(?::\d+)?\$[A-Za-z0-9]+\$[0-9a-f]{16,}"));
static TIME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{4}-\d{2}-\d{2})([T ])\d{2}:\d{2}:\d{2}(\.\d{1,6})?(\+00:00|Z)?"));
static DAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{4}-\d{2}-\d{2}\b"));
static PYTHON_TIME: LazyLock<Regex> = LazyLock::new(|| pattern(r"datetime\.datetime\((\d+, \d+, \d+)(?:, \d+)*\)"));
static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}\b"));
// The fragment of SQL that PostgreSQL cuts out around a mistake, with the caret under it. Where the
// text is a Python repr the line breaks are the two characters `\n`.
static SQL_FRAGMENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"LINE (\d+): (?:[^\n\\]|\\+[^\\n\n])*\\*?(?:\n|\\n) *\^"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"0x[0-9a-f]{6,}"));

fn pattern(expression: &str) -> Regex {
    Regex::new(expression).expect("the pattern is a constant")
}

fn time_pattern(found: &Captures, today: NaiveDate) -> String {
    if !is_near(&found[1], today) {
        return found[0].to_owned();
    }
    let separator = &found[2];
    let fraction = if found.get(3).is_some() { ".ffffff" } else { "" };
    let zone = found.get(4).map_or("", |zone| zone.as_str());
    format!("<NOW{separator}{fraction}{zone}>")
}

/// Whether a date is today, or a day off because of midnight.
fn is_near(date: &str, today: NaiveDate) -> bool {
    date.parse::<NaiveDate>()
        .is_ok_and(|date| (date - today).num_days().abs() <= 1)
}

/// Takes away the order of rows and errors.
pub fn without_order(document: Value) -> Value {
    let Value::Object(mut members) = document else {
        return document;
    };
    if let Some(Value::Array(rows)) = row_list(&mut members) {
        rows.sort_by_cached_key(|row| match row {
            Value::Object(members) => sorted_json(members.get("id").unwrap_or(&Value::Null)),
            other => sorted_json(other),
        });
    }
    if let Some(error) = members.get_mut("error") {
        sort_errors(error);
    }
    Value::Object(members)
}

fn row_list(members: &mut Map<String, Value>) -> Option<&mut Value> {
    let key = ["data", "users"]
        .into_iter()
        .find(|key| members.get(*key).is_some_and(Value::is_array))?;
    members.get_mut(key)
}

/// Sorts the list under `errors`, which 2.0 sends inside a text.
fn sort_errors(error: &mut Value) {
    let literal = error
        .as_str()
        .filter(|text| text.starts_with("{'errors': ["))
        .and_then(python::parse_literal);
    if let Some(value) = literal {
        *error = json!({"python literal": value});
    }
    let holder = match error.get_mut("python literal") {
        Some(value) => value,
        None => error,
    };
    if let Some(Value::Array(errors)) = holder.get_mut("errors") {
        errors.sort_by_cached_key(sorted_json);
    }
}
