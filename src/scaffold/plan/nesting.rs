//! What a run may do to resources whose rows others show.

use std::collections::BTreeMap;

use crate::{
    error::{Diagnostic, Error, Result},
    scaffold::{
        model::{Known, Resource},
        nesting,
        record::ResourceRecord,
    },
};

/// Nested attributes that cannot be, also those that the project has already and a resource of the definition forbids.
pub fn wrong_nesting(resources: &[Resource], known: &Known, tables: &[&str]) -> Vec<Diagnostic> {
    let defined = |plural: &str| resources.iter().find(|resource| resource.plural == plural);
    let all = known.values().flat_map(|resource| {
        let of_resource = move |nested| (resource, nested);
        resource.nested.iter().map(of_resource)
    });
    let wrong = all.flat_map(|(resource, nested)| {
        let place = match defined(&resource.plural) {
            Some(_) => None,
            None => defined(&nested.of).map(|other| other.span),
        };
        let found = match (defined(&resource.plural), place) {
            (None, None) => Vec::new(),
            _ => nesting::problems(resource, nested, known, tables),
        };
        found.into_iter().map(move |problem| match place {
            None => problem,
            Some(span) => Diagnostic { span, ..problem }.suggest(None),
        })
    });
    wrong.collect()
}

/// Whether a resource shows rows of one of which a run changes anything.
pub fn nests_changed(resource: &Resource, resources: &[Resource], records: &BTreeMap<String, ResourceRecord>) -> bool {
    let text = |resource: &Resource| serde_json::to_string(resource).unwrap_or_default();
    let is_changed = |plural: &str| {
        let new = resources.iter().find(|resource| resource.plural == plural);
        let old = records.get(plural).map(|record| &record.resource);
        new.zip(old).is_some_and(|(new, old)| text(new) != text(old))
    };
    resource.nested.iter().any(|nested| is_changed(&nested.of))
}

/// Refuses to destroy a resource whose rows are shown by one that stays.
///
/// # Errors
/// [`Error::Refused`] with what to do.
pub fn nests_none(stays: &Resource, goes: impl Fn(&str) -> bool) -> Result<()> {
    let (plural, mut all) = (&stays.plural, stays.nested.iter());
    match all.find(|nested| goes(&nested.of)) {
        None => Ok(()),
        Some(nested) => Err(Error::Refused(format!(
            "`{}` of `{plural}` shows rows of `{of}`; remove the field, or destroy both: destroy {plural} {of}",
            nested.name,
            of = nested.of
        ))),
    }
}
