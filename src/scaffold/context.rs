//! What the templates of a resource are filled with: everything is decided before they are rendered.

mod unique;

use std::collections::BTreeMap;

use serde::Serialize;
use tera::Context;

use self::unique::{Unique, unique_groups};
use super::{
    columns, controls,
    identifier::{Identifier, wrapped},
    join::JoinTable,
    model::{Access, Field, KeyKind, Known, OnDelete, Resource, TableKey, Who},
    names::{own_types, package_name, rust_fields},
    nested::{self, NestedView},
    order::{is_circular, leads_to, needed},
    target::{Target, hidden},
    view::{self, FieldView},
    words::{article, capitalised, spaced},
};

/// A resource's fields as templates see them; `known` has the resources that they refer to, and the foreign keys of the
/// fields in `postponed` are made later.
pub fn fields(resource: &Resource, known: &Known, postponed: &[&str]) -> Vec<FieldView> {
    let names = rust_fields(resource);
    let views = resource.fields.iter().zip(names).map(|(field, rust)| {
        let mut target = Target::of(&resource.plural, field, known);
        target.is_postponed = postponed.contains(&field.name.as_str());
        FieldView {
            deleted_with: deleted_with(resource, field, known),
            join: JoinTable::of(resource, field, &target, known),
            ..view::of(&resource.plural, field, rust, target)
        }
    });
    views.collect()
}

/// What a test sees of a row when the one that it refers to is deleted; nothing where something else may hold that one.
fn deleted_with(resource: &Resource, field: &Field, known: &Known) -> &'static str {
    let Some(table) = field.refers_to().filter(|table| known.contains_key(*table)) else {
        return "";
    };
    let holds = |(other, other_table): &(&Field, &str)| {
        other.name != field.name && (*other_table == table || leads_to(other_table, table, known))
    };
    let is_held = resource.references_to_others().any(|other| holds(&other));
    let is_seen = field.is_sent() && field.is_shown() && table != resource.plural;
    match field.on_delete {
        _ if is_held || !is_seen || is_circular(&resource.plural, field, table, known) => "",
        OnDelete::Restrict => "",
        OnDelete::Cascade => "cascade",
        OnDelete::SetNull => "null",
    }
}

/// Whether Ann may make a row, and one of each that it refers to as far as only its owner may see that.
fn is_made_by_ann(resource: &Resource, known: &Known) -> bool {
    let others = needed(resource, known);
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
    /// Whether a number stands for no row.
    no_row: bool,
}

impl Masks {
    fn of(access: &Access, fields: &[FieldView]) -> Self {
        let is_masked = |field: &&FieldView| !field.target.hidden.is_empty() && field.is_sent;
        let has_hidden = fields.iter().any(|field| is_masked(&field));
        let has_changed = fields.iter().filter(is_masked).any(|field| field.is_changed);
        Self {
            // An administrator may see everything.
            new: has_hidden && access.create != Who::Admin,
            patch: has_changed && access.update != Who::Admin,
            no_row: has_hidden
                && (access.create != Who::Admin || access.update != Who::Admin)
                && fields
                    .iter()
                    .any(|field| !field.target.hidden.is_empty() && field.no_row == "NO_ROW"),
            query: fields.iter().any(|field| field.target.hidden == "owner"),
        }
    }
}

/// Who changes a row in the test of a masked reference; nobody where it would need a second row that is unique.
fn patched_by(resource: &Resource, known: &Known) -> &'static str {
    let has_unique = |other: &Resource| other.fields.iter().any(|field| field.unique);
    let others = needed(resource, known);
    let mut others = others.filter_map(|(_, table)| known.get(table));
    match resource.access.update {
        Who::Public | Who::User => "admin",
        Who::Owner if is_made_by_ann(resource, known) && !others.any(has_unique) => "ann",
        Who::Owner | Who::Admin => "",
    }
}

