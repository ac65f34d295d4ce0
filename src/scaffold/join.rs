//! Join tables: what each is called, and what templates see of it.

use serde::Serialize;

use super::{
    bounds::Bounds,
    columns::key_name,
    identifier::Identifier,
    model::{Field, JoinNames, KeyKind, Known, OnDelete, Resource},
    names::snake,
    order::leads_to,
    target::Target,
    types::ByEngine,
};

/// The singular of users, whom no definition has.
const USER: &str = "user";

/// Decides what is open about the names of a resource's join tables.
pub fn decide_names(resource: &mut Resource, known: &Known) {
    let (table, singular, plural) = (resource.table_name().to_owned(), &resource.singular, &resource.plural);
    for field in &mut resource.fields {
        let Some(other) = field.links_to().map(str::to_owned) else {
            continue;
        };
        let other_table = known.get(&other).map_or(other.as_str(), Resource::table_name);
        let other_singular = known.get(&other).map_or(USER, |other| &other.singular);
        let other_column = match other == *plural {
            true => format!("other_{singular}_id"),
            false => format!("{other_singular}_id"),
        };
        let JoinNames { table: named, columns } = &mut field.join;
        named.get_or_insert_with(|| format!("{table}_{other_table}"));
        columns.get_or_insert_with(|| [format!("{singular}_id"), other_column]);
    }
}

/// Whether two fields serve the two sides of one join table.
pub fn are_sides_of_one((one, plural): (&Resource, &Field), (other, field): (&Resource, &Field)) -> bool {
    let mirrored = |columns: &[String; 2]| [columns[1].clone(), columns[0].clone()];
    plural.links_to() == Some(&other.plural)
        && field.links_to() == Some(&one.plural)
        && plural.join.table == field.join.table
        && plural.join.columns.as_ref().map(mirrored) == field.join.columns
}

/// The join table of a field.
#[derive(Clone, Debug, Serialize)]
pub struct JoinTable {
    /// What it is called.
    pub table: Identifier,
    /// The column of the row that is linked.
    pub own: JoinColumn,
    /// The column of the others.
    pub other: JoinColumn,
    /// What the index on the column of the others is called.
    pub index: String,
    /// What finds the ids of the others, as a column of a query.
    pub column: String,
    /// Whether a new row must be linked to something.
    pub is_required: bool,
    /// What makes the ids of as many others as a row must be linked to, in a test.
    pub least_ids: String,
    /// What makes the ids of two others, or of one where there can be no more.
    pub test_ids: String,
    /// The path of the others; empty for users.
    pub list: String,
    /// What the deletion of another row does to links in a test: `cascade` or `restrict`; empty where something else may
    /// hold that row.
    pub deleted_with: &'static str,
}

/// A column of a join table, which is a foreign key.
#[derive(Clone, Debug, Serialize)]
pub struct JoinColumn {
    /// What it is called.
    pub name: Identifier,
    /// Its type.
    pub kind: ByEngine<&'static str>,
    /// The table that it leads to.
    pub table: Identifier,
    /// The key of that table.
    pub key: Identifier,
    /// What becomes of a link with the row, as SQL with a blank before it; empty where that is refused.
    pub on_delete: &'static str,
}

impl JoinColumn {
    fn of(name: &str, table: &Identifier, key: &Identifier, kind: KeyKind, on_delete: OnDelete) -> Self {
        Self {
            name: Identifier::of(name),
            kind: kind.referring().row().columns,
            table: table.clone(),
            key: key.clone(),
            on_delete: on_delete.sql(),
        }
    }
}

impl JoinTable {
    /// That of a field of the resource; none where it has none.
    pub fn of(resource: &Resource, field: &Field, target: &Target, known: &Known) -> Option<Self> {
        let other = field.links_to()?;
        let JoinNames {
            table: Some(table),
            columns: Some([own_column, other_column]),
        } = &field.join
        else {
            return None;
        };
        let (own_table, own_key) = (
            Identifier::of(resource.table_name()),
            Identifier::of(resource.key_column()),
        );
        let name = Identifier::of(table);
        let [own, others] = [own_column, other_column].map(|column| Identifier::of(column).quoted);
        Some(Self {
            index: key_name(&snake(table), &snake(other_column), "idx"),
            column: format!(
                "(select json_agg({others}) from {} where {own} = {}.{})",
                name.quoted, own_table.quoted, own_key.quoted
            ),
            is_required: field.is_required(),
            least_ids: test_ids(resource, other, target, known, field.least_links()),
            test_ids: test_ids(resource, other, target, known, tested(resource, field, other, known)),
            list: known.get(other).map(Resource::list_path).unwrap_or_default(),
            deleted_with: deleted_with(resource, field, other, known),
            own: JoinColumn::of(own_column, &own_table, &own_key, resource.key_kind(), OnDelete::Cascade),
            other: JoinColumn::of(other_column, &target.table, &target.key, target.kind, field.on_delete),
            table: name,
        })
    }
}

/// How many others a test links a row to.
fn tested(resource: &Resource, field: &Field, other: &str, known: &Known) -> usize {
    // The same document makes two rows where nothing of them is unique.
    let most = match known.get(other) {
        Some(other) if other.has_unique() => usize::from(other.plural != resource.plural),
        _ => 2,
    };
    let allowed = match field.bounds {
        Bounds::Items(items) => items.max.unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    most.max(field.least_links()).min(allowed)
}

/// The list in a test of the ids of so many others, which it makes.
fn test_ids(resource: &Resource, other: &str, target: &Target, known: &Known, count: usize) -> String {
    let is_own = resource.plural == other;
    let document = match is_own {
        true => "self::document".to_owned(),
        false => format!("super::{other}::document"),
    };
    let path = known.get(other).map(Resource::list_path).unwrap_or_default();
    let ids = (1..=count).map(|number| match (other, number, target.list.as_str()) {
        // The tests have three users.
        ("users", ..) => format!("json!({number})"),
        (_, 1, list) if is_own && !list.is_empty() => format!("api.new_id_at(LIST, {document})"),
        (_, 1, _) => target.new_id(other, &document),
        _ => format!("api.another_id({path:?}, {document})"),
    });
    format!("[{}]", ids.collect::<Vec<_>>().join(", "))
}

/// What a test sees of links when one of the others is deleted.
fn deleted_with(resource: &Resource, field: &Field, other: &str, known: &Known) -> &'static str {
    let is_other = |plural: &str| plural == other || leads_to(plural, other, known);
    let others = resource.references_to_others().chain(resource.links());
    let is_held = others
        .filter(|(held_by, _)| held_by.name != field.name)
        .any(|(_, plural)| is_other(plural));
    match field.on_delete {
        _ if is_held || !known.contains_key(other) || other == resource.plural => "",
        OnDelete::Restrict => "restrict",
        OnDelete::Cascade | OnDelete::SetNull => "cascade",
    }
}
