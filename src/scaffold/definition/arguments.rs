//! A resource whose name, fields and options are words of the command line.

use std::ops::Range;

use super::{
    reader::Reader,
    resource, trial, users,
    yaml::{self, Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Source, Span},
    scaffold::{
        codes,
        definition::blueprint::Blueprint,
        model::{Resource, USERS},
        source::shown,
    },
};

/// The words of a command line.
pub struct Arguments<'a> {
    /// The name of the resource.
    pub name: &'a str,
    /// Its fields.
    pub fields: &'a [String],
    /// Its options, each with the value of its flag; one that is there twice has two groups of values.
    pub options: &'a [(&'static str, String)],
}

/// The flag that has no value.
pub const NO_JSON: &str = "no-json";

/// Reads the words. Each word, and each flag with its value, is a line of the source that diagnostics show.
pub fn read(arguments: &Arguments<'_>) -> Blueprint {
    let Arguments { name, fields, options } = arguments;
    let flags = options.iter().map(|(option, value)| match *option {
        NO_JSON => format!("--{option}"),
        _ => format!("--{option} {value}"),
    });
    let words = std::iter::once((*name).to_owned()).chain(fields.iter().cloned());
    let words: Vec<String> = words.chain(flags).collect();
    let lines: Vec<String> = words.iter().map(|word| line_of(word)).collect();
    let source = Source {
        file: None,
        text: lines.join("\n"),
    };
    let options: Vec<&str> = options.iter().map(|(option, _)| *option).collect();
    let mut blueprint = parsed(source, &words, fields.len(), &options);
    let problems = std::mem::take(&mut blueprint.problems);
    let of_text = |text: String| {
        let words: Vec<String> = text.split('\n').map(str::to_owned).collect();
        parsed(Source { file: None, text }, &words, fields.len(), &options).problems
    };
    // A word more would be something else.
    let (kept, others): (Vec<Diagnostic>, Vec<Diagnostic>) = problems.into_iter().partition(|problem| {
        let edit = problem.suggestion.as_deref();
        edit.is_none_or(|edit| edit.applied_to(&blueprint.source.text).split('\n').count() == lines.len())
    });
    let others = others.into_iter().map(|problem| problem.suggest(None));
    let all = kept.into_iter().chain(others).map(with_flags).collect();
    blueprint.problems = trial::tried(&blueprint.source.text, all, of_text);
    blueprint
}

/// A problem whose help has flags where it has options of a file.
fn with_flags(mut problem: Diagnostic) -> Diagnostic {
    for option in ["plural", "singular", "table", "route"] {
        let flag = format!("`--{option}`");
        problem.help = problem.help.map(|help| help.replace(&format!("`{option}:`"), &flag));
    }
    problem
}

fn has_control(word: &str) -> bool {
    word.chars().any(char::is_control)
}

/// A word as it is where it has no line break of its own.
fn line_of(word: &str) -> String {
    match has_control(word) {
        true => word.escape_debug().to_string(),
        false => word.to_owned(),
    }
}

