//! A field as a mapping of options: `{type: string, max: 100}`.

use super::{
    kinds,
    layout::{self, divided_entry, is_flow},
    reader::Reader,
    rules,
    settings::{NameList, Settings},
    shorthand::{self, Form},
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

/// The options of a field.
const OPTIONS: [&str; 22] = [
    "type",
    "default",
    "min",
    "max",
    "nullable",
    "unique",
    "column",
    "attribute",
    "label",
    "index",
    "read_only",
    "write_only",
    "immutable",
    "stored",
    "server_default",
    "on_update",
    "on_delete",
    "native",
    "table",
    "columns",
    "by",
    "only",
];

/// Reads the field `name` with these options.
pub fn read(reader: &mut Reader<'_>, name: &Scalar, value: &Node, options: &[(Scalar, Node)]) -> Option<Field> {
    let in_flow = is_flow(reader.text, value.span);
    if let Some(problem) = argument_as_option(reader.text, options) {
        reader.note(problem);
        return None;
    }
    let spans = layout::spans(options);
    let mut settings = Settings::default();
    let (mut is_good, mut skipped, mut typed) = (true, 0, None);
    for (index, (option, value)) in options.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
            continue;
        }
        if let Some(last) = divided_entry(options, index) {
            reader.note_divided(value.span.to(options[last].0.span));
            (skipped, is_good) = (last - index, false);
            continue;
        }
        let removal = layout::removal(&spans, index);
        if option.text == "columns" {
            settings.columns = Some(NameList::of(option, value, removal));
            continue;
        }
        let setting = match &value.content {
            Content::Text(text) => Setting {
                value: text.piece(),
                removal,
            },
            Content::List(items) if option.text == "only" && !items.is_empty() && items.iter().all(is_word) => {
                settings.only = Some(words(items, removal.as_ref()));
                continue;
            }
            _ => {
                note_no_value(reader, option, value, removal);
                is_good = false;
                continue;
            }
        };
        if let Some(problem) = rules::misplaced(reader, option, spans[index], setting.removal.clone(), options) {
            reader.note(problem);
            is_good = false;
            continue;
        }
        if option.text == "only" {
            settings.only = Some(vec![setting]);
        } else if option.text == "type" {
            typed = Some(value.span);
            settings.kind = Some(setting.value);
        } else if let Some(place) = settings.place(&option.text) {
            *place = Some(setting);
        } else {
            note_unknown(reader, option, options, setting.removal);
            is_good = false;
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

fn is_word(item: &Node) -> bool {
    matches!(item.content, Content::Text(_))
}

/// The words of a list.
fn words<'n>(items: &'n [Node], removal: Option<&Suggestion>) -> Vec<Setting<'n>> {
    let word = |item: &'n Node| match &item.content {
        Content::Text(text) => Some(Setting {
            value: text.piece(),
            removal: removal.cloned(),
        }),
        _ => None,
    };
    items.iter().filter_map(word).collect()
}

/// Whether options are those of a field that say what it is called.
pub fn have_name(options: &[(Scalar, Node)]) -> bool {
    let has = |option: &str| options.iter().any(|(key, _)| key.text == option);
    has("attribute") && (has("type") || options.iter().all(|(key, _)| OPTIONS.contains(&key.text.as_str())))
}

/// What a type has in brackets as an option of its own: `choices: [a, b]` beside `type: enum`.
fn argument_as_option(text: &str, options: &[(Scalar, Node)]) -> Option<Diagnostic> {
    const CHOICES: [&str; 4] = ["choices", "values", "options", "enum"];
    const TABLES: [&str; 6] = ["table", "to", "resource", "model", "references", "of"];
    let is_kind = |(key, value): &(Scalar, Node), kind: &str| {
        key.text == "type" && matches!(&value.content, Content::Text(text) if text.text == kind)
    };
    // The table of `many` is its join table.
    for (kind, words) in [
        ("enum", &CHOICES[..]),
        ("references", &TABLES[..]),
        ("many", &TABLES[1..]),
        ("nested", &TABLES[..]),
    ] {
        let typed = options.iter().position(|option| is_kind(option, kind));
        let argument = options.iter().position(|(key, _)| words.contains(&key.text.as_str()));
        let (Some(typed), Some(argument)) = (typed, argument) else {
            continue;
        };
        let (key, value) = &options[argument];
        let inner = text[value.span.start..value.span.end].trim_matches(|c| "[]\"' ".contains(c));
        let meant = kinds::meant(&format!("{kind}({inner})"), "")?.kind;
        let spans = layout::spans(options);
        let edit = Suggestion::meant(
            spans[typed.min(argument)].to(spans[typed.max(argument)]),
            format!("type: \"{meant}\""),
        );
        let message = format!("unknown option `{}`", shown(&key.text));
        let is_near = typed.abs_diff(argument) == 1 && !inner.contains('\n');
        return Some(
            Diagnostic::new(codes::OPTION, key.span, message)
                .help(format!("{kind} has it in brackets"))
                .suggest(is_near.then_some(edit)),
        );
    }
    None
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

fn wrong_option(reader: &Reader<'_>, span: Span, message: String) -> Diagnostic {
    let of_users = if reader.users.is_some() {
        &rules::OPTIONS[..]
    } else {
        &[]
    };
    let options = [&OPTIONS[..], of_users].concat();
    Diagnostic::new(codes::OPTION, span, message).help(format!("the options of a field are {}", options.join(", ")))
}

fn note_no_value(reader: &mut Reader<'_>, option: &Scalar, value: &Node, removal: Option<Suggestion>) {
    let is_one = |node: &&Node| matches!(node.content, Content::Text(_));
    let edit = match &value.content {
        Content::Nothing if option.text.contains('=') => {
            let written = option.text.replacen('=', ": ", 1);
            option.piece().meant(&written)
        }
        Content::Nothing if !OPTIONS.contains(&option.text.as_str()) => typed(option, option.span, None),
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
    let span = value.span.or(option.span);
    let is_known = [&OPTIONS[..], &rules::OPTIONS].concat().contains(&option.text.as_str());
    let problem = match is_known {
        true => wrong_option(reader, span, format!("`{}` needs one plain value", option.text)),
        false => wrong_option(reader, span, format!("unknown option `{}`", shown(&option.text))),
    };
    reader.note(problem.suggest(edit.or(removal)));
}

/// The edit that makes the type of a field of a type's name in the place of an option.
fn typed(option: &Scalar, span: Span, max: Option<usize>) -> Option<Suggestion> {
    let kind = kinds::row_of(&option.text)?.name;
    let max = max.map_or(String::new(), |max| format!(", max: {max}"));
    Some(Suggestion::meant(span, format!("type: {kind}{max}")))
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
            let nullable = format!("nullable: {}", !is_required);
            Some(Suggestion::meant(option.span.to(flag.span), nullable))
        }
        (_, Some(Content::Text(length))) if kinds::row_of(&option.text).is_some() && is_free(&"type") => {
            typed(option, option.span.to(length.span), length.text.parse().ok())
        }
        _ => meant.and_then(|meant| option.piece().meant(meant)),
    };
    let problem = wrong_option(reader, option.span, format!("unknown option `{}`", shown(&option.text)));
    reader.note(problem.suggest(edit.or(removal)));
}
