//! Tries what is suggested: an edit that leaves something to mend in its place is completed, or not suggested.

use std::collections::HashMap;

use super::layout;
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::codes,
};

/// Bytes of all trials together: a long file with many problems is not read again for each of them.
const MAX_BYTES: usize = 1024 * 1024;
/// Edits that may follow from one.
const ROUNDS: usize = 4;

/// The problems with edits that were tried; `problems_of` reads another text.
pub fn tried(
    text: &str,
    problems: Vec<Diagnostic>,
    problems_of: impl Fn(String) -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let edits = problems.iter().filter(|problem| problem.suggestion.is_some()).count();
    if text.len() * edits > MAX_BYTES {
        return problems;
    }
    let completed: Vec<Option<Suggestion>> = problems
        .iter()
        .map(|problem| completed(text, &problems, problem, &problems_of))
        .collect();
    let each = problems.into_iter().zip(completed);
    each.map(|(problem, edit)| problem.suggest(edit)).collect()
}

/// The edit of a problem with those that follow from it; none where something is left.
fn completed(
    text: &str,
    all: &[Diagnostic],
    problem: &Diagnostic,
    problems_of: impl Fn(String) -> Vec<Diagnostic>,
) -> Option<Suggestion> {
    let edit = problem.suggestion.as_deref()?;
    // An alias needs its anchor, so what is more than data is mended together.
    if problem.code == codes::PLAIN {
        return Some(edit.clone());
    }
    let mut edited = edit.applied_to(text);
    for round in 0..ROUNDS {
        let found = problems_of(edited.clone());
        // Of a text that could not be read nothing else is known: what stands elsewhere does not follow from the edit.
        let fresh: Vec<&Diagnostic> = match problem.code == codes::SYNTAX {
            true => found
                .iter()
                .filter(|found| is_near(&edited, text, found.span))
                .collect(),
            false => beyond(&found, all, problem),
        };
        if fresh.is_empty() {
            return Some(match round {
                0 => edit.clone(),
                _ => difference(text, &edited, edit),
            });
        }
        let edits: Vec<&Suggestion> = fresh.iter().filter_map(|fresh| fresh.suggestion.as_deref()).collect();
        if edits.is_empty() {
            return None;
        }
        edited = applied(&edited, &edits);
    }
    None
}

/// The problems that were not there before, apart from the one that was mended.
fn beyond<'p>(found: &'p [Diagnostic], all: &[Diagnostic], mended: &Diagnostic) -> Vec<&'p Diagnostic> {
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    for problem in all.iter().filter(|problem| *problem != mended) {
        *known.entry((problem.code, problem.message.as_str())).or_default() += 1;
    }
    let mut fresh = Vec::new();
    for problem in found {
        match known.get_mut(&(problem.code, problem.message.as_str())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => fresh.push(problem),
        }
    }
    fresh
}

/// Whether a place of the edited text is in the lines that the edit has changed.
fn is_near(edited: &str, text: &str, place: Span) -> bool {
    let (start, end) = changed(text, edited);
    let line_start = layout::line_start(edited, start);
    let line_end = edited[end..].find('\n').map_or(edited.len(), |at| end + at);
    (line_start..=line_end).contains(&place.start)
}

/// The part of the edited text that differs.
fn changed(text: &str, edited: &str) -> (usize, usize) {
    let same = |(one, other): &(char, char)| one == other;
    let start: usize = text
        .chars()
        .zip(edited.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (rest, edited_rest) = (&text[start..], &edited[start..]);
    let backwards = rest.chars().rev().zip(edited_rest.chars().rev());
    let end: usize = backwards.take_while(same).map(|(c, _)| c.len_utf8()).sum();
    (start, edited.len() - end)
}

/// All changes as one edit.
fn difference(text: &str, edited: &str, first: &Suggestion) -> Suggestion {
    let (start, end) = changed(text, edited);
    let replacement = edited[start..end].to_owned();
    let span = Span {
        start,
        end: text.len() - (edited.len() - end),
    };
    Suggestion {
        title: match first.title.starts_with("did you mean") {
            true => "did you mean this?".to_owned(),
            false => first.title.clone(),
        },
        span,
        replacement,
    }
}

/// The text with edits, of which those are left out that touch a later one.
fn applied(text: &str, edits: &[&Suggestion]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut edited = text.to_owned();
    let mut least = usize::MAX;
    for edit in edits.into_iter().rev() {
        if edit.span.end <= least {
            edited = edit.applied_to(&edited);
            least = edit.span.start;
        }
    }
    edited
}
