//! How names are spelled, and what a resource's routes, table, operations and types are called after it.

use deunicode::deunicode;
use heck::{ToSnakeCase, ToUpperCamelCase};

use super::model::Resource;
use crate::flask::plural::plural;

/// Characters that a name may have; PostgreSQL cuts names at 63, and some of ours have endings.
pub const MAX_CHARS: usize = 50;

/// Characters that the name of a table may have: MySQL calls its foreign keys `TABLE_ibfk_10`, and MariaDB takes 63 of that.
pub const MAX_TABLE_CHARS: usize = 55;

/// Whether a name is spelled as names of resources and fields are.
pub fn is_spelled(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.ends_with('_')
        && !name.contains("__")
        && name.len() <= MAX_CHARS
}

/// A name that is spelled so and most like this one; empty if nothing of it is left.
pub fn respelled(name: &str) -> String {
    let ascii = deunicode(name).to_snake_case();
    let letters: String = ascii
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let cut: String = letters.trim_start_matches('_').chars().take(MAX_CHARS).collect();
    cut.trim_end_matches('_').to_owned()
}

/// What the crate of a resource is called; the beginning keeps it apart from the crates that projects depend on.
pub fn package_name(plural: &str) -> String {
    format!("app-{}", plural.replace('_', "-"))
}

/// The name that both resources would have.
pub fn clash<'n>(first: &'n [String], second: &[String]) -> Option<&'n String> {
    first.iter().find(|name| second.contains(name))
}

/// What a resource's module, routes, table, operations and types are called.
pub fn of(resource: &Resource) -> Vec<String> {
    let (singular, plural) = (&resource.singular, &resource.plural);
    // Not every engine tells small letters from capitals.
    let table = resource.table_name().to_ascii_lowercase();
    [
        vec![plural.clone(), singular.clone(), table],
        type_names(singular, plural).to_vec(),
    ]
    .concat()
}

/// What the types of a resource are called.
pub fn type_names(singular: &str, plural: &str) -> [String; 4] {
    let one = type_name(singular);
    [
        format!("New{one}"),
        format!("{one}Patch"),
        format!("{}Api", type_name(plural)),
        one,
    ]
}

/// A name as a Rust type: `BlogPost` for `blog_post`.
pub fn type_name(name: &str) -> String {
    name.to_upper_camel_case()
}

/// Singular and plural of a name that is either of them.
///
/// The plural is the originals', who had routes, tables and types called so. The singular names Rust types only and is
/// English's: theirs of `status` was `statu`.
pub fn numbers_of(name: &str) -> (String, String) {
    let plural = plural(name);
    if plural != name {
        return (name.to_owned(), plural);
    }
    let singular = counted(name, 1);
    let singular = match is_spelled(&singular) {
        true => singular,
        false => name.to_owned(),
    };
    (singular, plural)
}

/// The plural that resources had before they had the originals'.
pub fn former_plural(name: &str) -> String {
    counted(name, 2)
}

/// A name for so many, in English.
fn counted(name: &str, count: isize) -> String {
    let (start, last) = name.split_at(name.rfind('_').map_or(0, |at| at + 1));
    format!("{start}{}", pluralizer::pluralize(last, count, false))
}

/// Gives a resource its plural as its singular too where the singular was not chosen and is a name of one of the others.
pub fn avoid_clash<'r>(resource: &mut Resource, mut others: impl Iterator<Item = &'r Resource>) {
    let own = of(resource);
    if !resource.has_own_singular && others.any(|other| clash(&of(other), &own).is_some()) {
        resource.singular.clone_from(&resource.plural);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::Value;

    use super::*;

    #[test]
    fn a_resource_is_named_by_its_singular_or_its_plural() {
        for (singular, plural) in [
            ("post", "posts"),
            ("category", "categories"),
            ("person", "people"),
            ("news", "news"),
            ("sheep", "sheep"),
            ("index", "indexes"),
            ("blog_post", "blog_posts"),
        ] {
            let expected = (singular.to_owned(), plural.to_owned());
            assert_eq!(numbers_of(singular), expected);
            assert_eq!(numbers_of(plural), expected);
        }
    }

    #[test]
    fn what_the_originals_took_for_a_plural_has_an_english_singular() {
        for (name, singular) in [
            ("status", "status"),
            ("class", "class"),
            ("address", "address"),
            ("analysis", "analysis"),
            ("bus", "bus"),
            ("bonus", "bonus"),
            ("process", "process"),
            ("series", "series"),
            ("data", "datum"),
            ("order_status", "order_status"),
            ("statuses", "status"),
            ("addresses", "address"),
        ] {
            assert_eq!(numbers_of(name), (singular.to_owned(), name.to_owned()));
        }
        assert_eq!(numbers_of("media"), ("media".to_owned(), "medias".to_owned()));
    }

    #[test]
    fn no_name_is_without_a_singular() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/plurals.json");
        let vectors = fs::read_to_string(path).unwrap();
        let rows: Vec<Value> = serde_json::from_str(&vectors).unwrap();
        for row in rows {
            let (singular, plural) = numbers_of(row["name"].as_str().unwrap());
            assert_eq!(row["plural"], plural.as_str());
            assert!(is_spelled(&singular), "{row}");
        }
    }
}
