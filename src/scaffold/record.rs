//! What is kept of a resource since it was generated, for the comparison with what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    definition::naming,
    model::{Field, Resource, USERS},
    names, reserved,
    source::{Piece, shown},
};
use crate::error::{Error, Result};

/// Where a project keeps what was generated, for the comparison with what became of it.
pub const RECORDS: &str = ".scaffold";

/// The project's resources as they were generated, by plural.
pub type Records = BTreeMap<String, ResourceRecord>;

/// What is known of a resource since it was generated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceRecord {
    /// Its definition.
    pub resource: Resource,
    /// The key that its names were made from; `None` in records from before plurals were the originals'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its files as they were generated last, by their paths.
    pub files: BTreeMap<String, String>,
    /// What these files came from, see [`super::render::Templates::files`]; `None` in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Its migrations, which never change.
    pub migrations: BTreeMap<String, String>,
    /// Whether its table has `owner_id`, which stays when nobody owns the rows any longer.
    pub has_owner_column: bool,
}

impl ResourceRecord {
    /// Checks the names that paths, code and statements are made of.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check_names(&self, plural: &str) -> std::result::Result<(), String> {
        let resource = &self.resource;
        if resource.plural != plural || !(reserved::is_module(plural) || plural == USERS) {
            let named = shown(&resource.plural);
            return Err(format!(
                "it describes the resource `{named}`, expected that of its file name"
            ));
        }
        let tables = resource.leads().map(|(_, table)| table);
        let tables = tables.chain(resource.nested.iter().map(|nested| nested.of.as_str()));
        let modules = tables.chain([resource.singular.as_str()]);
        let fields = resource.fields.iter().map(|field| field.name.as_str());
        let nested = resource.nested.iter().map(|nested| nested.name.as_str());
        let on_the_wire = fields.chain(nested).chain([resource.route(), resource.json_type()]);
        let columns = resource.fields.iter().map(Field::column);
        let joins = resource.links().map(|(field, _)| &field.join);
        let joins = joins.flat_map(|join| join.table.iter().chain(join.columns.iter().flatten()));
        let in_the_database = columns
            .chain(joins.map(String::as_str))
            .chain([resource.table_name(), resource.key_column()]);
        let wrong = modules
            .filter(|name| !names::is_spelled(name))
            .chain(on_the_wire.filter(|name| !names::is_on_the_wire(name)))
            .chain(in_the_database.filter(|name| !names::is_in_the_database(name)))
            .next();
        let prefix = naming::check_prefix(Piece::unplaced(resource.prefix())).err();
        match wrong.or(prefix.map(|_| resource.prefix())) {
            Some(name) => Err(format!("`{}` cannot be a name", shown(name))),
            None => Ok(()),
        }
    }
}

/// A record as it is kept in [`RECORDS`].
///
/// # Errors
/// [`Error::Internal`].
pub fn record_text(record: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(record).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(text + "\n")
}
