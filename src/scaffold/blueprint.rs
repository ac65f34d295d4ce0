//! What is to be built: resources with their fields, checked in every respect that needs no project.

use serde::{Deserialize, Serialize};

use super::{
    kinds, names,
    shorthand::{self, Settings},
    yaml::{Content, Key, Node},
};
use crate::{
    error::{Error, Result},
    flask::tablename::tablename,
};

/// Resources that one file may have.
const MAX_RESOURCES: usize = 100;
/// Fields that a resource may have.
const MAX_FIELDS: usize = 100;

/// Where a definition stands, for messages.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file; lines are counted from 1.
    File(String),
    /// The command line; its words are counted from 1.
    Arguments,
}

impl Source {
    /// The refusal of what stands in `line`.
    pub fn refuse(&self, line: usize, text: impl std::fmt::Display) -> Error {
        Error::Refused(match self {
            Source::File(name) => format!("{name}:{line}: {text}"),
            Source::Arguments => format!("{}: {text}", self.place(line)),
        })
    }

    /// What a line is called in a message about another.
    pub fn place(&self, line: usize) -> String {
        match self {
            Source::File(_) => format!("line {line}"),
            Source::Arguments => format!("argument {line}"),
        }
    }
}

/// A resource: a table, its routes, and who may use them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The line of its name.
    #[serde(skip)]
    pub line: usize,
    /// What the file or the command line calls it.
    #[serde(skip)]
    pub key: String,
    /// Whether the singular was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_singular: bool,
    /// Whether the plural was chosen, and not made from the key.
    #[serde(skip)]
    pub has_own_plural: bool,
    /// What one of them is called: `post`.
    pub singular: String,
    /// What its routes, its type and its module are called: `posts`.
    pub plural: String,
    /// What its table is called, if not as the plural.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Who may do what.
    pub access: Access,
    /// Its fields, in the order of their columns.
    pub fields: Vec<Field>,
}

impl Resource {
    /// What its table is called.
    pub fn table_name(&self) -> &str {
        self.table.as_deref().unwrap_or(&self.plural)
    }

    /// Whether its rows belong to the users who made them.
    pub fn has_owner(&self) -> bool {
        self.access.verbs().iter().any(|(_, who)| *who == Who::Owner)
    }
}

/// Who may do what with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// See all of them.
    pub list: Who,
    /// See one.
    pub get: Who,
    /// Add one.
    pub create: Who,
    /// Change one.
    pub update: Who,
    /// Remove one.
    pub delete: Who,
}

impl Access {
    const VERBS: [&'static str; 5] = ["list", "get", "create", "update", "delete"];

    fn all(who: Who) -> Self {
        Self {
            list: who,
            get: who,
            create: who,
            update: who,
            delete: who,
        }
    }

    /// Each verb with who may.
    pub fn verbs(&self) -> [(&'static str, Who); 5] {
        let who = [self.list, self.get, self.create, self.update, self.delete];
        std::array::from_fn(|index| (Self::VERBS[index], who[index]))
    }

    fn of_verb(&mut self, verb: &str) -> Option<&mut Who> {
        Some(match verb {
            "list" => &mut self.list,
            "get" => &mut self.get,
            "create" => &mut self.create,
            "update" => &mut self.update,
            "delete" => &mut self.delete,
            _ => return None,
        })
    }
}

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Anybody, without a token.
    Public,
    /// Every user.
    User,
    /// The user who made the row, and administrators.
    Owner,
    /// Administrators.
    Admin,
}

impl Who {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "public" => Who::Public,
            "user" => Who::User,
            "owner" => Who::Owner,
            "admin" => Who::Admin,
            _ => return None,
        })
    }
}

/// A field: a column and an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The line of its definition.
    #[serde(skip)]
    pub line: usize,
    /// What column and attribute are called.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// What a new row gets where nothing was sent, as it was written and found good.
    pub default: Option<String>,
    /// The least length of a text or the least number, as Rust writes it.
    pub min: Option<String>,
    /// The greatest length of a text or the greatest number, as Rust writes it.
    pub max: Option<String>,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text of at most 250 characters.
    String,
    /// A text of any length.
    Text,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInteger,
    /// 0 or 1, as the originals had it.
    Boolean,
    /// A mail address.
    Email,
    /// A URL.
    Url,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A decimal number of any size.
    Decimal,
    /// JSON's true or false.
    Bool,
    /// A number with fraction.
    Float,
    /// A UUID.
    Uuid,
    /// Any JSON.
    Json,
    /// One of these texts.
    Enum(Vec<String>),
    /// A row of the resource with this plural.
    References(String),
}

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
    names::check_resource(&singular, &plural).map_err(|text| source.refuse(key.line, text))?;
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
    kinds::check_table(&resource).map_err(|text| source.refuse(key.line, text))?;
    Ok(resource)
}

