//! What the templates of a resource are filled with: everything is decided before they are rendered.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::Context;

use super::{
    model::{Access, Known, Resource, Who},
    names::{package_name, type_name},
    table::Table,
    view::{self, FieldView},
    words::{article, capitalised, spaced},
};

/// A resource's fields as templates see them; `known` has the resources that they refer to.
pub fn fields(resource: &Resource, known: &Known) -> Vec<FieldView> {
    let views = resource.fields.iter().map(|field| {
        let other = field.refers_to().map(|plural| (plural, known.get(plural)));
        let table = match other {
            Some((plural, other)) => Table::of(other.map_or(plural, Resource::table_name)),
            None => Table::default(),
        };
        let hidden = other.and_then(|(_, other)| other).map_or("", hidden);
        view::of(&resource.plural, field, table, hidden)
    });
    views.collect()
}

/// Who may see a row of a resource, where that is not every user.
fn hidden(resource: &Resource) -> &'static str {
    match resource.access.get {
        Who::Public | Who::User => "",
        Who::Owner => "owner",
        Who::Admin => "admin",
    }
}

/// Whether Ann may make a row, and one of each that it refers to as far as only its owner may see that.
fn is_made_by_ann(resource: &Resource, known: &Known) -> bool {
    let others = resource.references_to_others();
    let mut hidden_ones = others.filter_map(|(_, table)| known.get(table).filter(|other| !hidden(other).is_empty()));
    matches!(resource.access.create, Who::User | Who::Owner)
        && hidden_ones.all(|other| hidden(other) == "owner" && is_made_by_ann(other, known))
}

/// Where references to rows that the caller may not see are masked.
#[derive(Serialize)]
struct Masks {
    new: bool,
    patch: bool,
    /// Whether the database has to be asked.
    query: bool,
}

impl Masks {
    fn of(access: &Access, fields: &[FieldView]) -> Self {
        let has_hidden = fields.iter().any(|field| !field.hidden.is_empty());
        Self {
            // An administrator may see everything.
            new: has_hidden && access.create != Who::Admin,
            patch: has_hidden && access.update != Who::Admin,
            query: fields.iter().any(|field| field.hidden == "owner"),
        }
    }
}

/// Who changes a row in the test of a masked reference; nobody where it would need a second row that is unique.
fn patched_by(resource: &Resource, known: &Known) -> &'static str {
    let has_unique = |other: &Resource| other.fields.iter().any(|field| field.unique);
    let others = resource.references_to_others();
    let mut others = others.filter_map(|(_, table)| known.get(table));
    match resource.access.update {
        Who::Public | Who::User => "admin",
        Who::Owner if is_made_by_ann(resource, known) && !others.any(has_unique) => "ann",
        Who::Owner | Who::Admin => "",
    }
}

/// What the templates of a resource get; `known` has the resources that it refers to.
pub fn of(resource: &Resource, known: &Known) -> Context {
    let fields = fields(resource, known);
    let mut context = Context::new();
    insert_names(&mut context, resource);
    insert_access(&mut context, resource, known, &fields);
    insert_facts(&mut context, resource, &fields);
    insert_statements(&mut context, resource, &fields);
    context.insert("fields", &fields);
    context
}

/// What the resource is called, in code and in words.
fn insert_names(context: &mut Context, resource: &Resource) {
    let (one, many) = (spaced(&resource.singular), spaced(&resource.plural));
    let article = article(&one);
    context.insert("singular", &resource.singular);
    context.insert("plural", &resource.plural);
    context.insert("package", &package_name(&resource.plural));
    context.insert("table", &Table::of(resource.table_name()));
    context.insert("Type", &type_name(&resource.singular));
    context.insert("Types", &type_name(&resource.plural));
    context.insert("a", article);
    context.insert("A", &capitalised(article));
    context.insert("Many", &capitalised(&many));
    context.insert("One", &capitalised(&one));
    context.insert("one", &one);
    context.insert("many", &many);
}

/// Who may do what, in the handlers and in their tests.
fn insert_access(context: &mut Context, resource: &Resource, known: &Known, fields: &[FieldView]) {
    let (access, has_owner) = (&resource.access, resource.has_owner());
    let (verbs, masks) = (access.verbs(), Masks::of(access, fields));
    let is_listed_by_owner = access.list == Who::Owner;
    let ann_makes = is_made_by_ann(resource, known);
    let refusal = if is_listed_by_owner { 404 } else { 401 };
    let guards = verbs.map(|(verb, who)| (verb, guard(verb, who, has_owner, &masks)));
    context.insert("has_owner", &has_owner);
    context.insert("access", &BTreeMap::from(verbs));
    context.insert("guards", &imported_guards(guards.map(|(_, guard)| guard)));
    context.insert("guard", &BTreeMap::from(guards));
    let may = verbs.map(|(verb, who)| (verb, may(verb, who, is_listed_by_owner)));
    context.insert("may", &BTreeMap::from(may));
    let require = match is_listed_by_owner {
        true => "require_visible",
        false => "require_owner",
    };
    context.insert("require", require);
    context.insert("ann_makes", &ann_makes);
    context.insert("patched_by", patched_by(resource, known));
    let statuses = verbs.map(|(verb, who)| (verb, Statuses::of(verb, who, ann_makes, refusal)));
    context.insert("statuses", &BTreeMap::from(statuses));
    context.insert("masks", &masks);
}

