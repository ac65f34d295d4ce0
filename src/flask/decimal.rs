//! Decimal numbers as Python's `Decimal` checked them, PostgreSQL kept them and Python wrote them.

use serde_json::{Number, Value};

use super::python::{SPECIAL, is_digit};

/// Digits that a PostgreSQL `numeric` has at most before the point, and after it.
const MAX_WHOLE_DIGITS: i64 = 131_072;
const MAX_SCALE: i64 = 16_383;

/// Why a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDecimalError {
    /// Not a number to Python.
    NotANumber,
    /// An infinity or NaN.
    Special,
    /// A number to Python, but PostgreSQL would not store it.
    NotStored,
}

/// The number in plain digits with as many decimals as it was given with, as PostgreSQL shows it: `-12.50`.
///
/// JSON's numbers with a point or an exponent are floats, as Python read them, with the digits that those keep.
///
/// # Errors
/// A [`ParseDecimalError`], marshmallow's before the database's.
pub fn parse(value: &Value) -> Result<String, ParseDecimalError> {
    match value {
        Value::Number(number) if is_infinite(number) => Err(ParseDecimalError::Special),
        Value::Number(number) => plain(&python_repr(number)).ok_or(ParseDecimalError::NotStored),
        Value::Bool(_) => Err(ParseDecimalError::NotStored),
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(SPECIAL) {
                return check_for_python(name).and(Err(ParseDecimalError::NotANumber));
            }
            check_for_python(text)?;
            plain(text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b'))
                .ok_or(ParseDecimalError::NotStored)
        }
        _ => Err(ParseDecimalError::NotANumber),
    }
}

/// What Python's `str(Decimal)` makes of plain digits: the same, but `1E-7` for `0.0000001`.
pub fn python_str(plain: &str) -> String {
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let significant = match all.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    // The power of ten of the first significant digit; Python counts down to -6 before it changes its style.
    let power = significant.len() as i64 - 1 - fraction.len() as i64;
    if power >= -6 {
        return plain.to_owned();
    }
    let (first, others) = significant.split_at(1);
    let point = if others.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{others}E{power}")
}

/// `float.__repr__`, which is what psycopg2 wrote into the statement: `100000.0`, `1e+16`.
fn python_repr(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if is_float(number) => {
            let size = float.abs();
            if size == 0.0 || (1e-4..1e16).contains(&size) {
                format!("{float:?}")
            } else {
                format!("{float:e}")
            }
        }
        _ => number.to_string(),
    }
}

/// Whether Python's `json` makes an infinity of it.
pub fn is_infinite(number: &Number) -> bool {
    is_float(number) && number.as_f64().is_none()
}

/// Whether Python's `json` makes a float of it.
fn is_float(number: &Number) -> bool {
    number.as_str().contains(['.', 'e', 'E'])
}

/// The constructor of `Decimal`: any white space around, underscores anywhere, digits of any script.
fn check_for_python(text: &str) -> Result<(), ParseDecimalError> {
    let text = text.trim().replace('_', "").to_lowercase();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let digits_only = |text: &str| text.chars().all(is_digit);
    let is_nan = |text: &str| text.strip_prefix("nan").is_some_and(digits_only);
    if matches!(unsigned, "inf" | "infinity") || is_nan(unsigned) || unsigned.strip_prefix('s').is_some_and(is_nan) {
        return Err(ParseDecimalError::Special);
    }
    let (mantissa, exponent) = match unsigned.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let lacks_digits = exponent.is_empty() || (whole.is_empty() && fraction.is_empty());
    let is_number = !lacks_digits && [whole, fraction, exponent].into_iter().all(digits_only);
    is_number.then_some(()).ok_or(ParseDecimalError::NotANumber)
}

