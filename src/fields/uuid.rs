//! UUIDs.

use serde_json::Value;

use super::field::{Field, FieldError, Presence};
use crate::flask::python::uuid_of;

const NOT_A_UUID: &str = "Not a valid UUID.";

/// A UUID, in any of its usual forms.
pub struct Uuid;

impl Field for Uuid {
    type Value = uuid::Uuid;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<uuid::Uuid, FieldError> {
        let read = value.as_str().and_then(|text| text.parse().ok());
        read.ok_or_else(|| FieldError::invalid(NOT_A_UUID))
    }

    /// As marshmallow's `UUID` did.
    fn read_as_flask(&self, value: &Value) -> Result<uuid::Uuid, FieldError> {
        let read = value.as_str().and_then(uuid_of);
        read.ok_or_else(|| FieldError::invalid(NOT_A_UUID))
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
    fn a_uuid_is_read_in_any_of_its_forms() {
        for (outcome, expected) in [
            (
                read(&Uuid, json!("67E55044-10B1-426F-9247-BB680E5FE0C8")),
                Ok("67e55044-10b1-426f-9247-bb680e5fe0c8".to_owned()),
            ),
            (read(&Uuid, json!("67e55044")), invalid(&["Not a valid UUID."])),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
