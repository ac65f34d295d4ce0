//! From plain data to resources, checked in every respect that needs no project.

use super::{
    columns,
    model::{Access, Field, Resource, Who},
    names,
    order::in_order,
    reserved,
    shorthand::{self, Settings},
    source::{Source, shown, unknown},
    types,
    yaml::{Content, Key, Node},
};
use crate::{error::Result, flask::tablename::tablename};

/// Resources that one file may have.
const MAX_RESOURCES: usize = 100;
/// Fields that a resource may have.
const MAX_FIELDS: usize = 100;

/// Reads all resources of a file, those that others refer to first.
///
/// # Errors
/// [`Error::Refused`] with the line, what is wrong in it and what is allowed.
pub fn read(source: &Source, file: &Node) -> Result<Vec<Resource>> {
    let Content::Mapping(entries) = &file.content else {
        return Err(source.refuse(
            file.line,
            "expected a mapping of resources to their fields, such as `posts:` with `- title:string` under it",
        ));
    };
    if entries.len() > MAX_RESOURCES {
        let line = entries[MAX_RESOURCES].0.line;
        return Err(source.refuse(line, format!("more than {MAX_RESOURCES} resources in one file")));
    }
    let mut resources: Vec<Resource> = entries
        .iter()
        .map(|(key, node)| read_resource(source, key, node))
        .collect::<Result<_>>()?;
    avoid_clashes(&mut resources);
    let tables: Vec<(String, String)> = resources
        .iter()
        .map(|resource| (resource.singular.clone(), resource.plural.clone()))
        .collect();
    resources.iter_mut().for_each(|resource| resource.resolve(&tables));
    names::check_against_each_other(source, &resources)?;
    in_order(source, resources)
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
///
/// # Errors
/// As [`read`].
pub fn read_arguments(name: &str, fields: &[String]) -> Result<Resource> {
    let items = fields.iter().zip(2..).map(|(text, line)| Node {
        line,
        content: Content::Text(text.clone()),
    });
    let (key, text) = (1, name.to_owned());
    let key = Key { line: key, text };
    let node = Node {
        line: 1,
        content: Content::List(items.collect()),
    };
    let mut resource = read_resource(&Source::Arguments, &key, &node)?;
    resource.resolve(&[(resource.singular.clone(), resource.plural.clone())]);
    names::check_against_each_other(&Source::Arguments, std::slice::from_ref(&resource))?;
    Ok(resource)
}

fn read_resource(source: &Source, key: &Key, node: &Node) -> Result<Resource> {
    names::check_spelling(&key.text, "resource").map_err(|text| source.refuse(key.line, text))?;
    let (mut singular, mut plural) = names::numbers_of(&key.text);
    let (mut has_own_singular, mut has_own_plural) = (false, false);
    let mut access = Access::all(Who::User);
    let mut fields = None;
    match &node.content {
        Content::List(_) => fields = Some(node),
        Content::Mapping(options) => {
            for (option, value) in options {
                match option.text.as_str() {
                    "singular" => {
                        has_own_singular = true;
                        text_of(source, "singular", value)?.clone_into(&mut singular);
                    }
                    "plural" => {
                        has_own_plural = true;
                        text_of(source, "plural", value)?.clone_into(&mut plural);
                    }
                    "auth" => access = read_access(source, value)?,
                    "fields" => fields = Some(value),
                    other => {
                        let text = unknown("option", other, &["fields", "auth", "plural", "singular"]);
                        return Err(source.refuse(option.line, text));
                    }
                }
            }
        }
        _ => {}
    }
    let Some(fields) = fields else {
        let text = format!("`{}` has no fields; expected a list of `name:type`", key.text);
        return Err(source.refuse(key.line, text));
    };
    for name in [&singular, &plural] {
        names::check_spelling(name, "resource").map_err(|text| source.refuse(key.line, text))?;
    }
    reserved::check_resource(&singular, &plural).map_err(|text| source.refuse(key.line, text))?;
    // A plural that was chosen is the table's name too.
    let table = (!has_own_plural).then(|| tablename(&plural));
    let resource = Resource {
        line: key.line,
        key: key.text.clone(),
        has_own_singular,
        has_own_plural,
        fields: read_fields(source, key, fields)?,
        singular,
        table: table.filter(|table| *table != plural),
        plural,
        access,
    };
    check_owner(source, &resource)?;
    columns::check_table(&resource).map_err(|text| source.refuse(key.line, text))?;
    Ok(resource)
}

fn read_access(source: &Source, node: &Node) -> Result<Access> {
    let who = |node: &Node| -> Result<Who> {
        let text = text_of(source, "auth", node)?;
        let refuse = || source.refuse(node.line, unknown("value of auth", text, &Who::NAMES));
        Who::parse(text).ok_or_else(refuse)
    };
    let verbs = match &node.content {
        Content::Text(_) => return Ok(Access::all(who(node)?)),
        Content::Mapping(verbs) => verbs,
        _ => {
            return Err(source.refuse(
                node.line,
                "`auth` is public, user, owner or admin, or says it of verbs, such as `{list: public, delete: admin}`",
            ));
        }
    };
    let mut access = Access::all(Who::User);
    for (verb, value) in verbs {
        match access.of_verb(&verb.text) {
            Some(entry) => *entry = who(value)?,
            None => return Err(source.refuse(verb.line, unknown("verb", &verb.text, &Access::VERBS))),
        }
    }
    Ok(access)
}

fn check_owner(source: &Source, resource: &Resource) -> Result<()> {
    if !resource.has_owner() {
        return Ok(());
    }
    if resource.access.create == Who::Public {
        return Err(source.refuse(
            resource.line,
            "what anybody may create belongs to nobody; with `owner` for other verbs, create needs user, owner or admin",
        ));
    }
    match resource.fields.iter().find(|field| field.name == "owner_id") {
        Some(field) => Err(source.refuse(
            field.line,
            "`owner_id` is the column that `auth: owner` keeps itself; name the field otherwise",
        )),
        None => Ok(()),
    }
}

fn read_fields(source: &Source, key: &Key, node: &Node) -> Result<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut add = |field: Field| -> Result<()> {
        if let Some(first) = fields.iter().find(|other| other.name == field.name) {
            let place = source.place(first.line);
            let text = format!("duplicate field `{}`, first defined in {place}", field.name);
            return Err(source.refuse(field.line, text));
        }
        if fields.len() == MAX_FIELDS {
            return Err(source.refuse(field.line, format!("more than {MAX_FIELDS} fields in one resource")));
        }
        fields.push(field);
        Ok(())
    };
    match &node.content {
        Content::List(items) => {
            for item in items {
                add(read_item(source, item)?)?;
            }
        }
        Content::Mapping(entries) => {
            for (name, value) in entries {
                add(read_entry(source, name, value)?)?;
            }
        }
        _ => {
            return Err(source.refuse(node.line, "expected a list of `name:type`, such as `- title:string`"));
        }
    }
    if fields.is_empty() {
        let text = format!("`{}` has no fields; expected a list of `name:type`", key.text);
        return Err(source.refuse(key.line, text));
    }
    Ok(fields)
}

