//! What the type of an attribute is: which values a document may hold for it, and what is stored.

use serde_json::Value;

use crate::error::Constraint;

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// The validation rejects it, with these texts.
    Invalid(Vec<String>),
    /// It is valid, but the table cannot hold it.
    Refused(Constraint),
}

impl FieldError {
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        FieldError::Invalid(vec![detail.into()])
    }
}

/// When a document must have the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always, a patch too: marshmallow's `required`.
    Always,
    /// In a new resource; reported after all other errors, because the original then failed with a `KeyError`.
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
    /// [`FieldError`], never both kinds.
    fn read(&self, value: &Value) -> Result<Self::Value, FieldError>;

    /// Reads a value as the originals and marshmallow 2.3 did, where it is not `safe` that decides.
    ///
    /// # Errors
    /// As [`Field::read`].
    fn read_as_flask(&self, value: &Value) -> Result<Self::Value, FieldError> {
        self.read(value)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What a field refuses with these texts.
    pub fn invalid(details: &[&str]) -> Result<String, FieldError> {
        Err(FieldError::Invalid(
            details.iter().map(|detail| (*detail).to_owned()).collect(),
        ))
    }

    /// What a field reads, as `Debug` shows it.
    pub fn read<F: Field>(field: &F, value: Value) -> Result<String, FieldError>
    where
        F::Value: std::fmt::Debug,
    {
        field.read(&value).map(|value| format!("{value:?}"))
    }
}
