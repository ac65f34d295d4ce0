//! JSON of any form.

use serde_json::Value;

use super::field::{Field, FieldError, Presence};
use crate::error::Constraint;

const JSONS: Constraint = Constraint::Misfit("JSON, which has no NaN and no infinities, without NUL in its texts");

/// Any JSON value but null.
pub struct Json;

impl Field for Json {
    type Value = Value;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<Value, FieldError> {
        // PostgreSQL keeps no NUL inside JSON either.
        if has_nul(value) {
            return Err(FieldError::Refused(JSONS));
        }
        Ok(value.clone())
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::field::tests::read, *};

    #[test]
    fn json_is_any_value_without_nul() {
        let misfit = |held| Err(FieldError::Refused(held));
        for (outcome, expected) in [
            (read(&Json, json!({"a": ["b\0"]})), misfit(JSONS)),
            (read(&Json, json!(false)), Ok("Bool(false)".to_owned())),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
