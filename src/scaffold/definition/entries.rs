//! Fields as YAML has them: `- title:string`, `- title: string`, `title: {type: string, max: 100}`.

use super::{
    kinds,
    layout::{self, divided, divided_by_commas, is_flow, listed, quoted},
    naming,
    reader::Reader,
    shorthand::{self, Form, Settings},
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        codes,
        model::Field,
        source::{Setting, shown},
        synonyms, types,
    },
};

/// Fields that a resource may have.
const MAX_FIELDS: usize = 100;
/// The options of a field.
const OPTIONS: [&str; 6] = ["type", "default", "min", "max", "nullable", "unique"];

/// Reads the fields of the resource `key`, and notes all that is wrong with them.
pub fn read(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Vec<Field> {
    let mut fields = Vec::new();
    match &node.content {
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
            note_divided(reader, item.span.to(items[last].span));
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

/// A value that YAML has divided at the commas in its brackets.
fn note_divided(reader: &mut Reader<'_>, span: Span) {
    let message = format!(
        "`{}` has commas, which separate values here",
        shown(&reader.text[span.start..span.end])
    );
    let edit = quoted(reader.text, span);
    reader.note(
        Diagnostic::new(codes::OPTION, span, message)
            .help("inside [] and {}, put quotes around what has commas")
            .suggest(edit),
    );
}

fn read_mapping(reader: &mut Reader<'_>, mapping: &Node, entries: &[(Scalar, Node)], fields: &mut Vec<Field>) {
    let in_flow = is_flow(reader.text, mapping.span);
    let mut skipped = 0;
    for (index, (name, value)) in entries.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
        } else if let Some(last) = divided_entry(entries, index).filter(|_| in_flow) {
            note_divided(reader, value.span.to(entries[last].0.span));
            skipped = last - index;
        } else {
            let field = read_entry(reader, name, value, in_flow);
            fields.extend(field);
        }
    }
}

/// The entry with the rest of a value that YAML has divided at its commas.
fn divided_entry(entries: &[(Scalar, Node)], index: usize) -> Option<usize> {
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
            entries => {
                note_several(reader, item, entries);
                None
            }
        },
        _ => {
            reader.note(Diagnostic::new(
                codes::SHAPE,
                item.span,
                "expected a field as `name:type`",
            ));
            None
        }
    }
}

/// The edit that makes fields of the lines that YAML has joined.
fn divided_lines(text: &str, span: Span) -> Option<Suggestion> {
    let line = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let dash = line + text[line..span.start].rfind('-')?;
    let separator = format!("\n{}- ", layout::indentation(text, dash));
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
fn note_several(reader: &mut Reader<'_>, item: &Node, entries: &[(Scalar, Node)]) {
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
    let is_flow = is_flow(text, item.span);
    reader.note(
        Diagnostic::new(codes::SHAPE, second, "expected one field here")
            .help("begin each field with a dash of its own")
            .suggest((!is_flow || value_of("type").is_some()).then_some(edit)),
    );
}

/// `title: string` or `title: {type: string, max: 100}`.
pub fn read_entry(reader: &mut Reader<'_>, name: &Scalar, value: &Node, in_flow: bool) -> Option<Field> {
    match &value.content {
        Content::Text(text) => {
            let field = shorthand::parse_typed(name.piece(), text.piece(), Form::Value(value.span));
            reader.take(field, in_flow.then_some(value.span))
        }
        Content::Mapping(options) => read_options(reader, name, value, options),
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
            let checked = naming::check_field(name.piece());
            reader.take(checked.map_err(|problem| vec![problem]), None);
            None
        }
    }
}

fn read_options(reader: &mut Reader<'_>, name: &Scalar, value: &Node, options: &[(Scalar, Node)]) -> Option<Field> {
    let in_flow = is_flow(reader.text, value.span);
    let spans = layout::spans(options);
    let mut settings = Settings::default();
    let (mut is_good, mut skipped, mut typed) = (true, 0, None);
    for (index, (option, value)) in options.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
            continue;
        }
        if let Some(last) = divided_entry(options, index) {
            note_divided(reader, value.span.to(options[last].0.span));
            (skipped, is_good) = (last - index, false);
            continue;
        }
        let removal = layout::removal(&spans, index);
        let setting = match &value.content {
            Content::Text(text) => Setting {
                value: text.piece(),
                removal,
            },
            _ => {
                note_no_value(reader, option, value, removal);
                is_good = false;
                continue;
            }
        };
        match option.text.as_str() {
            "type" => {
                typed = Some(value.span);
                settings.kind = Some(setting.value);
            }
            "default" => settings.default = Some(setting),
            "min" => settings.min = Some(setting),
            "max" => settings.max = Some(setting),
            "nullable" => settings.nullable = Some(setting),
            "unique" => settings.unique = Some(setting),
            _ => {
                note_unknown(reader, option, options, setting.removal);
                is_good = false;
            }
        }
    }
    if settings.kind.is_none() {
        if is_good {
            note_no_type(reader, name, value, options);
        }
        return None;
    }
    let field = shorthand::parse_settings(name.piece(), settings, Form::Other);
    reader.take(field, typed.filter(|_| in_flow)).filter(|_| is_good)
}

