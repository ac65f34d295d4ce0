//! Lists of texts.

use serde_json::Value;

use super::{
    field::{Field, FieldError, Presence},
    text::without_nul,
};

/// A list of texts, each of any length.
pub struct Array {
    /// Items it must have.
    pub min: usize,
    /// Items it may have.
    pub max: usize,
}

/// [`Array`] without bounds.
pub const ARRAY: Array = Array {
    min: 0,
    max: usize::MAX,
};

impl Field for Array {
    type Value = Vec<String>;
    const PRESENCE: Presence = Presence::New;

    /// As marshmallow's `List(String())` does, which stops at the first wrong item.
    fn read(&self, value: &Value) -> Result<Vec<String>, FieldError> {
        let items = items_of(value)?;
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            texts.push(match item {
                Value::String(text) => text.as_str(),
                Value::Null => return Err(FieldError::invalid("Field may not be null.")),
                _ => return Err(FieldError::invalid("Not a valid string.")),
            });
        }
        check_count(texts.len(), self.min, self.max)?;
        texts.into_iter().map(without_nul).collect()
    }
}

/// The items of a list, as marshmallow's `List` takes one.
///
/// # Errors
/// [`FieldError::Invalid`] for what is not a list.
pub fn items_of(value: &Value) -> Result<&[Value], FieldError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(FieldError::invalid("Not a valid list.")),
    }
}

/// Checks how many items a list has.
///
/// # Errors
/// [`FieldError::Invalid`] for too few or too many.
pub fn check_count(count: usize, min: usize, max: usize) -> Result<(), FieldError> {
    if count < min {
        return Err(FieldError::invalid(format!("Shorter than minimum length {min}.")));
    }
    if count > max {
        return Err(FieldError::invalid(format!("Longer than maximum length {max}.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            field::tests::{invalid, read},
            text::TEXTS,
        },
        *,
    };

    #[test]
    fn a_list_has_only_texts_and_as_many_as_it_may() {
        let bounded = Array { min: 1, max: 2 };
        for (outcome, expected) in [
            (read(&ARRAY, json!([])), Ok("[]".to_owned())),
            (read(&ARRAY, json!(["a", ""])), Ok(r#"["a", ""]"#.to_owned())),
            (read(&ARRAY, json!("a")), invalid(&["Not a valid list."])),
            (read(&ARRAY, json!({"0": "a"})), invalid(&["Not a valid list."])),
            (read(&ARRAY, json!(["a", 1, null])), invalid(&["Not a valid string."])),
            (read(&ARRAY, json!([null])), invalid(&["Field may not be null."])),
            (read(&ARRAY, json!(["a\0"])), Err(FieldError::Refused(TEXTS))),
            (read(&bounded, json!([])), invalid(&["Shorter than minimum length 1."])),
            (
                read(&bounded, json!(["a", "b", "c"])),
                invalid(&["Longer than maximum length 2."]),
            ),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
