//! What is to be built: resources with their fields, and who may do what with them.

mod access;
mod field;
mod join;
mod key;
mod nested;
mod nested_options;
mod rules;
mod traffic;
mod wire;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use access::{Access, Who};
pub use field::{Field, FieldPlace, Parts};
pub use join::JoinNames;
pub use key::{KeyKind, TableKey};
pub use nested::Nested;
pub use nested_options::{NestedOptions, Word};
pub use rules::{Asked, Reach, USERS, UserRules};
pub use traffic::{Direction, OnDelete, Traffic};
pub use wire::{Aliases, PREFIX, Wire};

use super::types::Kind;
use crate::error::{Span, Suggestion};

/// A resource: a table, its routes, and who may use them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
    /// What the file or the command line calls it.
    #[serde(skip)]
    pub key: String,
    /// Whether the singular was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_singular: bool,
    /// Whether the plural was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_plural: bool,
    /// Whether the table was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_table: bool,
    /// Whether the definition has fields that cannot be read.
    #[serde(skip)]
    pub has_unread_fields: bool,
    /// What one of them is called: `post`.
    pub singular: String,
    /// What its routes, its type and its module are called: `posts`.
    pub plural: String,
    /// What its table is called, if not as the plural.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What it is called on the wire.
    #[serde(flatten)]
    pub wire: Wire,
    /// The key of its table, if not a counted `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<TableKey>,
    /// The attributes that are unique together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<String>>,
    /// Who may do what.
    pub access: Access,
    /// Its fields, in the order of their columns.
    pub fields: Vec<Field>,
    /// Its attributes with rows of other resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<Nested>,
}

impl Resource {
    /// What its table is called.
    pub fn table_name(&self) -> &str {
        self.table.as_deref().unwrap_or(&self.plural)
    }

    /// Whether two of its rows differ in something, alone or together with others.
    pub fn has_unique(&self) -> bool {
        !self.unique.is_empty() || self.fields.iter().any(|field| field.unique)
    }

    /// The column of its key.
    pub fn key_column(&self) -> &str {
        self.primary_key.as_ref().map_or(TableKey::ID, |key| &key.column)
    }

    /// The type of its key.
    pub fn key_kind(&self) -> KeyKind {
        self.primary_key.as_ref().map_or(KeyKind::Integer, |key| key.kind)
    }

    /// What people call them: the plural, without what keeps it apart from words of Rust and from our own pages.
    pub fn spoken(&self) -> &str {
        match self.plural.strip_prefix("app_") {
            Some(plural) if self.wire.route.as_deref() == Some(plural) => plural,
            _ => &self.plural,
        }
    }

    /// What its routes and its links are called: `posts`.
    pub fn route(&self) -> &str {
        self.wire.route.as_deref().unwrap_or(&self.plural)
    }

    /// Its JSON:API type.
    pub fn json_type(&self) -> &str {
        self.wire.json_type.as_deref().unwrap_or(self.route())
    }

    /// What stands before its routes: `/api/v1`, or nothing.
    pub fn prefix(&self) -> &str {
        self.wire.prefix.as_deref().unwrap_or(PREFIX)
    }

    /// The path of all of them: `/api/v1/posts.json`.
    pub fn list_path(&self) -> String {
        format!("{}/{}{}", self.prefix(), self.route(), self.ending())
    }

    /// Whether its path is the one that its plural alone says.
    pub fn has_usual_path(&self) -> bool {
        self.list_path() == format!("{PREFIX}/{}.json", self.plural)
    }

    /// What its routes end in.
    pub fn ending(&self) -> &'static str {
        match self.wire.is_plain {
            true => "",
            false => ".json",
        }
    }

    /// All that it is called, each of which a reference may say.
    pub fn aliases(&self) -> Aliases {
        let names = [&self.plural, self.route(), &self.singular, self.json_type(), &self.key];
        Aliases {
            plural: self.plural.clone(),
            names: names.map(str::to_owned),
        }
    }

    /// The edit that gives it another key; none where its names were chosen, or the key is written with escapes.
    pub fn renamed(&self, key: &str) -> Option<Suggestion> {
        let is_own = self.has_own_singular || self.has_own_plural;
        (!is_own && self.span.holds(&self.key)).then(|| Suggestion::renamed(self.span, key))
    }

    /// Whether its rows belong to the users who made them.
    pub fn has_owner(&self) -> bool {
        self.access.verbs().iter().any(|(_, who)| *who == Who::Owner)
    }

    /// Replaces other names by plurals in references to these resources.
    pub fn resolve(&mut self, resources: &[Aliases]) {
        for field in &mut self.fields {
            if let Kind::References(name) | Kind::Many(name) = &mut field.kind
                && let Some(plural) = Aliases::find(resources, name)
            {
                name.clone_from(plural);
            }
        }
        self.nested.iter_mut().for_each(|nested| nested.resolve(resources));
    }

    /// The fields that refer to other tables, with those.
    pub fn references(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields
            .iter()
            .filter_map(|field| field.refers_to().map(|table| (field, table)))
    }

    /// Those of [`Resource::references`] that lead to another table than its own.
    pub fn references_to_others(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.references().filter(|(_, table)| *table != self.plural)
    }

    /// The fields that link rows to any number of others, with the plurals of these.
    pub fn links(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields
            .iter()
            .filter_map(|field| field.links_to().map(|plural| (field, plural)))
    }

    /// [`Resource::references`] and [`Resource::links`].
    pub fn leads(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.references().chain(self.links())
    }

    /// Those of [`Resource::links`] to other tables that each row must have.
    pub fn required_links(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.links()
            .filter(|(field, plural)| field.least_links() > 0 && *plural != self.plural)
    }
}

/// The attributes of users that a definition adds.
#[derive(Clone, Debug)]
pub struct Users {
    /// The fields, as those of a resource over the table `users`.
    pub resource: Resource,
    /// The column that `active` stands in, if that is another one.
    pub active: Option<String>,
}

/// The project's resources, by plural.
pub type Known = BTreeMap<String, Resource>;
