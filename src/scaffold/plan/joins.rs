//! Join tables in a project: their names, which nothing else may have, and which of them are yet to be made.

use crate::{
    error::{Diagnostic, Result},
    scaffold::{
        codes,
        join::{self, are_sides_of_one},
        model::{Field, Known, OnDelete, Resource},
        names::MAX_TABLE_CHARS,
        project::Project,
        record::{Records, ResourceRecord},
        reserved,
    },
};

/// What to do about the name of a join table.
const RENAME: &str = "set another name with `table:`";

/// Decides the names of join tables: as the project has them, or else as they are made.
pub fn decide_names(resources: &mut [Resource], records: &Records, known: &Known) {
    for resource in resources {
        if let Some(record) = records.get(&resource.plural) {
            for field in &mut resource.fields {
                let is_same = |old: &&Field| old.name == field.name && old.kind == field.kind;
                if let Some(old) = record.resource.fields.iter().find(is_same).map(|old| &old.join) {
                    field.join.table = field.join.table.take().or_else(|| old.table.clone());
                    field.join.columns = field.join.columns.take().or_else(|| old.columns.clone());
                }
            }
        }
        join::decide_names(resource, known);
    }
}

/// The join table of a field, as no engine tells it from others.
fn table_of(field: &Field) -> String {
    field.join.table.as_deref().unwrap_or_default().to_ascii_lowercase()
}

/// What is wrong with the links of these resources, among all of the project.
pub fn problems(resources: &[Resource], all: &[Resource]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut seen: Vec<(&Resource, &Field)> = Vec::new();
    let others = all
        .iter()
        .filter(|other| !resources.iter().any(|new| new.plural == other.plural));
    seen.extend(others.flat_map(|other| other.links().map(move |(field, _)| (other, field))));
    for resource in resources {
        for (field, plural) in resource.links() {
            problems.extend(wrong_name(field, all).or_else(|| clash(resource, field, &seen)));
            if plural == resource.plural && field.least_links() > 0 {
                let message = format!(
                    "each row needs links by `{}` to its own table, so there could be no first row",
                    field.name
                );
                problems.push(Diagnostic::new(codes::SELF_REFERENCE, field.place.kind, message).help("remove `min`"));
            }
            seen.push((resource, field));
        }
    }
    problems
}

/// Why no table can have the name.
fn wrong_name(field: &Field, all: &[Resource]) -> Option<Diagnostic> {
    let table = table_of(field);
    let problem = |code, message: String| Some(Diagnostic::new(code, field.place.kind, message).help(RENAME));
    if table.len() > MAX_TABLE_CHARS {
        let message = format!(
            "the join table of `{}` would be named `{table}`, which is longer than {MAX_TABLE_CHARS} characters",
            field.name
        );
        return problem(codes::TABLE, message);
    }
    if reserved::is_table(&table) {
        let message = format!("a join table cannot be called `{table}`: the server or the database has that table");
        return problem(codes::RESERVED, message);
    }
    let other = all
        .iter()
        .find(|other| other.table_name().eq_ignore_ascii_case(&table))?;
    let message = format!(
        "the join table of `{}` would be the table of `{}`",
        field.name, other.plural
    );
    problem(codes::CLASH, message)
}

/// Another field that has the join table, unless both serve its two sides.
fn clash(resource: &Resource, field: &Field, seen: &[(&Resource, &Field)]) -> Option<Diagnostic> {
    let is_same = |(_, other): &&(&Resource, &Field)| table_of(other) == table_of(field);
    let (owner, other) = seen.iter().find(is_same)?;
    let named = format!("`{}` of `{}`", other.name, owner.plural);
    let restricts = [field, other].iter().any(|side| side.on_delete == OnDelete::Restrict);
    let (message, help) = match are_sides_of_one((resource, field), (owner, other)) {
        true if !restricts => return None,
        true => (
            format!(
                "`{}` serves the same join table as {named}, where links go with either row",
                field.name
            ),
            "remove `on_delete: restrict` from both",
        ),
        false => (
            format!("`{}` would have the same join table as {named}", field.name),
            "set another name with `table:`; for the other side of the same links, set the same table, and the columns the \
             other way round",
        ),
    };
    Some(
        Diagnostic::new(codes::CLASH, field.place.kind, message)
            .related(other.place.name, "defined here")
            .help(help),
    )
}

/// The fields of a resource whose join tables are neither the project's nor among those `made` by this run.
pub fn missing<'r>(resource: &'r Resource, records: &Records, made: &[String]) -> Vec<&'r Field> {
    let is_there = |table: &String| {
        let mut old = records.values().flat_map(|record| record.resource.links());
        made.contains(table) || old.any(|(field, _)| table_of(field) == *table)
    };
    let mut missing: Vec<&Field> = Vec::new();
    for (field, _) in resource.links() {
        let is_made = missing.iter().any(|other| table_of(other) == table_of(field));
        if !is_made && !is_there(&table_of(field)) {
            missing.push(field);
        }
    }
    missing
}

/// The join tables that these fields have.
pub fn tables(fields: &[&Field]) -> Vec<String> {
    fields.iter().map(|field| table_of(field)).collect()
}

/// Why join tables of a resource cannot be created: migrations of the project do so for something else.
///
/// # Errors
/// [`crate::error::Error::Refused`] for a migration that cannot be read.
pub fn not_creatable(project: &Project, resource: &Resource, records: &Records) -> Result<Vec<Diagnostic>> {
    let mut problems = Vec::new();
    for field in missing(resource, records, &[]) {
        let table = field.join.table.as_deref().unwrap_or_default();
        if let Some(path) = project.migration_of(table)? {
            let message = format!("the table `{table}` is already created by {}", path.display());
            problems.push(Diagnostic::new(codes::TABLE, field.place.kind, message).help(RENAME));
        }
    }
    Ok(problems)
}

/// What join tables that may have rows cannot become.
pub fn wrong_changes(record: &ResourceRecord, new: &Resource) -> Vec<Diagnostic> {
    let wrong = |(old, _): (&Field, &str)| {
        let same_table = new.links().find(|(field, _)| table_of(field) == table_of(old));
        let found = same_table.map(|(field, _)| field);
        let found = found.or_else(|| new.fields.iter().find(|field| field.name == old.name));
        match found {
            Some(field) => {
                let is_same = field.kind == old.kind && field.join == old.join && field.on_delete == old.on_delete;
                let message = format!(
                    "`{}` already exists with another type, join table or on_delete",
                    field.name
                );
                (!is_same).then(|| {
                    Diagnostic::new(codes::CHANGED, field.place.kind, message).help(
                        "the join table may hold data, which scaffold does not convert; add a field with another name",
                    )
                })
            }
            None if new.has_unread_fields => None,
            None => {
                let message = format!("the field `{}` of `{}` is missing", old.name, new.plural);
                Some(Diagnostic::new(codes::REMOVED, new.span, message).help(
                    "its join table may hold data, which scaffold does not delete; keep the field, or destroy the \
                     resource and scaffold it again",
                ))
            }
        }
    };
    record.resource.links().filter_map(wrong).collect()
}
