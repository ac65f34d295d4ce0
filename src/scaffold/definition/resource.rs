//! A resource as a definition has it: a list of fields, or options with the fields among them.

use super::{
    access, entries, keys, layout,
    naming::{self, Chosen},
    reader::Reader,
    rules,
    settings::flag,
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    flask::tablename::tablename,
    scaffold::{
        codes, columns,
        model::{Access, Field, Nested, Resource, TableKey, Who, Wire},
        names,
        source::{Piece, Setting, shown},
        synonyms,
    },
};

/// The options of a resource.
const OPTIONS: [&str; 11] = [
    "fields", "auth", "plural", "singular", "table", "route", "type", "prefix", "json", "key", "unique",
];

/// What is wrong with a key that has resources under it.
fn of_wrapper(text: &str, key: &Scalar, node: &Node) -> Option<Diagnostic> {
    let Content::Mapping(entries) = &node.content else {
        return None;
    };
    let is_resource = |(key, value): &(Scalar, Node)| match &value.content {
        _ if synonyms::meant(&key.text, synonyms::RESOURCE_OPTIONS, &OPTIONS).is_some() => false,
        Content::List(items) => items.iter().any(entries::is_item),
        Content::Mapping(options) => options.iter().any(|(key, _)| key.text == "fields"),
        _ => false,
    };
    let is_block = !layout::is_flow(text, node.span);
    if entries.is_empty() || !entries.iter().all(is_resource) {
        return None;
    }
    let message = format!(
        "`{}` has resources under it, which stand at the beginning of a line",
        shown(&key.text)
    );
    let edit = layout::moved_out(text, key.span, node.span);
    Some(
        Diagnostic::new(codes::SHAPE, key.span, message)
            .help("a file is a mapping of resources, without a key around them")
            .suggest(is_block.then_some(edit)),
    )
}

/// The name of a resource, or the one that is suggested in its place: others may refer to that.
fn read_name(reader: &mut Reader<'_>, key: &Scalar) -> Option<String> {
    let Err(problem) = naming::check_resource(key.piece()) else {
        return Some(key.text.clone());
    };
    let suggested = problem.suggestion.as_ref().map(|edit| edit.replacement.clone());
    reader.note(problem);
    suggested
}

/// The options of a resource as they are written.
struct Options<'n> {
    singular: Option<Piece<'n>>,
    plural: Option<Piece<'n>>,
    table: Option<Piece<'n>>,
    route: Option<Piece<'n>>,
    wire: Wire,
    key: Option<TableKey>,
    unique: Option<&'n Node>,
    access: Access,
    fields: Option<&'n Node>,
    /// The entries that are fields and stand beside the options.
    strays: &'n [(Scalar, Node)],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            singular: None,
            plural: None,
            table: None,
            route: None,
            wire: Wire::default(),
            key: None,
            unique: None,
            access: Access::all(Who::User),
            fields: None,
            strays: &[],
        }
    }
}

impl Options<'_> {
    /// The text of all fields; on the command line, where they are not in one place, the whole text.
    fn text_of_fields(&self, reader: &Reader<'_>) -> String {
        if reader.is_arguments {
            return reader.text.to_owned();
        }
        let fields = self.fields.map(|node| node.span);
        let strays = self.strays.iter().flat_map(|(name, value)| [name.span, value.span]);
        let parts = fields.into_iter().chain(strays);
        parts.filter_map(|span| reader.text.get(span.start..span.end)).collect()
    }
}

