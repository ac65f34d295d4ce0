//! Decimal numbers that keep the scale they were stored with.

use super::{cell::Cell, column::Column};

/// A decimal number of any size in plain digits, such as `-12.50`: `numeric` on PostgreSQL, text in our own tables
/// elsewhere, because SQLite has no such type and MySQL's has one scale for all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decimal(pub String);

impl Column for Decimal {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        let text = cell.text()?;
        // An exponent is SQLite's, where a column was declared as a number.
        let is_number = text.parse::<f64>().is_ok_and(f64::is_finite) || is_plain(&text);
        is_number.then(|| Self(text.into_owned()))
    }
}

fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
