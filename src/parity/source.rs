//! Where requests come from: an access log, a HAR file or a recording, told apart by how they begin.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use super::{
    access_log, har,
    recording::{self, Recording},
    request::{Names, Request, without_repetitions},
    secrets::{mask_target, take_token},
};
use crate::error::{Error, Result};

/// Bytes of the largest HAR file or recording: all of it is held at once.
const MAX_FILE: u64 = 512 * 1024 * 1024;

/// What a file has.
#[derive(Default)]
pub struct Source {
    /// The requests, each with its name.
    pub requests: Vec<Request>,
    /// The answers too, where it is a recording.
    pub recording: Option<Recording>,
    /// What was left out and why, for people.
    pub notes: Vec<String>,
    /// Whether it does not say with which token a request was sent: a log has no headers.
    pub is_anonymous: bool,
}

impl Source {
    /// Has requests sent with the token of the command line: all of a log, and those that had another one.
    pub fn use_token(&mut self) {
        let is_anonymous = self.is_anonymous;
        for request in &mut self.requests {
            request.uses_token |= take_token(&mut request.headers) || is_anonymous;
        }
    }
}

/// Reads a file; requests that write are left out unless `writes`.
///
/// # Errors
/// [`Error::Refused`] says why it cannot be used, [`Error::Io`] that it cannot be read.
pub fn read(path: &Path, writes: bool) -> Result<Source> {
    let shown = path.display();
    let failed = |error| Error::Refused(format!("{shown}: {error}"));
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let start = file.fill_buf().map_err(failed)?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let is_json = start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let refused = |reason: String| Error::Refused(format!("{shown}: {reason}"));
    let mut source = match is_json {
        false => of_log(access_log::read(file).map_err(failed)?),
        true => {
            let mut text = Vec::new();
            file.take(MAX_FILE + 1).read_to_end(&mut text).map_err(failed)?;
            if text.len() as u64 > MAX_FILE {
                return Err(refused(format!("the file is larger than {MAX_FILE} bytes; split it")));
            }
            match recording::is_one(&text) {
                true => of_recording(recording::read(&text).map_err(refused)?),
                false => of_har(har::read(&text).map_err(|reason| refused(format!("not a HAR file: {reason}")))?),
            }
        }
    };
    if !writes {
        leave_out_writes(&mut source);
    }
    if source.requests.is_empty() {
        let notes = source.notes.join("; ");
        return Err(refused(format!(
            "no request to ask; {}",
            if notes.is_empty() { "the file has none" } else { &notes }
        )));
    }
    let mut names = Names::default();
    for request in &mut source.requests {
        names.name(request, mask_target);
    }
    Ok(source)
}

fn of_log(log: access_log::AccessLog) -> Source {
    let mut notes = Vec::new();
    if log.writes > 0 {
        notes.push(format!(
            "{} requests that write were left out: a log has no bodies",
            log.writes
        ));
    }
    if log.unreadable > 0 {
        notes.push(format!(
            "{} lines cannot be read: {}",
            log.unreadable,
            log.examples.join("; ")
        ));
    }
    Source {
        requests: without_repetitions(log.requests),
        notes,
        is_anonymous: true,
        ..Source::default()
    }
}

fn of_har(har: har::Har) -> Source {
    let mut notes = Vec::new();
    if har.others > 0 {
        notes.push(format!(
            "{} requests to other origins than {} were left out",
            har.others, har.origin
        ));
    }
    if har.unreadable > 0 {
        notes.push(format!("{} entries cannot be read", har.unreadable));
    }
    // Those with names of their own are cases of a test.
    let (named, unnamed): (Vec<Request>, Vec<Request>) =
        har.requests.into_iter().partition(|request| !request.name.is_empty());
    let requests = match unnamed.is_empty() {
        true => named,
        false => without_repetitions([named, unnamed].concat()),
    };
    Source {
        requests,
        notes,
        ..Source::default()
    }
}

fn of_recording(recording: Recording) -> Source {
    Source {
        requests: recording
            .exchanges
            .iter()
            .map(|exchange| exchange.request.clone())
            .collect(),
        recording: Some(recording),
        ..Source::default()
    }
}

fn leave_out_writes(source: &mut Source) {
    let all = source.requests.len();
    source.requests.retain(Request::is_safe);
    if let Some(recording) = &mut source.recording {
        recording.exchanges.retain(|exchange| exchange.request.is_safe());
    }
    let writes = all - source.requests.len();
    if writes > 0 {
        source.notes.push(format!(
            "{writes} requests that write were left out; --writes asks them, on copies"
        ));
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Calls `check` with 3000 broken versions of `seed`: cut, with bytes changed, doubled and put in.
    pub fn mutations(seed: &[u8], check: impl Fn(&[u8])) {
        let mut state: u64 = 0x2545_f491_4f6c_dd1d;
        let mut random = move |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 16).unwrap() % limit.max(1)
        };
        const BYTES: &[u8] = b"\"\\x{}[]\0\n\xff\xc3\xa4 :,/?#%-0";
        for _ in 0..3000 {
            let mut bytes = seed.to_vec();
            for _ in 0..=random(6) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, BYTES[random(BYTES.len())]),
                    2 if !bytes.is_empty() => bytes[at] = BYTES[random(BYTES.len())],
                    _ => {
                        let part = bytes[at..].to_vec();
                        bytes.extend(part);
                        bytes.truncate(10 * seed.len());
                    }
                }
            }
            check(&bytes);
        }
    }

    fn read_text(text: &[u8], writes: bool) -> Result<Source> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, text).unwrap();
        read(&path, writes)
    }

    #[test]
    fn the_kind_of_a_file_is_told_by_its_start() {
        let log = b"x - - [1] \"GET /a HTTP/1.1\" 200 1\nx - - [1] \"GET /a HTTP/1.1\" 200 1\nx - - [1] \"POST /a HTTP/1.1\" 200 1\n";
        let source = read_text(log, false).unwrap();
        assert_eq!(source.requests.len(), 1, "the same request is asked once");
        assert!(
            source.notes[0].starts_with("1 requests that write"),
            "{:?}",
            source.notes
        );
        let mut source = source;
        source.use_token();
        assert!(source.requests[0].uses_token);
        let har = br#"{"log": {"entries": [{"request": {"method": "POST", "url": "http://x/a", "headers": []}}]}}"#;
        assert_eq!(read_text(har, true).unwrap().requests[0].name, "POST /a");
        let mut source = read_text(har, true).unwrap();
        source.use_token();
        assert!(!source.requests[0].uses_token, "it had no token");
        source.requests[0].add_header("authorization", "Bearer old");
        source.use_token();
        assert!(source.requests[0].uses_token && source.requests[0].headers.is_empty());
        let error = read_text(har, false).err().unwrap().to_string();
        assert!(error.contains("--writes"), "{error}");
        for (text, expected) in [
            (&b""[..], "no request"),
            (b"{\"log\": ", "not a HAR file"),
            (b"\0\x01", "cannot be read"),
        ] {
            let error = read_text(text, false).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