/// What the templates of a resource get; `known` has the resources that it refers to.
pub fn of(resource: &Resource, known: &Known, postponed: &[&str]) -> Context {
    let fields = fields(resource, known, postponed);
    let mut context = Context::new();
    insert_names(&mut context, resource);
    insert_access(&mut context, resource, known, &fields);
    insert_facts(&mut context, resource, &fields);
    insert_statements(&mut context, resource, &fields);
    context.insert("unique", &Unique::of(resource, &fields));
    context.insert("grouped", &resource.unique.concat());
    let those = |holds: fn(&&FieldView) -> bool| fields.iter().filter(holds).collect::<Vec<_>>();
    context.insert("shown", &those(|field| field.is_shown));
    let unshown: Vec<String> = fields
        .iter()
        .filter(|field| field.is_sent && !field.is_shown)
        .map(|field| format!("{:?}", field.name))
        .collect();
    context.insert("unshown", &unshown.join(", "));
    context.insert("clocks", &those(|field| field.follows_changes && field.is_shown));
    context.insert("sent", &those(|field| field.is_sent));
    context.insert("changed", &those(|field| field.is_changed));
    context.insert("stored", &those(|field| field.is_stored));
    context.insert("joined", &those(|field| field.join.is_some()));
    context.insert("linked", &those(|field| field.join.is_some() && field.is_sent));
    context.insert("list_path", &resource.list_path());
    context.insert("inserted_fields", &those(|field| field.is_inserted));
    context.insert("updated_fields", &those(FieldView::is_updated));
    let nested = nested_views(resource, known);
    context.insert(
        "needs",
        &needs(&fields, &nested, KeyView::of(resource).map(|key| key.rust)),
    );
    context.insert("tests_nested", &nested.iter().any(|view| view.is_tested));
    context.insert("nested", &nested);
    context.insert("fields", &fields);
    context
}

fn nested_views(resource: &Resource, known: &Known) -> Vec<NestedView> {
    nested::of(resource, known, |other| fields(other, known, &[]))
}

/// What the resource is called, in code and in words.
fn insert_names(context: &mut Context, resource: &Resource) {
    let (one, many) = (spaced(&resource.singular), spaced(resource.spoken()));
    let article = article(&one);
    context.insert("singular", &resource.singular);
    context.insert("plural", &resource.plural);
    context.insert("package", &package_name(&resource.plural));
    context.insert("table", &Identifier::of(resource.table_name()));
    context.insert("key", &Identifier::of(resource.key_column()));
    let [one_type, many_types] = own_types(&resource.singular, &resource.plural);
    context.insert("Type", &one_type);
    context.insert("Types", &many_types);
    context.insert("key_column", &columns::of_key(resource));
    let own_key = KeyView::of(resource);
    let (id_type, id_arg) = match own_key.as_ref().map(|key| key.rust) {
        Some("String") => ("&str", "&id.0"),
        Some(rust) => (rust, "id.0"),
        None => ("i64", "id.0"),
    };
    let created_id = if id_type == "&str" { "&created.id" } else { "created.id" };
    context.insert("created_id", created_id);
    context.insert("id_type", id_type);
    context.insert("id_arg", id_arg);
    context.insert("own_key", &own_key);
    context.insert("page_arguments", &controls::of_resource(resource));
    context.insert("form_arguments", &controls::of_form(resource));
    context.insert("list_arguments", &controls::of_list(resource));
    context.insert("has_usual_path", &resource.has_usual_path());
    context.insert("route", resource.route());
    context.insert("type", resource.json_type());
    context.insert("prefix", resource.prefix());
    context.insert("ending", resource.ending());
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
    let needs_api = |field: &FieldView| {
        let needs_links = field
            .join
            .as_ref()
            .is_some_and(|join| join.is_required && join.least_ids.contains("api."));
        let is_other = !["", "users", &resource.plural].contains(&field.refers_to.as_str());
        needs_links || is_other && !field.target.is_circular
    };
    let is_of_others =
        |field: &FieldView| !field.refers_to.is_empty() || field.join.as_ref().is_some_and(|join| join.is_required);
    let any_sent = |holds: &dyn Fn(&FieldView) -> bool| any(&|field| field.is_sent && holds(field));
    context.insert(
        "has_refusals",
        &any_sent(&|field| !field.wrong.is_empty() || !field.nullable),
    );
    context.insert("has_wrong", &any_sent(&|field| !field.wrong.is_empty()));
    context.insert("has_unique", &resource.has_unique());
    context.insert("unique_groups", &unique_groups(resource, fields));
    context.insert("references", &any_sent(&is_of_others));
    context.insert("needs_api", &any_sent(&needs_api));
    context.insert(
        "refers_to_itself",
        &any(&|field| field.refers_to == resource.plural && field.on_delete.is_empty()),
    );
}

