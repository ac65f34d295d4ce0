//! What cannot be done with resources in a project, whose tables may have rows.

use super::{joins, nesting::wrong_nesting};
use crate::{
    error::{Diagnostic, Suggestion},
    scaffold::{
        codes, columns,
        defaults::DefaultValue,
        definition::naming,
        model::{Aliases, Field, Resource},
        names,
        order::in_order,
        record::{Records, ResourceRecord},
        source::nearest,
        types::Kind,
    },
};

/// Why a resource cannot have the name of a crate.
const HIDES: &str = "the module of its tests would hide what Rust code has that name for";

/// What is wrong with resources together, those of the project among them; resolves references.
///
/// `crates` are the names that other crates have.
pub fn check_together(resources: &mut [Resource], records: &Records, crates: &[String]) -> Vec<Diagnostic> {
    let known: Vec<Aliases> = records
        .values()
        .map(|record| &record.resource)
        .chain(resources.iter())
        .map(Resource::aliases)
        .chain([Aliases::of_users()])
        .collect();
    let tables: Vec<&str> = known.iter().map(|aliases| aliases.plural.as_str()).collect();
    let of_project = records.values().map(|record| &record.resource);
    let taken: Vec<(&Resource, Vec<String>)> = of_project.map(|resource| (resource, names::of(resource))).collect();
    let mut problems = Vec::new();
    for resource in resources.iter_mut() {
        if crates.contains(&resource.plural) {
            let message = format!("a resource cannot be called `{}`: {HIDES}", resource.plural);
            problems.push(renamed(
                resource,
                Diagnostic::new(codes::RESERVED, resource.span, message),
            ));
        }
        resource.resolve(&known);
        problems.extend(name_of_another(resource, &taken));
        problems.extend(wrong_references(resource, &tables));
    }
    let is_old = |resource: &&Resource| !resources.iter().any(|new| new.plural == resource.plural);
    let old = records.values().map(|record| &record.resource).filter(is_old);
    let all: Vec<Resource> = resources.iter().chain(old).cloned().collect();
    let known = all
        .iter()
        .map(|resource| (resource.plural.clone(), resource.clone()))
        .collect();
    joins::decide_names(resources, records, &known);
    problems.extend(joins::problems(resources, &all));
    problems.extend(wrong_nesting(resources, &known, &tables));
    problems.extend(in_order(all, &known).err());
    problems
}

/// A problem with the name of a resource, which another one mends.
fn renamed(resource: &Resource, problem: Diagnostic) -> Diagnostic {
    let another = format!("app_{}", resource.key);
    let edit = resource.renamed(&another).filter(|_| naming::is_resource(&another));
    problem
        .help("choose another name, or set another `singular:` or `plural:`")
        .suggest(edit)
}

/// Another resource of the project that has one of the names.
fn name_of_another(resource: &Resource, taken: &[(&Resource, Vec<String>)]) -> Option<Diagnostic> {
    let own = names::of(resource);
    let mut others = taken.iter().filter(|(other, _)| other.plural != resource.plural);
    others.find_map(|(other, names)| {
        let message = names::clash_message(names::clash(names, &own)?, other);
        Some(renamed(resource, Diagnostic::new(codes::CLASH, resource.span, message)))
    })
}

/// References that lead to no resource, or leave no first row possible.
pub fn wrong_references(resource: &Resource, tables: &[&str]) -> Vec<Diagnostic> {
    let wrong = |(field, table): (&Field, &str)| {
        if !tables.contains(&table) {
            let message = format!("`{}` refers to the unknown resource `{table}`", field.name);
            let itself = ["self", "this", "itself"]
                .contains(&table)
                .then_some(resource.plural.as_str());
            let near = itself
                .or_else(|| nearest(table, tables))
                .or_else(|| nearest(field.name.trim_end_matches("_ids").trim_end_matches("_id"), tables));
            let edit = near.filter(|_| field.place.is_exact);
            let edit = edit.map(|near| Suggestion::meant(field.argument_place(), near));
            let problem = Diagnostic::new(codes::REFERENCE, field.argument_place(), message);
            return Some(
                problem
                    .help(format!("the resources are: {}", tables.join(", ")))
                    .suggest(edit),
            );
        }
        let is_stuck = table == resource.plural && field.refers_to().is_some() && !field.nullable;
        is_stuck.then(|| {
            let message = format!(
                "`{}` refers to its own table, so there could be no first row",
                field.name
            );
            Diagnostic::new(codes::SELF_REFERENCE, field.place.kind, message)
                .help("make it nullable")
                .suggest(field.place.nullable())
        })
    };
    resource.leads().filter_map(wrong).collect()
}

/// The fields that a table does not have yet.
pub fn added_fields<'r>(record: &ResourceRecord, new: &'r Resource) -> Vec<&'r Field> {
    let is_new = |field: &&Field| {
        !record
            .resource
            .fields
            .iter()
            .any(|old| old.has_column() && old.column() == field.column())
    };
    new.fields
        .iter()
        .filter(|field| field.has_column())
        .filter(is_new)
        .collect()
}