/// `- title:string`, `- title: string` or `- title: {type: string}`.
fn read_item(source: &Source, item: &Node) -> Result<Field> {
    match &item.content {
        Content::Text(text) => shorthand::parse_field(text).map_err(|text| source.refuse(item.line, text)),
        Content::Mapping(entries) => match entries.as_slice() {
            [(name, value)] => read_entry(source, name, value),
            _ => Err(source.refuse(item.line, "expected one field here; begin each with a dash of its own")),
        },
        _ => Err(source.refuse(item.line, "expected a field as `name:type`")),
    }
    .map(|field| Field {
        line: item.line,
        ..field
    })
}

/// `title: string` or `title: {type: string, max: 100}`.
fn read_entry(source: &Source, name: &Key, value: &Node) -> Result<Field> {
    let field = match &value.content {
        Content::Text(text) => shorthand::parse_typed(&name.text, text),
        Content::Mapping(options) => {
            let mut settings = Settings::default();
            for (option, value) in options {
                let entry = match option.text.as_str() {
                    "type" => &mut settings.kind,
                    "default" => &mut settings.default,
                    "min" => &mut settings.min,
                    "max" => &mut settings.max,
                    "nullable" => &mut settings.nullable,
                    "unique" => &mut settings.unique,
                    other if value.content == Content::Nothing => {
                        let text = format!(
                            "`{}` has no value; inside {{}} put quotes around what has commas",
                            shown(other)
                        );
                        return Err(source.refuse(option.line, text));
                    }
                    other => {
                        let allowed = ["type", "default", "min", "max", "nullable", "unique"];
                        return Err(source.refuse(option.line, unknown("option", other, &allowed)));
                    }
                };
                *entry = Some(text_of(source, &option.text, value)?.to_owned());
            }
            shorthand::parse_settings(&name.text, settings)
        }
        _ => Err(format!("`{}` has no type. {}", name.text, types::all())),
    };
    let field = field.map_err(|text| source.refuse(name.line, text))?;
    Ok(Field {
        line: name.line,
        ..field
    })
}

fn text_of<'n>(source: &Source, option: &str, node: &'n Node) -> Result<&'n str> {
    match &node.content {
        Content::Text(text) => Ok(text),
        _ => Err(source.refuse(node.line, format!("`{option}` needs one plain value"))),
    }
}
