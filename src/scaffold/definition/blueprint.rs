//! From plain data to resources, checked in every respect that needs no project.

use std::path::Path;

use super::{
    naming,
    reader::Reader,
    repair, resource, trial, users,
    yaml::{self, Content},
};
use crate::{
    error::{Diagnostic, Result, Source},
    scaffold::{
        codes,
        model::{Aliases, Resource, USERS, Users},
        names,
    },
};

/// Resources that one file may have.
const MAX_RESOURCES: usize = 100;

/// What a definition asks for, as far as it can be read, and what is wrong with it.
#[derive(Debug)]
pub struct Blueprint {
    /// The definition.
    pub source: Source,
    /// The resources, in the order of the definition.
    pub resources: Vec<Resource>,
    /// What is added to users.
    pub users: Option<Users>,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Reads a file.
///
/// # Errors
/// [`crate::error::Error::Refused`] for what is not a text; what is wrong with the text is in the blueprint.
pub fn read(path: &Path) -> Result<Blueprint> {
    Ok(of_text(yaml::read(path)?))
}

/// Reads the text of a file.
pub fn of_text(source: Source) -> Blueprint {
    let mut blueprint = parsed(source);
    let source = &blueprint.source;
    let read = |text: String| parsed(Source { text, ..source.clone() });
    let mut problems = blueprint.problems;
    if blueprint.resources.is_empty() && blueprint.users.is_none() {
        repair_all(source, &mut problems, read);
    }
    blueprint.problems = trial::tried(&source.text, problems, |text| read(text).problems);
    blueprint
}

/// Finds an edit for a text that says nothing of resources.
fn repair_all(source: &Source, problems: &mut [Diagnostic], read: impl Fn(String) -> Blueprint) {
    let is_unread = |problem: &&mut Diagnostic| [codes::SYNTAX, codes::SHAPE].contains(&problem.code);
    let Some(problem) = problems
        .last_mut()
        .filter(is_unread)
        .filter(|problem| problem.suggestion.is_none())
    else {
        return;
    };
    let edit = repair::suggestion(&source.text, problem.span.start, |text| {
        let repaired = read(text);
        (!repaired.resources.is_empty()).then_some(repaired.problems.len())
    });
    if let Some(edit) = edit {
        // The reader of YAML notices later than people do.
        let place = std::mem::replace(&mut problem.span, edit.span);
        let is_elsewhere = source.position(place.start).0 != source.position(edit.span.start).0;
        problem.related = is_elsewhere.then(|| Box::new((place, "noticed here".to_owned())));
        problem.suggestion = Some(Box::new(edit));
    }
}

fn parsed(source: Source) -> Blueprint {
    let (root, problems) = yaml::parse(&source.text);
    let mut reader = Reader::new(&source);
    problems.into_iter().for_each(|problem| reader.note(problem));
    let (mut resources, mut users) = (Vec::new(), None);
    match root.map(|root| (root.span, root.content)) {
        None => {}
        Some((_, Content::Mapping(entries))) => {
            if let Some((key, _)) = entries.get(MAX_RESOURCES) {
                let message = format!("more than {MAX_RESOURCES} resources in one file");
                reader.note(Diagnostic::new(codes::LIMIT, key.span, message));
            }
            for (key, node) in entries.iter().take(MAX_RESOURCES) {
                match key.text == USERS {
                    true => users = users::read(&mut reader, key, node),
                    false => resources.extend(resource::read(&mut reader, key, node)),
                }
            }
        }
        Some((span, _)) => reader.note(
            Diagnostic::new(codes::SHAPE, span, "expected a mapping of resources to their fields")
                .help("such as `posts:` with `- title:string` under it"),
        ),
    }
    avoid_clashes(&mut resources);
    let aliases: Vec<Aliases> = resources.iter().map(Resource::aliases).collect();
    let added = users.iter_mut().map(|users| &mut users.resource);
    resources
        .iter_mut()
        .chain(added)
        .for_each(|resource| resource.resolve(&aliases));
    naming::clashes(&resources)
        .into_iter()
        .for_each(|problem| reader.note(problem));
    let problems = reader.problems();
    Blueprint {
        source,
        resources,
        users,
        problems,
    }
}

/// Gives resources their plural as their singular too where another has that name: the later of two, if that is enough.
fn avoid_clashes(resources: &mut [Resource]) {
    let mut all: Vec<Vec<String>> = resources.iter().map(names::of).collect();
    for with_later in [false, true] {
        for (index, resource) in resources.iter_mut().enumerate() {
            let (before, rest) = all.split_at(index);
            let after = rest.iter().skip(1).filter(|_| with_later);
            if names::avoid_clash(resource, before.iter().chain(after)) {
                all[index] = names::of(resource);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Definitions with mistakes, all that they begin with, and those with a character more at each place.
    #[test]
    fn edits_stand_within_any_text() {
        const MARKS: [&str; 22] = [
            "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "{", "}", "[", "]", ",", ": ", "- ", "? ", "#", "\n",
            "\t", "é",
        ];
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scaffold/mistakes.txt");
        let all = fs::read_to_string(path).unwrap();
        let cases = all.split("=== ").filter_map(|case| case.split_once('\n'));
        let mut count = 0;
        for (number, (_, text)) in cases.enumerate() {
            for (at, _) in text.char_indices() {
                let (before, after) = text.split_at(at);
                let mark = MARKS[(number + at) % MARKS.len()];
                for text in [before.to_owned(), format!("{before}{mark}{after}")] {
                    count += check_spans(text);
                }
            }
        }
        assert!(count > 10_000, "{count}");
    }

    /// Reads a text, and gives the number of its problems, whose places must be parts of it.
    fn check_spans(text: String) -> usize {
        let blueprint = of_text(Source {
            file: Some("mistake.yaml".to_owned()),
            text,
        });
        let text = &blueprint.source.text;
        for problem in &blueprint.problems {
            let related = problem.related.as_deref().map(|(span, _)| *span);
            let edited = problem.suggestion.as_deref().map(|edit| edit.span);
            for span in [Some(problem.span), related, edited].into_iter().flatten() {
                assert!(text.get(span.start..span.end).is_some(), "{text}: {problem:?}");
            }
        }
        blueprint.problems.len()
    }
}