/// Plain digits for a number in ASCII with or without exponent; `None` for others and beyond PostgreSQL's range.
fn plain(text: &str) -> Option<String> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i64 = exponent.parse().ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?.max(0);
    if point > MAX_WHOLE_DIGITS || scale > MAX_SCALE {
        return None;
    }
    let digit = |at: i64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| digits.as_bytes().get(at))
            .map_or('0', |&b| b.into())
    };
    let whole: String = (0..point).map(digit).collect();
    let fraction: String = (point..point + scale).map(digit).collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let is_zero = whole == "0" && fraction.bytes().all(|byte| byte == b'0');
    let sign = if is_negative && !is_zero { "-" } else { "" };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{dot}{fraction}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_keep_their_decimals_and_are_written_as_python_did() {
        let long = "123456789012345678901234567890.123456789012345678901234567890";
        for (value, written) in [
            (json!("48.6789899"), "48.6789899"),
            (json!(48.6789899), "48.6789899"),
            (json!(48), "48"),
            (json!("48.0"), "48.0"),
            (json!("48.10"), "48.10"),
            (json!("00012.50"), "12.50"),
            (json!("-0"), "0"),
            (json!("-0.00"), "0.00"),
            (json!("-12.5"), "-12.5"),
            (json!("+12.5"), "12.5"),
            (json!(".5"), "0.5"),
            (json!("5."), "5"),
            (json!("1e5"), "100000"),
            (json!(1e5), "100000.0"),
            (json!(1e-7), "1E-7"),
            (json!(-1.5e-7), "-1.5E-7"),
            (json!(1e16), "10000000000000000"),
            (json!(0.0001), "0.0001"),
            (json!("1E+2"), "100"),
            (json!("1e-10"), "1E-10"),
            (json!("0e-7"), "0E-7"),
            (json!("0.000001"), "0.000001"),
            (json!(" 5 "), "5"),
            (json!(0.1), "0.1"),
            (json!(123456789.12345679), "123456789.12345679"),
            (json!(long), long),
        ] {
            assert_eq!(
                parse(&value).map(|plain| python_str(&plain)),
                Ok(written.to_owned()),
                "{value}"
            );
        }
        for (number, plain) in [
            ("48.10", "48.1"),
            ("1e5", "100000.0"),
            ("-0", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.1234567890123456789", "0.12345678901234568"),
        ] {
            let value: Value = serde_json::from_str(number).unwrap();
            assert_eq!(parse(&value).as_deref(), Ok(plain));
        }
        let beyond: Value = serde_json::from_str("1e400").unwrap();
        assert_eq!(parse(&beyond), Err(ParseDecimalError::Special));
        assert_eq!(parse(&json!("1e400")).map(|plain| plain.len()), Ok(401));
        assert_eq!(parse(&json!("1e-16383")).map(|plain| plain.len()), Ok(16_385));
    }

    #[test]
    fn what_is_no_number_is_told_from_what_no_column_holds() {
        for (value, refusal) in [
            (json!(""), ParseDecimalError::NotANumber),
            (json!("abc"), ParseDecimalError::NotANumber),
            (json!("1,5"), ParseDecimalError::NotANumber),
            (json!("1e"), ParseDecimalError::NotANumber),
            (json!("."), ParseDecimalError::NotANumber),
            (json!([1]), ParseDecimalError::NotANumber),
            (json!({}), ParseDecimalError::NotANumber),
            (json!("Infinity"), ParseDecimalError::Special),
            (json!("-inf"), ParseDecimalError::Special),
            (json!("NaN"), ParseDecimalError::Special),
            (json!("sNaN12"), ParseDecimalError::Special),
            (json!(true), ParseDecimalError::NotStored),
            (json!("1_0"), ParseDecimalError::NotStored),
            (json!("\u{661}.5"), ParseDecimalError::NotStored),
            (json!("1e131073"), ParseDecimalError::NotStored),
            (json!("1e999999999999999999"), ParseDecimalError::NotStored),
            (json!("1e99999999999999999999"), ParseDecimalError::NotStored),
            (json!("1e-9223372036854775808"), ParseDecimalError::NotStored),
        ] {
            assert_eq!(parse(&value), Err(refusal), "{value}");
        }
    }
}
