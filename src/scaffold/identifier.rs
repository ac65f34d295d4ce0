//! How generated files write the names of tables and columns.

use super::reserved::needs_quotes;

/// The name of a table or a column, in the ways that templates need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Identifier {
    /// As it is.
    pub name: String,
    /// As statements have it, also on MySQL, whose connections take double quotes: in these where it needs them.
    pub quoted: String,
    /// The same in migrations of MySQL, which other programs may run: in backticks.
    pub mysql: String,
}

impl Identifier {
    /// The forms of this name.
    pub fn of(name: &str) -> Self {
        let within = |quote: &str| match needs_quotes(name) {
            true => format!("{quote}{name}{quote}"),
            false => name.to_owned(),
        };
        Self {
            name: name.to_owned(),
            quoted: within("\""),
            mysql: within("`"),
        }
    }
}