/// What a table with rows cannot become.
pub fn wrong_changes(record: &ResourceRecord, new: &Resource) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = added_fields(record, new)
        .into_iter()
        .filter_map(|field| not_addable(record, field))
        .collect();
    let before = &record.resource;
    if before.table_name() != new.table_name() || before.primary_key != new.primary_key {
        let message = format!("`{}` already exists with another table or key", new.plural);
        problems.push(
            Diagnostic::new(codes::CHANGED, new.span, message)
                .help("the table may hold data, which scaffold does not move; keep the table and its key"),
        );
    }
    if before.unique != new.unique {
        let message = format!(
            "`{}` already exists with other fields that are unique together",
            new.plural
        );
        problems.push(
            Diagnostic::new(codes::CHANGED, new.span, message)
                .help("the table may have rows that are not; add the index in a migration of your own"),
        );
    }
    problems.extend(joins::wrong_changes(record, new));
    for old in record.resource.fields.iter().filter(|field| field.has_column()) {
        let is_same = |field: &&Field| field.has_column() && field.column() == old.column();
        match new.fields.iter().find(is_same) {
            Some(field) => problems.extend(another_column(old, field)),
            None if new.has_unread_fields => {}
            None => {
                let message = format!("the field `{}` of `{}` is missing", old.name, new.plural);
                problems.push(Diagnostic::new(codes::REMOVED, new.span, message).help(
                    "its column may hold data, which scaffold does not delete; keep the field, or destroy the resource and \
                     scaffold it again",
                ));
            }
        }
    }
    problems
}

fn another_column(old: &Field, new: &Field) -> Option<Diagnostic> {
    let is_same = match (&old.kind, &new.kind) {
        // The values of an enum are checked by the code only.
        (Kind::Enum(_), Kind::Enum(_)) => true,
        (old, new) => old == new,
    };
    let has_same_marks = old.nullable == new.nullable && old.unique == new.unique;
    let in_database = |field: &Field| {
        let default = field.default.clone().filter(|_| field.traffic.is_filled_by_database);
        (default, field.on_delete, field.traffic.has_index)
    };
    let (old_column, new_column) = (columns::types("", old).postgres, columns::types("", new).postgres);
    let message = match is_same && has_same_marks {
        true if old_column != new_column => format!(
            "`{}` already exists as {old_column}, which this would make {new_column}",
            new.name
        ),
        true => format!(
            "`{}` already exists with another server_default, on_delete or index",
            new.name
        ),
        false => format!("`{}` already exists with a different type, `?` or `^`", new.name),
    };
    (!is_same || !has_same_marks || old_column != new_column || in_database(old) != in_database(new)).then(|| {
        Diagnostic::new(codes::CHANGED, new.place.kind, message)
            .help("its column may hold data, which scaffold does not convert; add a field with another name")
    })
}

fn not_addable(record: &ResourceRecord, field: &Field) -> Option<Diagnostic> {
    if record.has_owner_column && field.column().eq_ignore_ascii_case("owner_id") {
        let message = "the table has `owner_id` since it had `auth: owner`";
        return Some(
            Diagnostic::new(codes::OWNER, field.place.name, message).help("choose another name for the field"),
        );
    }
    if field.traffic.is_filled_by_database
        && matches!(&field.default, Some(default) if [DefaultValue::Now, DefaultValue::Today, DefaultValue::TimeNow].contains(&default.value))
    {
        let message = format!(
            "`{}` is new in a table that may have rows, and its server_default is another each time",
            field.name
        );
        return Some(
            Diagnostic::new(codes::ADDED, field.place.kind, message)
                .help("SQLite cannot add such a column; use `default`, which the server fills in"),
        );
    }
    let is_filled = columns::can_be_distinct(&record.resource.plural, field);
    let needs_null = field.unique && !is_filled || matches!(field.kind, Kind::References(_));
    (needs_null && !field.nullable).then(|| {
        let message = format!(
            "`{}` is new in a table that may have rows, so it must be nullable",
            field.name
        );
        Diagnostic::new(codes::ADDED, field.place.kind, message)
            .help("all rows would need a value of their own")
            .suggest(field.place.nullable())
    })
}

/// Why the table of a new resource cannot be created; `migration` is the one that creates a table of that name.
pub fn not_creatable(resource: &Resource, migration: Option<(&str, String)>) -> Option<Diagnostic> {
    let problem = |message: String| Diagnostic::new(codes::TABLE, resource.span, message);
    if let Some((table, path)) = migration {
        let problem = problem(format!("the table `{table}` is already created by {path}"));
        return Some(problem.help("choose another name"));
    }
    let table = resource.table_name();
    let origin = if resource.has_own_table {
        ""
    } else {
        ", as in Flask-Scaffold"
    };
    (table.len() > names::MAX_TABLE_CHARS).then(|| {
        problem(format!(
            "the table of `{}` would be named `{table}`{origin}, which is longer than {} characters",
            resource.plural,
            names::MAX_TABLE_CHARS
        ))
        .help("set another name with `table:`, or for resource and table with `plural:`")
    })
}

/// Why these resources cannot be destroyed: another one, which stays, refers or links to one of them.
pub fn still_needed(going: &[ResourceRecord], all: &Records) -> Option<String> {
    let goes = |plural: &str| going.iter().any(|record| record.resource.plural == plural);
    let mut others = all.values().filter(|other| !goes(&other.resource.plural));
    others.find_map(|other| {
        let (_, table) = other.resource.leads().find(|(_, table)| goes(table))?;
        let other = &other.resource.plural;
        let leads_back = |record: &ResourceRecord| record.resource.leads().any(|(_, table)| table == other);
        Some(match going.iter().any(leads_back) {
            true => {
                format!("`{other}` and `{table}` refer to each other; destroy them together: destroy {other} {table}")
            }
            false => format!("`{other}` refers to `{table}`; destroy it first"),
        })
    })
}
