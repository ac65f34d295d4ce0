//! A recording: what an old app answered, one exchange a line, without secrets.

use std::{
    io::{self, Write},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    answer::Answer,
    client::Timed,
    request::{Names, Request, clean_target},
    secrets::{self, mask_target},
};

/// The version of the format.
const VERSION: u32 = 1;
/// How the first line begins.
const START: &str = "{\"parity_recording\":";

/// A recording that was read.
pub struct Recording {
    /// Where the old app was.
    pub server: String,
    /// The day of its answers.
    pub day: NaiveDate,
    /// In the order in which they were asked.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answers.
#[derive(Clone)]
pub struct Exchange {
    /// What was asked.
    pub request: Request,
    /// The day of the answers, where it is not that of the recording.
    pub day: Option<NaiveDate>,
    /// The answer.
    pub first: Timed,
    /// The answer to the same request asked again, if that changes nothing.
    pub second: Option<Timed>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    parity_recording: u32,
    server: String,
    day: NaiveDate,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Left out where nobody has named the request yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    body: Bytes,
    /// Sent with a token.
    token: bool,
    /// A secret was left out, and nobody can ask it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    first: AnswerLine,
    second: Option<AnswerLine>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AnswerLine {
    milliseconds: f64,
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// Bytes as a text, or in base64.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Bytes {
    Text(String),
    Base64(String),
    #[default]
    Empty,
}

impl Bytes {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok("") => Self::Empty,
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64_STANDARD.encode(bytes)),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn decoded(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Empty => Ok(Vec::new()),
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Base64(text) => BASE64_STANDARD.decode(text).map_err(|error| error.to_string()),
        }
    }
}

/// Writes the line that a recording begins with.
///
/// # Errors
/// What the file says.
pub fn write_head(file: &mut impl Write, server: &str, day: NaiveDate) -> io::Result<()> {
    let head = Head {
        parity_recording: VERSION,
        server: server.to_owned(),
        day,
    };
    write_line(file, &head)
}

/// Writes an exchange, without secrets.
///
/// # Errors
/// What the file says.
pub fn write(file: &mut impl Write, exchange: &Exchange) -> io::Result<()> {
    let request = secrets::mask_request(&exchange.request);
    let line = Line {
        name: request.name,
        day: exchange.day,
        method: request.method,
        target: request.target,
        headers: request.headers,
        body: Bytes::of(&request.body),
        token: request.uses_token,
        masked: request.is_masked,
        first: line_of(&exchange.first),
        second: exchange.second.as_ref().map(line_of),
    };
    write_line(file, &line)
}

fn write_line(file: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(line).map_err(io::Error::other)?;
    writeln!(file, "{line}")
}

fn line_of(timed: &Timed) -> AnswerLine {
    let answer = masked(&timed.answer);
    AnswerLine {
        milliseconds: timed.duration.as_secs_f64() * 1000.0,
        status: answer.status,
        headers: answer.headers,
        body: Bytes::of(&answer.body),
    }
}

/// An answer as a recording has it.
pub fn masked(answer: &Answer) -> Answer {
    Answer {
        status: answer.status,
        headers: secrets::mask_headers(&answer.headers),
        body: secrets::mask_answer(&answer.body, &answer.media_type()),
    }
}

/// Whether a text begins as a recording does.
pub fn is_one(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(START.as_bytes())
}

/// Reads the text of a recording.
///
/// # Errors
/// The number of the line that cannot be read, and why.
pub fn read(text: &[u8]) -> Result<Recording, String> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let mut lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let at = |number: usize, error: String| format!("line {}: {error}", number + 1);
    let (number, first) = lines.next().ok_or("the file is empty")?;
    let head = head_of(first).map_err(|error| at(number, error))?;
    let (mut exchanges, mut names) = (Vec::new(), Names::default());
    for (number, line) in lines {
        let line = serde_json::from_slice(line).map_err(|error| at(number, error.to_string()))?;
        let mut exchange = exchange_of(line).map_err(|error| at(number, error))?;
        names.name(&mut exchange.request, mask_target);
        exchanges.push(exchange);
    }
    Ok(Recording {
        server: head.server,
        day: head.day,
        exchanges,
    })
}

