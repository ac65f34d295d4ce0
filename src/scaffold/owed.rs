//! References to a table that is made later: what its migration adds to theirs.

use serde::Serialize;

use super::{columns::key_name, identifier::Identifier, model::Resource, view::FieldView};

/// A reference of another table, whose foreign key is made when the table that it leads to is there.
#[derive(Clone, Serialize)]
pub struct OwedKey {
    /// The other table.
    pub table: Identifier,
    /// The column that refers.
    pub column: Identifier,
    /// What the foreign key is called.
    pub name: String,
    /// What becomes of a row with the one that it refers to, as in [`FieldView`].
    pub on_delete: &'static str,
    /// The column's type and constraints on SQLite, which cannot add a foreign key to a column that is there.
    pub definition: String,
    /// The indexes that the column has there.
    pub indexes: Vec<Index>,
}

/// An index of SQLite.
#[derive(Clone, Serialize)]
pub struct Index {
    /// What it is called.
    pub name: String,
    /// Its columns.
    pub columns: String,
    /// Whether it makes them unique.
    pub is_unique: bool,
}

impl OwedKey {
    /// That of a field of this resource, among all of its fields.
    pub fn of(resource: &Resource, field: &FieldView, fields: &[FieldView]) -> Self {
        Self {
            table: Identifier::of(resource.table_name()),
            column: field.identifier.clone(),
            name: field.foreign_key.clone(),
            on_delete: field.on_delete,
            definition: field.added_column.sqlite.clone(),
            indexes: indexes(resource, field, fields),
        }
    }
}

fn indexes(resource: &Resource, field: &FieldView, fields: &[FieldView]) -> Vec<Index> {
    let own = |name: &String, is_unique: bool| Index {
        name: name.clone(),
        columns: field.identifier.quoted.clone(),
        is_unique,
    };
    let unique = field.unique.then(|| own(&field.index, true));
    let lookup = field.has_index.then(|| own(&field.lookup, false));
    let groups = resource.unique.iter().filter(|group| group.contains(&field.name));
    let of_group = |group: &Vec<String>| {
        let members = group
            .iter()
            .filter_map(|name| fields.iter().find(|field| field.name == *name));
        let (columns, names): (Vec<&str>, Vec<&str>) = members
            .map(|field| (field.identifier.quoted.as_str(), field.rust.as_str()))
            .unzip();
        Index {
            name: key_name(&resource.plural, &names.join("_"), "key"),
            columns: columns.join(", "),
            is_unique: true,
        }
    };
    unique.into_iter().chain(lookup).chain(groups.map(of_group)).collect()
}
