//! Decimal numbers that keep the scale they were stored with.

use sqlx::{Row as _, ValueRef, mysql::MySqlRow, postgres::PgRow, sqlite::SqliteRow};

use super::Column;

/// A decimal number of any size in plain digits, such as `-12.50`: `numeric` on PostgreSQL, text in our own tables
/// elsewhere, because SQLite has no such type and MySQL's has one scale for all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decimal(pub String);

impl Column for Decimal {
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(String::from_sqlite(row, name)?.map(Self))
    }

    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let value = row.try_get_raw(name)?;
        if value.is_null() {
            return Ok(None);
        }
        let bytes = value.as_bytes().map_err(sqlx::Error::Decode)?;
        let text = plain_digits(bytes).ok_or_else(|| sqlx::Error::ColumnDecode {
            index: name.to_owned(),
            source: "this is no finite number".into(),
        })?;
        Ok(Some(Self(text)))
    }

    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(String::from_mysql(row, name)?.map(Self))
    }
}

/// The digits of PostgreSQL's binary `numeric`; `None` for an infinity and for what is no number.
///
/// It has four words: how many groups of four digits follow, the power of 10,000 of the first, the sign and the
/// scale. Groups that are all zeros are left out at both ends, which is why the driver's own types lose the scale.
fn plain_digits(bytes: &[u8]) -> Option<String> {
    const NEGATIVE: i16 = 0x4000;
    let words: Vec<i16> = bytes
        .chunks_exact(2)
        .map(|word| i16::from_be_bytes([word[0], word[1]]))
        .collect();
    let [_, weight, sign, scale, groups @ ..] = words.as_slice() else {
        return None;
    };
    if *sign != 0 && *sign != NEGATIVE {
        return None;
    }
    let weight = i32::from(*weight);
    let group = |power: i32| {
        let index = usize::try_from(weight - power).ok();
        index.and_then(|index| groups.get(index)).copied().unwrap_or(0)
    };
    let whole: String = (0..=weight).rev().map(|power| format!("{:04}", group(power))).collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let scale = usize::try_from(*scale).ok()?;
    let powers = (1..=scale.div_ceil(4)).map(|place| group(-(place as i32)));
    let fraction: String = powers.map(|digits| format!("{digits:04}")).collect();
    let sign = if *sign == NEGATIVE { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{}", &fraction[..scale]))
}

#[cfg(test)]
mod tests {
    use super::plain_digits;

    fn digits(words: &[i16]) -> Option<String> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        plain_digits(&bytes)
    }

    #[test]
    fn the_binary_numeric_of_postgres_is_read_with_its_scale() {
        for (words, expected) in [
            (&[0, 0, 0, 0][..], "0"),
            (&[0, 0, 0, 2], "0.00"),
            (&[1, 0, 0, 0, 48], "48"),
            (&[2, 0, 0, 2, 48, 1000], "48.10"),
            (&[2, 0, 0x4000, 1, 12, 5000], "-12.5"),
            (&[1, 1, 0, 0, 10], "100000"),
            (&[1, 1, 0, 1, 10], "100000.0"),
            (&[1, -1, 0, 1, 5000], "0.5"),
            (&[1, -2, 0, 7, 10], "0.0000001"),
        ] {
            assert_eq!(digits(words).as_deref(), Some(expected), "{words:?}");
        }
        // NaN and the infinities are signs of their own.
        for sign in [-0x4000_i16, -0x3000, -0x1000] {
            assert_eq!(digits(&[0, 0, sign, 0]), None);
        }
        assert_eq!(plain_digits(&[0, 0]), None);
    }
}
