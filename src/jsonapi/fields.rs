//! The types of a scaffolded resource's attributes: which values a document may hold for them, and what is stored.
//!
//! The first ten are Flask-Scaffold's, with marshmallow's words and PostgreSQL's idea of a value; the others are ours.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::{integer, values};
use crate::{
    error::Constraint,
    flask::{
        datetime::{self, parse_date, parse_datetime, parse_datetime_in_utc},
        decimal,
        email::is_address_for_marshmallow_2,
        python::{float_of, uuid_of},
        truth::truth_of,
        url::is_url,
    },
};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The validation refuses it, with these texts.
    Invalid(Vec<String>),
    /// It is valid, but not for the table.
    Refused(Constraint),
}

impl Wrong {
    fn invalid(detail: impl Into<String>) -> Self {
        Wrong::Invalid(vec![detail.into()])
    }
}

/// When a document must have the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always, a patch too: marshmallow's `required`.
    Always,
    /// In a new resource; told after everything else, because there the original met a `KeyError`.
    New,
}

/// The type of an attribute.
pub trait Field {
    /// What is stored.
    type Value: Default;

    /// When a document must have it.
    const PRESENCE: Presence;

    /// The present, for a type that Flask-Scaffold 2.0 set from the clock.
    fn now() -> Option<Self::Value> {
        None
    }

    /// Reads a value that is not null.
    ///
    /// # Errors
    /// [`Wrong`], never both kinds.
    fn read(&self, value: &Value) -> Result<Self::Value, Wrong>;

    /// Reads a value as the originals and marshmallow 2.3 did, where it is not `safe` that decides.
    ///
    /// # Errors
    /// As [`Field::read`].
    fn read_as_flask(&self, value: &Value) -> Result<Self::Value, Wrong> {
        self.read(value)
    }
}

/// Characters that a column of the originals' type `string` holds.
pub const MAX_STRING_CHARS: usize = 250;

/// Text of 1 to 250 characters.
pub struct Line {
    /// Characters it must have.
    pub min: usize,
    /// Characters it may have.
    pub max: usize,
}

/// [`Line`] with the original's bounds.
pub const STRING: Line = Line {
    min: 1,
    max: MAX_STRING_CHARS,
};

impl Field for Line {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        let text = not_blank(value)?;
        check_length(text, self.min, self.max)?;
        stored(text)
    }
}

/// Text of at least one character.
pub struct Text {
    /// Characters it must have.
    pub min: usize,
    /// Characters it may have.
    pub max: usize,
}

/// [`Text`] with the original's bounds, which are none.
pub const TEXT: Text = Text {
    min: 1,
    max: usize::MAX,
};

impl Field for Text {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        let text = not_blank(value)?;
        check_length(text, self.min, self.max)?;
        without_nul(text)
    }
}

/// A text of any length that is not stored as it is: a password, or what the server does not look at.
pub struct Unstored;

impl Field for Unstored {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        not_blank(value).map(str::to_owned)
    }
}

/// A text that the originals did not look at before they stored it.
pub struct Stored;

impl Field for Stored {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        value.as_str().ok_or(Wrong::Refused(TEXTS)).and_then(stored)
    }
}

/// A mail address.
pub struct Email;

impl Field for Email {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        checked(value, is_address_for_marshmallow_2, "Not a valid email address.")
    }
}

/// A URL.
pub struct Url;

impl Field for Url {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        checked(value, is_url, "Not a valid URL.")
    }
}

/// A number of 32 bits.
pub struct Integer {
    /// The least.
    pub min: i32,
    /// The greatest.
    pub max: i32,
}

/// [`Integer`] with its column's bounds.
pub const INTEGER: Integer = Integer {
    min: i32::MIN,
    max: i32::MAX,
};

impl Field for Integer {
    type Value = i32;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<i32, Wrong> {
        let number = whole(value, INTEGERS)?;
        let stored = i32::try_from(number).map_err(|_| Wrong::Refused(INTEGERS))?;
        check_bounds(&stored, &self.min, &self.max)?;
        Ok(stored)
    }
}

