//! The errors of a document, with their location.

use serde_json::{Value, json};

/// One error of a document; a document is refused with all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A part around the attributes is missing; the text is marshmallow-jsonapi's.
    Frame(&'static str),
    /// It is not a document of this resource. The originals crashed; a conflict is what JSON:API asks for.
    Type(&'static str),
    /// An attribute is wrong.
    Attribute {
        /// Its name.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The id that a client gives a new resource is wrong.
    Id(String),
}

const MISSING: &str = "Missing data for required field.";

impl Fault {
    /// What is wrong with the attribute `name`.
    pub fn of(name: &str, detail: &str) -> Self {
        Self::Attribute {
            name: name.to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// The attribute `name` is missing.
    pub fn missing(name: &str) -> Self {
        Self::of(name, MISSING)
    }

    /// The id is missing that a client must give a new resource.
    pub fn missing_id() -> Self {
        Self::Id(MISSING.to_owned())
    }

    /// Whether the document is another resource's.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Type(_))
    }

    /// The entry of an answer's `errors`.
    pub fn to_json(&self) -> Value {
        let entry = |detail: &str, pointer: &str| json!({"detail": detail, "source": {"pointer": pointer}});
        match self {
            Self::Frame(text) => json!(text),
            Self::Type(kind) => entry(&format!("Invalid type. Expected \"{kind}\"."), "/data/type"),
            Self::Id(detail) => entry(detail, "/data/id"),
            Self::Attribute { name, detail } => entry(detail, &format!("/data/attributes/{name}")),
        }
    }
}
