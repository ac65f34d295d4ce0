//! Fields as YAML has them: `- title:string`, `- title: string`, `title: {type: string, max: 100}`.

use super::{
    kinds,
    layout::{self, divided, divided_by_commas, divided_entry, is_flow, listed},
    naming, options,
    reader::Reader,
    rules,
    shorthand::{self, Form},
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{codes, model::Field, source::shown, types},
};

/// Fields that a resource may have.
const MAX_FIELDS: usize = 100;

/// Reads the fields of the resource `key`, and notes all that is wrong with them.
pub fn read(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Vec<Field> {
    let mut fields = Vec::new();
    match &node.content {
        Content::List(items) if items.is_empty() => no_fields(reader, key, node),
        Content::Text(text) if ["~", "null"].contains(&text.text.as_str()) => no_fields(reader, key, node),
        Content::List(items) => read_list(reader, node, items, &mut fields),
        Content::Mapping(entries) => read_mapping(reader, node, entries, &mut fields),
        Content::Text(_) => {
            let edit = listed(reader.text, node.span, shorthand::complete);
            reader.note(
                Diagnostic::new(codes::SHAPE, node.span, "expected a list of `name:type`")
                    .help("begin each field with a dash, such as `- title:string`")
                    .suggest(edit),
            );
        }
        Content::Nothing => no_fields(reader, key, node),
    }
    check_together(reader, &mut fields);
    fields
}

/// Notes that a resource has no fields; `node` is where they would stand.
pub fn no_fields(reader: &mut Reader<'_>, key: &Scalar, node: &Node) {
    let message = format!("`{}` has no fields", shown(&key.text));
    let field = "title:string";
    let indentation = layout::indentation(reader.text, key.span.start);
    let replacement = match node.content {
        Content::List(_) | Content::Mapping(_) => format!("[{field}]"),
        _ => format!("\n{indentation}  - {field}"),
    };
    let edit = Suggestion {
        span: node.span,
        replacement,
        title: format!("add one, such as `{field}`"),
    };
    let is_in_file = !reader.is_arguments && node.span != Span::default();
    reader.note(
        Diagnostic::new(codes::NO_FIELDS, key.span, message)
            .help("expected a list of `name:type`")
            .suggest(is_in_file.then_some(edit)),
    );
}

/// Notes fields that there are too many of, and duplicates, which are left out.
fn check_together(reader: &mut Reader<'_>, fields: &mut Vec<Field>) {
    if let Some(field) = fields.get(MAX_FIELDS) {
        let message = format!("more than {MAX_FIELDS} fields in one resource");
        reader.note(Diagnostic::new(codes::LIMIT, field.place.name, message));
        fields.truncate(MAX_FIELDS);
    }
    let mut seen: Vec<Field> = Vec::new();
    for field in std::mem::take(fields) {
        let Some(first) = seen.iter().find(|other| other.name == field.name) else {
            seen.push(field);
            continue;
        };
        let is_free = |name: &str| naming::is_field(name) && !seen.iter().any(|other| other.name == name);
        let mut others = (2..10).map(|count| format!("{}_{count}", field.name));
        let edit = others.find(|name| is_free(name)).and_then(|name| field.renamed(&name));
        let message = format!("duplicate field `{}`", field.name);
        reader.note(
            Diagnostic::new(codes::DUPLICATE, field.place.name, message)
                .related(first.place.name, "first defined here")
                .suggest(edit),
        );
    }
    *fields = seen;
}

fn read_list(reader: &mut Reader<'_>, list: &Node, items: &[Node], fields: &mut Vec<Field>) {
    let in_flow = is_flow(reader.text, list.span);
    let nodes: Vec<&Node> = items.iter().collect();
    let mut index = 0;
    while index < items.len() {
        let (item, divided) = (&items[index], divided_by_commas(&nodes, index).filter(|_| in_flow));
        if let Some(last) = divided {
            reader.note_divided(item.span.to(items[last].span));
        } else if item.content == Content::Nothing {
            note_empty(reader, item, index);
        } else {
            let field = read_item(reader, item, in_flow);
            fields.extend(field);
        }
        index = divided.unwrap_or(index) + 1;
    }
}

/// A dash without a field.
fn note_empty(reader: &mut Reader<'_>, item: &Node, index: usize) {
    if reader.is_arguments {
        // A word that is not YAML, which was noted.
        return;
    }
    let dash = reader.text[..item.span.start].rfind('-');
    let edit = dash.map(|at| Suggestion {
        span: Span::at(at + 1),
        replacement: format!(" field_{}:string", index + 1),
        title: "add a field, or remove the dash".to_owned(),
    });
    let span = dash.map_or(item.span, |at| Span { start: at, end: at + 1 });
    let problem = Diagnostic::new(codes::NO_TYPE, span, "expected a field as `name:type`");
    reader.note(problem.suggest(edit));
}

fn read_mapping(reader: &mut Reader<'_>, mapping: &Node, entries: &[(Scalar, Node)], fields: &mut Vec<Field>) {
    let in_flow = is_flow(reader.text, mapping.span);
    let is_item = |(key, value): &(Scalar, Node)| value.content == Content::Nothing && key.text.contains(':');
    if in_flow && entries.iter().all(is_item) && !entries.is_empty() {
        return note_braces(reader, mapping);
    }
    let mut skipped = 0;
    for (index, (name, value)) in entries.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
        } else if let Some(last) = divided_entry(entries, index).filter(|_| in_flow) {
            reader.note_divided(value.span.to(entries[last].0.span));
            skipped = last - index;
        } else {
            let field = read_entry(reader, name, value, in_flow);
            fields.extend(field);
        }
    }
}