fn note_no_type(reader: &mut Reader<'_>, name: &Scalar, value: &Node, options: &[(Scalar, Node)]) {
    let edit = options.first().map(|(first, _)| {
        let separator = match is_flow(reader.text, value.span) {
            true => ", ".to_owned(),
            false => format!("\n{}", layout::indentation(reader.text, first.span.start)),
        };
        Suggestion {
            span: Span::at(first.span.start),
            replacement: format!("type: string{separator}"),
            title: "add a type, such as `string`".to_owned(),
        }
    });
    let edit = edit.unwrap_or_else(|| Suggestion {
        span: value.span,
        replacement: "string".to_owned(),
        title: "add a type, such as `string`".to_owned(),
    });
    let message = format!("`{}` has no type", shown(&name.text));
    reader.note(
        Diagnostic::new(codes::NO_TYPE, name.span, message)
            .help(types::all())
            .suggest(Some(edit)),
    );
}

fn note_no_value(reader: &mut Reader<'_>, option: &Scalar, value: &Node, removal: Option<Suggestion>) {
    let is_one = |node: &&Node| matches!(node.content, Content::Text(_));
    let edit = match &value.content {
        // A list of one thing.
        Content::List(items) => items
            .first()
            .filter(is_one)
            .filter(|_| items.len() == 1)
            .map(|item| Suggestion {
                span: value.span,
                replacement: reader.text[item.span.start..item.span.end].to_owned(),
                title: "write it without brackets".to_owned(),
            }),
        _ => None,
    };
    let span = if value.span.start < value.span.end {
        value.span
    } else {
        option.span
    };
    let message = match OPTIONS.contains(&option.text.as_str()) {
        true => format!("`{}` needs one plain value", option.text),
        false => format!("unknown option `{}`", shown(&option.text)),
    };
    reader.note(
        Diagnostic::new(codes::OPTION, span, message)
            .help(format!("the options of a field are {}", OPTIONS.join(", ")))
            .suggest(edit.or(removal)),
    );
}

fn note_unknown(reader: &mut Reader<'_>, option: &Scalar, options: &[(Scalar, Node)], removal: Option<Suggestion>) {
    let is_free = |word: &&str| !options.iter().any(|(key, _)| key.text == **word);
    let meant = synonyms::meant(&option.text, synonyms::FIELD_OPTIONS, &OPTIONS).filter(is_free);
    let value = options
        .iter()
        .find(|(key, _)| key.text == option.text)
        .map(|(_, value)| value);
    let edit = match (option.text.as_str(), value.map(|value| &value.content)) {
        // The opposite of ours.
        ("required" | "not_null" | "notnull" | "mandatory", Some(Content::Text(flag))) => {
            let flags = ["true", "false"];
            let is_required = synonyms::meant(&flag.text, synonyms::FLAGS, &flags) == Some("true");
            Some(Suggestion {
                span: option.span.to(flag.span),
                replacement: format!("nullable: {}", !is_required),
                title: format!("did you mean `nullable: {}`?", !is_required),
            })
        }
        _ => meant.and_then(|meant| option.piece().meant(meant)),
    };
    let message = format!("unknown option `{}`", shown(&option.text));
    reader.note(
        Diagnostic::new(codes::OPTION, option.span, message)
            .help(format!("the options of a field are {}", OPTIONS.join(", ")))
            .suggest(edit.or(removal)),
    );
}

/// Whether the value of a key reads as that of a field, and not of an option.
pub fn is_field(value: &Node) -> bool {
    match &value.content {
        Content::Text(text) => kinds::meant(&text.text, "").is_some(),
        Content::Mapping(options) => options.iter().any(|(key, _)| key.text == "type"),
        _ => false,
    }
}
