//! Decimal numbers of a fixed number of digits, as SQLAlchemy's `Numeric(14, 4)` has them.

use serde_json::Value;

use super::{
    field::{Field, FieldError, Presence},
    number::Decimal,
    values,
};
use crate::error::Constraint;

/// A decimal number of at most `PRECISION` digits, of which `SCALE` are after the point.
///
/// One that has more is refused, where PostgreSQL and MySQL would round it.
pub struct Numeric<const PRECISION: u32, const SCALE: u32>;

impl<const PRECISION: u32, const SCALE: u32> Field for Numeric<PRECISION, SCALE> {
    type Value = values::Numeric<SCALE>;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<values::Numeric<SCALE>, FieldError> {
        let whole = PRECISION.saturating_sub(SCALE);
        let refused = FieldError::Refused(Constraint::Digits { whole, scale: SCALE });
        let number = Decimal.read(value).map_err(|error| match error {
            FieldError::Refused(_) => refused.clone(),
            invalid => invalid,
        })?;
        let number = values::Numeric::of(number);
        match number.fits(whole) {
            true => Ok(number),
            false => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::field::tests::invalid, *};

    #[test]
    fn a_number_has_the_digits_of_its_column_and_no_more() {
        let read = |value| Numeric::<6, 4>.read(&value).map(|number| number.0.0);
        let refused = || Err(FieldError::Refused(Constraint::Digits { whole: 2, scale: 4 }));
        for (value, expected) in [
            (json!("48.1"), Ok("48.1000".to_owned())),
            (json!(48.1), Ok("48.1000".to_owned())),
            (json!(-99), Ok("-99.0000".to_owned())),
            (json!("99.99990"), Ok("99.9999".to_owned())),
            (json!("0.0001"), Ok("0.0001".to_owned())),
            (json!("-0"), Ok("0.0000".to_owned())),
            (json!("0.00001"), refused()),
            (json!(100), refused()),
            (json!("99.99995"), refused()),
            (json!("1e400"), refused()),
            (json!(true), refused()),
            (json!("x"), invalid(&["Not a valid number."])),
            (json!("NaN"), invalid(&["Special numeric values are not permitted."])),
        ] {
            assert_eq!(read(value.clone()), expected, "{value}");
        }
        assert_eq!(Numeric::<2, 0>.read(&json!("12.0")).unwrap().0.0, "12");
        assert_eq!(Numeric::<2, 2>.read(&json!(".5")).unwrap().0.0, "0.50");
        assert!(Numeric::<2, 2>.read(&json!(1)).is_err());
    }
}