/// A list in braces.
fn note_braces(reader: &mut Reader<'_>, mapping: &Node) {
    let inner = reader.text[mapping.span.start..mapping.span.end].trim_matches(['{', '}']);
    let edit = Suggestion {
        span: mapping.span,
        replacement: format!("[{inner}]"),
        title: "use brackets for a list".to_owned(),
    };
    reader.note(
        Diagnostic::new(codes::SHAPE, mapping.span, "expected `name: type` inside {}")
            .help("a space follows the colon; in a list inside [] it may be left out")
            .suggest(Some(edit)),
    );
}

fn read_item(reader: &mut Reader<'_>, item: &Node, in_flow: bool) -> Option<Field> {
    match &item.content {
        Content::Text(text) if reader.text[item.span.start..item.span.end].contains('\n') => {
            let edit = divided_lines(reader.text, item.span);
            let message = format!("`{}` goes over several lines", shown(&text.text));
            reader.note(
                Diagnostic::new(codes::SHAPE, item.span, message)
                    .help("begin each field with a dash, all of them indented alike")
                    .suggest(edit),
            );
            None
        }
        Content::Text(text) if several(&text.text).is_some() && !reader.is_arguments => {
            note_joined(reader, item, &text.text, in_flow);
            None
        }
        Content::Text(text) => {
            let form = match reader.is_arguments {
                true => Form::Other,
                false => Form::Item(item.span),
            };
            let field = shorthand::parse_field(text.piece(), form);
            reader.take(field, in_flow.then_some(item.span))
        }
        Content::Mapping(entries) => match entries.as_slice() {
            [(name, value)] => read_entry(reader, name, value, in_flow),
            entries if options::have_name(entries) => read_options(reader, item, entries),
            entries => {
                note_several(reader, item, entries, in_flow);
                None
            }
        },
        _ => {
            let edit = pair(reader.text, item);
            let problem = Diagnostic::new(codes::SHAPE, item.span, "expected a field as `name:type`");
            reader.note(problem.suggest(edit));
            None
        }
    }
}

/// `{attribute: lastSeen, column: last_seen, type: datetime}`.
fn read_options(reader: &mut Reader<'_>, item: &Node, options: &[(Scalar, Node)]) -> Option<Field> {
    let attribute = options.iter().find(|(key, _)| key.text == "attribute");
    let name = attribute.and_then(|(key, value)| match &value.content {
        Content::Text(text) => Some(text),
        _ => {
            let problem = Diagnostic::new(codes::SHAPE, key.span, "`attribute` needs one plain value");
            reader.note(problem);
            None
        }
    });
    options::read(reader, name?, item, options)
}

/// The fields of a text that has more than one: `title:string, body:text`.
fn several(text: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let is_field = |word: &&str| {
        let parts = word.split_once(':');
        parts.is_some_and(|(name, kind)| naming::is_field(name) && kinds::meant(kind, "").is_some())
    };
    (words.len() > 1 && words.iter().all(is_field)).then_some(words)
}

