//! What a resource's routes, table, operations and types are called after it.

use deunicode::deunicode;
use heck::{ToSnakeCase, ToUpperCamelCase};

pub use super::spelling::{MAX_CHARS, MAX_TABLE_CHARS, is_in_the_database, is_on_the_wire, is_spelled};
use super::{model::Resource, reserved};
use crate::flask::plural::plural;

/// A name in the words of which it is made, as Rust has names of variables: `last_seen` for `lastSeen`.
pub fn snake(name: &str) -> String {
    match is_spelled(name) {
        true => name.to_owned(),
        false => name.to_snake_case(),
    }
}

/// What the fields of a resource, and its nested attributes after them, are called in Rust: no two alike, and none a word of
/// Rust.
pub fn rust_fields(resource: &Resource) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut taken: Vec<String> = resource
        .has_owner()
        .then(|| "owner_id".to_owned())
        .into_iter()
        .collect();
    let nested = resource.nested.iter().map(|nested| &nested.name);
    for name in resource.fields.iter().map(|field| &field.name).chain(nested) {
        let mut name = snake(name);
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert_str(0, "field_");
        }
        let name = match reserved::is_word_of_rust(&name) || name == reserved::OBJECT_VARIABLE {
            true => format!("{name}_"),
            false => name,
        };
        let mut others = (2..).map(|count| format!("{name}_{count}"));
        let is_taken = |name: &String| taken.contains(name);
        let free = match is_taken(&name) {
            true => others.find(|other| !is_taken(other)).unwrap_or(name),
            false => name,
        };
        taken.push(free.clone());
        names.push(free);
    }
    names
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

/// What is wrong with a resource that has one of the names of another.
pub fn clash_message(name: &str, other: &Resource) -> String {
    let what = if name.starts_with('/') { "the path" } else { "a name" };
    let other = match is_spelled(&other.key) {
        true => &other.plural,
        false => &other.key,
    };
    format!("`{name}` is already {what} of the resource `{other}`")
}

/// What a resource's module, table, operations and types are called.
pub fn of(resource: &Resource) -> Vec<String> {
    let (singular, plural) = (&resource.singular, &resource.plural);
    // Not every engine tells small letters from capitals.
    let table = resource.table_name().to_ascii_lowercase();
    [
        vec![plural.clone(), singular.clone(), table, resource.list_path()],
        type_names(singular, plural).to_vec(),
    ]
    .concat()
}

/// What the types of a resource are called.
pub fn type_names(singular: &str, plural: &str) -> [String; 4] {
    let [one, many] = own_types(singular, plural);
    [format!("New{one}"), format!("{one}Patch"), format!("{many}Api"), one]
}

/// The type of one, and the beginning of the type of its routes; another one where a type of ours or Rust's has the name:
/// `OptionRecord` for `option`.
pub fn own_types(singular: &str, plural: &str) -> [String; 2] {
    let [one, many] = [singular, plural].map(type_name);
    let all = [format!("New{one}"), format!("{one}Patch"), one.clone()];
    [
        match all.iter().any(|name| reserved::is_type(name)) {
            true => format!("{one}Record"),
            false => one,
        },
        match reserved::is_type(&format!("{many}Api")) {
            true => format!("{many}Records"),
            false => many,
        },
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

/// The singular and the plural as modules have them, and the plural as the originals had it in routes and types, for the
/// key of a resource: `things` and `Things` for `Thing`.
pub fn from_key(key: &str) -> (String, String, String) {
    let route = plural(key);
    let (singular, _) = numbers_of(&snake(key));
    (singular, module(&route), route)
}

/// What the module of a resource is called by its name in routes: another name where that is a word of Rust, a crate
/// that is everywhere or a page.
pub fn module(route: &str) -> String {
    let name = snake(route);
    match reserved::is_module(&name) {
        true => name,
        false => format!("app_{name}"),
    }
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

/// Gives a resource its plural as its singular too where the singular was not chosen and is among the names of another;
/// says whether it did.
pub fn avoid_clash<'n>(resource: &mut Resource, mut others: impl Iterator<Item = &'n Vec<String>>) -> bool {
    let own = of(resource);
    let is_taken = !resource.has_own_singular && others.any(|other| clash(other, &own).is_some());
    if is_taken {
        resource.singular.clone_from(&resource.plural);
    }
    is_taken
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
