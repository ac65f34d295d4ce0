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

    /// The column as a query gives it, under the name of its attribute.
    pub fn as_attribute(&self, name: &str) -> String {
        match self.name == name {
            true => self.quoted.clone(),
            false => format!("{} as {}", self.quoted, Self::of(name).quoted),
        }
    }
}

/// Names of columns and the like with commas, in lines of which all but the first begin with so many blanks.
pub fn wrapped(words: &[String], indentation: usize) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = format!("{word}{comma}"),
            Some(line) if line.len() + word.len() + 2 <= WIDTH => line.push_str(&format!(" {word}{comma}")),
            _ => lines.push(format!("{word}{comma}")),
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indentation)))
}
