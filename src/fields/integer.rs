//! Integers as marshmallow validated and PostgreSQL stored them: the value that was validated is not the one
//! that was stored, because the raw JSON value went into the statement.

use serde_json::Value;

use crate::flask::{decimal, python::is_digit};

/// Whether Python's `int()` takes the value, which was all of the validation; an infinity was a crash.
pub fn is_valid(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Number(number) => !decimal::is_infinite(number),
        Value::String(text) => is_python_int(text),
        _ => false,
    }
}

/// The number that PostgreSQL stored: fractions rounded away from zero, texts read by its own, stricter rule;
/// `None` where it refused the value.
pub fn as_stored(value: &Value) -> Option<i64> {
    match value {
        Value::Number(_) => rounded(&decimal::parse(value).ok()?),
        Value::String(text) => text
            .trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')
            .parse()
            .ok(),
        // An integer column took no truth value.
        _ => None,
    }
}

/// The whole number next to plain digits, away from zero where two are.
fn rounded(plain: &str) -> Option<i64> {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let number: i64 = whole.parse().ok()?;
    if !fraction.starts_with(['5', '6', '7', '8', '9']) {
        return Some(number);
    }
    number.checked_add(if plain.starts_with('-') { -1 } else { 1 })
}

/// Digits, single underscores between them, a sign before them, white space around them (Python 3.6).
fn is_python_int(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty()
        && digits
            .split('_')
            .all(|group| !group.is_empty() && group.chars().all(is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_valid_is_not_always_what_is_stored() {
        for (value, valid, stored) in [
            (json!(7), true, Some(7)),
            (json!("12"), true, Some(12)),
            (json!(" 12\n"), true, Some(12)),
            (json!("+5"), true, Some(5)),
            (json!("-5"), true, Some(-5)),
            (json!("1_000"), true, None),
            (json!("12.0"), false, None),
            (json!(""), false, None),
            (json!("- 5"), false, None),
            (json!("_1"), false, None),
            (json!("abc"), false, None),
            (json!(12.0), true, Some(12)),
            (json!(12.7), true, Some(13)),
            (json!(-12.7), true, Some(-13)),
            (json!(2.5), true, Some(3)),
            (json!(-0.7), true, Some(-1)),
            (json!(0.4999), true, Some(0)),
            (json!(1e18), true, Some(1_000_000_000_000_000_000)),
            // As the digits of Python's repr() are.
            (
                json!(4_611_686_018_427_387_904.0),
                true,
                Some(4_611_686_018_427_388_000),
            ),
            (json!(i64::MAX), true, Some(i64::MAX)),
            (json!(i64::MIN), true, Some(i64::MIN)),
            (serde_json::from_str("-9223372036854775809").unwrap(), true, None),
            (serde_json::from_str("1e400").unwrap(), false, None),
            (serde_json::from_str(&"9".repeat(400)).unwrap(), true, None),
            (json!(1e30), true, None),
            (json!(u64::MAX), true, None),
            (json!(true), true, None),
            (json!([1]), false, None),
            (json!({}), false, None),
        ] {
            assert_eq!(is_valid(&value), valid, "{value}");
            if valid {
                assert_eq!(as_stored(&value), stored, "{value}");
            }
        }
    }
}
