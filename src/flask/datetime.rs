//! Dates and times as the originals wrote them, and as PostgreSQL read them for them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, SubsecRound, Timelike, Utc};

/// The present in UTC with microseconds, which is what every engine's column keeps.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}

/// Python's `isoformat()`: microseconds in six digits, or none at all.
pub fn isoformat(moment: NaiveDateTime) -> String {
    if moment.nanosecond() / 1000 == 0 {
        moment.format("%Y-%m-%dT%H:%M:%S").to_string()
    } else {
        moment.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }
}

/// Reads an ISO 8601 date and time, or a date, for a column without time zone.
///
/// An offset is dropped, not applied, as PostgreSQL does for such a column. `None` for everything else, years
/// before 1 and after 9999 included, which Python could not write.
pub fn parse_timestamp(text: &str) -> Option<NaiveDateTime> {
    read(text.trim()).filter(|moment| (1..=9999).contains(&moment.year()))
}

fn read(text: &str) -> Option<NaiveDateTime> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return date.and_hms_opt(0, 0, 0);
    }
    let local = without_offset(text);
    [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(local, format).ok())
    .filter(|moment| moment.nanosecond() < 1_000_000_000)
    .map(|moment| moment.round_subsecs(6))
}

/// The text up to `Z`, `+hh:mm`, `-hh:mm`, `+hhmm` or `+hh` after the time.
fn without_offset(text: &str) -> &str {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return local.trim_end();
    }
    let Some(time) = text.find([':']) else { return text };
    match text[time..].find(['+', '-']) {
        Some(sign) => {
            let (local, offset) = text.split_at(time + sign);
            let digits = offset[1..].replace(':', "");
            if matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                local.trim_end()
            } else {
                text
            }
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_without_their_offset_and_written_as_python_did() {
        for (text, written) in [
            ("2001-02-03T04:05:06", Some("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06Z", Some("2001-02-03T04:05:06")),
            ("2001-02-03T04:05:06.5+05:30", Some("2001-02-03T04:05:06.500000")),
            ("2001-02-03 04:05:06.678901-0200", Some("2001-02-03T04:05:06.678901")),
            ("2011-12-13T14:15", Some("2011-12-13T14:15:00")),
            ("2000-01-01", Some("2000-01-01T00:00:00")),
            ("2000-13-01", None),
            ("2000-01-01T24:61:00", None),
            ("2001-02-03T04:05:06+x", None),
            ("0001-01-01", Some("0001-01-01T00:00:00")),
            ("9999-12-31T23:59:59.999999", Some("9999-12-31T23:59:59.999999")),
            ("9999-12-31T23:59:59.9999999", None),
            ("0000-01-01", None),
            ("-0001-01-01", None),
            ("+12345-01-01", None),
            ("10000-01-01", None),
            ("bad", None),
            ("", None),
        ] {
            assert_eq!(parse_timestamp(text).map(isoformat).as_deref(), written, "{text}");
        }
    }
}
