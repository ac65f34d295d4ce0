//! What a reference leads to, as generated files need it.

use serde::Serialize;

use super::{
    identifier::Identifier,
    model::{Field, KeyKind, Known, PREFIX, Resource, TableKey, Who},
    order::is_circular,
};

/// The resource that a field refers to.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// Its table.
    pub table: Identifier,
    /// The column of its key.
    pub key: Identifier,
    /// The type of its key.
    #[serde(skip)]
    pub kind: KeyKind,
    /// The arguments by which pages find it in the API, each after a blank; empty where it is where they expect it.
    pub page: String,
    /// The path of all its rows, where that is not what tests expect.
    pub list: String,
    /// The path of one of its rows, up to the id.
    pub rows: String,
    /// What that ends in.
    pub ending: &'static str,
    /// Whether it refers back; the reference is null at first then.
    pub is_circular: bool,
    /// Whether its table is made later, and the foreign key with it.
    pub is_postponed: bool,
    /// Who may see its rows, where that is not every user: `owner` or `admin`.
    pub hidden: &'static str,
}

impl Target {
    /// What the field refers to; nothing in particular where it refers to nothing.
    pub fn of(resource: &str, field: &Field, known: &Known) -> Self {
        let plural = field.leads_to().unwrap_or_default();
        let other = known.get(plural);
        Self {
            table: Identifier::of(other.map_or(plural, Resource::table_name)),
            key: Identifier::of(other.map_or(TableKey::ID, Resource::key_column)),
            kind: other.map_or(KeyKind::Integer, Resource::key_kind),
            page: other.map_or_else(String::new, |other| page_address(other, "of_")),
            list: other.map_or_else(String::new, |other| match other.has_usual_path() {
                true => String::new(),
                false => format!("super::{plural}::LIST"),
            }),
            rows: other.map_or_else(String::new, |other| format!("{}/{}/", other.prefix(), other.route())),
            ending: other.map_or("", Resource::ending),
            is_circular: is_circular(resource, field, plural, known),
            is_postponed: false,
            hidden: other.map_or("", hidden),
        }
    }

    /// An id that no row has, as Rust: what the caller may not see is masked by it.
    pub fn no_row(&self) -> &'static str {
        match self.kind {
            KeyKind::Integer | KeyKind::BigInteger => "NO_ROW",
            KeyKind::String => "String::new()",
            KeyKind::Uuid => "Uuid::nil()",
        }
    }

    /// What makes the id of a row of the resource `plural` in a test, once, by its `document`.
    pub fn new_id(&self, plural: &str, document: &str) -> String {
        match self.list.is_empty() {
            true => format!("api.new_id({plural:?}, {document})"),
            false => format!("api.new_id_at({}, {document})", self.list),
        }
    }

    /// An id that no row of a test has, as `json!` takes it.
    pub fn absent(&self) -> &'static str {
        match self.kind {
            KeyKind::Integer | KeyKind::BigInteger => "999_999",
            KeyKind::String => "\"no such row\"",
            KeyKind::Uuid => "\"00000000-0000-4000-8000-000000000000\"",
        }
    }
}

/// Who may see a row of a resource, where that is not every user.
pub fn hidden(resource: &Resource) -> &'static str {
    match resource.access.get {
        Who::Public | Who::User => "",
        Who::Owner => "owner",
        Who::Admin => "admin",
    }
}

/// The arguments that say where the API has a resource, with this beginning.
pub fn page_address(resource: &Resource, beginning: &str) -> String {
    let mut arguments = String::new();
    if resource.prefix() != PREFIX || resource.route() != resource.plural {
        let address = format!("{}/{}", resource.prefix(), resource.route());
        arguments.push_str(&format!(" {beginning}api={address:?}"));
    }
    if resource.ending().is_empty() {
        arguments.push_str(&format!(" {beginning}json={{false}}"));
    }
    arguments
}
