//! What cannot be done with resources in a project, whose tables may have rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::Result,
    scaffold::{
        model::{Field, Resource},
        names,
        order::in_order,
        record::ResourceRecord,
        reserved,
        source::{Source, nearest},
        types::Kind,
    },
};

/// The project's resources as they were generated, by plural.
pub type Records = BTreeMap<String, ResourceRecord>;

/// Checks what needs all resources, those of the project among them, and resolves references; `crates` are the names that
/// other crates have.
///
/// # Errors
/// [`crate::error::Error::Refused`] with the line of what cannot be.
pub fn check_together(source: &Source, resources: &mut [Resource], records: &Records, crates: &[String]) -> Result<()> {
    let known: Vec<(String, String)> = records
        .values()
        .map(|record| &record.resource)
        .chain(resources.iter())
        .map(|resource| (resource.singular.clone(), resource.plural.clone()))
        .chain([("user".to_owned(), "users".to_owned())])
        .collect();
    let tables: Vec<&str> = known.iter().map(|(_, plural)| plural.as_str()).collect();
    let of_project = records.values().map(|record| &record.resource);
    let taken: Vec<(&str, Vec<String>)> = of_project
        .map(|resource| (resource.plural.as_str(), names::of(resource)))
        .collect();
    for resource in resources.iter_mut() {
        if crates.contains(&resource.plural) {
            return Err(source.refuse(resource.line, reserved::hides(&resource.plural)));
        }
        resource.resolve(&known);
        check_names(source, resource, &taken)?;
        check_references(source, resource, &tables)?;
    }
    let is_old = |resource: &&Resource| !resources.iter().any(|new| new.plural == resource.plural);
    let old = records.values().map(|record| &record.resource).filter(is_old);
    in_order(source, resources.iter().chain(old).cloned().collect()).map(drop)
}

/// Checks that no other resource of the project has one of its names.
fn check_names(source: &Source, resource: &Resource, taken: &[(&str, Vec<String>)]) -> Result<()> {
    let own = names::of(resource);
    let others = taken.iter().filter(|(plural, _)| *plural != resource.plural);
    for (plural, names) in others {
        if let Some(name) = names::clash(names, &own) {
            let text = format!("`{name}` is a name of the resource `{plural}` already");
            return Err(source.refuse(resource.line, text));
        }
    }
    Ok(())
}

/// Checks that references lead to resources that are there, and leave a first row possible.
fn check_references(source: &Source, resource: &Resource, tables: &[&str]) -> Result<()> {
    for (field, table) in resource.references() {
        if !tables.contains(&table) {
            let hint = match nearest(table, tables) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => ".".to_owned(),
            };
            let text = format!(
                "`{}` refers to the unknown resource `{table}`{hint} The resources are: {}",
                field.name,
                tables.join(", ")
            );
            return Err(source.refuse(field.line, text));
        }
        if table == resource.plural && !field.nullable {
            let text = format!(
                "`{}` refers to its own table, which leaves no first row possible; make it nullable: \
                 `{}:references({table})?`",
                field.name, field.name
            );
            return Err(source.refuse(field.line, text));
        }
    }
    Ok(())
}

/// The fields that are new; what else differs must need no change of the table.
///
/// # Errors
/// [`crate::error::Error::Refused`] with the line of what would need a change of the table.
pub fn added_fields<'r>(source: &Source, record: &ResourceRecord, new: &'r Resource) -> Result<Vec<&'r str>> {
    let old = &record.resource;
    let names =
        |resource: &Resource| -> BTreeSet<String> { resource.fields.iter().map(|field| field.name.clone()).collect() };
    if let Some(name) = names(old).difference(&names(new)).next() {
        return Err(source.refuse(
            new.line,
            format!(
                "`{name}` was a field of `{}` and is none now; its column may hold data, which scaffold does not drop. Keep \
                 the field, or destroy the resource and scaffold it anew",
                new.plural
            ),
        ));
    }
    let mut added = Vec::new();
    for field in &new.fields {
        match old.fields.iter().find(|other| other.name == field.name) {
            Some(other) => check_same_column(source, other, field)?,
            None => {
                check_addable(source, record, field)?;
                added.push(field.name.as_str());
            }
        }
    }
    Ok(added)
}

fn check_same_column(source: &Source, old: &Field, new: &Field) -> Result<()> {
    let is_same = match (&old.kind, &new.kind) {
        // The values of an enum are checked by the code only.
        (Kind::Enum(_), Kind::Enum(_)) => true,
        (old, new) => old == new,
    };
    if is_same && old.nullable == new.nullable && old.unique == new.unique {
        return Ok(());
    }
    Err(source.refuse(
        new.line,
        format!(
            "`{}` was defined otherwise, and its column may hold data, which scaffold does not convert; type, `?` and `^` of \
             a field stay. Add a field of another name",
            new.name
        ),
    ))
}

fn check_addable(source: &Source, record: &ResourceRecord, field: &Field) -> Result<()> {
    if record.has_owner_column && field.name == "owner_id" {
        let text = "the table has `owner_id` since it had `auth: owner`; name the field otherwise";
        return Err(source.refuse(field.line, text));
    }
    let needs_null = field.unique || matches!(field.kind, Kind::References(_));
    if needs_null && !field.nullable {
        return Err(source.refuse(
            field.line,
            format!(
                "`{}` is new in a table that may have rows, which would all need a value of their own; make it nullable",
                field.name
            ),
        ));
    }
    Ok(())
}
