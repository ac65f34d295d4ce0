//! An attribute with rows of another resource.

use serde::{Deserialize, Serialize};

use super::{
    field::{Field, FieldPlace},
    nested_options::NestedOptions,
    wire::Aliases,
};
use crate::scaffold::types::Kind;

/// An attribute with rows of another resource, which answers have and documents do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nested {
    /// Where it is defined.
    #[serde(skip)]
    pub place: FieldPlace,
    /// What it is called.
    pub name: String,
    /// What pages call it, if not as the attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The resource whose rows they are, by plural.
    pub of: String,
    /// What the definition says more of it.
    #[serde(flatten)]
    pub options: NestedOptions,
}

impl Nested {
    /// The nested attribute that a field is; the field where it is none.
    ///
    /// # Errors
    /// The field.
    pub fn of(field: Field) -> Result<Self, Box<Field>> {
        match field {
            Field {
                kind: Kind::Nested(of),
                place,
                name,
                label,
                nested,
                ..
            } => Ok(Self {
                place,
                name,
                label,
                of,
                options: nested,
            }),
            field => Err(Box::new(field)),
        }
    }

    /// The name of the other resource before the point in `by`, and the field after it.
    pub fn by(&self) -> Option<(Option<&str>, &str)> {
        let by = &self.options.by.as_ref()?.text;
        Some(match by.split_once('.') {
            Some((of, field)) => (Some(of), field),
            None => (None, by),
        })
    }

    /// Replaces other names by plurals.
    pub fn resolve(&mut self, resources: &[Aliases]) {
        if let Some(plural) = Aliases::find(resources, &self.of) {
            self.of.clone_from(plural);
        }
        if let Some((Some(of), field)) = self.by()
            && let Some(plural) = Aliases::find(resources, of)
        {
            let by = format!("{plural}.{field}");
            self.options
                .by
                .as_mut()
                .into_iter()
                .for_each(|word| word.text.clone_from(&by));
        }
    }
}
