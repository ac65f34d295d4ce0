//! The order in which resources are made: one comes after those it refers to.

use super::{
    model::{Field, Resource},
    source::Source,
};
use crate::error::{Error, Result};

/// Sorts resources: each comes after those it refers to.
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
                .references_to_others()
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
            .flat_map(|resource| resource.references_to_others().map(|(_, table)| table.to_owned()))
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
        resource
            .references_to_others()
            .filter(is_of_circle)
            .map(|(field, _)| field.line)
    });
    // What the project has already has no line here.
    let line = lines.filter(|line| *line > 0).min().unwrap_or_default();
    let text = format!(
        "{} refer to each other in a circle: none could be created before the others; remove one of the references, or move it \
         to a resource of its own that refers to both",
        names.join(", ")
    );
    source.refuse(line, text)
}