/// A number of 64 bits.
pub struct BigInteger {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

/// [`BigInteger`] with its column's bounds.
pub const BIG_INTEGER: BigInteger = BigInteger {
    min: i64::MIN,
    max: i64::MAX,
};

impl Field for BigInteger {
    type Value = i64;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<i64, Wrong> {
        let number = whole(value, BIG_INTEGERS)?;
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }
}

/// The originals' `boolean`, a column of numbers: 0, 1 and, unlike there, `true` and `false`.
///
/// Texts of them are refused: the front end of Flask-Scaffold 2.0 sends `"true"` for "no" too.
pub struct Boolean;

impl Field for Boolean {
    type Value = values::Boolean;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<values::Boolean, Wrong> {
        let number = match value {
            Value::Bool(flag) => i32::from(*flag),
            other => INTEGER.read(other)?,
        };
        Ok(values::Boolean(number))
    }

    fn read_as_flask(&self, value: &Value) -> Result<values::Boolean, Wrong> {
        INTEGER.read(value).map(values::Boolean)
    }
}

/// A date and time without zone, which is in UTC: another offset is applied, where the originals dropped it.
pub struct DateTime;

impl Field for DateTime {
    type Value = values::Timestamp;
    const PRESENCE: Presence = Presence::Always;

    fn now() -> Option<values::Timestamp> {
        Some(values::Timestamp::now())
    }

    fn read(&self, value: &Value) -> Result<values::Timestamp, Wrong> {
        moment(value, parse_datetime_in_utc)
    }

    fn read_as_flask(&self, value: &Value) -> Result<values::Timestamp, Wrong> {
        moment(value, parse_datetime)
    }
}

/// A date.
pub struct Date;

impl Field for Date {
    type Value = values::Date;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<values::Date, Wrong> {
        let read = value.as_str().map_or(Err(datetime::Refusal::NotValid), parse_date);
        let read = read.map(values::Date);
        read.map_err(|refusal| not_a_time(refusal, "Not a valid date."))
    }
}

/// A decimal number of any size, with as many decimals as it was sent with.
pub struct Decimal;

impl Field for Decimal {
    type Value = values::Decimal;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<values::Decimal, Wrong> {
        let read = decimal::parse(value).map(values::Decimal);
        read.map_err(|refusal| match refusal {
            decimal::Refusal::NotANumber => Wrong::invalid(NOT_A_NUMBER),
            decimal::Refusal::Special => Wrong::invalid("Special numeric values are not permitted."),
            decimal::Refusal::NotStored => Wrong::Refused(DECIMALS),
        })
    }
}

const NOT_A_NUMBER: &str = "Not a valid number.";
const NOT_A_UUID: &str = "Not a valid UUID.";
const NOT_A_BOOLEAN: &str = "Not a valid boolean.";

/// A truth value: JSON's `true` or `false`, nothing else.
pub struct Bool;

impl Field for Bool {
    type Value = bool;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<bool, Wrong> {
        value.as_bool().ok_or_else(|| Wrong::invalid(NOT_A_BOOLEAN))
    }

    /// As marshmallow's `Boolean` did.
    fn read_as_flask(&self, value: &Value) -> Result<bool, Wrong> {
        truth_of(value).ok_or_else(|| Wrong::invalid(NOT_A_BOOLEAN))
    }
}

/// A number with fraction, of 64 bits.
pub struct Float {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

/// [`Float`] with its column's bounds.
pub const FLOAT: Float = Float {
    min: f64::MIN,
    max: f64::MAX,
};

impl Field for Float {
    type Value = f64;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<f64, Wrong> {
        let Value::Number(number) = value else {
            return Err(Wrong::invalid(NOT_A_NUMBER));
        };
        // A number of more digits has the nearest; one that is larger than any has none.
        let number = number.as_f64().ok_or(Wrong::Refused(FLOATS))?;
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }

    /// As marshmallow's `Float` did, but for infinities, which no JSON has.
    fn read_as_flask(&self, value: &Value) -> Result<f64, Wrong> {
        let number = float_of(value).ok_or_else(|| Wrong::invalid(NOT_A_NUMBER))?;
        if !number.is_finite() {
            return Err(Wrong::Refused(FLOATS));
        }
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }
}

/// A UUID, in any of its usual forms.
pub struct Uuid;

impl Field for Uuid {
    type Value = uuid::Uuid;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<uuid::Uuid, Wrong> {
        let read = value.as_str().and_then(|text| text.parse().ok());
        read.ok_or_else(|| Wrong::invalid(NOT_A_UUID))
    }

