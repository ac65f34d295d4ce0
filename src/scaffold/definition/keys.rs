//! The keys of a table: the one by which its rows are found, and values that are unique together.

use super::{
    naming,
    reader::Reader,
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Suggestion},
    scaffold::{
        codes,
        model::{Field, KeyKind, Resource, TableKey},
        source::{Piece, nearest, shown},
        synonyms,
    },
};

/// The options of a key.
const OPTIONS: [&str; 3] = ["name", "type", "default"];
/// The default of a text that the server makes.
const MADE: &str = "uuid";

/// Reads `key:` of a resource: `id_user`, `code:string` or `{name: uid, type: uuid}`.
pub fn read(reader: &mut Reader<'_>, option: &Scalar, node: &Node) -> Option<TableKey> {
    match &node.content {
        Content::Text(text) => read_text(reader, text.piece()),
        Content::Mapping(options) => read_options(reader, options),
        Content::List(_) => {
            reader.note(
                Diagnostic::new(codes::KEY, node.span, "a key of several columns is not supported").help(
                    "a row has one id in routes and references; add a column of its own as the key, and make the others \
                     unique together with `unique: [a, b]`",
                ),
            );
            None
        }
        Content::Nothing => {
            note(reader, option.piece(), "`key` needs a name");
            None
        }
    }
}

fn note(reader: &mut Reader<'_>, piece: Piece<'_>, message: impl Into<String>) {
    let problem = Diagnostic::new(codes::KEY, piece.span, message.into())
        .help("a key is written as id_user, code:string or {name: uid, type: uuid}")
        .suggest(piece.replaced("id", "use `id`, the default"));
    reader.note(problem);
}

/// `id_user`, or with a type `code:string`, and with a default `uid:string=uuid`.
fn read_text(reader: &mut Reader<'_>, text: Piece<'_>) -> Option<TableKey> {
    let (name, kind) = match text.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (text, None),
    };
    let (kind, default) = match kind.and_then(|kind| kind.split_once('=')) {
        Some((kind, default)) => (Some(kind), Some(default)),
        None => (kind, None),
    };
    put_together(reader, name, kind, default)
}

fn read_options(reader: &mut Reader<'_>, options: &[(Scalar, Node)]) -> Option<TableKey> {
    let mut parts = [None; 3];
    for (name, value) in options {
        let place = OPTIONS.iter().position(|known| *known == name.text);
        let (Some(place), Content::Text(text)) = (place, &value.content) else {
            let edit = nearest(&name.text, &OPTIONS).and_then(|meant| name.piece().meant(meant));
            let message = match place {
                Some(_) => format!("`{}` needs one plain value", name.text),
                None => format!("unknown option `{}`", shown(&name.text)),
            };
            reader.note(
                Diagnostic::new(codes::KEY, name.span, message)
                    .help(format!("the options of a key are {}", OPTIONS.join(", ")))
                    .suggest(edit.filter(|_| place.is_none())),
            );
            return None;
        };
        parts[place] = Some(text.piece());
    }
    match parts {
        [Some(name), kind, default] => put_together(reader, name, kind, default),
        [None, kind, default] => put_together(reader, Piece::unplaced(TableKey::ID), kind, default),
    }
}

fn put_together(
    reader: &mut Reader<'_>,
    name: Piece<'_>,
    kind: Option<Piece<'_>>,
    default: Option<Piece<'_>>,
) -> Option<TableKey> {
    reader.check(naming::check_column(name))?;
    let kind = match kind {
        None => KeyKind::Integer,
        Some(text) => match KeyKind::parse(text.text) {
            Some(kind) => kind,
            None => {
                let near = synonyms::meant(text.text, synonyms::TYPES, &KeyKind::NAMES);
                let message = format!("a key cannot have the type `{}`", shown(text.text));
                reader.note(
                    Diagnostic::new(codes::KEY, text.span, message)
                        .help(format!("allowed: {}", KeyKind::NAMES.join(", ")))
                        .suggest(near.and_then(|near| text.meant(near))),
                );
                return None;
            }
        },
    };
    let is_made = match default {
        None => kind != KeyKind::String,
        Some(text) if text.text == MADE && !kind.is_counted() => true,
        Some(text) => {
            let message = format!("the default `{}` is not one that a key can have", shown(text.text));
            let edit = text.meant(MADE).filter(|_| !kind.is_counted());
            reader.note(
                Diagnostic::new(codes::KEY, text.span, message)
                    .help("`uuid` is the only default, of a string or a uuid; the database counts numbers itself")
                    .suggest(edit),
            );
            return None;
        }
    };
    Some(TableKey {
        column: name.text.to_owned(),
        kind,
        is_made,
    })
}

