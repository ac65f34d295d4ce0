//! Checks what a definition calls its resources and fields, and suggests other names.

use crate::{
    error::{Diagnostic, Suggestion},
    flask::tablename::tablename,
    scaffold::{
        codes,
        model::Resource,
        names::{self, MAX_CHARS, is_spelled, respelled},
        reserved,
        source::{Piece, Setting, shown},
    },
};

/// Checks the name of an attribute.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_field(name: Piece<'_>) -> Result<(), Diagnostic> {
    if !names::is_on_the_wire(name.text) {
        return Err(misspelled(name, "field", WIRE, is_field));
    }
    reserved::check_attribute(name.text).map_err(|message| {
        Diagnostic::new(codes::RESERVED, name.span, message)
            .help("choose another name")
            .suggest(renamed(name, "field", is_field))
    })
}

/// Checks the name of a column.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_column(name: Piece<'_>) -> Result<(), Diagnostic> {
    if !names::is_in_the_database(name.text) {
        return Err(misspelled(name, "column", DATABASE, names::is_in_the_database));
    }
    reserved::check_column(name.text).map_err(|message| {
        Diagnostic::new(codes::RESERVED, name.span, message)
            .help("choose another name, or set another `column:`")
            .suggest(renamed(name, "column", |name| reserved::check_column(name).is_ok()))
    })
}

/// The column of an attribute where nothing else is said: `-`, which JSON:API recommended in names, is `_` there.
pub fn column_of(attribute: &str) -> String {
    attribute.replace('-', "_")
}

/// Checks how the key of a resource is spelled.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_resource(name: Piece<'_>) -> Result<(), Diagnostic> {
    match is_key(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "resource", KEY, is_resource)),
    }
}

/// Whether a key is spelled as one that a class of Python could have.
fn is_key(name: &str) -> bool {
    let module = names::snake(name);
    let is_rust = module.starts_with(|first: char| first.is_ascii_lowercase());
    names::is_on_the_wire(name) && !name.contains('-') && is_rust && module.len() <= MAX_CHARS
}

/// Checks how a singular is spelled, of which Rust types are made.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_module(name: Piece<'_>) -> Result<(), Diagnostic> {
    match is_spelled(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "type", MODULE, is_spelled)),
    }
}

/// Checks how the resource is spelled to which a reference leads.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_reference(name: Piece<'_>) -> Result<(), Diagnostic> {
    match names::is_on_the_wire(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "resource", KEY, is_spelled)),
    }
}

/// Checks the name of a table.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_table(name: Piece<'_>) -> Result<(), Diagnostic> {
    match names::is_in_the_database(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "table", DATABASE, names::is_in_the_database)),
    }
}

/// Checks a name in routes or a JSON:API type, as `option` has it.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_wire(option: &str, name: Piece<'_>) -> Result<(), Diagnostic> {
    match names::is_on_the_wire(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, option, WIRE, names::is_on_the_wire)),
    }
}

/// Checks what stands before the name in routes.
///
/// # Errors
/// What is wrong with it, and what is allowed.
pub fn check_prefix(text: Piece<'_>) -> Result<(), Diagnostic> {
    const MAX_PREFIX: usize = 100;
    let is_segment = |segment: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        !segment.is_empty() && segment.chars().all(is_part) && !segment.starts_with('.')
    };
    let is_path = |text: &str| match text.strip_prefix('/') {
        Some(rest) => rest.split('/').all(is_segment) && text.len() <= MAX_PREFIX,
        None => text.is_empty(),
    };
    if is_path(text.text) {
        return Ok(());
    }
    let near = format!("/{}", text.text.trim_matches('/'));
    let message = format!("`{}` cannot be the beginning of a route", shown(text.text));
    Err(Diagnostic::new(codes::NAME, text.span, message)
        .help("a prefix is empty, or begins with `/` and does not end with it, such as /api/v1")
        .suggest(
            Some(near)
                .filter(|near| is_path(near))
                .and_then(|near| text.meant(&near)),
        ))
}

