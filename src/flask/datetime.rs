//! Dates and times as the originals wrote them, and as dateutil and then PostgreSQL read them for them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Timelike};

/// Python's `isoformat()`: microseconds in six digits, or none at all.
pub fn isoformat(moment: NaiveDateTime) -> String {
    if moment.nanosecond() / 1000 == 0 {
        moment.format("%Y-%m-%dT%H:%M:%S").to_string()
    } else {
        moment.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }
}

/// `time.isoformat()`, of Python's.
pub fn isoformat_time(time: NaiveTime) -> String {
    let format = if time.nanosecond() / 1000 == 0 {
        "%H:%M:%S"
    } else {
        "%H:%M:%S%.6f"
    };
    time.format(format).to_string()
}

/// Why a text is not a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseDateTimeError {
    /// dateutil, which marshmallow used, could not read it.
    NotValid,
    /// dateutil could read it, but PostgreSQL could not.
    NotStored,
}

/// Reads a date and time, or a date, for a column without time zone.
///
/// An offset is dropped, not applied, as PostgreSQL does for such a column. Years are those that Python could
/// write: 1 to 9999.
///
/// # Errors
/// A [`ParseDateTimeError`], dateutil's before PostgreSQL's.
pub fn parse_datetime(text: &str) -> Result<NaiveDateTime, ParseDateTimeError> {
    parse(text).map(|(moment, _)| moment)
}

/// As [`parse_datetime`], in UTC: an offset is applied, and what has none is in UTC already.
///
/// # Errors
/// As [`parse_datetime`]; [`ParseDateTimeError::NotStored`] for a time outside of the years 1 to 9999 in UTC.
pub fn parse_datetime_in_utc(text: &str) -> Result<NaiveDateTime, ParseDateTimeError> {
    let (moment, offset) = parse(text)?;
    let moment = moment.checked_sub_signed(offset).filter(|moment| is_of_python(*moment));
    moment.ok_or(ParseDateTimeError::NotStored)
}

/// A date and time as it was written, and how far ahead of UTC it is.
fn parse(text: &str) -> Result<(NaiveDateTime, TimeDelta), ParseDateTimeError> {
    let text = text.trim();
    let (date, rest) = read_date(without_weekday(text)).ok_or(ParseDateTimeError::NotValid)?;
    let time = read_time(rest).ok_or(ParseDateTimeError::NotValid)?;
    // dateutil tried the day first where the month could not be one; PostgreSQL did not.
    let (date, (time, offset)) = (date?, time?);
    let moment = date.and_time(time).round_subsecs(6);
    is_of_python(moment)
        .then_some((moment, offset))
        .ok_or(ParseDateTimeError::NotValid)
}

fn is_of_python(moment: NaiveDateTime) -> bool {
    (1..=9999).contains(&moment.year())
}

/// As [`parse_datetime`], for a column of dates: the time is dropped.
///
/// # Errors
/// As [`parse_datetime`].
pub fn parse_date(text: &str) -> Result<NaiveDate, ParseDateTimeError> {
    parse_datetime(text).map(|moment| moment.date())
}

