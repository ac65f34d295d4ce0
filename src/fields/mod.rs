//! The types of attributes: which JSON each is read from, how it is stored and how it is shown.
//!
//! Ten of them are Flask-Scaffold's, with marshmallow's words and PostgreSQL's idea of a value; the others are ours.
//! A type has a name here for what reads it; what is stored has a type of its own in [`values`] where Rust has none.

mod array;
pub mod attribute;
mod described;
mod field;
mod ids;
mod integer;
mod json;
pub mod nullable;
mod number;
mod numeric;
mod schema;
mod text;
mod time;
mod truth;
mod uuid;
pub mod values;

pub use array::{ARRAY, Array};
pub use described::{Described, Description};
pub use field::{Field, FieldError, Presence};
pub use ids::Ids;
pub use json::Json;
pub(crate) use number::UnstoredInteger;
pub use number::{BIG_INTEGER, BigInteger, BigReference, Decimal, FLOAT, Float, INTEGER, Integer, Reference};
pub use numeric::Numeric;
pub use text::{BLANK, Choice, Email, Line, MAX_STRING_CHARS, STRING, Stored, TEXT, Text, Unstored, Url};
pub(crate) use time::StoredTime;
pub use time::{Date, DateTime, Time};
pub use truth::{Bool, Boolean};
pub use uuid::Uuid;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::flask::{
        datetime::{isoformat, isoformat_time},
        python::{float_of, quote_special_numbers},
    };

    /// JSON as bodies of requests are read.
    fn parsed(json: &str) -> Value {
        serde_json::from_str(json)
            .unwrap_or_else(|_| serde_json::from_str(&quote_special_numbers(json).unwrap()).unwrap())
    }

    /// What `read_as_flask` makes of a value, as marshmallow has it; `Ok(None)` where only the table decides.
    fn read_as_flask(kind: &str, value: &Value) -> Result<Option<Value>, FieldError> {
        fn read<F: Field>(
            field: &F,
            value: &Value,
            shown: impl Fn(F::Value) -> Value,
        ) -> Result<Option<Value>, FieldError> {
            match field.read_as_flask(value) {
                Err(FieldError::Refused(_)) => Ok(None),
                read => read.map(|value| Some(shown(value))),
            }
        }
        match kind {
            "string" => read(&STRING, value, Value::from),
            // The table rounds what marshmallow cut off.
            "integer" => INTEGER.read_as_flask(value).map(|_| None).or_else(unless_refused),
            "boolean" => Boolean.read_as_flask(value).map(|_| None).or_else(unless_refused),
            "email" => read(&Email, value, Value::from),
            "url" => read(&Url, value, Value::from),
            "datetime" => read(&DateTime, value, |moment| isoformat(moment.0).into()),
            "date" => read(&Date, value, |day| day.0.to_string().into()),
            "time" => read(&Time, value, |time| isoformat_time(time.0).into()),
            "array" => read(&ARRAY, value, Value::from),
            "decimal" => read(&Decimal, value, |number| number.0.into()),
            "bool" => read(&Bool, value, Value::from),
            "float" => read(&FLOAT, value, Value::from),
            "uuid" => read(&Uuid, value, |uuid| uuid.to_string().into()),
            "json" => read(&Json, value, |value| value.to_string().into()),
            other => panic!("{other}"),
        }
    }

    fn unless_refused(error: FieldError) -> Result<Option<Value>, FieldError> {
        match error {
            FieldError::Refused(_) => Ok(None),
            invalid => Err(invalid),
        }
    }

    fn is_same(kind: &str, one: &Value, other: &Value) -> bool {
        match kind {
            // What was stored of a float are the digits of its repr(), which are fewer than marshmallow read.
            "decimal" | "float" => one == other || float_of(one).is_some() && float_of(one) == float_of(other),
            _ => one == other,
        }
    }

    /// What marshmallow 2.3 said, before the table looked at the value.
    #[test]
    fn values_are_read_under_flask_as_marshmallow_read_them() {
        let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/vectors/values.json")).unwrap();
        let mut counts = std::collections::BTreeMap::<&str, u32>::new();
        let mut wrong = Vec::new();
        for row in &rows {
            let kind = row["field"].as_str().unwrap();
            *counts.entry(kind).or_default() += 1;
            let value = parsed(row["json"].as_str().unwrap());
            let ours = read_as_flask(kind, &value);
            let fits = match &ours {
                // An answer of 500 there.
                _ if row["raises"].is_string() => !matches!(ours, Ok(Some(_))),
                Err(FieldError::Invalid(details)) => json!(details) == row["errors"],
                Err(FieldError::Refused(_)) | Ok(None) => row["errors"].is_null(),
                Ok(Some(read)) => row["errors"].is_null() && is_same(kind, read, &row["read"]),
            };
            if fits == row["differs"].is_string() {
                wrong.push(format!("{row}: {ours:?}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {}:\n{}",
            wrong.len(),
            rows.len(),
            wrong.join("\n")
        );
        assert!(
            counts.len() == 14 && counts.values().all(|count| *count >= 30),
            "{counts:?}"
        );
    }
}
