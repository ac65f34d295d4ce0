//! Fields that are unique together, as templates see them.

use serde::Serialize;

use crate::scaffold::{identifier::Identifier, model::Resource, view::FieldView};

/// Attributes that are unique together, for the test of it.
#[derive(Serialize)]
pub struct UniqueGroup {
    /// Their names in Rust, joined.
    name: String,
    /// How an error lists them.
    listed: String,
}

/// The attributes that are unique together, where nothing else refuses the same document first.
pub fn unique_groups(resource: &Resource, fields: &[FieldView]) -> Vec<UniqueGroup> {
    let is_first = fields.iter().all(|field| !field.unique) && resource.unique.len() == 1;
    let of_group = |group: &Vec<String>| {
        let members: Vec<&FieldView> = group
            .iter()
            .filter_map(|name| fields.iter().find(|field| field.name == *name))
            .collect();
        // Rows that are made of the same document differ there, or are null, which nothing equals.
        let is_free =
            |field: &&FieldView| !field.is_sent || field.refers_to == resource.plural || field.target.is_circular;
        let has_free = members.iter().any(is_free);
        let names: Vec<&str> = members.iter().map(|field| field.rust.as_str()).collect();
        let listed: Vec<String> = members.iter().map(|field| format!("`{}`", field.name)).collect();
        (!has_free).then(|| UniqueGroup {
            name: names.join("_and_"),
            listed: listed.join(" and "),
        })
    };
    let groups = resource.unique.iter().filter(|_| is_first);
    groups.filter_map(of_group).collect()
}

/// The columns that are unique together, as lists in SQL.
#[derive(Serialize)]
pub struct Unique {
    quoted: Vec<String>,
    mysql: Vec<String>,
    /// Those that can be made with the table on SQLite, where postponed references have no column yet.
    sqlite: Vec<String>,
}

impl Unique {
    pub fn of(resource: &Resource, fields: &[FieldView]) -> Self {
        let of_group = |group: &Vec<String>| -> Vec<&FieldView> {
            let named = group.iter().map(|name| fields.iter().find(|field| field.name == *name));
            named.flatten().collect()
        };
        let lists = |part: fn(&Identifier) -> &String, is_whole: bool| {
            let groups = resource.unique.iter().map(of_group);
            let made = groups.filter(|group| !is_whole || !group.iter().any(|field| field.target.is_postponed));
            let column = |field: &&FieldView| part(&field.identifier).clone();
            made.map(|group| group.iter().map(column).collect::<Vec<_>>().join(", "))
                .collect()
        };
        Self {
            quoted: lists(|column| &column.quoted, false),
            mysql: lists(|column| &column.mysql, false),
            sqlite: lists(|column| &column.quoted, true),
        }
    }
}