/// Reads `unique:` of a resource: the names of fields that are unique together, or several lists of such names. They may
/// name one that could not be read, which `unread` has then.
pub fn read_unique(reader: &mut Reader<'_>, node: &Node, fields: &[Field], unread: &str) -> Vec<Vec<String>> {
    let is_text = |item: &Node| matches!(item.content, Content::Text(_));
    let groups: Vec<&Node> = match &node.content {
        Content::List(items) if !items.is_empty() && !items.iter().any(is_text) => items.iter().collect(),
        _ => vec![node],
    };
    let mut read = Vec::new();
    for group in groups {
        let names = names_of(group);
        match names.len() {
            0 | 1 => note_group(reader, group),
            _ => read.extend(read_group(reader, &names, fields, unread)),
        }
    }
    read
}

/// The names of a group, none of what is not a list of names.
fn names_of(group: &Node) -> Vec<Scalar> {
    let name = |item: &Node| match &item.content {
        Content::Text(text) => Some(text.clone()),
        _ => None,
    };
    match &group.content {
        Content::List(items) => items.iter().map(name).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Notes what is not a group of fields.
fn note_group(reader: &mut Reader<'_>, group: &Node) {
    let such = match reader.is_arguments {
        true => "such as `--unique name,taxonomy`, once for each list",
        false => "such as `unique: [name, taxonomy]`, or `unique: [[a, b], [c, d]]`",
    };
    reader.note(
        Diagnostic::new(
            codes::UNIQUE,
            group.span,
            "expected a list of fields that are unique together",
        )
        .help(format!("{such}; one field alone is unique by `^`")),
    );
}

fn read_group(reader: &mut Reader<'_>, names: &[Scalar], fields: &[Field], unread: &str) -> Option<Vec<String>> {
    let mut group: Vec<String> = Vec::new();
    let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    for name in names {
        let field = fields.iter().find(|field| field.name == name.text);
        let message = match field {
            Some(field) if !field.kind.can_be_indexed() => format!("`{}` cannot be unique", field.name),
            Some(_) if group.contains(&name.text) => format!("`{}` is there twice", name.text),
            None if has_name(unread, &name.text) => return None,
            None => format!("`{}` is not a field", shown(&name.text)),
            Some(_) => {
                group.push(name.text.clone());
                continue;
            }
        };
        let near = nearest(&name.text, &known).filter(|_| field.is_none());
        reader.note(
            Diagnostic::new(codes::UNIQUE, name.span, message)
                .help("`unique` names two or more fields of the resource whose types can have an index")
                .suggest(near.and_then(|near| name.piece().meant(near))),
        );
        return None;
    }
    Some(group)
}

/// Whether a text has the name as a word of its own.
fn has_name(text: &str, name: &str) -> bool {
    let is_part = |other: char| other.is_alphanumeric() || "_-$".contains(other);
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// Notes columns that two fields would share, or one with the key: not every engine tells small letters from capitals.
pub fn check_columns(reader: &mut Reader<'_>, resource: &Resource) {
    let key = resource.key_column().to_ascii_lowercase();
    let mut seen: Vec<(String, &Field)> = Vec::new();
    for field in resource.fields.iter().filter(|field| field.has_column()) {
        let column = field.column().to_ascii_lowercase();
        let other = seen.iter().find(|(other, _)| *other == column).map(|(_, other)| other);
        if column == key {
            let message = format!("`{}` would have the column of the key", field.name);
            reader.note(problem(field, message));
        } else if let Some(other) = other {
            let message = format!("`{}` would have the same column as `{}`", field.name, other.name);
            reader.note(problem(field, message).related(other.place.name, "defined here"));
        } else {
            seen.push((column, field));
        }
    }
}

fn problem(field: &Field, message: String) -> Diagnostic {
    let edit: Option<Suggestion> = field.renamed(&format!("{}_2", field.name));
    Diagnostic::new(codes::CLASH, field.place.name, message)
        .help("not every database tells small letters from capitals; set another `column:`, or another name")
        .suggest(edit)
}
