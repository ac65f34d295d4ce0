//! A report as one HTML page that needs no other file.

use serde_json::Value;
use tera::{Context, Tera};

use super::report::Report;
use crate::error::{Error, Result};

const TEMPLATE: &str = include_str!("page.html");

/// The page, made at a time that it names.
///
/// # Errors
/// [`Error::Internal`] if the template, which is built in, cannot be filled.
pub fn html(report: &Report, made_at: &str) -> Result<String> {
    let failed = |error: tera::Error| Error::Internal(format!("the report's page: {error}"));
    let mut tera = Tera::default();
    tera.add_raw_template("page.html", TEMPLATE).map_err(failed)?;
    let mut context = Context::new();
    context.insert("report", &with_texts(report.to_json()));
    context.insert("made_at", made_at);
    tera.render("page.html", &context).map_err(failed)
}

/// The value with its numbers as texts: with exact numbers of any size, the template would see objects.
fn with_texts(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => items.into_iter().map(with_texts).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, with_texts(member)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::report::tests::example;

    #[test]
    fn a_page_is_as_it_was_and_has_no_markup_of_others() {
        let page = html(&example(), "2026-11-28 16:00 UTC").unwrap();
        assert!(
            !page.contains("<no>") && !page.contains("http-equiv") && !page.contains("src="),
            "{page}"
        );
        crate::parity::terminal::tests::assert_golden("report.html", &page);
    }
}
