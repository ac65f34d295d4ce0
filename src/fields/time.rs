//! Dates, dates with a time, and times of day.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::{
    field::{Field, FieldError, Presence},
    values,
};
use crate::{
    error::Constraint,
    flask::datetime::{ParseDateTimeError, parse_date, parse_datetime, parse_datetime_in_utc, parse_time},
};

/// What columns of times hold, for those who sent something else.
const TIMES: Constraint = Constraint::Misfit("dates and times such as 2026-01-02T03:04:05, of the years 1 to 9999");

/// The same for times of day.
const TIMES_OF_DAY: Constraint = Constraint::Misfit("times of day such as 09:30:00");

/// A date and time without zone, which is in UTC: another offset is applied, where the originals dropped it.
pub struct DateTime;

impl Field for DateTime {
    type Value = values::Timestamp;
    const PRESENCE: Presence = Presence::Always;

    fn now() -> Option<values::Timestamp> {
        Some(values::Timestamp::now())
    }

    fn read(&self, value: &Value) -> Result<values::Timestamp, FieldError> {
        moment(value, parse_datetime_in_utc)
    }

    fn read_as_flask(&self, value: &Value) -> Result<values::Timestamp, FieldError> {
        moment(value, parse_datetime)
    }
}

/// A date.
pub struct Date;

impl Field for Date {
    type Value = values::Date;
    const PRESENCE: Presence = Presence::Always;

    fn read(&self, value: &Value) -> Result<values::Date, FieldError> {
        let read = parsed(value, parse_date).map(values::Date);
        read.map_err(|error| not_a_time(error, "Not a valid date."))
    }
}

/// A time of day without zone.
pub struct Time;

impl Field for Time {
    type Value = values::Time;
    const PRESENCE: Presence = Presence::New;

    /// One with an offset is refused, because nothing tells what it is at another place.
    fn read(&self, value: &Value) -> Result<values::Time, FieldError> {
        let read = value.as_str().and_then(parse_time);
        let plain = read.filter(|(_, has_offset)| !has_offset);
        plain
            .map(|(time, _)| values::Time(time))
            .ok_or_else(|| FieldError::invalid(NOT_A_TIME_OF_DAY))
    }

    /// As marshmallow's `Time` did, which dropped an offset and a date.
    fn read_as_flask(&self, value: &Value) -> Result<values::Time, FieldError> {
        if let Some((time, _)) = value.as_str().and_then(parse_time) {
            return Ok(values::Time(time));
        }
        let read = parsed(value, parse_datetime).map(|moment| values::Time(moment.time()));
        read.map_err(|error| match error {
            ParseDateTimeError::NotValid => FieldError::invalid(NOT_A_TIME_OF_DAY),
            ParseDateTimeError::NotStored => FieldError::Refused(TIMES_OF_DAY),
        })
    }
}

const NOT_A_TIME_OF_DAY: &str = "Not a valid time.";

/// A time that the originals handed to the database as it was, which dropped an offset; it is applied where it is not
/// their way that counts.
pub struct StoredTime;

impl Field for StoredTime {
    type Value = NaiveDateTime;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<NaiveDateTime, FieldError> {
        parsed(value, parse_datetime_in_utc).map_err(|_| FieldError::Refused(TIMES))
    }

    fn read_as_flask(&self, value: &Value) -> Result<NaiveDateTime, FieldError> {
        parsed(value, parse_datetime).map_err(|_| FieldError::Refused(TIMES))
    }
}

type Parse<T> = fn(&str) -> Result<T, ParseDateTimeError>;

fn parsed<T>(value: &Value, parse: Parse<T>) -> Result<T, ParseDateTimeError> {
    value.as_str().map_or(Err(ParseDateTimeError::NotValid), parse)
}

fn moment(value: &Value, parse: Parse<NaiveDateTime>) -> Result<values::Timestamp, FieldError> {
    let read = parsed(value, parse).map(values::Timestamp);
    read.map_err(|error| not_a_time(error, "Not a valid datetime."))
}

fn not_a_time(error: ParseDateTimeError, detail: &str) -> FieldError {
    match error {
        ParseDateTimeError::NotValid => FieldError::invalid(detail),
        ParseDateTimeError::NotStored => FieldError::Refused(TIMES),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::field::tests::{invalid, read},
        *,
    };

    #[test]
    fn times_are_told_apart_by_who_refuses_them() {
        let misfit = |held| Err(FieldError::Refused(held));
        for (outcome, expected) in [
            (read(&Date, json!("12/11/2015")), Ok("Date(2015-12-11)".to_owned())),
            (read(&Date, json!(20150626)), invalid(&["Not a valid date."])),
            (read(&Date, json!("26-06-2015")), misfit(TIMES)),
            (read(&DateTime, json!("today")), invalid(&["Not a valid datetime."])),
            (read(&Time, json!("9:30")), Ok("Time(09:30:00)".to_owned())),
            (read(&Time, json!("09:30+02:00")), invalid(&["Not a valid time."])),
            (read(&Time, json!("2026-01-02T09:30")), invalid(&["Not a valid time."])),
            (read(&Time, json!(930)), invalid(&["Not a valid time."])),
            (
                read(&DateTime, json!("2001-02-03T04:05:06+05:30")),
                Ok("Timestamp(2001-02-02T22:35:06)".to_owned()),
            ),
        ] {
            assert_eq!(outcome, expected);
        }
    }
}
