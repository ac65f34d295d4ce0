//! The order in which resources are made: one comes after those that it cannot be without.

use super::{
    codes,
    model::{Field, Known, Resource},
};
use crate::error::{Diagnostic, Span};

/// The references of a resource to others, without those that lead back to it and may be null: its rows can be made before
/// the others'.
pub fn needed<'r>(resource: &'r Resource, known: &'r Known) -> impl Iterator<Item = (&'r Field, &'r str)> {
    let references = resource
        .references_to_others()
        .filter(|(field, table)| !is_circular(&resource.plural, field, table, known));
    references.chain(resource.required_links())
}

/// What a row cannot be without, or could not if no reference were null.
fn all_needed(resource: &Resource) -> impl Iterator<Item = (&Field, &str)> {
    resource.references_to_others().chain(resource.required_links())
}

/// Whether a reference of the resource `plural` to `table` may be null and leads back to it, over others too.
pub fn is_circular(plural: &str, field: &Field, table: &str, known: &Known) -> bool {
    field.nullable && table != plural && leads_to(table, plural, known)
}

/// Whether references lead from one resource to another, over others too.
pub fn leads_to(from: &str, to: &str, known: &Known) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(resource) = reached.get(next).map(|plural| known.get(*plural)) {
        for (_, table) in resource.into_iter().flat_map(all_needed) {
            if table == to {
                return true;
            }
            if !reached.contains(&table) {
                reached.push(table);
            }
        }
        next += 1;
    }
    false
}

/// Sorts resources: each comes after those that it cannot be without. `known` are all of the project.
///
/// # Errors
/// Where some refer to each other in a circle, and none of the references may be null.
pub fn in_order(resources: Vec<Resource>, known: &Known) -> Result<Vec<Resource>, Diagnostic> {
    let mut waiting = resources;
    let mut done: Vec<Resource> = Vec::new();
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|resource| resource.plural.clone()).collect();
        let is_free =
            |resource: &Resource| !needed(resource, known).any(|(_, table)| names.iter().any(|name| name == table));
        let (free, bound): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_free);
        if free.is_empty() {
            return Err(circle(bound, known));
        }
        done.extend(free);
        waiting = bound;
    }
    Ok(done)
}

/// The refusal of resources each of which refers to another of them.
fn circle(mut bound: Vec<Resource>, known: &Known) -> Diagnostic {
    loop {
        let tables: Vec<String> = bound
            .iter()
            .flat_map(|resource| needed(resource, known).map(|(_, table)| table.to_owned()))
            .collect();
        let before = bound.len();
        bound.retain(|resource| tables.contains(&resource.plural));
        if bound.len() == before {
            break;
        }
    }
    let names: Vec<&str> = bound.iter().map(|resource| resource.plural.as_str()).collect();
    let is_of_circle = |(_, table): &(&Field, &str)| names.contains(table);
    let of_circle = bound
        .iter()
        .flat_map(|resource| needed(resource, known))
        .filter(is_of_circle);
    // What the project has already is not defined here.
    let mut places: Vec<(Span, &Field)> = of_circle
        .map(|(field, _)| (field.argument_place(), field))
        .filter(|(place, _)| *place != Span::default())
        .collect();
    places.sort_by_key(|(place, _)| place.start);
    let message = format!("{} refer to each other in a circle", names.join(", "));
    let first = places.first().map(|(place, _)| *place).unwrap_or_default();
    let problem = Diagnostic::new(codes::CIRCLE, first, message)
        .help("none could be created before the others; make one of the references nullable")
        .suggest(
            places
                .iter()
                .find(|(_, field)| field.refers_to().is_some())
                .and_then(|(_, field)| field.place.nullable()),
        );
    match places.get(1) {
        Some((second, _)) => problem.related(*second, "and another reference of the circle"),
        None => problem,
    }
}

/// A resource after those that its example refers to; `users` have rows as soon as anybody can log in.
pub fn with_needed(plural: &str, known: &Known) -> Vec<String> {
    let mut all = vec![plural.to_owned()];
    let mut next = 0;
    while let Some(resource) = all.get(next).and_then(|plural| known.get(plural)) {
        let others: Vec<String> = needed(resource, known)
            .filter(|(_, table)| known.contains_key(*table))
            .map(|(_, table)| table.to_owned())
            .collect();
        all.extend(others);
        next += 1;
    }
    // The last mention of each counts: what it needs comes after it here, and before it when they are sent.
    let mut order: Vec<String> = Vec::new();
    for plural in all.into_iter().rev() {
        if !order.contains(&plural) {
            order.push(plural);
        }
    }
    order
}
