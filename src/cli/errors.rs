//! How an error is printed: a line on standard error, a definition's errors with the lines they are about, or JSON.

use std::io::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};
use serde_json::{Value, json};

use super::output::say_exactly;
use crate::{
    error::{Diagnostic, Diagnostics, Error, Source, Span, Suggestion},
    text::{visible, visible_lines},
};

/// Errors that are shown with their lines; JSON has all.
const MAX_SHOWN: usize = 100;

/// The longest line of which an edit is shown, in bytes.
const MAX_LINE: usize = 400;

/// Prints an error once, on standard output where a program reads that.
pub(super) fn print(error: &Error, is_json: bool) {
    let is_printed =
        is_json && !matches!(error, Error::Output(_)) && say_exactly(json!({ "errors": to_json(error) })).is_ok();
    if is_printed {
        return;
    }
    // The exit code says it too, where nobody reads standard error.
    let mut output = std::io::stderr().lock();
    let _ = match error {
        Error::Definition(diagnostics) => {
            let has_colour = AutoStream::choice(&output) != ColorChoice::Never;
            let renderer = if has_colour {
                Renderer::styled()
            } else {
                Renderer::plain()
            };
            writeln!(output, "{}", rendered(diagnostics, &renderer))
        }
        error => writeln!(output, "error: {}", visible_lines(error.with_causes())),
    };
}

/// The errors of a definition as a compiler shows them.
fn rendered(diagnostics: &Diagnostics, renderer: &Renderer) -> String {
    let Diagnostics { source, all } = diagnostics;
    let shown = all.iter().take(MAX_SHOWN);
    let mut parts: Vec<String> = shown
        .map(|diagnostic| with_lines(source, diagnostic, renderer))
        .collect();
    let mut codes: Vec<&str> = all.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let more = match all.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
        Some(more) => format!(", of which {more} are not shown"),
        None => String::new(),
    };
    let count = match all.len() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors{more}"),
    };
    parts.push(format!(
        "{count}; nothing was written. `{} explain {}` explains {}.",
        crate::config::program(),
        codes.first().copied().unwrap_or_default(),
        if codes.len() > 1 { "the first code" } else { "the code" },
    ));
    parts.join("\n\n")
}

fn with_lines(source: &Source, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let path = visible(source.file.as_deref().unwrap_or("argument"));
    let annotation = AnnotationKind::Primary.span(range(source, diagnostic.span));
    let mut annotated = Snippet::source(source.text.as_str())
        .path(path.as_str())
        .annotation(annotation);
    if let Some((span, label)) = diagnostic.related.as_deref() {
        annotated = annotated.annotation(AnnotationKind::Context.span(range(source, *span)).label(visible(label)));
    }
    let title = Level::ERROR
        .primary_title(visible(&diagnostic.message))
        .id(diagnostic.code);
    let mut main = title.element(annotated);
    if let Some(help) = &diagnostic.help {
        main = main.element(Level::NOTE.message(visible(help)));
    }
    let mut groups = vec![main];
    if let Some(suggestion) = &diagnostic.suggestion {
        groups.push(with_edit(source, &path, suggestion));
    }
    renderer.render(&groups)
}

/// An edit with the lines that it changes, where they are not too long to be read.
fn with_edit<'a>(source: &'a Source, path: &'a str, suggestion: &'a Suggestion) -> Group<'a> {
    let Span { start, end } = suggestion.span;
    let title = Level::HELP.secondary_title(visible(&suggestion.title));
    let line_start = source.text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source.text[end..].find('\n').map_or(source.text.len(), |at| end + at);
    let mut changed = source.text[line_start..line_end]
        .lines()
        .chain(suggestion.replacement.lines());
    let is_long = changed.any(|line| line.len() > MAX_LINE);
    let group = Group::with_title(title);
    match is_long {
        true => group,
        false => group.element(
            Snippet::source(source.text.as_str())
                .path(path)
                .patch(Patch::new(start..end, suggestion.replacement.as_str())),
        ),
    }
}

/// The bytes that are marked; the renderer marks the character after an empty part.
fn range(source: &Source, span: Span) -> std::ops::Range<usize> {
    span.start..span.end.min(source.text.len())
}

/// An error, or all errors of a definition, for programs.
fn to_json(error: &Error) -> Vec<Value> {
    let Error::Definition(diagnostics) = error else {
        return vec![json!({ "message": error.with_causes() })];
    };
    let Diagnostics { source, all } = diagnostics.as_ref();
    all.iter()
        .map(|diagnostic| diagnostic_to_json(source, diagnostic))
        .collect()
}

/// Lines and columns are counted from 1, columns in characters; `start` and `end` are bytes from 0.
fn diagnostic_to_json(source: &Source, diagnostic: &Diagnostic) -> Value {
    let place = |span: Span| {
        let ((line, column), (end_line, end_column)) = (source.position(span.start), source.position(span.end));
        json!({
            "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            "start": span.start, "end": span.end,
        })
    };
    let with = |span: Span, name: &str, text: &str| {
        let mut place = place(span);
        place[name] = json!(text);
        place
    };
    let mut value = place(diagnostic.span);
    value["code"] = json!(diagnostic.code);
    value["message"] = json!(diagnostic.message);
    value["file"] = json!(source.file);
    value["help"] = json!(diagnostic.help);
    let related = diagnostic.related.as_deref();
    value["related"] = json!(related.map(|(span, label)| with(*span, "label", label)));
    let suggestion = diagnostic.suggestion.as_ref().map(|suggestion| {
        let mut value = with(suggestion.span, "replacement", &suggestion.replacement);
        value["title"] = json!(suggestion.title);
        value
    });
    value["suggestion"] = json!(suggestion);
    value
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::scaffold::definition::blueprint;

    #[test]
    fn each_error_is_shown_with_its_place() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scaffold/mistakes.txt");
        let all = fs::read_to_string(path).unwrap();
        let cases = all.split("=== ").filter_map(|case| case.split_once('\n'));
        let mut count = 0;
        for (number, (_, text)) in cases.enumerate() {
            let ends = text.char_indices().map(|(at, _)| at).skip(number % 3).step_by(3);
            for end in ends.chain([text.len()]) {
                let marks = ["", "\t\u{1b}[2J", "\u{202e}e\u{301}\u{3000}王", "\r\n\0"];
                let text = format!("{}{}", &text[..end], marks[(number + end) % marks.len()]);
                let file = Some("blog.yaml".to_owned());
                let blueprint = blueprint::of_text(Source { file, text });
                let Some(diagnostics) = Diagnostics::of(&blueprint.source, blueprint.problems) else {
                    continue;
                };
                let shown = rendered(&diagnostics, &Renderer::plain());
                assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown}");
                for diagnostic in &diagnostics.all {
                    let place = diagnostics.source.place(diagnostic.span.start);
                    assert!(shown.contains(&format!("--> {place}\n")), "{place}: {shown}");
                    count += 1;
                }
            }
        }
        assert!(count > 3000, "{count}");
    }
}