fn note_joined(reader: &mut Reader<'_>, item: &Node, text: &str, in_flow: bool) {
    let fields = several(text).unwrap_or_default();
    let next = layout::next_item(reader.text, item.span.start).filter(|_| !in_flow);
    let separator = next.unwrap_or_else(|| ", ".to_owned());
    let edit = Suggestion {
        span: item.span,
        replacement: fields.join(&separator),
        title: "make each field an item of the list".to_owned(),
    };
    reader.note(
        Diagnostic::new(
            codes::SHAPE,
            item.span,
            format!("`{}` is more than one field", shown(text)),
        )
        .help("begin each field with a dash of its own")
        .suggest(Some(edit)),
    );
}

/// The edit that writes a list of a name and a type as a field.
fn pair(text: &str, item: &Node) -> Option<Suggestion> {
    let Content::List(parts) = &item.content else {
        return None;
    };
    match parts.as_slice() {
        [name, kind] => {
            let slice = |node: &Node| &text[node.span.start..node.span.end];
            Some(Suggestion::meant(item.span, format!("{}:{}", slice(name), slice(kind))))
        }
        _ => None,
    }
}

/// The edit that makes fields of the lines that YAML has joined.
fn divided_lines(text: &str, span: Span) -> Option<Suggestion> {
    let separator = layout::next_item(text, span.start)?;
    let fields: Option<Vec<String>> = text[span.start..span.end]
        .lines()
        .map(|line| line.trim().trim_start_matches('-').trim())
        .filter(|line| !line.is_empty())
        .map(|line| match line.contains(':') {
            true => Some(line.to_owned()),
            false => shorthand::complete(line),
        })
        .collect();
    Some(Suggestion {
        span,
        replacement: fields?.join(&separator),
        title: "begin each field with a dash of its own".to_owned(),
    })
}

/// An item with several entries: options of one field, or several fields behind one dash.
fn note_several(reader: &mut Reader<'_>, item: &Node, entries: &[(Scalar, Node)], in_flow: bool) {
    let value_of = |name: &str| entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value);
    let text = reader.text;
    let slice = |span: Span| &text[span.start..span.end];
    let edit = match (value_of("name"), value_of("type")) {
        (Some(name), Some(_)) => {
            let others: Vec<&str> = entries
                .iter()
                .filter(|(key, _)| key.text != "name")
                .map(|(key, value)| slice(key.span.to(value.span)).trim_end())
                .collect();
            Suggestion {
                span: item.span,
                replacement: format!("{}: {{{}}}", slice(name.span), others.join(", ")),
                title: "put the options behind the name".to_owned(),
            }
        }
        _ => divided(text, item, entries),
    };
    let second = entries.get(1).map_or(item.span, |(key, _)| key.span);
    reader.note(
        Diagnostic::new(codes::SHAPE, second, "expected one field here")
            .help(match reader.is_arguments {
                true => "a word of the command line is one field; in braces it needs `attribute` and `type`",
                false => "begin each field with a dash of its own",
            })
            .suggest((!in_flow || value_of("type").is_some()).then_some(edit)),
    );
}

/// `title: string` or `title: {type: string, max: 100}`.
pub fn read_entry(reader: &mut Reader<'_>, name: &Scalar, value: &Node, in_flow: bool) -> Option<Field> {
    match &value.content {
        Content::Mapping(options) if reader.users.is_some() && name.text == rules::ACTIVE => {
            rules::read_active(reader, name, options);
            None
        }
        Content::Text(text) => {
            let field = shorthand::parse_typed(name.piece(), text.piece(), Form::Value(value.span));
            reader.take(field, in_flow.then_some(value.span))
        }
        Content::Mapping(options) => options::read(reader, name, value, options),
        content => {
            let is_nothing = *content == Content::Nothing;
            let edit = Suggestion {
                span: value.span,
                replacement: if is_nothing { " string" } else { "string" }.to_owned(),
                title: "add a type, such as `string`".to_owned(),
            };
            let message = format!("`{}` has no type", shown(&name.text));
            let problem = Diagnostic::new(codes::NO_TYPE, name.span, message).help(types::all());
            reader.note(problem.suggest(Some(edit)));
            reader.check(naming::check_field(name.piece()));
            None
        }
    }
}

/// Whether an item of a list reads as a field.
pub fn is_item(item: &Node) -> bool {
    match &item.content {
        Content::Text(text) => text.text.contains(':'),
        Content::Mapping(entries) => !entries.is_empty(),
        _ => false,
    }
}

/// Whether the value of a key reads as that of a field, and not of an option.
pub fn is_field(value: &Node) -> bool {
    match &value.content {
        Content::Text(text) => kinds::meant(&text.text, "").is_some(),
        Content::Mapping(options) => options.iter().any(|(key, _)| key.text == "type"),
        _ => false,
    }
}