/// Reads what pages are to call a field.
///
/// # Errors
/// What is allowed.
pub fn check_label(label: &Setting<'_>) -> Result<String, Diagnostic> {
    const MAX_LABEL: usize = 100;
    let text = label.value.text;
    let is_shown = |c: char| !c.is_control() && !"\"\\{}<>".contains(c);
    match !text.trim().is_empty() && text.chars().count() <= MAX_LABEL && text.chars().all(is_shown) {
        true => Ok(text.to_owned()),
        false => {
            let message = format!("`{}` cannot be a label", shown(text));
            Err(Diagnostic::new(codes::OPTION, label.value.span, message)
                .help(format!(
                    "a label has 1 to {MAX_LABEL} characters, and none of \" \\ {{ }} < >"
                ))
                .suggest(label.removal.clone()))
        }
    }
}

/// Checks that nothing else has the route and the table of a resource.
///
/// `name` is what both are made of, where `route` and `table` are not chosen.
///
/// # Errors
/// What has the name, and another one.
pub fn check_reserved(name: Piece<'_>, [route, table]: [Chosen<'_>; 2]) -> Result<(), Diagnostic> {
    let (place, what, taken) = match (route, table) {
        (Chosen { name: taken, place }, _) if reserved::is_route(taken) => (place, "route", taken),
        (_, Chosen { name: taken, place }) if reserved::is_table(taken) => (place, "table", taken),
        _ => return Ok(()),
    };
    let what = if place.is_some() { what } else { "resource" };
    let place = place.unwrap_or(name);
    let is_free = |name: &str| match what {
        "route" => !reserved::is_route(name),
        "table" => !reserved::is_table(name),
        _ => is_resource(name),
    };
    let message =
        format!("a {what} cannot be called `{taken}`: the server or the database has that name for something else");
    Err(Diagnostic::new(codes::RESERVED, place.span, message)
        .help(match what {
            "resource" if taken == "users" => {
                "`users:` adds attributes to users; choose another name for anything else"
            }
            "resource" => "choose another name, or set `route:` and `table:`",
            _ => "choose another name",
        })
        .suggest(renamed(place, what, is_free)))
}

/// A name that a resource has, and where the definition chooses it.
#[derive(Clone, Copy)]
pub struct Chosen<'t> {
    /// The name.
    pub name: &'t str,
    /// Its place; none for one that is made of another.
    pub place: Option<Piece<'t>>,
}

/// Whether a resource may be called so.
pub fn is_resource(key: &str) -> bool {
    let (_, _, route) = names::from_key(key);
    is_key(key) && !reserved::is_route(&route) && !reserved::is_table(&tablename(&route))
}

/// How names are spelled in messages.
const WIRE: &str = "a letter or `_`, then letters, digits, `_` and `-`, at most 63 characters";
const DATABASE: &str = "a letter or `_`, then letters, digits, `_`, `-` and `$`, at most 63 characters";
const KEY: &str = "a letter or `_`, then letters, digits and `_`, at most 50 characters";
const MODULE: &str = "a-z, then a-z, 0-9 and single `_`, at most 50 characters";

fn misspelled(name: Piece<'_>, what: &str, spelling: &str, is_free: impl Fn(&str) -> bool) -> Diagnostic {
    let message = format!("`{}` cannot be the name of a {what}", shown(name.text));
    Diagnostic::new(codes::NAME, name.span, message)
        .help(format!("expected {spelling}"))
        .suggest(free(name.text, what, is_free).and_then(|free| name.meant(&free)))
}

/// The edit that gives another name, which is free.
fn renamed(name: Piece<'_>, what: &str, is_free: impl Fn(&str) -> bool) -> Option<Suggestion> {
    let free = free(name.text, what, is_free)?;
    name.meant(&free).map(|edit| Suggestion::renamed(edit.span, free))
}