/// Reads a time of day, and whether it has an offset, which is not applied: without a day, nothing says what it is then.
///
/// As dateutil does, digits after the sixth of the fraction are dropped.
pub fn parse_time(text: &str) -> Option<(NaiveTime, bool)> {
    let text = text.trim();
    let (hour, rest) = digits(text);
    if hour.is_empty() || !rest.starts_with(':') {
        return None;
    }
    let (time, _) = read_time(&format!(" {text}"))?.ok()?;
    let has_offset = text.contains(['+', '-']) || text.to_ascii_uppercase().ends_with(['Z', 'C', 'T']);
    Some((time.trunc_subsecs(6), has_offset))
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The number of the name, counted from 1, that a word or its first three letters is.
fn position(names: &[&str], word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let found = names.iter().position(|name| *name == word || name[..3] == word)?;
    u32::try_from(found + 1).ok()
}

fn without_weekday(text: &str) -> &str {
    let (word, rest) = split_at(text, |c| !c.is_ascii_alphabetic());
    match position(&DAYS, word) {
        Some(_) => rest.trim_start_matches([',', '.']).trim_start(),
        None => text,
    }
}

/// The text before and from the first character that `ends` it.
fn split_at(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn digits(text: &str) -> (&str, &str) {
    split_at(text, |c| !c.is_ascii_digit())
}

/// A date at the beginning of the text and what follows it; `None` if there is none.
fn read_date(text: &str) -> Option<(Result<NaiveDate, ParseDateTimeError>, &str)> {
    let (first, rest) = digits(text);
    match first.len() {
        0..=2 => named_date(text).or_else(|| american_date(text)),
        4 => year_first(first, rest),
        8 => {
            let (year, month_and_day) = first.split_at(4);
            let (month, day) = month_and_day.split_at(2);
            Some((Ok(date(year, month, day)?), rest))
        }
        _ => None,
    }
}

/// `2015-12-22`, `2015/12/22`; a month alone is a date for dateutil only.
fn year_first<'t>(year: &str, rest: &'t str) -> Option<(Result<NaiveDate, ParseDateTimeError>, &'t str)> {
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (month, rest) = digits(&rest[1..]);
    match rest.strip_prefix(separator).map(digits) {
        Some((day, rest)) => Some((Ok(date(year, month, day)?), rest)),
        None => {
            date(year, month, "1")?;
            rest.is_empty().then_some((Err(ParseDateTimeError::NotStored), rest))
        }
    }
}

/// `12/22/2015`, `12-22-2015`.
fn american_date(text: &str) -> Option<(Result<NaiveDate, ParseDateTimeError>, &str)> {
    let (month, rest) = digits(text);
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/'))?;
    let (day, rest) = digits(&rest[1..]);
    let (year, rest) = digits(rest.strip_prefix(separator)?);
    let stored = date(year, month, day).ok_or(ParseDateTimeError::NotStored);
    if stored.is_err() {
        date(year, day, month)?;
    }
    Some((stored, rest))
}

/// `June 26, 2015`, `26 June 2015`, `26-Jun-2015`.
fn named_date(text: &str) -> Option<(Result<NaiveDate, ParseDateTimeError>, &str)> {
    let gap = |c: char| matches!(c, ' ' | ',' | '-' | '.');
    let (first, rest) = split_at(text, |c| !c.is_ascii_alphanumeric());
    let (second, rest) = split_at(rest.trim_start_matches(gap), |c| !c.is_ascii_alphanumeric());
    let (year, rest) = digits(rest.trim_start_matches(gap));
    let (month, day) = match position(&MONTHS, first) {
        Some(month) => (month, second),
        None => (position(&MONTHS, second)?, first),
    };
    Some((Ok(date(year, &month.to_string(), day)?), rest))
}

fn date(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let is_short = |text: &str| (1..=2).contains(&text.len());
    if year.len() != 4 || !is_short(month) || !is_short(day) {
        return None;
    }
    let year = year.parse().ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

/// A time after a date and its offset, midnight in UTC if there is none; `None` for anything else.
fn read_time(text: &str) -> Option<Result<(NaiveTime, TimeDelta), ParseDateTimeError>> {
    if text.is_empty() {
        return Some(Ok((NaiveTime::MIN, TimeDelta::zero())));
    }
    let time = text.strip_prefix(['T', 't', ' '])?.trim_start();
    let (hour, rest) = digits(time);
    let (hour, minute, second, rest) = match (hour.len(), rest.strip_prefix(':')) {
        (1 | 2, Some(rest)) => {
            let (minute, rest) = digits(rest);
            match rest.strip_prefix(':') {
                Some(rest) => {
                    let (second, rest) = split_at(rest, |c| !(c.is_ascii_digit() || c == '.'));
                    (hour, minute, second, rest)
                }
                None => (hour, minute, "0", rest),
            }
        }
        (6, None) => {
            let (second, rest) = split_at(&time[4..], |c| !(c.is_ascii_digit() || c == '.'));
            (&time[..2], &time[2..4], second, rest)
        }
        (4, None) => (&time[..2], &time[2..4], "0", rest),
        // An hour alone is a time for dateutil only.
        (1 | 2, None) => {
            return (rest.is_empty() && hour.parse::<u32>().ok()? < 24).then_some(Err(ParseDateTimeError::NotStored));
        }
        _ => return None,
    };
    let (hour, rest) = of_half_day(hour.parse().ok()?, rest.trim_start())?;
    let offset = read_offset(rest)?;
    clock(hour, minute, second).map(|time| Ok((time, offset)))
}

/// The hour of the day, if `AM` or `PM` follows.
fn of_half_day(hour: u32, rest: &str) -> Option<(u32, &str)> {
    let (word, after) = split_at(rest, |c| !c.is_ascii_alphabetic());
    let noon = match word.to_ascii_lowercase().as_str() {
        "am" => 0,
        "pm" => 12,
        _ => return Some((hour, rest)),
    };
    (1..=12).contains(&hour).then(|| (hour % 12 + noon, after.trim_start()))
}

fn clock(hour: u32, minute: &str, second: &str) -> Option<NaiveTime> {
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let all_short = [minute, second].iter().all(|text| (1..=2).contains(&text.len()));
    if !all_short || fraction.contains('.') {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}")[..9].parse().ok()?;
    NaiveTime::from_hms_nano_opt(hour, minute.parse().ok()?, second.parse().ok()?, nanoseconds)
}

/// Nothing, `Z`, `UTC`, `GMT`, `+hh`, `-hh:mm` or `+hhmm`.
fn read_offset(text: &str) -> Option<TimeDelta> {
    if matches!(text.to_ascii_uppercase().as_str(), "" | "Z" | "UTC" | "GMT") {
        return Some(TimeDelta::zero());
    }
    let offset = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 && offset.is_ascii() => offset.split_at(2),
        None => (offset, "00"),
    };
    let below = |text: &str, limit: i64| {
        let number = text.parse().ok().filter(|number| (0..limit).contains(number));
        number.filter(|_| text.len() == 2)
    };
    // PostgreSQL knows no zone as far as 16 hours away.
    let size = TimeDelta::minutes(below(hours, 16)? * 60 + below(minutes, 60)?);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_without_their_offset_and_written_as_python_did() {
        for (text, written) in [
            ("2001-02-03T04:05:06", Ok("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06Z", Ok("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06.5+05:30", Ok("2001-02-03T04:05:06.500000")),
            ("2001-02-03 04:05:06.678901-0200", Ok("2001-02-03T04:05:06.678901")),
            ("2001-02-03 04:05:06.1234567", Ok("2001-02-03T04:05:06.123457")),
            ("2011-12-13T14:15", Ok("2011-12-13T14:15:00")),
            ("2000-01-01", Ok("2000-01-01T00:00:00")),
            ("2000-1-1 3:04", Ok("2000-01-01T03:04:00")),
            ("20151222T031258", Ok("2015-12-22T03:12:58")),
            ("20151222T031258.25Z", Ok("2015-12-22T03:12:58.250000")),
            ("20150626", Ok("2015-06-26T00:00:00")),
            ("12/22/2015 03:12", Ok("2015-12-22T03:12:00")),
            ("12/11/2015", Ok("2015-12-11T00:00:00")),
            ("12/11/2015 3:12 PM", Ok("2015-12-11T15:12:00")),
            ("Tue, 22 Dec 2015 03:12:58 GMT", Ok("2015-12-22T03:12:58")),
            ("June 26, 2015", Ok("2015-06-26T00:00:00")),
            ("26-Jun-2015", Ok("2015-06-26T00:00:00")),
            ("0001-01-01", Ok("0001-01-01T00:00:00")),
            ("9999-12-31T23:59:59.999999", Ok("9999-12-31T23:59:59.999999")),
            ("22/12/2015", Err(ParseDateTimeError::NotStored)),
            ("26-06-2015", Err(ParseDateTimeError::NotStored)),
            ("2015-06", Err(ParseDateTimeError::NotStored)),
            ("2015-12-22T03", Err(ParseDateTimeError::NotStored)),
        ] {
            assert_eq!(
                parse_datetime(text).map(isoformat),
                written.map(str::to_owned),
                "{text}"
            );
        }
    }

    #[test]
    fn times_of_day_are_read_with_a_note_of_their_offset() {
        for (text, read) in [
            ("09:30", Some(("09:30:00", false))),
            (" 9:30:05.5 ", Some(("09:30:05.500000", false))),
            ("23:59:59.9999999", Some(("23:59:59.999999", false))),
            ("9:30 pm", Some(("21:30:00", false))),
            ("09:30Z", Some(("09:30:00", true))),
            ("09:30:00-0200", Some(("09:30:00", true))),
            ("09:30 GMT", Some(("09:30:00", true))),
            ("24:00", None),
            ("0930", None),
            ("2026-01-02T09:30", None),
            (":30", None),
            ("", None),
        ] {
            let found = parse_time(text).map(|(time, has_offset)| (isoformat_time(time), has_offset));
            assert_eq!(
                found,
                read.map(|(time, has_offset)| (time.to_owned(), has_offset)),
                "{text}"
            );
        }
    }

    #[test]
    fn offsets_are_applied_where_utc_is_asked_for() {
        for (text, written) in [
            ("2001-02-03T04:05:06", Ok("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06Z", Ok("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06.5+05:30", Ok("2001-02-02T22:35:06.500000")),
            ("2001-02-03T04:05:06-0200", Ok("2001-02-03T06:05:06")),
            ("2001-12-31 23:30 -01", Ok("2002-01-01T00:30:00")),
            ("Tue, 22 Dec 2015 03:12:58 GMT", Ok("2015-12-22T03:12:58")),
            ("0001-01-01T00:00:00+00:01", Err(ParseDateTimeError::NotStored)),
            ("9999-12-31T23:59:59-01:00", Err(ParseDateTimeError::NotStored)),
            ("2001-02-03T04:05:06+16:00", Err(ParseDateTimeError::NotValid)),
        ] {
            let read = parse_datetime_in_utc(text);
            assert_eq!(read.map(isoformat), written.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_dateutil_could_not_read_is_not_valid() {
        for text in [
            "",
            " ",
            "bad",
            "0000-01-01",
            "-0001-01-01",
            "+12345-01-01",
            "10000-01-01",
            "9999-12-31T23:59:59.9999999",
            "2000-13-01",
            "2015-13-45T00:00:00",
            "2015-02-29",
            "2015-12-22T24:00:00",
            "2015-12-22T23:59:60",
            "2015-12-22T25",
            "2001-02-03T04:05:06+x",
            "2001-02-03T04:05:06+1",
            "2001-02-03T04:05:06 x",
            "x2015-12-22T03:12:58",
            "2015-W52-2",
            "2015-356",
            "1450753978",
            "2015-06-26x",
            "today",
            "infinity",
            "13/13/2015",
            "é2015-06-26",
            "2015-06-2é",
            "2015é06",
            "12:é",
        ] {
            assert_eq!(parse_datetime(text), Err(ParseDateTimeError::NotValid), "{text}");
        }
        assert_eq!(
            parse_date("2016-02-29T12:34:56+00:00"),
            Ok(NaiveDate::from_ymd_opt(2016, 2, 29).unwrap())
        );
    }
}
