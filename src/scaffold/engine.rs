//! The template engine of generated files.

use tera::{Delimiters, Kwargs, State, Tera};

use crate::error::{Error, Result};

/// What fills templates: its delimiters are of its own, because what it makes are templates too.
///
/// # Errors
/// [`Error::Internal`].
pub fn engine() -> Result<Tera> {
    let mut tera = Tera::default();
    tera.autoescape_on(Vec::<&str>::new());
    let delimiters = Delimiters {
        block_start: "[%".into(),
        block_end: "%]".into(),
        variable_start: "[[".into(),
        variable_end: "]]".into(),
        comment_start: "[#".into(),
        comment_end: "#]".into(),
    };
    tera.set_delimiters(delimiters)
        .map_err(|error| Error::Internal(error.to_string()))?;
    tera.register_filter("sql", sql);
    Ok(tera)
}

/// A statement in quotes as Rust has it: raw where names in it have quotes of their own.
fn sql(literal: &str, _: Kwargs, _: &State) -> String {
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    match inner.contains('"') {
        true => format!("r#{literal}#"),
        false => literal.to_owned(),
    }
}
