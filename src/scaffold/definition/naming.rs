//! Checks what a definition calls its resources and fields, and suggests other names.

use crate::{
    error::{Diagnostic, Suggestion},
    scaffold::{
        codes,
        model::Resource,
        names::{self, MAX_CHARS, is_spelled, numbers_of, respelled},
        reserved,
        source::{Piece, shown},
    },
};

/// Checks the name of a field.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_field(name: Piece<'_>) -> Result<(), Diagnostic> {
    if !is_spelled(name.text) {
        return Err(misspelled(name, "field", is_field));
    }
    reserved::check_field(name.text).map_err(|message| {
        Diagnostic::new(codes::RESERVED, name.span, message)
            .help("choose another name")
            .suggest(renamed(name, "field", is_field))
    })
}

/// Checks how the name of a resource is spelled.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_resource(name: Piece<'_>) -> Result<(), Diagnostic> {
    match is_spelled(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "resource", is_resource)),
    }
}

/// Checks how the resource is spelled to which a reference leads.
///
/// # Errors
/// What is wrong with it, and another name.
pub fn check_reference(name: Piece<'_>) -> Result<(), Diagnostic> {
    match is_spelled(name.text) {
        true => Ok(()),
        false => Err(misspelled(name, "resource", is_spelled)),
    }
}

/// Checks that nothing else has a name that a resource needs; `name` is where the definition says it.
///
/// # Errors
/// What has the name, and another one.
pub fn check_reserved(name: Piece<'_>, singular: &str, plural: &str) -> Result<(), Diagnostic> {
    reserved::check_resource(singular, plural).map_err(|message| {
        Diagnostic::new(codes::RESERVED, name.span, message)
            .help("choose another name, or set `singular:` and `plural:`")
            .suggest(renamed(name, "resource", is_resource))
    })
}

/// Whether a resource may be called so.
pub fn is_resource(name: &str) -> bool {
    let (singular, plural) = numbers_of(name);
    is_spelled(name) && is_spelled(&plural) && reserved::check_resource(&singular, &plural).is_ok()
}

fn misspelled(name: Piece<'_>, what: &str, is_free: impl Fn(&str) -> bool) -> Diagnostic {
    let message = format!("`{}` cannot be the name of a {what}", shown(name.text));
    Diagnostic::new(codes::NAME, name.span, message)
        .help(format!(
            "names begin with a-z and continue with a-z, 0-9 and single `_`, at most {MAX_CHARS} characters"
        ))
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
        "field" => format!("{base}_value"),
        _ => format!("app_{base}"),
    };
    let candidates = [base.clone(), another, format!("{what}_{base}"), format!("my_{what}")];
    candidates
        .into_iter()
        .filter(|candidate| candidate != name)
        .map(|candidate| candidate.trim_end_matches('_').to_owned())
        .find(|candidate| is_free(candidate))
}

/// Whether a field may be called so.
pub fn is_field(name: &str) -> bool {
    is_spelled(name) && reserved::check_field(name).is_ok()
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
            let message = format!("`{name}` is already a name of the resource `{}`", first.plural);
            let others: Vec<String> = names.concat();
            let is_free = |key: &str| {
                let (singular, plural) = numbers_of(key);
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
            ("Title", "title"),
            ("Type", "type_value"),
            ("id", "id_value"),
            ("blogPost", "blog_post"),
            ("my-post", "my_post"),
            ("../evil", "evil"),
            ("", "field"),
            ("1st", "field_1st"),
            ("a__b", "a_b"),
            ("{{ x }}", "x"),
            ("naïve", "naive"),
            ("città", "citta"),
            ("größe", "grosse"),
            ("日本", "ri_ben"),
            (&"x".repeat(60), &"x".repeat(50)),
        ] {
            let problem = check_field(Piece::exact(name, 0)).unwrap_err();
            let suggestion = problem.suggestion.map(|suggestion| suggestion.replacement);
            assert_eq!(suggestion.as_deref(), Some(expected), "{name}");
            check_field(Piece::exact(expected, 0)).unwrap();
        }
    }
}