    /// As marshmallow's `UUID` did.
    fn read_as_flask(&self, value: &Value) -> Result<uuid::Uuid, Wrong> {
        let read = value.as_str().and_then(uuid_of);
        read.ok_or_else(|| Wrong::invalid(NOT_A_UUID))
    }
}

/// Any JSON value but null.
pub struct Json;

impl Field for Json {
    type Value = Value;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<Value, Wrong> {
        // PostgreSQL keeps no NUL inside JSON either.
        if has_nul(value) {
            return Err(Wrong::Refused(JSONS));
        }
        Ok(value.clone())
    }
}

/// One of these texts.
pub struct Choice(pub &'static [&'static str]);

impl Field for Choice {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, Wrong> {
        let text = value.as_str().filter(|text| self.0.contains(text));
        text.map(str::to_owned)
            .ok_or_else(|| Wrong::invalid(format!("Not a valid choice. Must be one of: {}.", self.0.join(", "))))
    }
}

/// The id of another resource; whether there is one is for the table to say.
pub struct Reference;

impl Field for Reference {
    type Value = i64;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<i64, Wrong> {
        match whole(value, Constraint::Reference)? {
            // The width of every `id`.
            id if i32::try_from(id).is_ok() => Ok(id),
            _ => Err(Wrong::Refused(Constraint::Reference)),
        }
    }
}

// What columns hold, for those who sent something else.
pub(super) const TEXTS: Constraint = Constraint::Misfit("texts without NUL");
const INTEGERS: Constraint = Constraint::Misfit("whole numbers from -2147483648 to 2147483647");
const BIG_INTEGERS: Constraint = Constraint::Misfit("whole numbers from -9223372036854775808 to 9223372036854775807");
const FLOATS: Constraint = Constraint::Misfit("numbers up to 1.7976931348623157e308, and as far below zero");
const DECIMALS: Constraint = Constraint::Misfit("numbers of at most 131072 digits before the point and 16383 after it");
const JSONS: Constraint = Constraint::Misfit("JSON, which has no NaN and no infinities, without NUL in its texts");
pub(super) const TIMES: Constraint =
    Constraint::Misfit("dates and times such as 2026-01-02T03:04:05, of the years 1 to 9999");

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

fn moment(
    value: &Value,
    parse: fn(&str) -> Result<NaiveDateTime, datetime::Refusal>,
) -> Result<values::Timestamp, Wrong> {
    let read = value.as_str().map_or(Err(datetime::Refusal::NotValid), parse);
    let read = read.map(values::Timestamp);
    read.map_err(|refusal| not_a_time(refusal, "Not a valid datetime."))
}

fn not_a_time(refusal: datetime::Refusal, detail: &str) -> Wrong {
    match refusal {
        datetime::Refusal::NotValid => Wrong::invalid(detail),
        datetime::Refusal::NotStored => Wrong::Refused(TIMES),
    }
}

fn not_blank(value: &Value) -> Result<&str, Wrong> {
    match value {
        Value::String(text) if text.is_empty() => Err(Wrong::invalid(BLANK)),
        Value::String(text) => Ok(text),
        _ => Err(Wrong::invalid("Not a valid string.")),
    }
}

/// A short text of a certain form; an empty one is wrong twice, as marshmallow ran both validators.
fn checked(value: &Value, is_good: fn(&str) -> bool, detail: &str) -> Result<String, Wrong> {
    match value {
        Value::String(text) if text.is_empty() => Err(Wrong::Invalid(vec![detail.to_owned(), BLANK.to_owned()])),
        Value::String(text) if is_good(text) => stored(text),
        _ => Err(Wrong::invalid(detail)),
    }
}

fn check_length(text: &str, min: usize, max: usize) -> Result<(), Wrong> {
    let length = text.chars().count();
    if length < min {
        return Err(Wrong::invalid(format!("Shorter than minimum length {min}.")));
    }
    // What is only too long for the column was never validated, and is told by the table.
    if length > max && max != MAX_STRING_CHARS {
        return Err(Wrong::invalid(format!("Longer than maximum length {max}.")));
    }
    Ok(())
}

fn check_bounds<T: PartialOrd + std::fmt::Display>(number: &T, min: &T, max: &T) -> Result<(), Wrong> {
    if number < min {
        return Err(Wrong::invalid(format!("Must be at least {min}.")));
    }
    if number > max {
        return Err(Wrong::invalid(format!("Must be at most {max}.")));
    }
    Ok(())
}

fn whole(value: &Value, misfit: Constraint) -> Result<i64, Wrong> {
    if !integer::is_valid(value) {
        return Err(Wrong::invalid("Not a valid integer."));
    }
    integer::as_stored(value).ok_or(Wrong::Refused(misfit))
}

fn stored(text: &str) -> Result<String, Wrong> {
    if text.chars().count() > MAX_STRING_CHARS {
        return Err(Wrong::Refused(Constraint::TooLong));
    }
    without_nul(text)
}

/// No engine's text columns hold NUL alike, and PostgreSQL's not at all.
fn without_nul(text: &str) -> Result<String, Wrong> {
    if text.contains('\0') {
        return Err(Wrong::Refused(TEXTS));
    }
    Ok(text.to_owned())
}

/// What is said of an empty text.
pub const BLANK: &str = "Field cannot be blank";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn invalid(details: &[&str]) -> Result<String, Wrong> {
        Err(Wrong::Invalid(
            details.iter().map(|detail| (*detail).to_owned()).collect(),
        ))
    }

