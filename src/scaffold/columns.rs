//! The columns of a resource's table, on each engine.

use sha2::{Digest, Sha256};

use super::{
    model::{Field, Resource},
    table::Table,
    types::{ByEngine, Kind},
};
use crate::{fields::MAX_STRING_CHARS, flask::hashlib::hex};

/// The columns of a field, each with its type and constraints.
#[derive(Clone, Debug)]
pub struct Columns {
    /// In a new table.
    pub created: ByEngine<String>,
    /// Where it is added to a table that may have rows.
    pub added: ByEngine<String>,
    /// What the type is called that PostgreSQL needs for it; empty for none.
    pub enum_type: String,
    /// The values of that type.
    pub enum_values: String,
}

/// The columns of a field of the resource, which may refer to `table`.
pub fn of(resource: &str, field: &Field, table: &Table) -> Columns {
    let null = if field.nullable { "" } else { " not null" };
    let unique = if field.unique { " unique" } else { "" };
    let references = match field.refers_to() {
        Some(_) => format!(" references {} (id)", table.quoted),
        None => String::new(),
    };
    let filler = filler(field);
    let default = |filler: &str| match field.nullable {
        true => String::new(),
        false => format!(" default {filler}"),
    };
    let ByEngine {
        sqlite,
        postgres,
        mysql,
    } = types(resource, field);
    // MySQL reads a reference in a column's definition and forgets it, and a backslash as the beginning of an escape.
    let (plain, escaped) = (default(&filler), default(&filler.replace('\\', "\\\\")));
    let enum_values = native_values(field);
    Columns {
        enum_type: enum_values
            .as_ref()
            .map(|_| enum_type(resource, field))
            .unwrap_or_default(),
        enum_values: enum_values.unwrap_or_default(),
        created: ByEngine {
            sqlite: format!("{sqlite}{null}{unique}{references}"),
            postgres: format!("{postgres}{null}{unique}{references}"),
            mysql: format!("{mysql}{null}{unique}"),
        },
        added: ByEngine {
            sqlite: format!("{sqlite}{null}{plain}{references}"),
            postgres: match field.kind {
                // Its lists are in braces.
                Kind::Array => format!("{postgres}{null}{}", default("('{}')")),
                _ => format!("{postgres}{null}{plain}{references}"),
            },
            mysql: format!("{mysql}{null}{escaped}"),
        },
    }
}

/// What the type of a field's column is called on PostgreSQL, if it is one of its own.
fn enum_type(resource: &str, field: &Field) -> String {
    key_name(resource, &field.name, "enum")
}

/// The values of a column with a type of its own, as SQL.
fn native_values(field: &Field) -> Option<String> {
    let Kind::NativeEnum(choices) = &field.kind else {
        return None;
    };
    let quoted: Vec<String> = choices.iter().map(|choice| format!("'{choice}'")).collect();
    Some(quoted.join(", "))
}

/// The types of the columns of a resource's field.
pub fn types(resource: &str, field: &Field) -> ByEngine<String> {
    let ByEngine {
        sqlite,
        postgres,
        mysql,
    } = field.kind.row().columns;
    let [postgres, mysql] = match (&field.kind, long_text(field)) {
        (_, Some(chars)) => [(); 2].map(|()| format!("varchar({chars})")),
        (Kind::Numeric { precision, scale }, _) => [postgres, mysql].map(|name| format!("{name}({precision},{scale})")),
        _ => match native_values(field) {
            Some(values) => [enum_type(resource, field), format!("enum({values})")],
            None => [postgres, mysql].map(str::to_owned),
        },
    };
    ByEngine {
        sqlite: sqlite.to_owned(),
        postgres,
        mysql,
    }
}

/// The characters that a field's column holds, where these are more than the originals' column of texts.
fn long_text(field: &Field) -> Option<usize> {
    let is_short_by_default = matches!(field.kind, Kind::String | Kind::File);
    let max = field.bounds.length().max?;
    (is_short_by_default && max > MAX_STRING_CHARS).then_some(max)
}

/// What rows that are there already get, as SQL.
fn filler(field: &Field) -> String {
    match (&field.default, &field.kind) {
        (Some(default), _) => default.value.sql(),
        (None, Kind::Enum(choices) | Kind::NativeEnum(choices)) => {
            format!("'{}'", choices.first().map_or("", String::as_str))
        }
        (None, kind) => kind.row().filler.to_owned(),
    }
}

/// Checks what the table needs of all its columns together, where MySQL has the narrowest limits.
///
/// # Errors
/// What is too much, and what to do.
pub fn check_table(resource: &Resource) -> Result<(), String> {
    /// All keys of a table but the primary one.
    const KEYS: usize = 63;
    /// A row, and what of it stands on the first of its pages; both without the id and what belongs to no column.
    const BYTES: [usize; 2] = [65_500, 8_100];
    let has_key = |field: &&Field| field.unique || field.refers_to().is_some();
    let keys = resource.fields.iter().filter(has_key).count() + usize::from(resource.has_owner());
    if keys > KEYS {
        return Err(format!(
            "`{}` has {keys} fields that are unique, references or the owner; a table of MySQL has at most {KEYS}",
            resource.plural
        ));
    }
    for (part, limit) in BYTES.into_iter().enumerate() {
        let bytes: usize = resource.fields.iter().map(|field| mysql_bytes(field)[part]).sum();
        if bytes > limit {
            let room = match resource.fields.iter().any(|field| long_text(field).is_some()) {
                true => "65500 bytes, four for each character of a string",
                false => "room for 65 of the types string, email, url and enum, or 55 uuid",
            };
            return Err(format!(
                "the fields of `{}` are too wide for a row of MySQL, which has {room}; make some text, or a resource of \
                 their own",
                resource.plural
            ));
        }
    }
    Ok(())
}

/// What a column takes of a row, and of its first page.
fn mysql_bytes(field: &Field) -> [usize; 2] {
    if let Some(chars) = long_text(field) {
        return [4 * chars + 2, 21];
    }
    if let Kind::Numeric { precision, scale } = field.kind {
        // Four bytes for each nine digits, on both sides of the point.
        let digits = [precision.saturating_sub(scale), scale];
        return [digits.iter().map(|digits| digits.div_ceil(9) as usize * 4).sum(); 2];
    }
    match field.kind.row().columns.mysql {
        "varchar(250)" => [1002, 21],
        "char(36)" => [145, 145],
        "longtext" => [12, 21],
        _ => [8, 8],
    }
}

/// The name of a column's index or foreign key, different for each column also where names are too long to be joined.
pub fn key_name(table: &str, column: &str, ending: &str) -> String {
    /// PostgreSQL cuts names here; MySQL takes one character more.
    const MAX: usize = 63;
    let name = format!("{table}_{column}_{ending}");
    if name.len() <= MAX {
        return name;
    }
    let hash = hex(&Sha256::digest(&name)[..4]);
    let start: String = name.chars().take(MAX - ending.len() - hash.len() - 2).collect();
    format!("{start}_{hash}_{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_keys_are_short_and_differ() {
        assert_eq!(key_name("posts", "slug", "key"), "posts_slug_key");
        let long = "customer_support_conversation_participants";
        let names = ["a", "b"].map(|end| key_name(long, &format!("external_reference_number_{end}"), "key"));
        assert_ne!(names[0], names[1]);
        for name in names {
            assert!(name.len() <= 63 && name.ends_with("_key"), "{name}");
        }
    }
}
