//! The types of fields: what there is to know of each, in Rust, in SQL, in JSON and in pages.
//!
//! Everything that depends on a type alone comes from here; a new type is a row of [`TYPES`] and a variant of [`Kind`].

mod kind;
mod table;

use std::mem::discriminant;

pub use kind::{ByEngine, ENGINES, Kind, Limits, Type};
pub use table::{ALIASES, TYPES};

impl Kind {
    /// Its row of the table.
    pub fn row(&self) -> &'static Type {
        let mut rows = TYPES.iter();
        let wanted = match self {
            Kind::NativeEnum(_) => discriminant(&Kind::Enum(Vec::new())),
            kind => discriminant(kind),
        };
        let own = rows.find(|(kind, _)| discriminant(kind) == wanted);
        // Each kind has a row, which a test keeps so.
        &own.unwrap_or(&TYPES[0]).1
    }

    /// Whether an index holds it on each engine, alone or with others: also types that are seldom unique alone.
    pub fn can_be_indexed(&self) -> bool {
        let has_few_values = matches!(
            self,
            Kind::Enum(_) | Kind::NativeEnum(_) | Kind::Boolean | Kind::Bool | Kind::Time | Kind::Float
        );
        self.row().can_be_unique || has_few_values
    }

    /// The Rust type of its value.
    pub fn rust(&self) -> String {
        match self {
            Kind::Numeric { scale, .. } => format!("{}<{scale}>", self.row().rust),
            _ => self.row().rust.to_owned(),
        }
    }
}

/// The rows of the table.
pub fn rows() -> impl Iterator<Item = &'static Type> {
    TYPES.iter().map(|(_, row)| row)
}

/// The names of the types for which something holds, in a sentence: `string, text and float`.
pub fn names_of(holds: impl Fn(&Type) -> bool) -> String {
    let names: Vec<&str> = rows().filter(|row| holds(row)).map(|row| row.name).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// All types with their arguments, as a definition writes them: `string, text, enum(a,b)`.
pub fn list() -> String {
    let types: Vec<String> = rows().map(|row| format!("{}{}", row.name, row.argument)).collect();
    types.join(", ")
}

/// What a message says of the types that there are.
pub fn all() -> String {
    format!("the supported types are: {}", list())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn each_kind_has_a_row_of_its_own() {
        for (kind, row) in &TYPES {
            assert!(std::ptr::eq(kind.row(), row), "{}", row.name);
        }
    }

    #[test]
    fn pages_and_docs_know_each_type() {
        let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let components = read("templates/components.html");
        let kinds = read("templates/static/js/kinds.js");
        let (_, kinds) = kinds.split_once("export const KINDS = {").unwrap();
        for row in rows() {
            let is_yes_no = ["boolean", "bool"].contains(&row.page);
            let component = match row.page {
                _ if is_yes_no => "field.yes_no".to_owned(),
                // No form has it.
                "nested" => "item.nested".to_owned(),
                page => format!("field.{page}"),
            };
            assert!(
                components.contains(&format!("{{% component {component}(")),
                "{component}"
            );
            assert!(kinds.contains(&format!("\n  {}: ", row.page)), "{}", row.page);
            for page in ["README.md", "docs/types.md"] {
                let names = [format!("`{}`", row.name), format!("`{}(", row.name)];
                let text = read(page);
                assert!(names.iter().any(|name| text.contains(name)), "{page}: {}", row.name);
            }
        }
    }
}
