//! One cell of a row as its engine sent it, of any type and any value.
//!
//! The drivers' own types panic on times beyond the calendar, and refuse a row for one value that they cannot read.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use sqlx::{
    Decode, MySql, Sqlite, TypeInfo, ValueRef, mysql::MySqlValueRef, postgres::PgValueRef, sqlite::SqliteValueRef,
};
use uuid::Uuid;

use super::numeric::plain_digits;

/// The value of a cell; times outside of the years 1 to 9999 are texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'r> {
    /// No value.
    Null,
    /// A truth value of PostgreSQL; the other engines have numbers.
    Boolean(bool),
    /// A number without fraction.
    Integer(i64),
    /// A number with a fraction, an infinity or NaN.
    Float(f64),
    /// A text, or a value of a type that has no variant here.
    Text(Cow<'r, str>),
    /// A date and time.
    Moment(NaiveDateTime),
    /// A date.
    Day(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A UUID of PostgreSQL.
    Uuid(Uuid),
    /// Bytes that are not UTF-8, or not valid for their type.
    Bytes,
}

impl<'r> Cell<'r> {
    /// SQLite's columns hold any type, regardless of the declared one.
    pub(super) fn of_sqlite(value: SqliteValueRef<'r>) -> Self {
        let kind = value.type_info().name().to_owned();
        let read = match kind.as_str() {
            _ if value.is_null() => Ok(Cell::Null),
            "INTEGER" => <i64 as Decode<Sqlite>>::decode(value).map(Cell::Integer),
            "REAL" => <f64 as Decode<Sqlite>>::decode(value).map(Cell::Float),
            _ => <&str as Decode<Sqlite>>::decode(value).map(|text| Cell::Text(text.into())),
        };
        read.unwrap_or(Cell::Bytes)
    }

    pub(super) fn of_postgres(value: &PgValueRef<'r>) -> Self {
        let Ok(bytes) = value.as_bytes() else {
            return Cell::Null;
        };
        let kind = value.type_info();
        let read = match kind.name() {
            "BOOL" => integer(bytes).map(|number| Cell::Boolean(number != 0)),
            "INT2" | "INT4" | "INT8" => integer(bytes).map(Cell::Integer),
            "FLOAT4" => bytes
                .try_into()
                .ok()
                .map(|bytes| Cell::Float(widened(f32::from_be_bytes(bytes)))),
            "FLOAT8" => bytes
                .try_into()
                .ok()
                .map(|bytes| Cell::Float(f64::from_be_bytes(bytes))),
            "NUMERIC" => plain_digits(bytes).map(|digits| Cell::Text(digits.into())),
            "TIMESTAMP" => integer(bytes).map(|micros| postgres_moment(micros, "")),
            "TIMESTAMPTZ" => integer(bytes).map(|micros| postgres_moment(micros, "+00")),
            "DATE" => integer(bytes).map(postgres_day),
            "TIME" => integer(bytes).map(postgres_time),
            "TEXT[]" | "VARCHAR[]" | "CHAR[]" => texts(bytes),
            "UUID" => Uuid::from_slice(bytes).ok().map(Cell::Uuid),
            // Its first byte is a version.
            "JSONB" => bytes.get(1..).and_then(text),
            _ => text(bytes),
        };
        read.unwrap_or(Cell::Bytes)
    }

    pub(super) fn of_mysql(value: MySqlValueRef<'r>) -> Self {
        let kind = value.type_info().name().to_owned();
        let Ok(bytes) = <&[u8] as Decode<MySql>>::decode(value) else {
            return Cell::Null;
        };
        let read = match kind.as_str() {
            "FLOAT" => bytes
                .try_into()
                .ok()
                .map(|bytes| Cell::Float(widened(f32::from_le_bytes(bytes)))),
            "DOUBLE" => bytes
                .try_into()
                .ok()
                .map(|bytes| Cell::Float(f64::from_le_bytes(bytes))),
            "DATE" | "DATETIME" | "TIMESTAMP" => Some(mysql_time(bytes, kind == "DATE")),
            "TIME" => Some(mysql_time_of_day(bytes)),
            "BIT" => unsigned(bytes.iter().copied()),
            "YEAR" => unsigned(bytes.iter().rev().copied()),
            _ if kind.ends_with(" UNSIGNED") => unsigned(bytes.iter().rev().copied()),
            _ if kind.ends_with("INT") || kind == "BOOLEAN" => {
                let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
                integer(&reversed).map(Cell::Integer)
            }
            _ => text(bytes),
        };
        read.unwrap_or(Cell::Bytes)
    }

    /// The cell as the database would write it, as far as that is known.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Cell::Null | Cell::Bytes => return None,
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Boolean(truth) => truth.to_string().into(),
            Cell::Integer(number) => number.to_string().into(),
            // SQLite writes fifteen digits.
            Cell::Float(number) => match format!("{number:.14e}").parse::<f64>() {
                Ok(rounded) => format!("{rounded:?}").into(),
                Err(_) => number.to_string().into(),
            },
            Cell::Moment(moment) => moment.to_string().into(),
            Cell::Day(day) => day.to_string().into(),
            Cell::Time(time) => time.to_string().into(),
            Cell::Uuid(uuid) => uuid.to_string().into(),
        })
    }
}

