//! What is to be built: resources with their fields, and who may do what with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    bounds::Bounds,
    codes,
    defaults::FieldDefault,
    source::Setting,
    types::{Kind, names_of},
};
use crate::error::{Diagnostic, Span, Suggestion};

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

    /// The edit that gives it another key; none where its names were chosen, or the key is written with escapes.
    pub fn renamed(&self, key: &str) -> Option<Suggestion> {
        let is_own = self.has_own_singular || self.has_own_plural;
        (!is_own && self.span.holds(&self.key)).then(|| Suggestion::renamed(self.span, key))
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
#[serde(try_from = "FieldRecord", into = "FieldRecord")]
pub struct Field {
    /// Where it is defined.
    pub place: FieldPlace,
    /// What column and attribute are called.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// What a new row gets where nothing was sent.
    pub default: Option<FieldDefault>,
    /// The least and the greatest value.
    pub bounds: Bounds,
}

/// Where a field is defined; at the beginning of the text where it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldPlace {
    /// Its name.
    pub name: Span,
    /// Its type, without modifiers.
    pub kind: Span,
    /// Whether the type stands there as it is, and can be edited.
    pub is_exact: bool,
}

impl FieldPlace {
    /// What a reference has in brackets.
    pub fn table(&self) -> Span {
        match self.is_exact {
            true => Span {
                start: self.kind.start + "references(".len(),
                end: self.kind.end - 1,
            },
            false => self.kind,
        }
    }

    /// The edit that makes the field nullable.
    pub fn nullable(&self) -> Option<Suggestion> {
        self.is_exact.then(|| Suggestion {
            span: Span::at(self.kind.end),
            replacement: "?".to_owned(),
            title: "make it nullable".to_owned(),
        })
    }
}

impl Field {
    /// The edit that gives it another name; none where the definition writes it with escapes.
    pub fn renamed(&self, name: &str) -> Option<Suggestion> {
        let place = self.place.name;
        place.holds(&self.name).then(|| Suggestion::renamed(place, name))
    }

    /// The plural of the resource that it refers to.
    pub fn refers_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::References(plural) => Some(plural),
            _ => None,
        }
    }
}

/// A field as a record has it.
#[derive(Serialize, Deserialize)]
pub struct FieldRecord {
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

/// What a field is made of, read but for what depends on its type.
pub struct Parts<'t> {
    /// Its name.
    pub name: &'t str,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// What makes it unique.
    pub unique: Option<Setting<'t>>,
    /// Its default.
    pub default: Option<Setting<'t>>,
    /// The least and the greatest value.
    pub bounds: [Option<Setting<'t>>; 2],
}

impl Parts<'_> {
    /// The field, where its parts fit together.
    ///
    /// # Errors
    /// All that does not fit.
    pub fn check(self) -> Result<Field, Vec<Diagnostic>> {
        let Self { name, kind, .. } = &self;
        let mut problems = Vec::new();
        if let Some(problem) = self.unique.as_ref().and_then(|unique| self.not_unique(unique)) {
            problems.push(problem);
        }
        let bounds = Bounds::parse(name, kind, self.bounds.each_ref().map(Option::as_ref));
        let bounds = bounds.map_err(|problem| problems.push(problem)).unwrap_or(Bounds::None);
        if self.unique.is_some() && kind.row().can_be_unique {
            let max = self.bounds[1].as_ref();
            bounds
                .check_index(name, max)
                .unwrap_or_else(|problem| problems.push(problem));
        }
        let default = match &self.default {
            // Whether it is within bounds cannot be said where these are wrong.
            Some(setting) if problems.is_empty() => FieldDefault::parse(name, kind, &bounds, setting)
                .map_err(|problem| problems.push(problem))
                .ok(),
            _ => None,
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Field {
            place: FieldPlace::default(),
            name: (*name).to_owned(),
            nullable: self.nullable,
            unique: self.unique.is_some(),
            default,
            bounds,
            kind: self.kind,
        })
    }

    fn not_unique(&self, unique: &Setting<'_>) -> Option<Diagnostic> {
        let name = self.name;
        let problem = |message: String| Diagnostic::new(codes::UNIQUE, unique.value.span, message);
        if !self.kind.row().can_be_unique {
            let types = names_of(|row| row.can_be_unique);
            return Some(
                problem(format!("`{name}` cannot be unique"))
                    .help(format!("`^` is for {types}"))
                    .suggest(unique.removal.clone()),
            );
        }
        let default = self.default.as_ref()?;
        Some(
            problem(format!("`{name}` cannot be unique and have a default"))
                .related(default.value.span, "the default")
                .suggest(default.removal.clone()),
        )
    }
}

impl TryFrom<FieldRecord> for Field {
    type Error = String;

    fn try_from(definition: FieldRecord) -> Result<Self, String> {
        let unplaced = |text| Option::map(text, Setting::unplaced);
        let parts = Parts {
            name: &definition.name,
            kind: definition.kind.clone(),
            nullable: definition.nullable,
            unique: definition.unique.then(|| Setting::unplaced("^")),
            default: unplaced(definition.default.as_deref()),
            bounds: [definition.min.as_deref(), definition.max.as_deref()].map(unplaced),
        };
        let messages = |problems: Vec<Diagnostic>| {
            let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            messages.join("; ")
        };
        parts.check().map_err(messages)
    }
}

impl From<Field> for FieldRecord {
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
