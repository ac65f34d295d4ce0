//! An attribute with rows of another resource as the templates see it.

use serde::Serialize;

use super::{
    controls,
    identifier::{Identifier, wrapped},
    model::{Known, Nested, Resource},
    names::{numbers_of, own_types, rust_fields, type_name},
    nesting::{Link, link, shown},
    order::is_circular,
    target::page_address,
    view::FieldView,
    words::{article, capitalised, spaced},
};

/// An attribute with rows of another resource in generated files.
#[derive(Serialize)]
pub struct NestedView {
    /// What it is called.
    pub name: String,
    /// What it is called in Rust.
    pub rust: String,
    /// What the name of its test begins with.
    pub test: String,
    /// What pages call it.
    pub label: String,
    /// What it is, for the docs.
    pub words: String,
    /// Whether it is one row or null, and not a list.
    pub is_one: bool,
    /// The type of its rows.
    #[serde(rename = "type")]
    pub row_type: String,
    /// What they are called in the API docs.
    pub schema: String,
    /// What one of them is, with its article.
    pub one: String,
    /// The resource whose rows they are, by plural.
    pub of: String,
    /// Its table.
    pub table: Identifier,
    /// The column of its key.
    pub key: Identifier,
    /// The Rust type of its key.
    pub key_type: &'static str,
    /// What rows of the two have in common, as SQL.
    pub on: String,
    /// The columns of the query as a list, broken into lines.
    pub columns: String,
    /// The attributes that its rows have.
    pub fields: Vec<FieldView>,
    /// Whether they have the id of their owner too.
    pub has_owner: bool,
    /// The arguments by which pages find the other resource in the API, each after a blank.
    pub page: String,
    /// The path of all its rows.
    pub list: String,
    /// The reference, as documents name it.
    pub by: String,
    /// Whether a test can make rows with it.
    pub is_tested: bool,
}

/// The nested attributes of a resource in the order of their names; `fields_of` gives the fields of another one.
pub fn of(resource: &Resource, known: &Known, fields_of: impl Fn(&Resource) -> Vec<FieldView>) -> Vec<NestedView> {
    let names = rust_fields(resource).into_iter().skip(resource.fields.len());
    let mut types: Vec<String> = Vec::new();
    let mut views = Vec::new();
    for (nested, rust) in resource.nested.iter().zip(names) {
        let (Some(other), Some(link)) = (known.get(&nested.of), link(resource, nested, known)) else {
            continue;
        };
        let row_type = row_type(resource, &rust, matches!(link, Link::One(_)), &types);
        types.push(row_type.clone());
        views.push(NestedView {
            row_type,
            ..view(resource, nested, rust, other, link, known, fields_of(other))
        });
    }
    views
}

/// What the rows are called in Rust: `SurveyQuestion` for the questions of a survey, unless something else in the file is.
fn row_type(resource: &Resource, rust: &str, is_one: bool, taken: &[String]) -> String {
    const OTHERS: [&str; 4] = ["AccountRequired", "ClientId", "FromRow", "FromAttributes"];
    let [own, _] = own_types(&resource.singular, &resource.plural);
    let name = match is_one {
        true => rust.to_owned(),
        false => numbers_of(rust).0,
    };
    let mut name = format!("{own}{}", type_name(&name));
    let is_taken = |name: &String| {
        taken.contains(name) || OTHERS.contains(&name.as_str()) || *name == format!("{own}Patch") || *name == own
    };
    while is_taken(&name) {
        name.push_str("Row");
    }
    name
}

fn view(
    resource: &Resource,
    nested: &Nested,
    rust: String,
    other: &Resource,
    link: Link<'_>,
    known: &Known,
    fields: Vec<FieldView>,
) -> NestedView {
    let (is_one, field) = match link {
        Link::One(field) => (true, field),
        Link::All(field) => (false, field),
    };
    let key = Identifier::of(other.key_column());
    let own_key = Identifier::of(resource.key_column());
    let column = Identifier::of(field.column());
    let on = match is_one {
        true => format!("other.{} = this.{}", key.quoted, column.quoted),
        false => format!("other.{} = this.{}", column.quoted, own_key.quoted),
    };
    let wanted: Vec<&str> = match nested.options.only.as_slice() {
        [] => shown(other),
        only => only.iter().map(|word| word.text.as_str()).collect(),
    };
    let has_owner = other.has_owner() && wanted.contains(&"owner_id");
    let fields: Vec<FieldView> = fields
        .into_iter()
        .filter(|field| wanted.contains(&field.name.as_str()))
        .collect();
    let fields: Vec<FieldView> = fields.into_iter().map(apart_from_id).collect();
    let (referring, referred) = if is_one { (resource, other) } else { (other, resource) };
    let is_of_itself = resource.plural == other.plural;
    let [own_type, _] = own_types(&resource.singular, &resource.plural);
    let one = spaced(&other.singular);
    let words = match is_one {
        true => format!("The {one} that `{}` leads to, or null", field.name),
        false => format!("The {} whose `{}` leads to it", spaced(other.spoken()), field.name),
    };
    NestedView {
        test: rust.trim_end_matches('_').to_owned(),
        label: controls::label_of(&nested.name, nested.label.as_deref()),
        words: format!("{words}; read-only."),
        is_one,
        row_type: String::new(),
        schema: format!("{own_type}.{rust}"),
        one: format!("{} {one}", capitalised(article(&one))),
        of: other.plural.clone(),
        table: Identifier::of(other.table_name()),
        key_type: other.key_kind().referring().row().rust,
        on,
        columns: wrapped(&selected(&own_key, &key, &fields, has_owner), 25),
        has_owner,
        page: page_address(other, "of_"),
        list: other.list_path(),
        by: field.name.clone(),
        is_tested: field.is_sent()
            && !is_circular(&referring.plural, field, &referred.plural, known)
            && !(is_of_itself && resource.has_unique()),
        name: nested.name.clone(),
        fields,
        key,
        rust,
    }
}

/// A field of the other resource that is called otherwise in Rust than the key.
fn apart_from_id(field: FieldView) -> FieldView {
    match field.rust == "id" {
        true => FieldView {
            rust: "id_".to_owned(),
            ..field
        },
        false => field,
    }
}

fn selected(own_key: &Identifier, key: &Identifier, fields: &[FieldView], has_owner: bool) -> Vec<String> {
    let column = |column: &Identifier, name: &str| format!("other.{}", column.as_attribute(name));
    let mut all = vec![format!("this.{} as \"this.id\"", own_key.quoted), column(key, "id")];
    all.extend(fields.iter().map(|field| column(&field.identifier, &field.name)));
    all.extend(has_owner.then(|| "other.owner_id".to_owned()));
    all
}
