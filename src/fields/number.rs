//! Numbers: whole ones, those with a fraction, decimals, and the ids of other resources.

use std::fmt::Display;

use serde_json::Value;

use super::{
    field::{Field, FieldError, Presence},
    integer, values,
};
use crate::{
    error::Constraint,
    flask::{decimal, python::float_of},
};

const NOT_A_NUMBER: &str = "Not a valid number.";

// What columns hold, for those who sent something else.
const INTEGERS: Constraint = Constraint::Misfit("whole numbers from -2147483648 to 2147483647");
const BIG_INTEGERS: Constraint = Constraint::Misfit("whole numbers from -9223372036854775808 to 9223372036854775807");
const FLOATS: Constraint = Constraint::Misfit("numbers up to 1.7976931348623157e308, and as far below zero");
const DECIMALS: Constraint = Constraint::Misfit("numbers of at most 131072 digits before the point and 16383 after it");

/// A number of 32 bits.
pub struct Integer {
    /// The least.
    pub min: i32,
    /// The greatest.
    pub max: i32,
}

/// [`Integer`] with its column's bounds.
pub const INTEGER: Integer = Integer {
    min: i32::MIN,
    max: i32::MAX,
};

impl Field for Integer {
    type Value = i32;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<i32, FieldError> {
        let number = whole(value, INTEGERS)?;
        let stored = i32::try_from(number).map_err(|_| FieldError::Refused(INTEGERS))?;
        check_bounds(&stored, &self.min, &self.max)?;
        Ok(stored)
    }
}

/// A number that must be valid, and is not stored.
pub struct UnstoredInteger;

impl Field for UnstoredInteger {
    type Value = Value;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<Value, FieldError> {
        valid(value).cloned()
    }
}

/// A number of 64 bits.
pub struct BigInteger {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

/// [`BigInteger`] with its column's bounds.
pub const BIG_INTEGER: BigInteger = BigInteger {
    min: i64::MIN,
    max: i64::MAX,
};

impl Field for BigInteger {
    type Value = i64;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<i64, FieldError> {
        let number = whole(value, BIG_INTEGERS)?;
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }
}

/// A number with fraction, of 64 bits.
pub struct Float {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

/// [`Float`] with its column's bounds.
pub const FLOAT: Float = Float {
    min: f64::MIN,
    max: f64::MAX,
};

impl Field for Float {
    type Value = f64;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<f64, FieldError> {
        let Value::Number(number) = value else {
            return Err(FieldError::invalid(NOT_A_NUMBER));
        };
        // A number of more digits has the nearest; one that is larger than any has none.
        let number = number.as_f64().ok_or(FieldError::Refused(FLOATS))?;
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }

    /// As marshmallow's `Float` did, but for infinities, which no JSON has.
    fn read_as_flask(&self, value: &Value) -> Result<f64, FieldError> {
        let number = float_of(value).ok_or_else(|| FieldError::invalid(NOT_A_NUMBER))?;
        if !number.is_finite() {
            return Err(FieldError::Refused(FLOATS));
        }
        check_bounds(&number, &self.min, &self.max)?;
        Ok(number)
    }
}

/// A decimal number of any size, with as many decimals as it was sent with.
pub struct Decimal;

impl Field for Decimal {
    type Value = values::Decimal;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<values::Decimal, FieldError> {
        let read = decimal::parse(value).map(values::Decimal);
        read.map_err(|error| match error {
            decimal::ParseDecimalError::NotANumber => FieldError::invalid(NOT_A_NUMBER),
            decimal::ParseDecimalError::Special => FieldError::invalid("Special numeric values are not permitted."),
            decimal::ParseDecimalError::NotStored => FieldError::Refused(DECIMALS),
        })
    }
}

/// The id of another resource; whether there is one is for the table to say.
pub struct Reference;

impl Field for Reference {
    type Value = i64;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<i64, FieldError> {
        match whole(value, Constraint::Reference)? {
            // The width of every `id`.
            id if i32::try_from(id).is_ok() => Ok(id),
            _ => Err(FieldError::Refused(Constraint::Reference)),
        }
    }
}

/// As [`Reference`], of a resource whose ids have 64 bits.
pub struct BigReference;

impl Field for BigReference {
    type Value = i64;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<i64, FieldError> {
        whole(value, Constraint::Reference)
    }
}

fn check_bounds<T: PartialOrd + Display>(number: &T, min: &T, max: &T) -> Result<(), FieldError> {
    if number < min {
        return Err(FieldError::invalid(format!("Must be at least {min}.")));
    }
    if number > max {
        return Err(FieldError::invalid(format!("Must be at most {max}.")));
    }
    Ok(())
}

fn valid(value: &Value) -> Result<&Value, FieldError> {
    match integer::is_valid(value) {
        true => Ok(value),
        false => Err(FieldError::invalid("Not a valid integer.")),
    }
}

fn whole(value: &Value, misfit: Constraint) -> Result<i64, FieldError> {
    integer::as_stored(valid(value)?).ok_or(FieldError::Refused(misfit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::field::tests::{invalid, read},
        *,
    };

    #[test]
    fn numbers_are_told_apart_by_who_refuses_them() {
        let misfit = |held| Err(FieldError::Refused(held));
        for (outcome, expected) in [
            (read(&INTEGER, json!("12.0")), invalid(&["Not a valid integer."])),
            (read(&INTEGER, json!(12.7)), Ok("13".to_owned())),
            (read(&INTEGER, json!(2_147_483_648_i64)), misfit(INTEGERS)),
            (
                read(&Integer { min: 1, max: 5 }, json!(0)),
                invalid(&["Must be at least 1."]),
            ),
            (
                read(&Integer { min: 1, max: 5 }, json!(6)),
                invalid(&["Must be at most 5."]),
            ),
            (
                read(&BIG_INTEGER, json!(9_820_109_678_i64)),
                Ok("9820109678".to_owned()),
            ),
            (read(&BIG_INTEGER, json!(1e30)), misfit(BIG_INTEGERS)),
            (
                read(&Decimal, json!("NaN")),
                invalid(&["Special numeric values are not permitted."]),
            ),
            (read(&Decimal, json!(true)), misfit(DECIMALS)),
            (read(&FLOAT, json!(1)), Ok("1.0".to_owned())),
            (read(&FLOAT, serde_json::from_str("1e400").unwrap()), misfit(FLOATS)),
            (
                read(&BIG_INTEGER, serde_json::from_str("1e400").unwrap()),
                invalid(&["Not a valid integer."]),
            ),
            (read(&BIG_INTEGER, json!(1_u64 << 63)), misfit(BIG_INTEGERS)),
            (read(&FLOAT, json!("1")), invalid(&["Not a valid number."])),
            (
                read(&Float { min: 0.5, ..FLOAT }, json!(0.25)),
                invalid(&["Must be at least 0.5."]),
            ),
            (read(&Reference, json!(5)), Ok("5".to_owned())),
            (
                read(&Reference, json!(5_000_000_000_i64)),
                Err(FieldError::Refused(Constraint::Reference)),
            ),
            (read(&Reference, json!("x")), invalid(&["Not a valid integer."])),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
