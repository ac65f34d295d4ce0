//! Brings an answer into a form in which only what a client can rely on is left to compare.
//!
//! Fresh times, password hashes, tokens, addresses and new ids become patterns.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use chrono::NaiveDate;
use regex::{Captures, Regex};
use serde_json::Value;

use super::{
    json::{sorted_json, text_of},
    token::shape_of_token,
};

/// The ids that this server gave to what the original had under another id: by type and old id.
pub type NewIds = HashMap<(String, String), Value>;

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
        ("id", Value::Number(_) | Value::String(_), Some(id_type)) => {
            let old = (id_type.to_owned(), text_of(member));
            Cow::Borrowed(ids.get(&old).unwrap_or(member))
        }
        ("self", Value::String(link), _) => {
            mapped_link(link, ids).map_or(Cow::Borrowed(member), |link| Cow::Owned(Value::String(link)))
        }
        _ => Cow::Borrowed(member),
    }
}

fn mapped_link(link: &str, ids: &NewIds) -> Option<String> {
    let (resource, id) = link.strip_prefix('/')?.split_once('/')?;
    let new = ids.get(&(resource.to_owned(), id.to_owned()))?;
    Some(format!("/{resource}/{}", text_of(new)))
}

/// Replaces all that differs from run to run in a text by patterns, and a token's subject by its new id.
pub fn normalised_text(text: &str, today: NaiveDate, ids: &NewIds) -> String {
    let text = replaced(&HASH, text.into(), |_| "<HASH>".to_owned());
    let text = replaced(&TIME, text, |found| time_pattern(found, today));
    let text = replaced(&DAY, text, |found| match is_near(&found[0], today) {
        true => "<TODAY>".to_owned(),
        false => found[0].to_owned(),
    });
    let text = replaced(&PYTHON_TIME, text, |found| {
        match is_near(&found[1].replace(", ", "-"), today) {
            true => "datetime.datetime(<NOW>)".to_owned(),
            false => found[0].to_owned(),
        }
    });
    let text = replaced(&TOKEN, text, |found| match shape_of_token(&found[0]) {
        Some(mut shape) => {
            let subject = &mut shape["claims"]["sub"];
            let new = ids.get(&("users".to_owned(), text_of(subject)));
            *subject = new.unwrap_or(subject).clone();
            format!("<JWT {}>", sorted_json(&shape))
        }
        None => found[0].to_owned(),
    });
    let text = replaced(&SQL_FRAGMENT, text, |found| format!("LINE {}: <fragment> ^", &found[1]));
    replaced(&ADDRESS, text, |_| "0x<ADDR>".to_owned()).into_owned()
}

/// A pattern; a constant one can always be read, which a test proves.
pub type Pattern = LazyLock<Option<Regex>>;

/// The text with each match of a pattern replaced.
pub fn replaced<'a>(pattern: &Pattern, text: Cow<'a, str>, by: impl Fn(&Captures) -> String) -> Cow<'a, str> {
    let Some(pattern) = &**pattern else {
        return text;
    };
    match pattern.replace_all(&text, by) {
        Cow::Borrowed(_) => text,
        Cow::Owned(changed) => Cow::Owned(changed),
    }
}

static HASH: Pattern = LazyLock::new(|| pattern(r"pbkdf2:[a-z0-9]+(?::\d+)?\$[A-Za-z0-9]+\$[0-9a-f]{16,}"));
static TIME: Pattern =
    LazyLock::new(|| pattern(r"\b(\d{4}-\d{2}-\d{2})([T ])\d{2}:\d{2}:\d{2}(\.\d{1,6})?(\+00:00|Z)?"));
static DAY: Pattern = LazyLock::new(|| pattern(r"\b\d{4}-\d{2}-\d{2}\b"));
static PYTHON_TIME: Pattern = LazyLock::new(|| pattern(r"datetime\.datetime\((\d+, \d+, \d+)(?:, \d+)*\)"));
/// Three parts, as tokens have.
pub static TOKEN: Pattern = LazyLock::new(|| pattern(r"\b[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}\b"));
// The fragment of SQL that PostgreSQL cuts out around a mistake, with the caret under it. Where the
// text is a Python repr the line breaks are the two characters `\n`.
static SQL_FRAGMENT: Pattern = LazyLock::new(|| pattern(r"LINE (\d+): (?:[^\n\\]|\\+[^\\n\n])*\\*?(?:\n|\\n) *\^"));
static ADDRESS: Pattern = LazyLock::new(|| pattern(r"0x[0-9a-f]{6,}"));

fn pattern(expression: &str) -> Option<Regex> {
    Regex::new(expression).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pattern_can_be_read() {
        for pattern in [&HASH, &TIME, &DAY, &PYTHON_TIME, &TOKEN, &SQL_FRAGMENT, &ADDRESS] {
            assert!(pattern.is_some());
        }
    }
}
