//! Edits that make YAML of a text that is not: the usual slips are tried, and the edit that leaves least to mend is taken.

use crate::error::{Span, Suggestion};

/// The longest text for which edits are tried, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Lines before the place of the error that may have caused it.
const LINES: usize = 6;

/// Quotes and brackets of a line that may be one too many.
const MARKS: usize = 8;

/// The edit after which least is wrong with a text that cannot be read at `at`, of those after which it is YAML.
///
/// `problems` counts what is wrong with a text; it gives nothing for one that cannot be read.
pub fn suggestion(text: &str, at: usize, problems: impl Fn(String) -> Option<usize>) -> Option<Suggestion> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut best: Option<(usize, Suggestion)> = None;
    for edit in candidates(text, at) {
        let Some(count) = problems(edit.applied_to(text)) else {
            continue;
        };
        if best.as_ref().is_none_or(|(least, _)| count < *least) {
            best = Some((count, edit));
        }
        if count == 0 {
            break;
        }
    }
    best.map(|(_, edit)| edit)
}

/// A line: where it begins and ends, without the line break.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl Line<'_> {
    fn indentation(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    fn content(&self) -> &str {
        self.text.trim()
    }

    fn edit(&self, from: usize, to: usize, replacement: impl Into<String>, title: &str) -> Suggestion {
        Suggestion {
            span: Span {
                start: self.start + from,
                end: self.start + to,
            },
            replacement: replacement.into(),
            title: title.to_owned(),
        }
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        lines.push(Line {
            start,
            text: line.trim_end_matches(['\n', '\r']),
        });
        start += line.len();
    }
    lines
}

fn candidates(text: &str, at: usize) -> Vec<Suggestion> {
    let lines = lines(text);
    let number = lines.iter().rposition(|line| line.start <= at).unwrap_or_default();
    let mut edits: Vec<Suggestion> = tabs(&lines).into_iter().chain(without_dashes(text, &lines)).collect();
    let nearby = lines
        .iter()
        .enumerate()
        .take(number + 2)
        .skip(number.saturating_sub(LINES));
    let written = nearby.filter(|(_, line)| !line.content().is_empty() && !line.content().starts_with('#'));
    for (index, line) in written.rev() {
        edits.extend(of_line(*line));
        edits.extend(indented(&lines[..index], *line));
    }
    edits
}

