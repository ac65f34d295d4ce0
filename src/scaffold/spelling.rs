//! How names are spelled in Rust, on the wire and in databases.

/// Characters that a module's name may have; PostgreSQL cuts names at 63, and some of ours have endings.
pub const MAX_CHARS: usize = 50;

/// Characters that the name of an attribute or a column may have: PostgreSQL cuts longer names.
const MAX_COLUMN_CHARS: usize = 63;

/// Characters that the name of a table may have: MySQL calls its foreign keys `TABLE_ibfk_10`, and MariaDB takes 63 of that.
pub const MAX_TABLE_CHARS: usize = 55;

/// Whether a name is spelled as names of modules are.
pub fn is_spelled(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.ends_with('_')
        && !name.contains("__")
        && name.len() <= MAX_CHARS
}

/// Whether a name is one that an attribute, a route or a type has on the wire: what Python takes, and `-`.
pub fn is_on_the_wire(name: &str) -> bool {
    has_form(name, "_-")
}

/// Whether a name is one that a column or a table has, in quotes where the engine needs them.
pub fn is_in_the_database(name: &str) -> bool {
    has_form(name, "_-$")
}

/// Whether a name begins with a letter or `_` and continues with letters, digits and these characters.
fn has_form(name: &str, others: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
        && name.contains(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= MAX_COLUMN_CHARS
}
