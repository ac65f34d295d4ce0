//! Edits of YAML that keep its layout: entries that are removed, moved or quoted.

use super::yaml::{Content, Node, Scalar};
use crate::error::{Span, Suggestion};

/// Whether a list or a mapping is written in brackets.
pub fn is_flow(text: &str, span: Span) -> bool {
    text[span.start..].starts_with(['[', '{'])
}

/// Where the line of a place begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The spaces before a place in its line, and what else stands there, as spaces.
pub fn indentation(text: &str, at: usize) -> String {
    " ".repeat(text[line_start(text, at)..at].chars().count())
}

/// What begins another item of the list whose item begins `at` a place after its dash; `None` without a dash.
pub fn next_item(text: &str, at: usize) -> Option<String> {
    let line = line_start(text, at);
    let dash = line + text[line..at].rfind('-')?;
    Some(format!("\n{}- ", indentation(text, dash)))
}

/// The edit that removes one of several parts that follow each other.
pub fn removal(parts: &[Span], index: usize) -> Option<Suggestion> {
    let span = match (
        index.checked_sub(1).and_then(|before| parts.get(before)),
        parts.get(index + 1),
    ) {
        (Some(before), _) => Span {
            start: before.end,
            end: parts[index].end,
        },
        (None, Some(after)) => Span {
            start: parts[index].start,
            end: after.start,
        },
        (None, None) => return None,
    };
    Some(Suggestion {
        span,
        replacement: String::new(),
        title: "remove it".to_owned(),
    })
}

/// Where the entries of a mapping stand.
pub fn spans(entries: &[(Scalar, Node)]) -> Vec<Span> {
    entries.iter().map(|(key, value)| key.span.to(value.span)).collect()
}

/// The edit that puts quotes around a part that YAML would divide.
pub fn quoted(text: &str, span: Span) -> Option<Suggestion> {
    let part = &text[span.start..span.end];
    (!part.contains(['"', '\'', '\n'])).then(|| Suggestion {
        span,
        replacement: format!("\"{part}\""),
        title: "put quotes around it".to_owned(),
    })
}

/// The same edit of a plain value in brackets, with quotes around the whole value where it needs them from then on.
pub fn quoted_in_flow(text: &str, value: Span, edit: Suggestion) -> Suggestion {
    let is_within = value.start <= edit.span.start && edit.span.end <= value.end && edit.span != value;
    let is_plain = !text[value.start..].starts_with(['"', '\'']);
    if !is_within || !is_plain || !edit.replacement.contains([',', '[', ']', '{', '}']) {
        return edit;
    }
    let (before, after) = (&text[value.start..edit.span.start], &text[edit.span.end..value.end]);
    Suggestion {
        span: value,
        replacement: format!("\"{before}{}{after}\"", edit.replacement),
        ..edit
    }
}

/// The edit that makes items of a list of a plain value: of its lines, or of its words.
pub fn listed(text: &str, value: Span, complete: impl Fn(&str) -> Option<String>) -> Option<Suggestion> {
    let part = &text[value.start..value.end];
    let lines: Vec<&str> = match part.contains('\n') {
        true => part.lines().collect(),
        false => part.split([',', ' ']).collect(),
    };
    let lines: Vec<&str> = match lines.iter().all(|line| line.is_empty() || line.contains(':')) {
        true => lines,
        false => part.lines().collect(),
    };
    let before = &text[line_start(text, value.start)..value.start];
    let is_same_line = !before.trim().is_empty();
    let width = before.len() - before.trim_start().len() + if is_same_line { 2 } else { 0 };
    let indentation = " ".repeat(width);
    let mut items = Vec::new();
    for line in lines {
        let line = line
            .trim()
            .trim_start_matches(['-', '*', '+', '•', '–', '—', '|', '>'])
            .trim();
        if !line.is_empty() {
            let field = if line.contains(':') {
                line.to_owned()
            } else {
                complete(line)?
            };
            items.push(format!("- {field}"));
        }
    }
    let start = match is_same_line {
        true => text[..value.start].trim_end().len(),
        false => value.start,
    };
    let separator = format!("\n{indentation}");
    let first = if is_same_line { separator.as_str() } else { "" };
    Some(Suggestion {
        span: Span { start, ..value },
        replacement: format!("{first}{}", items.join(&separator)),
        title: "make each field an item of a list".to_owned(),
    })
}

/// The edit that gives each entry of an item a dash of its own.
pub fn divided(text: &str, item: &Node, entries: &[(Scalar, Node)]) -> Suggestion {
    let at = item.span.start;
    let separator = next_item(text, at).unwrap_or_else(|| format!("\n{}- ", indentation(text, at)));
    let parts: Vec<&str> = spans(entries)
        .into_iter()
        .map(|span| text[span.start..span.end].trim_end())
        .collect();
    Suggestion {
        span: item.span,
        replacement: parts.join(&separator),
        title: "begin each field with a dash of its own".to_owned(),
    }
}

/// The edit that moves entries of a mapping, which follow each other, under a key of their own.
pub fn moved_under(text: &str, key: &str, mapping: Span, entries: &[(Scalar, Node)]) -> Option<Suggestion> {
    let (first, last) = (spans(entries).first().copied()?, spans(entries).last().copied()?);
    let span = first.to(last);
    let part = &text[span.start..span.end];
    let title = format!("move them under `{key}:`");
    let replacement = match is_flow(text, mapping) {
        true => format!("{key}: {{{part}}}"),
        false => {
            let lines: Vec<&str> = part.lines().collect();
            let indentation = indentation(text, span.start);
            format!("{key}:\n{indentation}  {}", lines.join("\n  "))
        }
    };
    Some(Suggestion {
        span,
        replacement,
        title,
    })
}

/// The edit that removes a key and moves the mapping under it to its place.
pub fn moved_out(text: &str, key: Span, mapping: Span) -> Suggestion {
    let width = indentation(text, mapping.start).len() - indentation(text, key.start).len();
    let lines: Vec<&str> = text[mapping.start..mapping.end]
        .lines()
        .map(|line| match line.char_indices().nth(width) {
            Some((at, _)) if line[..at].trim().is_empty() => &line[at..],
            _ => line,
        })
        .collect();
    Suggestion {
        span: key.to(mapping),
        replacement: lines.join("\n"),
        title: format!("remove `{}`", &text[key.start..key.end]),
    }
}

/// The part from one of several nodes to the first after it whose text has a closing bracket, and its number.
pub fn divided_by_commas(nodes: &[&Node], index: usize) -> Option<usize> {
    let has = |node: &Node, mark: char| matches!(&node.content, Content::Text(text) if text.text.contains(mark));
    let first = nodes.get(index)?;
    if !has(first, '(') || has(first, ')') {
        return None;
    }
    let mut later = nodes.iter().enumerate().skip(index + 1);
    later.find(|(_, node)| has(node, ')')).map(|(last, _)| last)
}

/// The entry with the rest of a value that YAML has divided at its commas.
pub fn divided_entry(entries: &[(Scalar, Node)], index: usize) -> Option<usize> {
    let Content::Text(first) = &entries.get(index)?.1.content else {
        return None;
    };
    if !first.text.contains('(') || first.text.contains(')') {
        return None;
    }
    let mut later = entries.iter().enumerate().skip(index + 1);
    let (last, _) = later.find(|(_, (key, value))| value.content != Content::Nothing || key.text.contains(')'))?;
    entries[last].0.text.contains(')').then_some(last)
}