/// The day that the first line of a recording names.
///
/// # Errors
/// What is wrong with the line.
pub fn day_of(head: &[u8]) -> Result<NaiveDate, String> {
    head_of(head).map(|head| head.day)
}

fn head_of(line: &[u8]) -> Result<Head, String> {
    let head: Head = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    match head.parity_recording {
        VERSION => Ok(head),
        version => Err(format!(
            "version {version} of the format; this program reads version {VERSION}"
        )),
    }
}

fn exchange_of(line: Line) -> Result<Exchange, String> {
    Ok(Exchange {
        request: Request {
            name: line.name,
            method: line.method,
            target: clean_target(&line.target).ok_or("the target is not an address")?,
            headers: line.headers,
            body: line.body.decoded()?,
            uses_token: line.token,
            is_masked: line.masked,
        },
        day: line.day,
        first: timed_of(line.first)?,
        second: line.second.map(timed_of).transpose()?,
    })
}

fn timed_of(line: AnswerLine) -> Result<Timed, String> {
    let duration = Duration::try_from_secs_f64(line.milliseconds / 1000.0);
    Ok(Timed {
        duration: duration.map_err(|error| error.to_string())?,
        answer: Answer {
            status: line.status,
            headers: line.headers,
            body: line.body.decoded()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(exchange: &Exchange) -> Vec<u8> {
        let mut file = Vec::new();
        write_head(&mut file, "http://127.0.0.1:5001", "2026-11-28".parse().unwrap()).unwrap();
        write(&mut file, exchange).unwrap();
        file
    }

    fn exchange() -> Exchange {
        let mut request = Request::get("/api/login?x=1");
        request.name = "GET /api/login".to_owned();
        request.add_header("Authorization", "Bearer abc");
        request.body = br#"{"password": "hunter2"}"#.to_vec();
        let answer = |body: &[u8]| Timed {
            duration: Duration::from_micros(1500),
            answer: Answer {
                status: 200,
                headers: vec![("Set-Cookie".to_owned(), "session=abc".to_owned())],
                body: body.to_vec(),
            },
        };
        Exchange {
            request,
            day: None,
            first: answer(b"\xff\x00"),
            second: Some(answer(b"text")),
        }
    }

    #[test]
    fn what_was_written_is_read_without_its_secrets() {
        let file = recorded(&exchange());
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("abc"), "{text}");
        assert!(is_one(&file));
        let recording = read(&file).unwrap();
        let read = &recording.exchanges[0];
        assert!(read.request.uses_token && read.request.is_masked);
        assert_eq!(read.first.answer.body, b"\xff\x00");
        assert_eq!(read.second.as_ref().unwrap().answer.body, b"text");
        assert_eq!(read.first.duration, Duration::from_micros(1500));
    }

    #[test]
    fn requests_without_a_name_get_one_each_and_later_days_are_kept() {
        let mut exchange = exchange();
        exchange.day = Some("2026-12-01".parse().unwrap());
        let mut file = recorded(&exchange);
        exchange.request.name = String::new();
        for day in [None, exchange.day] {
            exchange.day = day;
            write(&mut file, &exchange).unwrap();
        }
        let read = read(&file).unwrap().exchanges;
        let seen: Vec<_> = read.iter().map(|read| (read.request.name.as_str(), read.day)).collect();
        let day = exchange.day;
        assert_eq!(
            seen,
            [
                ("GET /api/login", day),
                ("GET /api/login?x=1", None),
                ("GET /api/login?x=1 (2)", day)
            ]
        );
        assert_eq!(
            day_of(file.split_inclusive(|byte| *byte == b'\n').next().unwrap()),
            Ok("2026-11-28".parse().unwrap())
        );
    }

    #[test]
    fn a_broken_recording_is_refused_with_its_line() {
        let file = recorded(&exchange());
        let cut = &file[..file.len() - 20];
        assert!(read(cut).err().unwrap().starts_with("line 2: "));
        let text = String::from_utf8(file.clone()).unwrap().replace(":1,", ":9,");
        assert!(read(text.as_bytes()).err().unwrap().contains("version 9"));
        crate::parity::source::tests::mutations(&file, |bytes| drop(read(bytes)));
    }
}