/// The lists in statements, broken into lines.
fn insert_statements(context: &mut Context, resource: &Resource, fields: &[FieldView]) {
    let inserted = fields.iter().filter(|field| field.is_inserted);
    let mut columns: Vec<String> = inserted.map(|field| field.identifier.quoted.clone()).collect();
    let shown = fields.iter().filter(|field| field.is_shown);
    let [mut shown, mut returned]: [Vec<String>; 2] = [false, true].map(|is_new| {
        let columns = shown.clone().map(|field| as_shown(field, is_new));
        std::iter::once(Identifier::of(resource.key_column()).as_attribute(TableKey::ID))
            .chain(columns)
            .collect()
    });
    for list in [&mut columns, &mut shown, &mut returned] {
        list.extend(resource.has_owner().then(|| "owner_id".to_owned()));
    }
    let key = Identifier::of(resource.key_column());
    if !resource.key_kind().is_counted() {
        columns.insert(0, key.quoted.clone());
    }
    let placeholders = vec!["?".to_owned(); columns.len()];
    let updated = fields.iter().filter(FieldView::is_updated);
    let assignments: Vec<String> = updated.map(|field| field.assignment.clone()).collect();
    context.insert("inserted", &wrapped(&columns, 15));
    context.insert("placeholders", &wrapped(&placeholders, 15));
    context.insert("assignments", &wrapped(&assignments, 19));
    context.insert("columns", &wrapped(&shown, 15));
    context.insert("returned", &wrapped(&returned, 15));
    context.insert("find_columns", &wrapped(&shown, 20));
    let stored = fields.iter().filter(|field| field.is_stored);
    let of_fields = stored.map(|field| [field.identifier.name.as_str(), &field.name]);
    let of_key = (!resource.key_kind().is_counted()).then_some([key.name.as_str(), TableKey::ID]);
    let renamed: Vec<[&str; 2]> = of_key
        .into_iter()
        .chain(of_fields)
        .filter(|[column, attribute]| column != attribute)
        .collect();
    context.insert("renamed", &renamed);
}

/// A key that is a text or a UUID.
#[derive(Serialize)]
struct KeyView {
    /// Its Rust type.
    rust: &'static str,
    /// What reads it from a document.
    reader: &'static str,
    /// What the insertion gets.
    inserted: &'static str,
    /// Whether who sends a document may leave it out, because the server makes one.
    is_made: bool,
    /// One, as JSON.
    example: &'static str,
}

impl KeyView {
    fn of(resource: &Resource) -> Option<Self> {
        let key = resource.primary_key.as_ref()?;
        let is_text = match key.kind {
            KeyKind::Integer | KeyKind::BigInteger => return None,
            KeyKind::String => true,
            KeyKind::Uuid => false,
        };
        let example = match key.is_made || !is_text {
            true => "\"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
            false => "\"first\"",
        };
        Some(Self {
            rust: if is_text { "String" } else { "Uuid" },
            reader: if is_text { "STRING" } else { "Uuid" },
            inserted: match (key.is_made, is_text) {
                (false, _) => "new.id",
                (true, false) => "new.id.map_or_else(new_uuid, Ok)?",
                (true, true) => "new.id.map_or_else(|| new_uuid().map(|id| id.to_string()), Ok)?",
            },
            is_made: key.is_made,
            example,
        })
    }
}

/// What a query shows of a field; a row that `is_new` is not linked to anything yet.
fn as_shown(field: &FieldView, is_new: bool) -> String {
    let name = || Identifier::of(&field.name).quoted;
    match &field.join {
        None => field.identifier.as_attribute(&field.name),
        Some(_) if is_new => format!("null as {}", name()),
        Some(join) => format!("{} as {}", join.column, name()),
    }
}

/// What the imports of `models.rs` depend on.
fn needs(fields: &[FieldView], nested: &[NestedView], own_key: Option<&str>) -> BTreeMap<&'static str, bool> {
    let nested_rows = || {
        nested
            .iter()
            .flat_map(|view| &view.fields)
            .map(|field| field.row.rust.as_str())
    };
    let types: Vec<&str> = fields.iter().flat_map(used_types).chain(nested_rows()).collect();
    let any = |word: &str| types.iter().any(|rust| rust.contains(word));
    let has_uuid_key = own_key == Some("Uuid") || nested.iter().any(|view| view.key_type == "Uuid");
    BTreeMap::from([
        ("changed", any("Changed<")),
        ("json", any("<Value>") || types.contains(&"Value")),
        ("nullable", any("Nullable<")),
        ("values", any("values::")),
        ("uuid", any("Uuid") || has_uuid_key),
    ])
}

/// The Rust types that a field has in `models.rs`, and what is inserted for it.
fn used_types(field: &FieldView) -> impl Iterator<Item = &str> {
    let parts = [
        (field.is_shown, field.row.rust.as_str()),
        (field.is_sent, &field.new.rust),
        (field.is_changed, &field.patch.rust),
        (field.is_inserted, &field.inserted),
    ];
    parts.into_iter().filter(|(is_used, _)| *is_used).map(|(_, rust)| rust)
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
