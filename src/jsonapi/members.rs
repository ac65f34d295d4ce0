//! The attributes of a row: by name, as all of our JSON is.

use serde_json::Value;

use crate::{
    db::{AnyKey, Row, Unreadable, name_once},
    error::Result,
    fields::attribute::Attribute,
};

/// The attributes of a row as lists write them.
pub struct Members {
    attributes: Vec<&'static Attribute>,
    /// Where their columns stand, once there was a row.
    positions: Option<Vec<usize>>,
}

impl Members {
    /// Those of these attributes, in any order.
    pub fn new(attributes: impl IntoIterator<Item = &'static Attribute>) -> Self {
        let mut attributes: Vec<&Attribute> = attributes.into_iter().collect();
        attributes.sort_by_key(|attribute| attribute.name());
        Self {
            attributes,
            positions: None,
        }
    }

    /// Writes the members that a row has, without braces.
    ///
    /// # Errors
    /// [`crate::error::Error::Internal`] for a row without one of the columns.
    pub fn write(&mut self, table: &str, id: &AnyKey, row: &Row, out: &mut Vec<u8>) -> Result<()> {
        let Self { attributes, positions } = self;
        let positions = match positions {
            Some(positions) => positions,
            None => {
                let found = attributes.iter().map(|attribute| attribute.position_in(row));
                positions.insert(found.collect::<Result<_>>()?)
            }
        };
        for (index, (attribute, position)) in attributes.iter().zip(positions).enumerate() {
            out.extend_from_slice(if index == 0 { b"\"" } else { b",\"" });
            out.extend_from_slice(attribute.name().as_bytes());
            out.extend_from_slice(b"\":");
            if !attribute.write(row, *position, out)? {
                name_once(table, attribute.name(), id);
            }
        }
        Ok(())
    }
}

/// The attributes of a row with what is shown for columns that could not be read.
pub fn with_unreadable(attributes: Option<Value>, unreadable: impl IntoIterator<Item = Unreadable>) -> Option<Value> {
    let mut attributes = attributes?;
    if let Value::Object(members) = &mut attributes {
        let read = unreadable.into_iter();
        members.extend(read.map(|Unreadable { column, text }| (column, text.into())));
        // What stands in an attribute keeps its order.
        members.sort_keys();
    }
    Some(attributes)
}