fn read_access(source: &Source, node: &Node) -> Result<Access> {
    let who = |node: &Node| -> Result<Who> {
        let text = text_of(source, "auth", node)?;
        let refuse = || {
            source.refuse(
                node.line,
                unknown("value of auth", text, &["public", "user", "owner", "admin"]),
            )
        };
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
            let text = format!("the field `{}` is there already, in {place}", field.name);
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
        _ => Err(format!("`{}` has no type. {}", name.text, shorthand::TYPES)),
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

/// The message about a word that is none of those allowed.
pub(super) fn unknown(what: &str, word: &str, allowed: &[&str]) -> String {
    let hint = match nearest(word, allowed) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    format!(
        "unknown {what} `{}`; {hint}Allowed: {}",
        shown(word),
        allowed.join(", ")
    )
}

/// The allowed word that is most like this one, if one is.
pub fn nearest<'a>(word: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |other: &str| strsim::damerau_levenshtein(&word, other);
    let near = allowed.iter().min_by_key(|other| distance(other))?;
    (distance(near) <= 2 && distance(near) < near.len()).then_some(*near)
}

/// A word as far as a message shows it.
pub(super) fn shown(word: &str) -> String {
    const SHOWN: usize = 60;
    let mut text: String = word.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if word.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}

/// Sorts so that a resource comes after those it refers to.
///
/// # Errors
/// [`Error::Refused`] where some refer to each other in a circle.
pub fn in_order(source: &Source, resources: Vec<Resource>) -> Result<Vec<Resource>> {
    let mut waiting = resources;
    let mut done: Vec<Resource> = Vec::new();
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|resource| resource.plural.clone()).collect();
        let is_free = |resource: &Resource| {
            !resource
                .others()
                .any(|(_, table)| names.iter().any(|name| name == table))
        };
        let (free, bound): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_free);
        if free.is_empty() {
            return Err(circle(source, bound));
        }
        done.extend(free);
        waiting = bound;
    }
    Ok(done)
}

/// The refusal of resources each of which refers to another of them.
fn circle(source: &Source, mut bound: Vec<Resource>) -> Error {
    loop {
        let tables: Vec<String> = bound
            .iter()
            .flat_map(|resource| resource.others().map(|(_, table)| table.to_owned()))
            .collect();
        let before = bound.len();
        bound.retain(|resource| tables.contains(&resource.plural));
        if bound.len() == before {
            break;
        }
    }
    let names: Vec<&str> = bound.iter().map(|resource| resource.plural.as_str()).collect();
    let lines = bound.iter().flat_map(|resource| {
        let is_of_circle = |(_, table): &(&Field, &str)| names.contains(table);
        resource.others().filter(is_of_circle).map(|(field, _)| field.line)
    });
    // What the project has already has no line here.
    let line = lines.filter(|line| *line > 0).min().unwrap_or_default();
    let text = format!(
        "{} refer to each other in a circle, so that none could be made or taken out before the others; leave one of the \
         references out, or move it to a resource of its own that refers to both",
        names.join(", ")
    );
    source.refuse(line, text)
}

impl Resource {
    /// Replaces singulars by plurals in references to these tables, given as pairs of both.
    pub fn resolve(&mut self, tables: &[(String, String)]) {
        for field in &mut self.fields {
            if let Kind::References(table) = &mut field.kind
                && !tables.iter().any(|(_, plural)| plural == table)
                && let Some((_, plural)) = tables.iter().find(|(singular, _)| singular == table)
            {
                table.clone_from(plural);
            }
        }
    }

    /// The fields that refer to other tables, with those.
    pub fn references(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::References(table) => Some((field, table.as_str())),
            _ => None,
        })
    }

    /// Those of [`Resource::references`] that lead to another table than its own.
    fn others(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.references().filter(|(_, table)| *table != self.plural)
    }
}
