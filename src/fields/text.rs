//! Texts: lines, long texts, addresses, choices.

use serde_json::Value;

use super::field::{Field, FieldError, Presence};
use crate::{
    error::Constraint,
    flask::{email::is_address_for_marshmallow_2, url::is_url},
};

/// Characters that a column of the originals' type `string` holds.
pub const MAX_STRING_CHARS: usize = 250;

/// What is said of an empty text.
pub const BLANK: &str = "Field cannot be blank";

/// What columns of texts hold, for those who sent something else.
pub(super) const TEXTS: Constraint = Constraint::Misfit("texts without NUL");

/// Text of 1 to 250 characters, or of more where its `max` is greater.
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

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        let text = not_blank(value)?;
        check_length(text, self.min, self.max)?;
        // A column that holds more than 250 has as many as `max`.
        if self.max > MAX_STRING_CHARS {
            without_nul(text)
        } else {
            stored(text)
        }
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

    fn read(&self, value: &Value) -> Result<String, FieldError> {
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

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        not_blank(value).map(str::to_owned)
    }
}

/// A text that the originals did not look at before they stored it.
pub struct Stored;

impl Field for Stored {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        value.as_str().ok_or(FieldError::Refused(TEXTS)).and_then(stored)
    }
}

/// A mail address.
pub struct Email;

impl Field for Email {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        checked(value, is_address_for_marshmallow_2, "Not a valid email address.")
    }
}

/// A URL.
pub struct Url;

impl Field for Url {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        checked(value, is_url, "Not a valid URL.")
    }
}

/// One of these texts.
pub struct Choice(pub &'static [&'static str]);

impl Field for Choice {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        let text = value.as_str().filter(|text| self.0.contains(text));
        text.map(str::to_owned)
            .ok_or_else(|| FieldError::invalid(format!("Not a valid choice. Must be one of: {}.", self.0.join(", "))))
    }
}

fn not_blank(value: &Value) -> Result<&str, FieldError> {
    match value {
        Value::String(text) if text.is_empty() => Err(FieldError::invalid(BLANK)),
        Value::String(text) => Ok(text),
        _ => Err(FieldError::invalid("Not a valid string.")),
    }
}

/// A short text of a certain form; an empty one is wrong twice, as marshmallow ran both validators.
fn checked(value: &Value, is_good: fn(&str) -> bool, detail: &str) -> Result<String, FieldError> {
    match value {
        Value::String(text) if text.is_empty() => Err(FieldError::Invalid(vec![detail.to_owned(), BLANK.to_owned()])),
        Value::String(text) if is_good(text) => stored(text),
        _ => Err(FieldError::invalid(detail)),
    }
}

fn check_length(text: &str, min: usize, max: usize) -> Result<(), FieldError> {
    let length = text.chars().count();
    if length < min {
        return Err(FieldError::invalid(format!("Shorter than minimum length {min}.")));
    }
    // What is only too long for the column was never validated, and is told by the table.
    if length > max && max != MAX_STRING_CHARS {
        return Err(FieldError::invalid(format!("Longer than maximum length {max}.")));
    }
    Ok(())
}

fn stored(text: &str) -> Result<String, FieldError> {
    if text.chars().count() > MAX_STRING_CHARS {
        return Err(FieldError::Refused(Constraint::TooLong));
    }
    without_nul(text)
}

/// No engine's text columns hold NUL alike, and PostgreSQL's not at all.
pub(super) fn without_nul(text: &str) -> Result<String, FieldError> {
    if text.contains('\0') {
        return Err(FieldError::Refused(TEXTS));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::field::tests::{invalid, read},
        *,
    };

    #[test]
    fn texts_are_told_apart_by_who_refuses_them() {
        let misfit = |held| Err(FieldError::Refused(held));
        let too_long = || Err(FieldError::Refused(Constraint::TooLong));
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
            (
                read(&Line { max: 300, ..STRING }, json!("s".repeat(301))),
                invalid(&["Longer than maximum length 300."]),
            ),
            (
                read(&Line { max: 300, ..STRING }, json!("s".repeat(300))),
                Ok(format!("{:?}", "s".repeat(300))),
            ),
            (read(&Line { max: 300, ..STRING }, json!("a\0b")), misfit(TEXTS)),
            (read(&TEXT, json!("\0")), misfit(TEXTS)),
            (read(&Unstored, json!("\0")), Ok("\"\\0\"".to_owned())),
            (
                read(&Email, json!("")),
                invalid(&["Not a valid email address.", "Field cannot be blank"]),
            ),
            (read(&Email, json!(5)), invalid(&["Not a valid email address."])),
            (read(&Email, json!(format!("{}@b.co", "a".repeat(246)))), too_long()),
            (read(&Url, json!("http://x")), invalid(&["Not a valid URL."])),
            (
                read(&Choice(&["draft", "done"]), json!("Draft")),
                invalid(&["Not a valid choice. Must be one of: draft, done."]),
            ),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