/// Spaces for the tabs that lines begin with.
fn tabs(lines: &[Line<'_>]) -> Option<Suggestion> {
    let has_tab = |line: &&Line<'_>| line.text[..line.indentation()].contains('\t');
    let first = lines.iter().position(|line| has_tab(&line))?;
    let last = lines.iter().rposition(|line| has_tab(&line))?;
    let part = &lines[first..=last];
    let replaced: Vec<String> = part
        .iter()
        .map(|line| {
            let (start, rest) = line.text.split_at(line.indentation());
            format!("{}{rest}", start.replace('\t', "  "))
        })
        .collect();
    Some(Suggestion {
        span: Span {
            start: lines[first].start,
            end: lines[last].start + lines[last].text.len(),
        },
        replacement: replaced.join("\n"),
        title: "indent with spaces, not tabs".to_owned(),
    })
}

/// The edit that makes keys of the items of a list.
fn without_dashes(text: &str, lines: &[Line<'_>]) -> Option<Suggestion> {
    let moved = |line: &Line<'_>| {
        let start = ["- ", "  "].into_iter().find(|start| line.text.starts_with(start));
        match start {
            Some(start) => Some(line.text[start.len()..].to_owned()),
            None => line.content().is_empty().then(String::new),
        }
    };
    let moved: Option<Vec<String>> = lines.iter().map(moved).collect();
    Some(Suggestion {
        span: Span {
            start: 0,
            end: text.trim_end().len(),
        },
        replacement: moved?.join("\n").trim_end().to_owned(),
        title: "name the resources without dashes".to_owned(),
    })
}

/// Edits within a line.
fn of_line(line: Line<'_>) -> Vec<Suggestion> {
    let (text, end) = (line.text, line.text.trim_end().len());
    let mut edits = Vec::new();
    let start = line.indentation();
    let mark = text[start..].chars().next().unwrap_or_default();
    if "*+•–—".contains(mark) {
        edits.push(line.edit(start, start + mark.len_utf8(), "-", "begin the field with a dash"));
    }
    edits.extend(separated(line));
    if let Some((key, options)) = text[..end]
        .split_once(": ")
        .filter(|(_, options)| options.starts_with("type: "))
    {
        let braced = format!("{{{options}}}");
        edits.push(line.edit(key.len() + 2, end, braced, "put the options into braces"));
    }
    if text[start..].starts_with("- ") {
        let key = format!("{}fields:\n", " ".repeat(start));
        edits.push(line.edit(0, 0, key, "put the fields under `fields:`"));
    }
    for (mark, title) in [
        ("\"", "close the quote"),
        ("'", "close the quote"),
        ("]", "close the bracket"),
        ("}", "close the brace"),
        (")}", "close the brackets"),
        ("]}", "close the brackets"),
        (":", "add the colon"),
    ] {
        edits.push(line.edit(end, end, mark, title));
    }
    for (at, mark) in text.match_indices(['"', '\'']).take(MARKS) {
        edits.push(line.edit(at, at + mark.len(), "", "remove the quote"));
    }
    for (at, mark) in text
        .match_indices(['[', ']', '{', '}', '%', '@', '`', '*', '&', '!', '|', '>', ','])
        .take(MARKS)
    {
        edits.push(line.edit(at, at + mark.len(), "", &format!("remove the `{mark}`")));
    }
    if text.contains('`') {
        edits.push(line.edit(0, text.len(), text.replace('`', ""), "remove the backquotes"));
    }
    let indentation = line.indentation();
    // A second value after a second colon.
    if let Some((before, after)) = text.split_once(": ").filter(|(_, after)| after.contains(": ")) {
        if let Some((value, _)) = after.split_once(": ") {
            let kept = before.len() + 2 + value.len();
            edits.push(line.edit(kept, end, "", "remove what follows the second colon"));
        }
        let next = format!("\n{}  - ", " ".repeat(indentation));
        edits.push(line.edit(
            before.len() + 1,
            before.len() + 2,
            next,
            "begin the field in a line of its own",
        ));
        let joined = after.replace(": ", ":");
        edits.push(line.edit(
            before.len() + 2,
            text.len(),
            joined,
            "remove the space after the second colon",
        ));
    }
    edits.push(line.edit(indentation, indentation, "- ", "begin the field with a dash"));
    if let Some(value) = text.find(": ").map(|at| at + 2).filter(|at| *at < end) {
        let quoted = format!("\"{}\"", text[value..end].replace('"', ""));
        edits.push(line.edit(value, end, quoted, "put quotes around the value"));
    }
    if let Some(item) = text.find("- ").map(|at| at + 2).filter(|at| *at < end) {
        let quoted = format!("\"{}\"", text[item..end].replace('"', ""));
        edits.push(line.edit(item, end, quoted, "put quotes around the field"));
    }
    edits
}

/// Commas where values of a line are separated by something else, or by nothing: `{type: string max: 5}`.
fn separated(line: Line<'_>) -> Vec<Suggestion> {
    let text = line.text;
    let mut edits = Vec::new();
    if text.contains(';') {
        edits.push(line.edit(0, text.len(), text.replace(';', ","), "separate with commas"));
    }
    for (at, _) in text.match_indices(": ").skip(1).take(MARKS) {
        let key = text[..at].rfind(' ').filter(|_| text.contains('{'));
        if let Some(key) = key.filter(|key| !text[..*key].ends_with([',', '{', '-', ':'])) {
            edits.push(line.edit(key, key, ",", "separate with commas"));
        }
    }
    edits
}

/// Other indentations of a line: those of the lines `before` it, and one step more.
fn indented(before: &[Line<'_>], line: Line<'_>) -> Vec<Suggestion> {
    let mut widths: Vec<usize> = Vec::new();
    for earlier in before
        .iter()
        .rev()
        .filter(|line| !line.content().is_empty())
        .take(LINES)
    {
        for width in [earlier.indentation(), earlier.indentation() + 2] {
            if width != line.indentation() && !widths.contains(&width) {
                widths.push(width);
            }
        }
    }
    widths
        .into_iter()
        .map(|width| {
            line.edit(
                0,
                line.indentation(),
                " ".repeat(width),
                "indent it like the lines around it",
            )
        })
        .collect()
}