    fn read<F: Field>(field: &F, value: Value) -> Result<String, Wrong>
    where
        F::Value: std::fmt::Debug,
    {
        field.read(&value).map(|value| format!("{value:?}"))
    }

    /// What `read_as_flask` makes of a value, as marshmallow has it; `Ok(None)` where only the table decides.
    fn read_as_flask(kind: &str, value: &Value) -> Result<Option<Value>, Wrong> {
        fn read<F: Field>(field: &F, value: &Value, shown: impl Fn(F::Value) -> Value) -> Result<Option<Value>, Wrong> {
            match field.read_as_flask(value) {
                Err(Wrong::Refused(_)) => Ok(None),
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
            "datetime" => read(&DateTime, value, |moment| datetime::isoformat(moment.0).into()),
            "date" => read(&Date, value, |day| day.0.to_string().into()),
            "decimal" => read(&Decimal, value, |number| number.0.into()),
            "bool" => read(&Bool, value, Value::from),
            "float" => read(&FLOAT, value, Value::from),
            "uuid" => read(&Uuid, value, |uuid| uuid.to_string().into()),
            "json" => read(&Json, value, |value| value.to_string().into()),
            other => panic!("{other}"),
        }
    }

    fn unless_refused(wrong: Wrong) -> Result<Option<Value>, Wrong> {
        match wrong {
            Wrong::Refused(_) => Ok(None),
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
            let value = crate::jsonapi::body::parse(row["json"].as_str().unwrap().as_bytes(), "").unwrap();
            let ours = read_as_flask(kind, &value);
            let fits = match &ours {
                // An answer of 500 there.
                _ if row["raises"].is_string() => !matches!(ours, Ok(Some(_))),
                Err(Wrong::Invalid(details)) => json!(details) == row["errors"],
                Err(Wrong::Refused(_)) | Ok(None) => row["errors"].is_null(),
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
            counts.len() == 12 && counts.values().all(|count| *count >= 30),
            "{counts:?}"
        );
    }

    #[test]
    fn values_are_told_apart_by_who_refuses_them() {
        let misfit = |held| Err(Wrong::Refused(held));
        let too_long = || Err(Wrong::Refused(Constraint::TooLong));
        for (outcome, expected) in [
            (read(&STRING, json!("")), invalid(&["Field cannot be blank"])),
            (read(&STRING, json!(5)), invalid(&["Not a valid string."])),
            (read(&STRING, json!("s".repeat(251))), too_long()),
            (read(&STRING, json!("a\0b")), misfit(TEXTS)),
            (
                read(&Line { min: 3, max: 5 }, json!("ab")),
                invalid(&["Shorter than minimum length 3."]),
            ),
            (
                read(&Line { min: 3, max: 5 }, json!("abcdef")),
                invalid(&["Longer than maximum length 5."]),
            ),
            (read(&TEXT, json!("\0")), misfit(TEXTS)),
            (read(&Unstored, json!("\0")), Ok("\"\\0\"".to_owned())),
            (
                read(&Email, json!("")),
                invalid(&["Not a valid email address.", "Field cannot be blank"]),
            ),
            (read(&Email, json!(5)), invalid(&["Not a valid email address."])),
            (read(&Email, json!(format!("{}@b.co", "a".repeat(246)))), too_long()),
            (read(&Url, json!("http://x")), invalid(&["Not a valid URL."])),
            (read(&INTEGER, json!("12.0")), invalid(&["Not a valid integer."])),
            (read(&INTEGER, json!(12.7)), Ok("13".to_owned())),
            (read(&INTEGER, json!(2_147_483_648_i64)), misfit(INTEGERS)),
            (
                read(&Integer { min: 1, max: 5 }, json!(0)),
                invalid(&["Must be at least 1."]),
            ),
            (
                read(&Integer { min: 1, max: 5 }, json!(6)),
                invalid(&["Must be at most 5."]),
            ),
            (
                read(&BIG_INTEGER, json!(9_820_109_678_i64)),
                Ok("9820109678".to_owned()),
            ),
            (read(&BIG_INTEGER, json!(1e30)), misfit(BIG_INTEGERS)),
            (read(&Boolean, json!("True")), invalid(&["Not a valid integer."])),
            (read(&Boolean, json!(true)), Ok("Boolean(1)".to_owned())),
            (read(&Boolean, json!("1")), Ok("Boolean(1)".to_owned())),
            (read(&Boolean, json!(false)), Ok("Boolean(0)".to_owned())),
            (read(&Boolean, json!("yes")), invalid(&["Not a valid integer."])),
            (read(&Date, json!("12/11/2015")), Ok("Date(2015-12-11)".to_owned())),
            (read(&Date, json!(20150626)), invalid(&["Not a valid date."])),
            (read(&Date, json!("26-06-2015")), misfit(TIMES)),
            (read(&DateTime, json!("today")), invalid(&["Not a valid datetime."])),
            (
                read(&Decimal, json!("NaN")),
                invalid(&["Special numeric values are not permitted."]),
            ),
            (read(&Decimal, json!(true)), misfit(DECIMALS)),
            (read(&Bool, json!(true)), Ok("true".to_owned())),
            (read(&Bool, json!(1)), invalid(&["Not a valid boolean."])),
            (read(&FLOAT, json!(1)), Ok("1.0".to_owned())),
            (read(&FLOAT, serde_json::from_str("1e400").unwrap()), misfit(FLOATS)),
            (
                read(&BIG_INTEGER, serde_json::from_str("1e400").unwrap()),
                invalid(&["Not a valid integer."]),
            ),
            (read(&BIG_INTEGER, json!(1_u64 << 63)), misfit(BIG_INTEGERS)),
            (
                read(&DateTime, json!("2001-02-03T04:05:06+05:30")),
                Ok("Timestamp(2001-02-02T22:35:06)".to_owned()),
            ),
            (read(&FLOAT, json!("1")), invalid(&["Not a valid number."])),
            (
                read(&Float { min: 0.5, ..FLOAT }, json!(0.25)),
                invalid(&["Must be at least 0.5."]),
            ),
            (
                read(&Uuid, json!("67E55044-10B1-426F-9247-BB680E5FE0C8")),
                Ok("67e55044-10b1-426f-9247-bb680e5fe0c8".to_owned()),
            ),
            (read(&Uuid, json!("67e55044")), invalid(&["Not a valid UUID."])),
            (read(&Json, json!({"a": ["b\0"]})), misfit(JSONS)),
            (read(&Json, json!(false)), Ok("Bool(false)".to_owned())),
            (
                read(&Choice(&["draft", "done"]), json!("Draft")),
                invalid(&["Not a valid choice. Must be one of: draft, done."]),
            ),
            (read(&Reference, json!(5)), Ok("5".to_owned())),
            (
                read(&Reference, json!(5_000_000_000_i64)),
                Err(Wrong::Refused(Constraint::Reference)),
            ),
            (read(&Reference, json!("x")), invalid(&["Not a valid integer."])),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