/// What holds for some of the fields, for parts of files that are about those.
fn insert_facts(context: &mut Context, resource: &Resource, fields: &[FieldView]) {
    let any = |holds: &dyn Fn(&FieldView) -> bool| fields.iter().any(holds);
    let needs_api = |field: &FieldView| !["", "users", &resource.plural].contains(&field.refers_to.as_str());
    context.insert(
        "has_refusals",
        &any(&|field| !field.wrong.is_empty() || !field.nullable),
    );
    context.insert("has_wrong", &any(&|field| !field.wrong.is_empty()));
    context.insert("references", &any(&|field| !field.refers_to.is_empty()));
    context.insert("needs_api", &any(&needs_api));
    context.insert("refers_to_itself", &any(&|field| field.refers_to == resource.plural));
    context.insert("needs", &needs(fields));
}

/// The lists in statements, broken into lines.
fn insert_statements(context: &mut Context, resource: &Resource, fields: &[FieldView]) {
    let mut columns: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    columns.extend(resource.has_owner().then_some("owner_id"));
    let placeholders = vec!["?"; columns.len()];
    let assignments: Vec<&str> = fields.iter().map(|field| field.assignment.as_str()).collect();
    context.insert("inserted", &wrapped(&columns, 15));
    context.insert("placeholders", &wrapped(&placeholders, 15));
    context.insert("assignments", &wrapped(&assignments, 19));
    columns.insert(0, "id");
    context.insert("columns", &wrapped(&columns, 15));
    context.insert("returned", &wrapped(&columns, 15));
    context.insert("find_columns", &wrapped(&columns, 20));
}

/// What the imports of `models.rs` depend on.
fn needs(fields: &[FieldView]) -> BTreeMap<&'static str, String> {
    let any = |word: &str| {
        let texts = |field: &FieldView| {
            let types = [&field.row.rust, &field.new.rust, &field.patch.rust];
            format!("{types:?} {}", field.inserted)
        };
        fields.iter().any(|field| texts(field).contains(word))
    };
    let absence = match (any("Changed<"), any("Nullable<")) {
        (true, true) => "{Changed, Nullable}",
        (true, false) => "Changed",
        (false, true) => "Nullable",
        (false, false) => "",
    };
    let flag = |is_needed: bool| if is_needed { "yes" } else { "" }.to_owned();
    BTreeMap::from([
        ("absence", absence.to_owned()),
        ("values", flag(any("values::"))),
        ("uuid", flag(any("Uuid"))),
    ])
}

/// The argument that lets a caller into the handler of a verb; empty where everybody may.
fn guard(verb: &str, who: Who, has_owner: bool, masks: &Masks) -> &'static str {
    let is_masking = (verb == "create" && masks.new) || (verb == "update" && masks.patch);
    match who {
        _ if verb == "create" && has_owner => "account: AccountRequired",
        Who::Public if is_masking => "account: Visitor",
        Who::Public => "",
        Who::User if is_masking => "account: AccountRequired",
        Who::User => "_login: LoginRequired",
        Who::Owner | Who::Admin => "account: AccountRequired",
    }
}

/// The guards that the imports of `views.rs` name.
fn imported_guards(used: [&str; 5]) -> String {
    let names = ["AccountRequired", "LoginRequired", "Visitor"];
    let names: Vec<&str> = names
        .into_iter()
        .filter(|name| used.iter().any(|guard| guard.ends_with(name)))
        .collect();
    names.join(", ")
}

fn may(verb: &str, who: Who, is_listed_by_owner: bool) -> &'static str {
    match who {
        Who::Public => "Needs no token.",
        Who::User => "Needs a login.",
        Who::Owner if verb == "list" || verb == "create" => "Needs a login.",
        Who::Owner if is_listed_by_owner => {
            "Needs the user who made it, or an administrator; to others it does not exist."
        }
        Who::Owner => "Needs the user who made it, or an administrator.",
        Who::Admin => "Needs an administrator.",
    }
}

/// The statuses that two users get for a verb in the tests.
#[derive(Serialize)]
struct Statuses {
    /// That of Ann, who made the row if she may make rows.
    ann: u16,
    /// That of Bob, who made none.
    bob: u16,
}

impl Statuses {
    fn of(verb: &str, who: Who, made_by_ann: bool, refusal: u16) -> Self {
        let done = if verb == "delete" { 204 } else { 200 };
        match who {
            Who::Public | Who::User => Self { ann: done, bob: done },
            Who::Owner if verb == "list" => Self { ann: done, bob: done },
            Who::Owner => Self {
                ann: if made_by_ann { done } else { refusal },
                bob: refusal,
            },
            Who::Admin => Self { ann: 401, bob: 401 },
        }
    }
}

/// The words with commas, in lines of which all but the first begin with so many blanks.
fn wrapped(words: &[&str], indentation: usize) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = format!("{word}{comma}"),
            Some(line) if line.len() + word.len() + 2 <= WIDTH => line.push_str(&format!(" {word}{comma}")),
            _ => lines.push(format!("{word}{comma}")),
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indentation)))
}