/// A name like this one that is free.
pub fn free(name: &str, what: &str, is_free: impl Fn(&str) -> bool) -> Option<String> {
    let base = respelled(name);
    let another = match what {
        "field" | "column" => format!("{base}_value"),
        _ => format!("app_{base}"),
    };
    let candidates = [base.clone(), another, format!("{what}_{base}"), format!("my_{what}")];
    candidates
        .into_iter()
        .filter(|candidate| candidate != name)
        .map(|candidate| candidate.trim_end_matches('_').to_owned())
        .find(|candidate| !candidate.starts_with('_') && is_free(candidate))
}

/// Whether a field may be called so.
pub fn is_field(name: &str) -> bool {
    names::is_on_the_wire(name)
        && reserved::check_attribute(name).is_ok()
        && reserved::check_column(&column_of(name)).is_ok()
}

/// A field's name that is free, for a text that may not be one.
pub fn field_for(text: &str) -> Option<String> {
    match is_field(text) {
        true => Some(text.to_owned()),
        false => free(text, "field", is_field),
    }
}

/// What no two resources of a file share: their names; each problem stands at the second.
pub fn clashes(resources: &[Resource]) -> Vec<Diagnostic> {
    let names: Vec<Vec<String>> = resources.iter().map(names::of).collect();
    let mut problems = Vec::new();
    for (index, second) in resources.iter().enumerate() {
        let earlier = resources[..index].iter().zip(&names);
        let mut shared = earlier.filter_map(|(first, of_first)| {
            let name = names::clash(of_first, &names[index])?;
            Some((first, name))
        });
        if let Some((first, name)) = shared.next() {
            let message = names::clash_message(name, first);
            let others: Vec<String> = names.concat();
            let is_free = |key: &str| {
                let (singular, plural, _) = names::from_key(key);
                is_resource(key) && !others.contains(&singular) && !others.contains(&plural)
            };
            let another = free(&format!("{}_2", second.key), "other", is_free);
            problems.push(
                Diagnostic::new(codes::CLASH, second.span, message)
                    .related(first.span, format!("`{}` is defined here", first.plural))
                    .help("rename one of them, or set another `singular:` or `plural:`")
                    .suggest(another.and_then(|key| second.renamed(&key))),
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_gets_one_that_can() {
        for (name, expected) in [
            ("id", "id_value"),
            ("blog Post", "blog_post"),
            ("../evil", "evil"),
            ("", "field"),
            ("1st", "field_1st"),
            ("{{ x }}", "x"),
            ("naïve", "naive"),
            ("città", "citta"),
            ("größe", "grosse"),
            ("日本", "ri_ben"),
            (&"x".repeat(64), &"x".repeat(50)),
        ] {
            let problem = check_field(Piece::exact(name, 0)).unwrap_err();
            let suggestion = problem.suggestion.map(|suggestion| suggestion.replacement);
            assert_eq!(suggestion.as_deref(), Some(expected), "{name}");
            check_field(Piece::exact(expected, 0)).unwrap();
        }
        for name in ["Title", "Type", "blogPost", "my-post", "a__b", "_x", &"x".repeat(63)] {
            check_field(Piece::exact(name, 0)).unwrap();
        }
        let problem = check_column(Piece::exact("xmin", 0)).unwrap_err();
        assert_eq!(problem.suggestion.unwrap().replacement, "xmin_value");
    }

    #[test]
    fn a_prefix_is_a_path_without_a_slash_at_its_end() {
        for (prefix, meant) in [
            ("api", Some("/api")),
            ("/api/", Some("/api")),
            ("/", None),
            ("/a b", None),
            ("/a//b", None),
        ] {
            let problem = check_prefix(Piece::exact(prefix, 0)).unwrap_err();
            let suggestion = problem.suggestion.map(|suggestion| suggestion.replacement);
            assert_eq!(suggestion.as_deref(), meant, "{prefix}");
        }
        for prefix in ["", "/api", "/api/v1.1", "/a_b/c-d"] {
            check_prefix(Piece::exact(prefix, 0)).unwrap();
        }
    }
}
