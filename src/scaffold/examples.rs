//! Values of a field for the example document and the tests of a resource.

use serde_json::json;

use super::{
    bounds::{Bounds, Range},
    model::Field,
    names::snake,
    types::{Kind, Limits},
    words::spaced,
};
use crate::fields::MAX_STRING_CHARS;

/// Two values that a field takes, as JSON; the same where there is only one.
pub fn of(field: &Field) -> [String; 2] {
    match (&field.bounds, &field.kind) {
        (_, Kind::Many(_)) => {
            let ids: Vec<usize> = (1..=field.least_links()).collect();
            [(); 2].map(|()| json!(ids).to_string())
        }
        (Bounds::Length(length), _) => ["Some", "Other"].map(|word| text(field, *length, word)),
        (Bounds::Items(range), _) => ["Some", "Other"].map(|word| list(field, *range, word)),
        (Bounds::Integer(range), _) => whole_numbers(&field.kind, *range),
        (Bounds::Float(range), _) => {
            let (min, max) = (range.min.unwrap_or(f64::MIN), range.max.unwrap_or(f64::MAX));
            [1.5_f64, 2.5].map(|number| json!(number.max(min).min(max)).to_string())
        }
        (Bounds::None, Kind::Enum(choices) | Kind::NativeEnum(choices)) => {
            [choices.first(), choices.last()].map(|choice| json!(choice).to_string())
        }
        (Bounds::None, Kind::Numeric { precision, scale }) => {
            let whole = if precision > scale { [1, 2] } else { [0; 2] };
            let fraction = |digit: &str| match scale {
                0 => String::new(),
                scale => format!(".{digit:0<width$}", width = *scale as usize),
            };
            let numbers = [(whole[0], fraction("5")), (whole[1], fraction("2"))];
            numbers.map(|(whole, fraction)| json!(format!("{whole}{fraction}")).to_string())
        }
        (Bounds::None, kind) => kind.row().examples.map(str::to_owned),
    }
}

/// A text about the field that keeps to its bounds.
fn text(field: &Field, length: Range<usize>, word: &str) -> String {
    let (min, max) = (length.min.unwrap_or(1), length.max.unwrap_or(MAX_STRING_CHARS));
    let text = format!("{word} {}", spaced(&snake(&field.name)));
    let padding = std::iter::repeat_n('.', min);
    let length = text.chars().count().max(min).min(max);
    json!(text.chars().chain(padding).take(length).collect::<String>()).to_string()
}

/// A list of texts about the field: of two, or as many as its bounds want.
fn list(field: &Field, items: Range<usize>, word: &str) -> String {
    let count = items.min.unwrap_or(1).max(2).min(items.max.unwrap_or(usize::MAX));
    let texts: Vec<String> = (1..=count)
        .map(|number| format!("{word} {} {number}", spaced(&field.name)))
        .collect();
    json!(texts).to_string()
}

fn whole_numbers(kind: &Kind, range: Range<i64>) -> [String; 2] {
    let (least, most) = match kind.row().limits {
        Limits::Integer(least, most) => (least, most),
        _ => (i64::MIN, i64::MAX),
    };
    let (min, max) = (range.min.unwrap_or(least), range.max.unwrap_or(most));
    let one = 1.clamp(min, max);
    let other = if one < max {
        one + 1
    } else {
        one.saturating_sub(1).max(min)
    };
    [one.to_string(), other.to_string()]
}
