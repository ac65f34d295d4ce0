//! Truth values: the originals', which are numbers, and JSON's.

use serde_json::Value;

use super::{
    field::{Field, FieldError, Presence},
    number::INTEGER,
    values,
};
use crate::flask::truth::truth_of;

const NOT_A_BOOLEAN: &str = "Not a valid boolean.";

/// The originals' `boolean`, a column of numbers: 0, 1 and, unlike there, `true` and `false`.
///
/// Texts of them are refused: the front end of Flask-Scaffold 2.0 sends `"true"` for "no" too.
pub struct Boolean;

impl Field for Boolean {
    type Value = values::Boolean;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<values::Boolean, FieldError> {
        let number = match value {
            Value::Bool(flag) => i32::from(*flag),
            other => INTEGER.read(other)?,
        };
        Ok(values::Boolean(number))
    }

    fn read_as_flask(&self, value: &Value) -> Result<values::Boolean, FieldError> {
        INTEGER.read(value).map(values::Boolean)
    }
}

/// A truth value: JSON's `true` or `false`, nothing else.
pub struct Bool;

impl Field for Bool {
    type Value = bool;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<bool, FieldError> {
        value.as_bool().ok_or_else(|| FieldError::invalid(NOT_A_BOOLEAN))
    }

    /// As marshmallow's `Boolean` did.
    fn read_as_flask(&self, value: &Value) -> Result<bool, FieldError> {
        truth_of(value).ok_or_else(|| FieldError::invalid(NOT_A_BOOLEAN))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::field::tests::{invalid, read},
        *,
    };

    #[test]
    fn the_originals_truth_values_are_numbers() {
        for (outcome, expected) in [
            (read(&Boolean, json!("True")), invalid(&["Not a valid integer."])),
            (read(&Boolean, json!(true)), Ok("Boolean(1)".to_owned())),
            (read(&Boolean, json!("1")), Ok("Boolean(1)".to_owned())),
            (read(&Boolean, json!(false)), Ok("Boolean(0)".to_owned())),
            (read(&Boolean, json!("yes")), invalid(&["Not a valid integer."])),
            (read(&Bool, json!(true)), Ok("true".to_owned())),
            (read(&Bool, json!(1)), invalid(&["Not a valid boolean."])),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