/// Reads the lines of a source: a name, so many fields and these options.
fn parsed(source: Source, words: &[String], fields: usize, options: &[&'static str]) -> Blueprint {
    let mut reader = Reader::new(&source);
    let mut lines = Vec::new();
    let mut start = 0;
    for (line, word) in source.text.split('\n').zip(words) {
        let range = start..start + line.len();
        start = range.end + 1;
        if has_control(word) {
            let message = format!("`{}` contains a control character", shown(word));
            reader.note(Diagnostic::new(codes::CONTROL, span(&range), message));
        }
        lines.push(range);
    }
    let mut lines = lines.into_iter();
    let name = lines.next().unwrap_or_default();
    let key = Scalar::exact(&source.text[name.clone()], 0);
    let items: Vec<Node> = lines
        .by_ref()
        .take(fields)
        .map(|line| field(&mut reader, line))
        .collect();
    let list = Node {
        span: key.span,
        content: Content::List(items),
    };
    let mut entries: Vec<(Scalar, Node)> = Vec::new();
    for (option, line) in options.iter().zip(lines) {
        add_option(&mut reader, &mut entries, option, line);
    }
    let node = match entries.is_empty() {
        true => list,
        false => {
            let fields = Scalar::unplaced("fields", Span::at(name.end));
            let span = key.span;
            entries.insert(0, (fields, list));
            Node {
                span,
                content: Content::Mapping(entries),
            }
        }
    };
    let (mut resources, mut users): (Vec<Resource>, _) = (Vec::new(), None);
    match key.text == USERS {
        true => users = users::read(&mut reader, &key, &node),
        false => resources.extend(resource::read(&mut reader, &key, &node)),
    }
    for resource in &mut resources {
        let own = [resource.aliases()];
        resource.resolve(&own);
    }
    let problems = reader.problems();
    Blueprint {
        source,
        resources,
        users,
        problems,
    }
}

fn span(range: &Range<usize>) -> Span {
    Span {
        start: range.start,
        end: range.end,
    }
}

/// A word that says a field: `title:string`, or as YAML `title: {type: string, max: 100}`.
fn field(reader: &mut Reader<'_>, line: Range<usize>) -> Node {
    let word = &reader.text[line.clone()];
    let has_options = word.split_once(':').is_some_and(|(_, rest)| rest.starts_with(' '));
    match has_options || word.starts_with('{') {
        true => flow(reader, line),
        false => plain(reader, line),
    }
}

/// A word as it is.
fn plain(reader: &Reader<'_>, line: Range<usize>) -> Node {
    let scalar = Scalar::exact(&reader.text[line.clone()], line.start);
    Node {
        span: scalar.span,
        content: Content::Text(scalar),
    }
}

/// A word as YAML; as it is where it is not.
fn flow(reader: &mut Reader<'_>, line: Range<usize>) -> Node {
    let (node, problems) = yaml::parse_from(&reader.text[..line.end], line.start);
    for problem in problems {
        let edit = problem.suggestion.as_deref().cloned();
        reader.note(
            problem
                .help("a word with braces is YAML; put quotes around all of it for the shell")
                .suggest(edit),
        );
    }
    node.unwrap_or(Node {
        span: span(&line),
        content: Content::Nothing,
    })
}

/// Adds an option as a file would have it.
fn add_option(reader: &mut Reader<'_>, entries: &mut Vec<(Scalar, Node)>, option: &'static str, line: Range<usize>) {
    let name = line.start + 2..line.start + 2 + option.len();
    if option == NO_JSON {
        let value = Scalar::unplaced("false", span(&line));
        let key = Scalar::unplaced("json", span(&line));
        let node = Node {
            span: value.span,
            content: Content::Text(value),
        };
        return entries.push((key, node));
    }
    let value = (name.end + 1).min(line.end)..line.end;
    let text = &reader.text[value.clone()];
    let node = match option {
        "auth" | "key" if text.starts_with(['{', '[']) => flow(reader, value),
        "auth" if text.contains('=') => callers(reader, value),
        "unique" => names(reader, value),
        _ => plain(reader, value),
    };
    let existing = entries.iter_mut().find(|(key, _)| key.text == option);
    match existing.map(|(_, node)| node) {
        // Several groups of fields that are unique together.
        Some(Node {
            content: Content::List(groups),
            ..
        }) => groups.push(node),
        _ => {
            let node = match option {
                "unique" => Node {
                    span: node.span,
                    content: Content::List(vec![node]),
                },
                _ => node,
            };
            entries.push((Scalar::unplaced(option, span(&line)), node));
        }
    }
}

/// The parts of a value that commas separate.
fn parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut start = range.start;
    let mut parts = Vec::new();
    for part in text[range].split(',') {
        parts.push(start..start + part.len());
        start += part.len() + 1;
    }
    parts
}

/// `name,order`.
fn names(reader: &Reader<'_>, value: Range<usize>) -> Node {
    let parts = parts(reader.text, value.clone());
    Node {
        span: span(&value),
        content: Content::List(parts.into_iter().map(|part| plain(reader, part)).collect()),
    }
}

/// `list=public,delete=admin`.
fn callers(reader: &Reader<'_>, value: Range<usize>) -> Node {
    let verb = |part: Range<usize>| {
        let text = &reader.text[part.clone()];
        let length = text.find('=').unwrap_or(text.len());
        let verb = Scalar::exact(&text[..length], part.start);
        let caller = match length < text.len() {
            true => plain(reader, part.start + length + 1..part.end),
            false => Node {
                span: Span::at(part.end),
                content: Content::Nothing,
            },
        };
        (verb, caller)
    };
    Node {
        span: span(&value),
        content: Content::Mapping(parts(reader.text, value.clone()).into_iter().map(verb).collect()),
    }
}