fn text(bytes: &[u8]) -> Option<Cell<'_>> {
    std::str::from_utf8(bytes).ok().map(|text| Cell::Text(text.into()))
}

/// A number of 1, 2, 4 or 8 bytes, the highest first.
fn integer(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i8::from_be_bytes([a]).into(),
        [a, b] => i16::from_be_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_be_bytes([a, b, c, d]).into(),
        _ => i64::from_be_bytes(bytes.try_into().ok()?),
    })
}

/// A number without sign, the highest byte first; beyond 64 bits with sign its digits.
fn unsigned<'r>(bytes: impl Iterator<Item = u8>) -> Option<Cell<'r>> {
    let number = bytes.fold(0_u128, |number, byte| (number << 8) | u128::from(byte));
    Some(match i64::try_from(number) {
        Ok(number) => Cell::Integer(number),
        Err(_) => Cell::Text(number.to_string().into()),
    })
}

/// The number of the shortest digits: the further digits of 64 bits were never stored.
fn widened(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Microseconds since 2000; the least and the greatest value mean infinity.
fn postgres_moment<'r>(micros: i64, zone: &str) -> Cell<'r> {
    match micros {
        i64::MAX => return Cell::Text("infinity".into()),
        i64::MIN => return Cell::Text("-infinity".into()),
        _ => {}
    }
    let moment = DateTime::UNIX_EPOCH
        .naive_utc()
        .checked_add_signed(TimeDelta::days(DAYS_TO_2000) + TimeDelta::microseconds(micros));
    if let Some(moment) = moment.filter(|moment| is_in_calendar(moment.date())) {
        return Cell::Moment(moment);
    }
    let (day, within) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let (seconds, fraction) = (within / 1_000_000, within % 1_000_000);
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match fraction {
        0 => String::new(),
        fraction => format!(".{fraction:06}").trim_end_matches('0').to_owned(),
    };
    let (date, era) = postgres_date(day);
    Cell::Text(format!("{date} {time}{fraction}{zone}{era}").into())
}

/// Days since 2000; the least and the greatest value mean infinity.
fn postgres_day<'r>(days: i64) -> Cell<'r> {
    if days == i64::from(i32::MAX) {
        return Cell::Text("infinity".into());
    }
    if days == i64::from(i32::MIN) {
        return Cell::Text("-infinity".into());
    }
    let day = DateTime::UNIX_EPOCH
        .date_naive()
        .checked_add_signed(TimeDelta::days(days + DAYS_TO_2000));
    match day.filter(|day| is_in_calendar(*day)) {
        Some(day) => Cell::Day(day),
        None => {
            let (date, era) = postgres_date(days);
            Cell::Text(format!("{date}{era}").into())
        }
    }
}

/// From 1970 to 2000.
const DAYS_TO_2000: i64 = 10_957;

/// Python's calendar, and that of the other engines.
fn is_in_calendar(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// A date of any year as PostgreSQL writes it, with its time and what follows that.
///
/// Counted in eras of 400 years that begin in March, as the leap day is then the last of its year.
fn postgres_date(days_since_2000: i64) -> (String, &'static str) {
    let days = days_since_2000 + 730_425;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{year:04}-{month:02}-{day:02}"), era)
}

/// A length, then year, month and day, then the time, then its fraction; what is zero may be left out.
fn mysql_time<'r>(bytes: &[u8], is_date: bool) -> Cell<'r> {
    let part = |at: usize| u32::from(bytes.get(at).copied().unwrap_or(0));
    let (year, month, day) = (part(1) | part(2) << 8, part(3), part(4));
    let (hour, minute, second) = (part(5), part(6), part(7));
    let micros = part(8) | part(9) << 8 | part(10) << 16 | part(11) << 24;
    let date = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let date = date.filter(|date| is_in_calendar(*date));
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros);
    match (date, time) {
        (Some(date), _) if is_date => Cell::Day(date),
        (Some(date), Some(time)) => Cell::Moment(date.and_time(time)),
        _ if is_date => Cell::Text(format!("{year:04}-{month:02}-{day:02}").into()),
        _ => Cell::Text(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}").into()),
    }
}

/// Microseconds since midnight; 24:00 is one of PostgreSQL's times.
fn postgres_time<'r>(micros: i64) -> Cell<'r> {
    let micros_of_second = micros.rem_euclid(1_000_000);
    let time = u32::try_from(micros / 1_000_000).ok().and_then(|seconds| {
        let nanos = u32::try_from(micros_of_second * 1000).ok()?;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
    });
    time.map_or(Cell::Text("24:00:00".into()), Cell::Time)
}

/// A length, then the sign, days, hours, minutes, seconds and their fraction; what is zero may be left out. MySQL's times are
/// also spans of up to 838 hours, which are no times of day.
fn mysql_time_of_day<'r>(bytes: &[u8]) -> Cell<'r> {
    let part = |at: usize| u32::from(bytes.get(at).copied().unwrap_or(0));
    let number = |at: usize| part(at) | part(at + 1) << 8 | part(at + 2) << 16 | part(at + 3) << 24;
    let (is_negative, hours) = (part(1) != 0, number(2) * 24 + part(6));
    let (minute, second, micros) = (part(7), part(8), number(9));
    match NaiveTime::from_hms_micro_opt(hours, minute, second, micros).filter(|_| !is_negative) {
        Some(time) => Cell::Time(time),
        None => {
            let sign = if is_negative { "-" } else { "" };
            Cell::Text(format!("{sign}{hours:02}:{minute:02}:{second:02}").into())
        }
    }
}

/// PostgreSQL's list of texts as the JSON that the other engines have; none where it has NULLs, or more than one dimension.
fn texts<'r>(bytes: &[u8]) -> Option<Cell<'r>> {
    let number = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let mut texts = Vec::new();
    match number(0)? {
        0 => {}
        1 => {
            let mut rest = bytes.get(20..)?;
            for _ in 0..number(12)? {
                let (length, after) = rest.split_first_chunk::<4>()?;
                let (text, after) = after.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
                texts.push(std::str::from_utf8(text).ok()?);
                rest = after;
            }
        }
        _ => return None,
    }
    Some(Cell::Text(serde_json::Value::from(texts).to_string().into()))
}

/// Days since the Julian period began, as SQLite counts where it is asked to.
pub(super) fn moment_of_julian_day(day: f64) -> Option<NaiveDateTime> {
    let seconds = (day - 2_440_587.5) * 86_400.0;
    // Only times far beyond the calendar lose digits here.
    let moment = DateTime::from_timestamp(seconds.trunc() as i64, (seconds.fract().abs() * 1e9) as u32)?;
    Some(moment.naive_utc()).filter(|moment| is_in_calendar(moment.date()))
}

/// Seconds since 1970, as SQLite reads a number.
pub(super) fn moment_of_seconds(seconds: i64) -> Option<NaiveDateTime> {
    let moment = DateTime::from_timestamp(seconds, 0)?.naive_utc();
    Some(moment).filter(|moment| is_in_calendar(moment.date()))
}

/// The time that a text means in one of the forms that SQLite knows; an offset is dropped, not applied.
pub(super) fn moment_in(text: &str) -> Option<NaiveDateTime> {
    const FORMATS: [&str; 11] = [
        "%F %R",
        "%F %RZ",
        "%F %R%:z",
        "%F %T%.fZ",
        "%F %T%.f%:z",
        "%FT%R",
        "%FT%RZ",
        "%FT%R%:z",
        "%FT%T%.f",
        "%FT%T%.fZ",
        "%FT%T%.f%:z",
    ];
    let local = |moment: DateTime<chrono::FixedOffset>| moment.naive_utc().checked_add_offset(*moment.offset());
    let found = NaiveDateTime::parse_from_str(text, "%F %T%.f")
        .ok()
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().and_then(local))
        .or_else(|| {
            FORMATS.iter().find_map(|format| {
                let with_offset = DateTime::parse_from_str(text, format).ok().and_then(local);
                with_offset.or_else(|| NaiveDateTime::parse_from_str(text, format).ok())
            })
        });
    found.filter(|moment| is_in_calendar(moment.date()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[Cell<'_>]) -> Vec<String> {
        cells.iter().map(|cell| cell.text().unwrap().into_owned()).collect()
    }

    #[test]
    fn times_of_postgres_that_no_calendar_has_are_its_own_texts() {
        let moment = |micros| postgres_moment(micros, "");
        let at = |day: i64| moment(day * MICROS_PER_DAY);
        assert!(matches!(at(0), Cell::Moment(moment) if moment.to_string() == "2000-01-01 00:00:00"));
        assert!(matches!(at(-730_119), Cell::Moment(moment) if moment.to_string() == "0001-01-01 00:00:00"));
        assert_eq!(
            texts(&[
                moment(i64::MAX),
                moment(i64::MIN),
                at(-730_120),
                moment(9_223_371_331_199_999_999),
                moment(-211_813_488_000_000_000),
                at(2_921_940),
                postgres_moment(2_921_940 * MICROS_PER_DAY + 1_500_000, "+00"),
                postgres_day(2_145_031_948),
                postgres_day(i64::from(i32::MAX)),
                postgres_day(-2_451_545),
            ]),
            [
                "infinity",
                "-infinity",
                "0001-12-31 00:00:00 BC",
                "294276-12-31 23:59:59.999999",
                "4714-11-24 00:00:00 BC",
                "10000-01-01 00:00:00",
                "10000-01-01 00:00:01.5+00",
                "5874897-12-31",
                "infinity",
                "4714-11-24 BC",
            ]
        );
    }

    #[test]
    fn times_of_mysql_that_no_calendar_has_are_its_own_texts() {
        assert_eq!(
            texts(&[
                mysql_time(&[0], false),
                mysql_time(&[0], true),
                mysql_time(&[], false),
                mysql_time(&[4, 0xe8, 0x07, 0, 0], true),
                mysql_time(&[7, 0xe8, 0x07, 2, 31, 1, 2, 3], false),
            ]),
            [
                "0000-00-00 00:00:00",
                "0000-00-00",
                "0000-00-00 00:00:00",
                "2024-00-00",
                "2024-02-31 01:02:03",
            ]
        );
        let moment = mysql_time(&[11, 0xe8, 0x07, 2, 29, 1, 2, 3, 1, 0, 0, 0], false);
        assert!(matches!(moment, Cell::Moment(moment) if moment.to_string() == "2024-02-29 01:02:03.000001"));
    }

    #[test]
    fn times_of_day_are_told_from_spans() {
        let time = |bytes: &[u8]| mysql_time_of_day(bytes);
        let nine = NaiveTime::from_hms_micro_opt(9, 30, 0, 1).unwrap();
        assert_eq!(time(&[12, 0, 0, 0, 0, 0, 9, 30, 0, 1, 0, 0, 0]), Cell::Time(nine));
        assert_eq!(time(&[0]), Cell::Time(NaiveTime::MIN));
        assert_eq!(
            texts(&[time(&[8, 1, 0, 0, 0, 0, 1, 2, 3]), time(&[8, 0, 1, 0, 0, 0, 1, 0, 0])]),
            ["-01:02:03", "25:00:00"]
        );
        assert_eq!(postgres_time(34_200_000_001), Cell::Time(nine));
        assert_eq!(postgres_time(MICROS_PER_DAY).text().unwrap(), "24:00:00");
    }

    #[test]
    fn lists_of_texts_become_json() {
        let head = |dimensions: i32, length: i32| [dimensions, 0, 25, length, 1].map(i32::to_be_bytes).concat();
        let list = [head(1, 2), vec![0, 0, 0, 1, b'a', 0, 0, 0, 0]].concat();
        let null = [head(1, 1), vec![0xff; 4]].concat();
        for (bytes, json) in [
            (head(0, 0), Some("[]")),
            (list, Some(r#"["a",""]"#)),
            (null, None),
            (head(2, 1), None),
            (vec![0, 0, 0], None),
        ] {
            assert_eq!(super::texts(&bytes), json.map(|json| Cell::Text(json.into())));
        }
    }

    #[test]
    fn numbers_without_sign_and_of_few_bits_keep_their_digits() {
        assert_eq!(
            unsigned([0xff; 8].into_iter()),
            Some(Cell::Text("18446744073709551615".into()))
        );
        assert_eq!(unsigned([1, 0].into_iter()), Some(Cell::Integer(256)));
        assert_eq!(widened(0.1), 0.1);
        assert_eq!(Cell::Float(0.1 + 0.2).text().unwrap(), "0.3");
        assert_eq!(Cell::Float(48.0).text().unwrap(), "48.0");
    }

    #[test]
    fn texts_are_times_in_the_forms_of_sqlite_only() {
        for (text, moment) in [
            ("2024-02-29 01:02:03.000004", "2024-02-29 01:02:03.000004"),
            ("2024-02-29 01:02", "2024-02-29 01:02:00"),
            ("2024-02-29T01:02:03Z", "2024-02-29 01:02:03"),
            ("2024-02-29 01:02:03+05:30", "2024-02-29 01:02:03"),
        ] {
            assert_eq!(moment_in(text).unwrap().to_string(), moment, "{text}");
        }
        let beyond = [
            "",
            "now",
            "2024-02-30 00:00:00",
            "+262142-12-31 23:59:59+00:00",
            "10000-01-01 00:00:00",
            "-0001-01-01 00:00:00",
        ];
        for text in beyond {
            assert_eq!(moment_in(text), None, "{text}");
        }
    }
}