/// Reads the resource `key`, and notes all that is wrong with it.
pub fn read(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Option<Resource> {
    if let Some(problem) = of_wrapper(reader.text, key, node) {
        reader.note(problem);
        return None;
    }
    let name = read_name(reader, key);
    let before = reader.count();
    let (options, fields) = read_parts(reader, key, node);
    let has_unread_fields = reader.count() > before;
    let unique = match options.unique {
        Some(node) => {
            let unread = match has_unread_fields {
                true => options.text_of_fields(reader),
                false => String::new(),
            };
            keys::read_unique(reader, node, &fields, &unread)
        }
        None => Vec::new(),
    };
    let names = read_names(reader, key, name?, &options)?;
    let (mut plain, mut nested) = (Vec::new(), Vec::new());
    for field in fields {
        match Nested::of(field) {
            Ok(attribute) => nested.push(attribute),
            Err(field) => plain.push(*field),
        }
    }
    let resource = Resource {
        span: key.span,
        key: key.text.clone(),
        has_own_singular: options.singular.is_some(),
        has_own_plural: options.plural.is_some(),
        has_own_table: options.table.is_some(),
        fields: plain,
        nested,
        has_unread_fields,
        singular: names.singular,
        table: Some(names.table).filter(|table| *table != names.plural),
        wire: Wire {
            route: Some(names.route).filter(|route| *route != names.plural),
            ..options.wire
        },
        plural: names.plural,
        primary_key: options.key,
        unique,
        access: options.access,
    };
    let has_fields = !resource.fields.is_empty() || !resource.nested.is_empty();
    if !resource.has_unread_fields && has_fields {
        check_documents(reader, key, &resource);
    }
    access::check_owner(reader, &resource);
    keys::check_columns(reader, &resource);
    if let Err(message) = columns::check_table(&resource) {
        reader.note(Diagnostic::new(codes::WIDTH, key.span, message));
    }
    Some(resource)
}

/// Reads the fields of `users`.
pub fn read_fields(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Vec<Field> {
    read_parts(reader, key, node).1
}

/// Reads what stands under a key: options, and the fields among them.
fn read_parts<'n>(reader: &mut Reader<'_>, key: &Scalar, node: &'n Node) -> (Options<'n>, Vec<Field>) {
    let options = match &node.content {
        Content::Mapping(entries) => read_options(reader, node, entries),
        content => Options {
            fields: (*content != Content::Nothing).then_some(node),
            ..Options::default()
        },
    };
    let mut fields = match options.fields {
        Some(fields) => entries::read(reader, key, fields),
        None => Vec::new(),
    };
    let is_flow = layout::is_flow(reader.text, node.span);
    for (name, value) in options.strays {
        fields.extend(entries::read_entry(reader, name, value, is_flow));
    }
    if options.fields.is_none() && options.strays.is_empty() {
        note_no_fields(reader, key, node);
    }
    (options, fields)
}

/// Notes a resource of which nothing could be stored or nothing changed.
fn check_documents(reader: &mut Reader<'_>, key: &Scalar, resource: &Resource) {
    let any = |holds: fn(&Field) -> bool| resource.fields.iter().any(|field| field.has_column() && holds(field));
    let lacking = match (any(Field::is_sent), any(Field::is_changed)) {
        (true, true) => return,
        (false, _) => "documents could have none of the fields of",
        (true, false) => "nothing could be changed in",
    };
    let message = format!("{lacking} `{}`", shown(&key.text));
    reader.note(
        Diagnostic::new(codes::NO_FIELDS, key.span, message)
            .help(match resource.links().next() {
                None => "at least one field must be stored, and neither `read_only` nor `immutable`",
                Some(_) => "at least one field must have a column, as many(...) has not, and be neither `read_only` nor `immutable`",
            }),
    );
}

/// What a resource is called.
struct Names {
    singular: String,
    /// The plural as its module has it.
    plural: String,
    route: String,
    table: String,
}

/// The names that a resource has by its key, `name`, and those that were chosen.
fn read_names(reader: &mut Reader<'_>, key: &Scalar, name: String, options: &Options<'_>) -> Option<Names> {
    let (singular, plural, route) = names::from_key(&name);
    if let Some(singular) = options.singular {
        reader.check(naming::check_module(singular))?;
    }
    if let Some(plural) = options.plural {
        reader.check(naming::check_resource(plural))?;
    }
    // A plural that was chosen is the route and the table too.
    let (module, made_route, made_table) = match options.plural {
        Some(own) => (names::module(own.text), own.text.to_owned(), own.text.to_owned()),
        None => (plural, route.clone(), tablename(&route.to_ascii_lowercase())),
    };
    let names = Names {
        singular: options.singular.map_or(singular, |own| own.text.to_owned()),
        plural: module,
        route: options.wire.route.clone().unwrap_or(made_route),
        table: options.table.map_or(made_table, |own| own.text.to_owned()),
    };
    let chosen = [(&names.route, options.route), (&names.table, options.table)];
    let chosen = chosen.map(|(name, place)| Chosen { name, place });
    reader.check(naming::check_reserved(options.plural.unwrap_or(key.piece()), chosen));
    Some(names)
}

fn read_options<'n>(reader: &mut Reader<'_>, node: &Node, entries: &'n [(Scalar, Node)]) -> Options<'n> {
    let mut options = Options::default();
    let strays = strays(entries);
    let spans = layout::spans(entries);
    for (index, (option, value)) in entries.iter().enumerate() {
        let removal = layout::removal(&spans, index);
        match option.text.as_str() {
            _ if strays.contains(&index) => {}
            name if reader.users.is_some() && name != "fields" => rules::note_option(reader, option, removal),
            "singular" => options.singular = text_of(reader, option, value, removal),
            "plural" => options.plural = text_of(reader, option, value, removal),
            "table" => {
                let table = text_of(reader, option, value, removal);
                options.table = table.filter(|table| reader.check(naming::check_table(*table)).is_some());
            }
            "route" | "type" | "prefix" | "json" => {
                if let Some(text) = text_of(reader, option, value, removal) {
                    if option.text == "route" {
                        options.route = Some(text);
                    }
                    read_wire(reader, &option.text, text, &mut options.wire);
                }
            }
            "key" => options.key = keys::read(reader, option, value),
            "unique" => options.unique = Some(value),
            "auth" => options.access = access::read(reader, option, value),
            "fields" => options.fields = Some(value),
            other => {
                let is_free = |word: &&str| !entries.iter().any(|(key, _)| key.text == **word);
                let meant = synonyms::meant(other, synonyms::RESOURCE_OPTIONS, &OPTIONS).filter(is_free);
                if meant == Some("fields") {
                    // What is under it can be checked all the same.
                    options.fields = Some(value);
                }
                let edit = meant.and_then(|meant| option.piece().meant(meant)).or(removal);
                reader.note(
                    Diagnostic::new(codes::OPTION, option.span, format!("unknown option `{}`", shown(other)))
                        .help(format!("the options of a resource are {}", OPTIONS.join(", ")))
                        .suggest(edit),
                );
            }
        }
    }
    if let Some((first, _)) = entries.get(strays.start).filter(|_| !strays.is_empty()) {
        let moved = &entries[strays.clone()];
        let message = format!("`{}` is a field, and not an option of the resource", shown(&first.text));
        let edit = layout::moved_under(reader.text, "fields", node.span, moved);
        reader.note(
            Diagnostic::new(codes::OPTION, first.span, message)
                .help("with options, fields stand under `fields:`; without, each begins with a dash")
                .suggest(edit.filter(|_| options.fields.is_none())),
        );
        options.strays = moved;
    }
    options
}

/// Reads one of the options that say what a resource is called on the wire.
fn read_wire(reader: &mut Reader<'_>, option: &str, text: Piece<'_>, wire: &mut Wire) {
    let read = match option {
        "json" => read_json(text).map(|has_json| wire.is_plain = !has_json),
        "prefix" => naming::check_prefix(text).map(|()| wire.prefix = Some(text.text.to_owned())),
        option => naming::check_wire(option, text).map(|()| match option {
            "type" => wire.json_type = Some(text.text.to_owned()),
            _ => wire.route = Some(text.text.to_owned()),
        }),
    };
    reader.check(read);
}

/// Whether routes end in `.json`.
fn read_json(value: Piece<'_>) -> Result<bool, Diagnostic> {
    let setting = Setting { value, removal: None };
    flag("json", Some(&setting)).map_err(|problem| problem.help("with `json: false`, routes do not end in .json"))
}

/// The first entries that follow each other and are fields, where options are expected.
fn strays(entries: &[(Scalar, Node)]) -> std::ops::Range<usize> {
    /// Options that are names of fields as well: `key: string` is a field where none stand under `fields`.
    const AMBIGUOUS: [&str; 7] = ["table", "route", "type", "prefix", "json", "key", "unique"];
    let has_fields = entries.iter().any(|(key, _)| key.text == "fields");
    let is_option = |key: &str| OPTIONS.contains(&key) && (has_fields || !AMBIGUOUS.contains(&key));
    let is_stray = |(key, value): &(Scalar, Node)| !is_option(&key.text) && entries::is_field(value);
    let start = entries.iter().position(is_stray).unwrap_or(entries.len());
    let length = entries[start..].iter().take_while(|entry| is_stray(entry)).count();
    start..start + length
}

fn note_no_fields(reader: &mut Reader<'_>, key: &Scalar, node: &Node) {
    let entries = match &node.content {
        Content::Mapping(entries) if !entries.is_empty() => entries,
        _ => return entries::no_fields(reader, key, node),
    };
    // The options stay as they are.
    let edit = entries.last().map(|(last, value)| {
        let separator = match layout::is_flow(reader.text, node.span) {
            true => ", ".to_owned(),
            false => format!("\n{}", layout::indentation(reader.text, last.span.start)),
        };
        Suggestion {
            span: Span::at(value.span.end),
            replacement: format!("{separator}fields: [title:string]"),
            title: "add one, such as `title:string`".to_owned(),
        }
    });
    // Something else is wrong where there is an unknown option: that may be what the fields were meant to be.
    let is_known = |(key, _): &(Scalar, Node)| OPTIONS.contains(&key.text.as_str());
    if entries.iter().all(is_known) {
        let message = format!("`{}` has no fields", shown(&key.text));
        reader.note(
            Diagnostic::new(codes::NO_FIELDS, key.span, message)
                .help("expected `fields:` with a list of `name:type`")
                .suggest(edit),
        );
    }
}

fn text_of<'n>(
    reader: &mut Reader<'_>,
    option: &Scalar,
    value: &'n Node,
    removal: Option<Suggestion>,
) -> Option<Piece<'n>> {
    if let Content::Text(text) = &value.content {
        return Some(text.piece());
    }
    let message = format!("`{}` needs one plain value", option.text);
    reader.note(Diagnostic::new(codes::SHAPE, option.span, message).suggest(removal));
    None
}
