//! The columns of a resource's table, on each engine.

use sha2::{Digest, Sha256};

use super::{
    defaults::DefaultValue,
    model::{Field, KeyKind, Resource, USERS},
    names::snake,
    target::Target,
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

/// The columns of a field of the resource, which may refer to `target`.
pub fn of(resource: &str, field: &Field, target: &Target) -> Columns {
    let null = if field.nullable { "" } else { " not null" };
    let unique = if field.unique { " unique" } else { "" };
    let references = match field.refers_to() {
        Some(_) => {
            let (table, key) = (&target.table.quoted, &target.key.quoted);
            format!(" references {table} ({key}){}", field.on_delete.sql())
        }
        None => String::new(),
    };
    let filler = filler(field);
    let default = |filler: &str| match field.nullable {
        true => String::new(),
        false => format!(" default {filler}"),
    };
    let own = own_default(field);
    // SQLite looks for the other table only when it is needed.
    let in_postgres = if target.is_postponed { "" } else { references.as_str() };
    let ByEngine {
        sqlite,
        postgres,
        mysql,
    } = match field.refers_to() {
        Some(_) => target.kind.referring().row().columns.map(str::to_owned),
        None => types(resource, field),
    };
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
            sqlite: format!("{sqlite}{null}{}{unique}{references}", own.sqlite),
            postgres: format!("{postgres}{null}{}{unique}{in_postgres}", own.postgres),
            mysql: format!("{mysql}{null}{}{unique}", own.mysql),
        },
        added: match field.traffic.is_filled_by_database {
            true => ByEngine {
                sqlite: format!("{sqlite}{null}{}{references}", own.sqlite),
                postgres: format!("{postgres}{null}{}{in_postgres}", own.postgres),
                mysql: format!("{mysql}{null}{}", own.mysql),
            },
            false => ByEngine {
                sqlite: format!("{sqlite}{null}{plain}{references}"),
                postgres: match field.kind {
                    // Its lists are in braces.
                    Kind::Array => format!("{postgres}{null}{}", default("('{}')")),
                    _ => format!("{postgres}{null}{plain}{in_postgres}"),
                },
                mysql: format!("{mysql}{null}{escaped}"),
            },
        },
    }
}

/// The default that the column has itself, with a blank before it; empty for none.
fn own_default(field: &Field) -> ByEngine<String> {
    let default = field.default.as_ref().filter(|_| field.traffic.is_filled_by_database);
    let [sqlite, postgres, mysql] = match default.map(|default| &default.value) {
        None => Default::default(),
        Some(DefaultValue::Now) => {
            ["current_timestamp", "current_timestamp", "current_timestamp(6)"].map(str::to_owned)
        }
        Some(DefaultValue::Today) => ["current_date", "current_date", "(current_date)"].map(str::to_owned),
        Some(DefaultValue::TimeNow) => ["current_time", "current_time", "(current_time(6))"].map(str::to_owned),
        Some(value) => [value.sql(), value.sql(), value.sql().replace('\\', "\\\\")],
    };
    let defaults = ByEngine {
        sqlite,
        postgres,
        mysql,
    };
    defaults.map(|default| match default.is_empty() {
        true => default,
        false => format!(" default {default}"),
    })
}

/// What the type of a field's column is called on PostgreSQL, if it is one of its own.
fn enum_type(resource: &str, field: &Field) -> String {
    key_name(resource, &snake(field.column()), "enum")
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
    let plain = field.kind.row().columns.map(str::to_owned);
    let sqlite = plain.sqlite;
    let [postgres, mysql] = match (&field.kind, long_text(field), native_values(field)) {
        (_, Some(chars), _) => [(); 2].map(|()| format!("varchar({chars})")),
        (Kind::Numeric { precision, scale }, ..) => {
            [plain.postgres, plain.mysql].map(|name| format!("{name}({precision},{scale})"))
        }
        (_, _, Some(values)) => [enum_type(resource, field), format!("enum({values})")],
        _ => [plain.postgres, plain.mysql],
    };
    ByEngine {
        sqlite,
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

/// The column of a table's key, with its constraints.
pub fn of_key(resource: &Resource) -> ByEngine<&'static str> {
    let columns = |sqlite, postgres, mysql| ByEngine {
        sqlite,
        postgres,
        mysql,
    };
    match resource.key_kind() {
        KeyKind::Integer => columns(
            "integer primary key autoincrement",
            "serial primary key",
            "integer not null auto_increment primary key",
        ),
        KeyKind::BigInteger => columns(
            "integer primary key autoincrement",
            "bigserial primary key",
            "bigint not null auto_increment primary key",
        ),
        KeyKind::String => columns(
            "text not null primary key",
            "varchar(250) not null primary key",
            "varchar(250) not null primary key",
        ),
        KeyKind::Uuid => columns(
            "text not null primary key",
            "uuid not null primary key",
            "char(36) not null primary key",
        ),
    }
}

/// Whether rows that are there can get values of their own of a field that may neither be null nor occur twice.
///
/// Only users have such a field added: they are there as soon as anybody can log in.
pub fn can_be_distinct(resource: &str, field: &Field) -> bool {
    let is_of_kind = matches!(field.kind, Kind::Integer | Kind::BigInteger | Kind::String | Kind::File);
    resource == USERS && is_of_kind
}

/// Such a value, as SQL; empty for none.
pub fn distinct(resource: &str, field: &Field) -> ByEngine<&'static str> {
    let is_text = matches!(field.kind, Kind::String | Kind::File);
    let [sqlite, postgres, mysql] = match field.unique && !field.nullable && can_be_distinct(resource, field) {
        false => [""; 3],
        true if is_text => ["cast(id as text)", "cast(id as varchar)", "cast(id as char)"],
        true => ["id"; 3],
    };
    ByEngine {
        sqlite,
        postgres,
        mysql,
    }
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
    let has_key = |field: &&Field| field.unique || field.refers_to().is_some() || field.traffic.has_index;
    let stored = || resource.fields.iter().filter(|field| field.has_column());
    let keys = resource.unique.len() + stored().filter(has_key).count() + usize::from(resource.has_owner());
    if keys > KEYS {
        return Err(format!(
            "`{}` has {keys} fields that are unique, references or the owner; a table of MySQL has at most {KEYS}",
            resource.plural
        ));
    }
    for (part, limit) in BYTES.into_iter().enumerate() {
        let bytes: usize = stored().map(|field| mysql_bytes(field)[part]).sum();
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
