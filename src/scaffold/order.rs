//! The order in which resources are made: one comes after those it refers to.

use super::{
    codes,
    model::{Field, Resource},
};
use crate::error::{Diagnostic, Span};

/// Sorts resources: each comes after those it refers to.
///
/// # Errors
/// Where some refer to each other in a circle.
pub fn in_order(resources: Vec<Resource>) -> Result<Vec<Resource>, Diagnostic> {
    let mut waiting = resources;
    let mut done: Vec<Resource> = Vec::new();
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|resource| resource.plural.clone()).collect();
        let is_free = |resource: &Resource| {
            !resource
                .references_to_others()
                .any(|(_, table)| names.iter().any(|name| name == table))
        };
        let (free, bound): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_free);
        if free.is_empty() {
            return Err(circle(bound));
        }
        done.extend(free);
        waiting = bound;
    }
    Ok(done)
}

/// The refusal of resources each of which refers to another of them.
fn circle(mut bound: Vec<Resource>) -> Diagnostic {
    loop {
        let tables: Vec<String> = bound
            .iter()
            .flat_map(|resource| resource.references_to_others().map(|(_, table)| table.to_owned()))
            .collect();
        let before = bound.len();
        bound.retain(|resource| tables.contains(&resource.plural));
        if bound.len() == before {
            break;
        }
    }
    let names: Vec<&str> = bound.iter().map(|resource| resource.plural.as_str()).collect();
    let places = bound.iter().flat_map(|resource| {
        let is_of_circle = |(_, table): &(&Field, &str)| names.contains(table);
        resource
            .references_to_others()
            .filter(is_of_circle)
            .map(|(field, _)| field.place.table())
    });
    // What the project has already is not defined here.
    let mut places: Vec<Span> = places.filter(|place| *place != Span::default()).collect();
    places.sort_by_key(|place| place.start);
    let message = format!("{} refer to each other in a circle", names.join(", "));
    let problem = Diagnostic::new(codes::CIRCLE, places.first().copied().unwrap_or_default(), message).help(
        "none could be created before the others; remove one of the references, or move it to a resource of its own that \
         refers to both",
    );
    match places.get(1) {
        Some(second) => problem.related(*second, "and another reference of the circle"),
        None => problem,
    }
}
