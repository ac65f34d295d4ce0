//! Lists of ids of other rows.

use serde_json::Value;

use super::{
    array::{check_count, items_of},
    field::{Field, FieldError, Presence},
    values,
};

/// A list of ids, in any order; what is there twice counts once.
pub struct Ids<F> {
    /// What reads each of them.
    pub each: F,
    /// Ids it must have.
    pub min: usize,
    /// Ids it may have.
    pub max: usize,
}

impl<F> Ids<F> {
    /// [`Ids`] without bounds.
    pub const fn of(each: F) -> Self {
        Self {
            each,
            min: 0,
            max: usize::MAX,
        }
    }
}

impl<F: Field<Value: Ord>> Ids<F> {
    /// As [`super::Array`], which stops at the first wrong item.
    fn read_each(
        &self,
        value: &Value,
        read: impl Fn(&Value) -> Result<F::Value, FieldError>,
    ) -> Result<values::Ids<F::Value>, FieldError> {
        let ids: Result<Vec<F::Value>, FieldError> = items_of(value)?
            .iter()
            .map(|item| match item {
                Value::Null => Err(FieldError::invalid("Field may not be null.")),
                item => read(item),
            })
            .collect();
        let ids = values::Ids::of(ids?);
        check_count(ids.0.len(), self.min, self.max)?;
        Ok(ids)
    }
}

impl<F: Field<Value: Ord>> Field for Ids<F> {
    type Value = values::Ids<F::Value>;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<Self::Value, FieldError> {
        self.read_each(value, |item| self.each.read(item))
    }

    fn read_as_flask(&self, value: &Value) -> Result<Self::Value, FieldError> {
        self.read_each(value, |item| self.each.read_as_flask(item))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            Reference, STRING, Uuid,
            field::tests::{invalid, read},
        },
        *,
    };

    #[test]
    fn a_list_has_each_id_once_and_in_order() {
        let bounded = Ids {
            min: 1,
            max: 2,
            ..Ids::of(Reference)
        };
        for (outcome, expected) in [
            (read(&Ids::of(Reference), json!([])), Ok("Ids([])".to_owned())),
            (
                read(&Ids::of(Reference), json!([3, "1", 3, 2])),
                Ok("Ids([1, 2, 3])".to_owned()),
            ),
            (
                read(&Ids::of(STRING), json!(["b", "a"])),
                Ok(r#"Ids(["a", "b"])"#.to_owned()),
            ),
            (read(&Ids::of(Reference), json!(1)), invalid(&["Not a valid list."])),
            (
                read(&Ids::of(Reference), json!({"0": 1})),
                invalid(&["Not a valid list."]),
            ),
            (
                read(&Ids::of(Reference), json!([1, null])),
                invalid(&["Field may not be null."]),
            ),
            (
                read(&Ids::of(Reference), json!([1, "x"])),
                invalid(&["Not a valid integer."]),
            ),
            (read(&Ids::of(Uuid), json!(["x"])), invalid(&["Not a valid UUID."])),
            (read(&bounded, json!([])), invalid(&["Shorter than minimum length 1."])),
            (read(&bounded, json!([2, 2, 1])), Ok("Ids([1, 2])".to_owned())),
            (
                read(&bounded, json!([1, 2, 3])),
                invalid(&["Longer than maximum length 2."]),
            ),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
