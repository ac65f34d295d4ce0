//! How generated files write the name of a table.

/// The name of a table, in the ways that templates need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Table {
    /// As it is.
    pub name: String,
    /// As statements have it: in quotes where it has a capital, which PostgreSQL would make a small letter.
    pub quoted: String,
    /// As a statement inside of a Rust literal has it.
    pub in_code: String,
}

impl Table {
    /// The forms of this name.
    pub fn of(name: &str) -> Self {
        let has_capital = name.contains(|c: char| c.is_ascii_uppercase());
        let within = |quote: &str| match has_capital {
            true => format!("{quote}{name}{quote}"),
            false => name.to_owned(),
        };
        Self {
            name: name.to_owned(),
            quoted: within("\""),
            in_code: within("\\\""),
        }
    }
}
