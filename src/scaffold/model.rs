//! What is to be built: resources with their fields, and who may do what with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    bounds::Bounds,
    defaults::Default,
    types::{Kind, names_of},
};

/// A resource: a table, its routes, and who may use them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// The line of its name.
    #[serde(skip)]
    pub line: usize,
    /// What the file or the command line calls it.
    #[serde(skip)]
    pub key: String,
    /// Whether the singular was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_singular: bool,
    /// Whether the plural was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_plural: bool,
    /// What one of them is called: `post`.
    pub singular: String,
    /// What its routes, its type and its module are called: `posts`.
    pub plural: String,
    /// What its table is called, if not as the plural.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Who may do what.
    pub access: Access,
    /// Its fields, in the order of their columns.
    pub fields: Vec<Field>,
}

impl Resource {
    /// What its table is called.
    pub fn table_name(&self) -> &str {
        self.table.as_deref().unwrap_or(&self.plural)
    }

    /// Whether its rows belong to the users who made them.
    pub fn has_owner(&self) -> bool {
        self.access.verbs().iter().any(|(_, who)| *who == Who::Owner)
    }

    /// Replaces singulars by plurals in references to these tables, given as pairs of both.
    pub fn resolve(&mut self, tables: &[(String, String)]) {
        for field in &mut self.fields {
            if let Kind::References(table) = &mut field.kind
                && !tables.iter().any(|(_, plural)| plural == table)
                && let Some((_, plural)) = tables.iter().find(|(singular, _)| singular == table)
            {
                table.clone_from(plural);
            }
        }
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
}

/// The project's resources, by plural.
pub type Known = BTreeMap<String, Resource>;

/// Who may do what with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// See all of them.
    pub list: Who,
    /// See one.
    pub get: Who,
    /// Add one.
    pub create: Who,
    /// Change one.
    pub update: Who,
    /// Remove one.
    pub delete: Who,
}

impl Access {
    /// What may be done.
    pub const VERBS: [&'static str; 5] = ["list", "get", "create", "update", "delete"];

    /// The same for each verb.
    pub fn all(who: Who) -> Self {
        Self {
            list: who,
            get: who,
            create: who,
            update: who,
            delete: who,
        }
    }

    /// Each verb with who may.
    pub fn verbs(&self) -> [(&'static str, Who); 5] {
        let who = [self.list, self.get, self.create, self.update, self.delete];
        std::array::from_fn(|index| (Self::VERBS[index], who[index]))
    }

    /// Who may do what a verb says.
    pub fn of_verb(&mut self, verb: &str) -> Option<&mut Who> {
        Some(match verb {
            "list" => &mut self.list,
            "get" => &mut self.get,
            "create" => &mut self.create,
            "update" => &mut self.update,
            "delete" => &mut self.delete,
            _ => return None,
        })
    }
}

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Anybody, without a token.
    Public,
    /// Every user.
    User,
    /// The user who made the row, and administrators.
    Owner,
    /// Administrators.
    Admin,
}

impl Who {
    /// What definitions call them.
    pub const NAMES: [&'static str; 4] = ["public", "user", "owner", "admin"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "public" => Who::Public,
            "user" => Who::User,
            "owner" => Who::Owner,
            "admin" => Who::Admin,
            _ => return None,
        })
    }
}

/// A field: a column and an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Definition", into = "Definition")]
pub struct Field {
    /// The line of its definition.
    pub line: usize,
    /// What column and attribute are called.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// What a new row gets where nothing was sent.
    pub default: Option<Default>,
    /// The least and the greatest value.
    pub bounds: Bounds,
}

impl Field {
    /// The plural of the resource that it refers to.
    pub fn refers_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::References(plural) => Some(plural),
            _ => None,
        }
    }
}

/// A field as a record has it, and as a definition says it.
#[derive(Serialize, Deserialize)]
pub struct Definition {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub kind: Kind,
    /// As in [`Field`].
    pub nullable: bool,
    /// As in [`Field`].
    pub unique: bool,
    /// The default as it is written.
    pub default: Option<String>,
    /// The least value as it is written.
    pub min: Option<String>,
    /// The greatest value as it is written.
    pub max: Option<String>,
}

impl TryFrom<Definition> for Field {
    type Error = String;

    fn try_from(definition: Definition) -> Result<Self, String> {
        let Definition {
            name,
            kind,
            nullable,
            unique,
            default,
            min,
            max,
        } = definition;
        let bounds = Bounds::parse(&name, &kind, [min.as_deref(), max.as_deref()])?;
        if unique && !kind.row().can_be_unique {
            let types = names_of(|row| row.can_be_unique);
            return Err(format!("`{name}` cannot be unique; `^` is for {types}"));
        }
        if unique && default.is_some() {
            return Err(format!("`{name}` cannot be unique and have a default"));
        }
        let default = match default {
            Some(text) => Some(Default::parse(&name, &kind, &bounds, &text)?),
            None => None,
        };
        Ok(Self {
            line: 0,
            name,
            kind,
            nullable,
            unique,
            default,
            bounds,
        })
    }
}

impl From<Field> for Definition {
    fn from(field: Field) -> Self {
        let [min, max] = field.bounds.written();
        Self {
            name: field.name,
            kind: field.kind,
            nullable: field.nullable,
            unique: field.unique,
            default: field.default.map(|default| default.text),
            min,
            max,
        }
    }
}
