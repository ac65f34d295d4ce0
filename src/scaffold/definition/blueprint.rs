//! From plain data to resources, checked in every respect that needs no project.

use std::path::Path;

use super::{
    access, entries, layout, naming,
    reader::Reader,
    repair, trial,
    yaml::{self, Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Result, Source, Span, Suggestion},
    flask::tablename::tablename,
    scaffold::{
        codes, columns,
        model::{Access, Resource, Who},
        names,
        source::{Piece, shown},
        synonyms,
    },
};

/// Resources that one file may have.
const MAX_RESOURCES: usize = 100;
/// The options of a resource.
const OPTIONS: [&str; 4] = ["fields", "auth", "plural", "singular"];

/// What a definition asks for, as far as it can be read, and what is wrong with it.
#[derive(Debug)]
pub struct Blueprint {
    /// The definition.
    pub source: Source,
    /// The resources, in the order of the definition.
    pub resources: Vec<Resource>,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Reads a file.
///
/// # Errors
/// [`crate::error::Error::Refused`] for what is not a text; what is wrong with the text is in the blueprint.
pub fn read(path: &Path) -> Result<Blueprint> {
    Ok(of_text(yaml::read(path)?))
}

/// Reads the text of a file.
pub fn of_text(source: Source) -> Blueprint {
    let mut blueprint = parsed(source);
    let source = &blueprint.source;
    let read = |text: String| parsed(Source { text, ..source.clone() });
    let mut problems = blueprint.problems;
    if blueprint.resources.is_empty() {
        repair_all(source, &mut problems, read);
    }
    blueprint.problems = trial::tried(&source.text, problems, |text| read(text).problems);
    blueprint
}

/// Finds an edit for a text that says nothing of resources.
fn repair_all(source: &Source, problems: &mut [Diagnostic], read: impl Fn(String) -> Blueprint) {
    let is_unread = |problem: &&mut Diagnostic| [codes::SYNTAX, codes::SHAPE].contains(&problem.code);
    let Some(problem) = problems
        .last_mut()
        .filter(is_unread)
        .filter(|problem| problem.suggestion.is_none())
    else {
        return;
    };
    let edit = repair::suggestion(&source.text, problem.span.start, |text| {
        let repaired = read(text);
        (!repaired.resources.is_empty()).then_some(repaired.problems.len())
    });
    if let Some(edit) = edit {
        // The reader of YAML notices later than people do.
        let place = std::mem::replace(&mut problem.span, edit.span);
        let is_elsewhere = source.position(place.start).0 != source.position(edit.span.start).0;
        problem.related = is_elsewhere.then(|| Box::new((place, "noticed here".to_owned())));
        problem.suggestion = Some(Box::new(edit));
    }
}

fn parsed(source: Source) -> Blueprint {
    let (root, problems) = yaml::parse(&source.text);
    let mut reader = Reader::new(&source);
    problems.into_iter().for_each(|problem| reader.note(problem));
    let mut resources = Vec::new();
    match root.map(|root| (root.span, root.content)) {
        None => {}
        Some((_, Content::Mapping(entries))) => {
            if let Some((key, _)) = entries.get(MAX_RESOURCES) {
                let message = format!("more than {MAX_RESOURCES} resources in one file");
                reader.note(Diagnostic::new(codes::LIMIT, key.span, message));
            }
            for (key, node) in entries.iter().take(MAX_RESOURCES) {
                resources.extend(read_resource(&mut reader, key, node));
            }
        }
        Some((span, _)) => reader.note(
            Diagnostic::new(codes::SHAPE, span, "expected a mapping of resources to their fields")
                .help("such as `posts:` with `- title:string` under it"),
        ),
    }
    avoid_clashes(&mut resources);
    let tables: Vec<(String, String)> = resources
        .iter()
        .map(|resource| (resource.singular.clone(), resource.plural.clone()))
        .collect();
    resources.iter_mut().for_each(|resource| resource.resolve(&tables));
    naming::clashes(&resources)
        .into_iter()
        .for_each(|problem| reader.note(problem));
    let problems = reader.problems();
    Blueprint {
        source,
        resources,
        problems,
    }
}

/// Gives resources their plural as their singular too where another has that name: the later of two, if that is enough.
fn avoid_clashes(resources: &mut [Resource]) {
    for with_later in [false, true] {
        for index in 0..resources.len() {
            let (before, rest) = resources.split_at_mut(index);
            if let [resource, after @ ..] = rest {
                let after = after.iter().filter(|_| with_later);
                names::avoid_clash(resource, before.iter().chain(after));
            }
        }
    }
}

/// Reads a resource whose name and fields are words of the command line.
pub fn read_arguments(name: &str, fields: &[String]) -> Blueprint {
    let words: Vec<&str> = std::iter::once(name).chain(fields.iter().map(String::as_str)).collect();
    // Each is a line of the source, so a word is shown as it is only where it has none of its own.
    let has_control = |word: &&str| word.chars().any(char::is_control);
    let lines: Vec<String> = words
        .iter()
        .map(|word| match has_control(word) {
            true => word.escape_debug().to_string(),
            false => (*word).to_owned(),
        })
        .collect();
    let source = Source {
        file: None,
        text: lines.join("\n"),
    };
    let mut reader = Reader::new(&source);
    let mut start = 0;
    let mut items = Vec::new();
    for (line, word) in lines.iter().zip(&words) {
        let scalar = Scalar::exact(line, start);
        start += line.len() + 1;
        if has_control(word) {
            let message = format!("`{}` contains a control character", shown(word));
            reader.note(Diagnostic::new(codes::CONTROL, scalar.span, message));
        }
        items.push(Node {
            span: scalar.span,
            content: Content::Text(scalar),
        });
    }
    let key = Scalar::exact(&lines[0], 0);
    let node = Node {
        span: key.span,
        content: Content::List(items.split_off(1)),
    };
    let mut resources: Vec<Resource> = read_resource(&mut reader, &key, &node).into_iter().collect();
    for resource in &mut resources {
        let own = [(resource.singular.clone(), resource.plural.clone())];
        resource.resolve(&own);
    }
    let problems = reader.problems();
    Blueprint {
        source,
        resources,
        problems,
    }
}

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
    access: Access,
    fields: Option<&'n Node>,
    /// The entries that are fields and stand beside the options.
    strays: &'n [(Scalar, Node)],
}

