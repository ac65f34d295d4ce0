//! What the value of a field is in Rust, and what reads it from JSON.

use crate::scaffold::{
    model::{Field, KeyKind},
    target::Target,
    types::{Kind, Limits},
};

/// What a field's value is.
pub struct Value {
    /// Its type, or that of the key that it is.
    pub kind: Kind,
    /// That in Rust.
    pub rust: String,
    /// The Rust type of the id that it is, or of each that it has.
    pub id: String,
    /// What reads it from JSON.
    pub reader: String,
}

impl Value {
    /// The value of a field, which may refer to `target`.
    pub fn of(field: &Field, target: &Target) -> Self {
        let kind = match field.refers_to() {
            None => field.kind.clone(),
            Some(_) => target.kind.referring(),
        };
        let of_id = match target.kind {
            KeyKind::Integer => "fields::Reference",
            KeyKind::BigInteger => "fields::BigReference",
            KeyKind::String => "fields::STRING",
            KeyKind::Uuid => "fields::Uuid",
        };
        let (rust, id) = (kind.rust(), target.kind.referring().rust());
        match (field.refers_to(), field.links_to()) {
            (Some(_), _) => Self {
                reader: of_id.to_owned(),
                kind,
                rust,
                id,
            },
            (_, Some(_)) => Self {
                reader: bounded(field, &format!("Ids::of({of_id})")),
                rust: format!("values::Ids<{id}>"),
                kind,
                id,
            },
            _ => Self {
                reader: reader(field),
                kind,
                id: rust.clone(),
                rust,
            },
        }
    }
}

/// What reads a field from JSON: `fields::STRING`, or `fields::Line { min: 3, ..fields::STRING }`.
pub fn reader(field: &Field) -> String {
    let row = field.kind.row();
    if let Some(choices) = field.kind.choices() {
        return format!("fields::{}(&{choices:?})", row.reader);
    }
    if let Kind::Numeric { precision, scale } = field.kind {
        return format!("fields::{}::<{precision}, {scale}>", row.reader);
    }
    match field.bounds.written() {
        [None, None] if row.limits == Limits::None => format!("fields::{}", row.reader),
        _ => bounded(field, row.unbounded),
    }
}

/// What reads a field with its bounds; without any it is `unbounded`.
fn bounded(field: &Field, unbounded: &str) -> String {
    let reader = field.kind.row().reader;
    let bounds = match field.bounds.written() {
        [None, None] => return format!("fields::{unbounded}"),
        // Nothing else is left of it.
        [Some(min), Some(max)] if field.links_to().is_none() => format!("min: {min}, max: {max}"),
        [Some(min), Some(max)] => format!("min: {min}, max: {max}, ..fields::{unbounded}"),
        [Some(min), None] => format!("min: {min}, ..fields::{unbounded}"),
        [None, Some(max)] => format!("max: {max}, ..fields::{unbounded}"),
    };
    format!("fields::{reader} {{ {bounds} }}")
}