fn read_resource(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Option<Resource> {
    if let Some(problem) = of_wrapper(reader.text, key, node) {
        reader.note(problem);
        return None;
    }
    let name = read_name(reader, key);
    let before = reader.count();
    let options = match &node.content {
        Content::Mapping(entries) => read_options(reader, node, entries),
        content => Options {
            singular: None,
            plural: None,
            access: Access::all(Who::User),
            fields: (*content != Content::Nothing).then_some(node),
            strays: &[],
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
    let has_unread_fields = reader.count() > before;
    let (singular, plural) = names::numbers_of(&name?);
    let own = [options.singular, options.plural];
    for name in own.into_iter().flatten() {
        reader.check(naming::check_resource(name))?;
    }
    let [singular, plural] = [(own[0], singular), (own[1], plural)].map(|(own, made)| match own {
        Some(own) => own.text.to_owned(),
        None => made,
    });
    let place = own[1].or(own[0]).unwrap_or(key.piece());
    reader.check(naming::check_reserved(place, &singular, &plural));
    // A plural that was chosen is the table's name too.
    let table = own[1].is_none().then(|| tablename(&plural));
    let resource = Resource {
        span: key.span,
        key: key.text.clone(),
        has_own_singular: own[0].is_some(),
        has_own_plural: own[1].is_some(),
        fields,
        has_unread_fields,
        singular,
        table: table.filter(|table| *table != plural),
        plural,
        access: options.access,
    };
    access::check_owner(reader, &resource);
    if let Err(message) = columns::check_table(&resource) {
        reader.note(Diagnostic::new(codes::WIDTH, key.span, message));
    }
    Some(resource)
}

fn read_options<'n>(reader: &mut Reader<'_>, node: &Node, entries: &'n [(Scalar, Node)]) -> Options<'n> {
    let mut options = Options {
        singular: None,
        plural: None,
        access: Access::all(Who::User),
        fields: None,
        strays: &[],
    };
    let strays = strays(entries);
    let spans = layout::spans(entries);
    for (index, (option, value)) in entries.iter().enumerate() {
        let removal = layout::removal(&spans, index);
        match option.text.as_str() {
            "singular" => options.singular = text_of(reader, option, value, removal),
            "plural" => options.plural = text_of(reader, option, value, removal),
            "auth" => options.access = access::read(reader, option, value),
            "fields" => options.fields = Some(value),
            _ if strays.contains(&index) => {}
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

/// The first entries that follow each other and are fields, where options are expected.
fn strays(entries: &[(Scalar, Node)]) -> std::ops::Range<usize> {
    let is_stray = |(key, value): &(Scalar, Node)| !OPTIONS.contains(&key.text.as_str()) && entries::is_field(value);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Definitions with mistakes, all that they begin with, and those with a character more at each place.
    #[test]
    fn edits_stand_within_any_text() {
        const MARKS: [&str; 22] = [
            "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "{", "}", "[", "]", ",", ": ", "- ", "? ", "#", "\n",
            "\t", "é",
        ];
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scaffold/mistakes.txt");
        let all = fs::read_to_string(path).unwrap();
        let cases = all.split("=== ").filter_map(|case| case.split_once('\n'));
        let mut count = 0;
        for (number, (_, text)) in cases.enumerate() {
            for (at, _) in text.char_indices() {
                let (before, after) = text.split_at(at);
                let mark = MARKS[(number + at) % MARKS.len()];
                for text in [before.to_owned(), format!("{before}{mark}{after}")] {
                    count += check_spans(text);
                }
            }
        }
        assert!(count > 10_000, "{count}");
    }

    /// Reads a text, and gives the number of its problems, whose places must be parts of it.
    fn check_spans(text: String) -> usize {
        let blueprint = of_text(Source {
            file: Some("mistake.yaml".to_owned()),
            text,
        });
        let text = &blueprint.source.text;
        for problem in &blueprint.problems {
            let related = problem.related.as_deref().map(|(span, _)| *span);
            let edited = problem.suggestion.as_deref().map(|edit| edit.span);
            for span in [Some(problem.span), related, edited].into_iter().flatten() {
                assert!(text.get(span.start..span.end).is_some(), "{text}: {problem:?}");
            }
        }
        blueprint.problems.len()
    }
}
