//! Records what the old app answers, as `parity` reads it: from copies, and no client waits for it.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{NaiveDate, Utc};
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

use super::copies::{self, Copied, Room};
use crate::{
    config::named,
    error::{Error, Result},
    parity::{
        answer::Answer,
        client::Timed,
        recording::{self, Exchange},
        request::{self, clean_target},
    },
};

/// Bytes that copies hold together, until they are written.
const MAX_COPIED: usize = 32 << 20;
/// Answers that wait to be written.
const MAX_WAITING: usize = 256;
/// Bytes of the file; nothing is recorded beyond.
const MAX_FILE: u64 = 64 << 20;
/// Bytes of the first line of a recording.
const MAX_HEAD: u64 = 4 << 10;

/// Where copies of requests and answers go.
pub struct Recorder {
    room: Room,
    waiting: mpsc::Sender<Waiting>,
    tally: Arc<Tally>,
}

/// How many answers were recorded.
#[derive(Default)]
pub struct Tally {
    recorded: AtomicU64,
    left_out: AtomicU64,
    has_ended: AtomicBool,
}

/// A request on its way to the old app, which is copied.
pub struct Recording {
    request: request::Request,
    body: oneshot::Receiver<Copied>,
    origin: String,
    room: Room,
    waiting: mpsc::Sender<Waiting>,
    tally: Arc<Tally>,
}

/// A request and its answer, whose bodies are their copies.
struct Waiting {
    request: request::Request,
    sent: Copied,
    answer: Answer,
    received: Copied,
    duration: Duration,
}

impl Tally {
    /// The figures, for people.
    pub fn to_json(&self) -> Value {
        let [recorded, left_out] = [&self.recorded, &self.left_out].map(|count| count.load(Ordering::Relaxed));
        json!({"recorded": recorded, "left_out": left_out, "has_ended": self.has_ended.load(Ordering::Relaxed)})
    }

    fn leave_out(&self) {
        self.left_out.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder {
    /// Appends to a file what is answered by the old app at this address, from now on.
    ///
    /// # Errors
    /// [`Error::Refused`] where the file cannot be written, or is there and not a recording.
    pub fn start(file: &Path, server: &str) -> Result<Self> {
        let tally = Arc::new(Tally::default());
        let writer = Writer::open(file, server, tally.clone()).map_err(|problem| {
            let name = named("RECORDING");
            Error::Refused(format!(
                "{name}: {problem}; expected a new file in a folder that exists, or a recording, which is continued"
            ))
        })?;
        let (sender, waiting) = mpsc::channel(MAX_WAITING);
        spawn_blocking(move || writer.run(waiting));
        Ok(Self {
            room: Room::new(MAX_COPIED),
            waiting: sender,
            tally,
        })
    }

    /// How many answers were recorded.
    pub fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }

    /// Has the body of a request copied while it is sent; `None` where the request is not recorded.
    pub fn begin(&self, request: &mut Request) -> Option<Recording> {
        if self.tally.has_ended.load(Ordering::Relaxed) {
            return None;
        }
        let Some(asked) = asked(request) else {
            self.tally.leave_out();
            return None;
        };
        let length = copies::announced(request.headers());
        let (body, copied) = copies::copying(request.take_body(), length, &self.room);
        request.set_body(body);
        Some(Recording {
            request: asked,
            body: copied,
            origin: copies::origin_of(request),
            room: self.room.clone(),
            waiting: self.waiting.clone(),
            tally: self.tally.clone(),
        })
    }
}

/// What is asked, without its body; `None` where nobody could ask it again.
fn asked(request: &Request) -> Option<request::Request> {
    let headers = request.headers();
    if copies::is_conditional(headers) || headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    let mut asked = request::Request::get(&clean_target(&request.uri().to_string())?);
    asked.method = request.method().to_string();
    // The address of the page that a client comes from may have a secret.
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::REFERER) {
        asked.add_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    Some(asked)
}

impl Recording {
    /// The answer as it is; while the client reads it, it is copied to be recorded. `duration` is how long its head took.
    pub fn beside(self, mut response: Response, duration: Duration) -> Response {
        let has_no_end = response
            .content_type()
            .is_some_and(|media_type| media_type.starts_with("text/event-stream"));
        if has_no_end || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.tally.leave_out();
            return response;
        }
        let answer = Answer::head(response.status(), response.headers(), &self.origin);
        let length = copies::length_of(&response, self.request.method == "HEAD");
        let (body, copied) = copies::copying(response.take_body(), length, &self.room);
        response.set_body(body);
        tokio::spawn(async move {
            let Self {
                request,
                body,
                waiting,
                tally,
                ..
            } = self;
            let is_recorded = match (body.await, copied.await) {
                (Ok(sent), Ok(received)) => {
                    let done = Waiting {
                        request,
                        sent,
                        answer,
                        received,
                        duration,
                    };
                    waiting.try_send(done).is_ok()
                }
                // One of them is too large, or was cut off.
                _ => false,
            };
            if !is_recorded {
                tally.leave_out();
            }
        });
        response
    }
}

/// Writes the file.
struct Writer {
    file: File,
    /// The day that the first line names.
    day: NaiveDate,
    max_bytes: u64,
    tally: Arc<Tally>,
}

impl Writer {
    fn open(path: &Path, server: &str, tally: Arc<Tally>) -> std::result::Result<Self, String> {
        let mut options = File::options();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |error| format!("the file cannot be written: {error}");
        let mut file = options.open(path).map_err(failed)?;
        // A pipe is written only.
        let begun = match file.metadata().map_err(failed)?.is_file() {
            true => begun(&mut file)?,
            false => None,
        };
        let day = match begun {
            Some(day) => day,
            None => {
                let today = Utc::now().date_naive();
                recording::write_head(&mut file, server, today).map_err(failed)?;
                today
            }
        };
        Ok(Self {
            file,
            day,
            max_bytes: MAX_FILE,
            tally,
        })
    }

    /// Writes until the server ends, or the file does.
    fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        while let Some(next) = waiting.blocking_recv() {
            let Some(line) = line(next, self.day) else {
                self.tally.leave_out();
                continue;
            };
            if let Err(reason) = self.append(&line) {
                self.tally.has_ended.store(true, Ordering::Relaxed);
                return tracing::warn!("nothing more is recorded: {reason}");
            }
            self.tally.recorded.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn append(&mut self, line: &[u8]) -> std::result::Result<(), String> {
        let failed = |error: std::io::Error| format!("the file cannot be written: {error}");
        let before = self.file.metadata().map_err(failed)?.len();
        if before + line.len() as u64 > self.max_bytes {
            return Err(format!("the file has reached its limit of {} bytes", self.max_bytes));
        }
        self.file.write_all(line).map_err(|error| {
            // A part of a line cannot be read; if it stays, the next start removes it.
            let _ = self.file.set_len(before);
            failed(error)
        })
    }
}

/// The day of the recording in a file, which then ends with a whole line; `None` if the file is empty.
fn begun(file: &mut File) -> std::result::Result<Option<NaiveDate>, String> {
    let failed = |error| format!("the file cannot be read: {error}");
    let mut lines = BufReader::new(&*file);
    let mut line = Vec::new();
    let length = lines
        .by_ref()
        .take(MAX_HEAD)
        .read_until(b'\n', &mut line)
        .map_err(failed)?;
    if length == 0 {
        return Ok(None);
    }
    let day = recording::day_of(&line).map_err(|_| "the file is not a recording".to_owned())?;
    let mut end = 0;
    while line.ends_with(b"\n") {
        end += line.len() as u64;
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(failed)?;
    }
    // A server that was killed may have left a part of a line.
    match serde_json::from_slice::<Value>(&line) {
        Ok(_) => file.write_all(b"\n"),
        Err(_) => file.set_len(end),
    }
    .map_err(failed)?;
    Ok(Some(day))
}

/// The line of an exchange; `None` where the answer is compressed in a way that hides its secrets.
fn line(waiting: Waiting, day: NaiveDate) -> Option<Vec<u8>> {
    let Waiting {
        request,
        sent,
        answer,
        received,
        duration,
    } = waiting;
    let answer = Answer {
        body: received.bytes,
        ..answer
    };
    let today = Utc::now().date_naive();
    let exchange = Exchange {
        request: request::Request {
            body: sent.bytes,
            ..request
        },
        day: (today != day).then_some(today),
        first: Timed {
            answer: copies::uncompressed(answer)?,
            duration,
        },
        second: None,
    };
    let mut line = Vec::new();
    recording::write(&mut line, &exchange).ok()?;
    Some(line)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use poem::http::Method;

    use super::*;

    const SERVER: &str = "http://127.0.0.1:5001";

    fn opened(path: &Path) -> std::result::Result<Writer, String> {
        Writer::open(path, SERVER, Arc::default())
    }

    fn waiting(target: &str) -> Waiting {
        Waiting {
            request: request::Request::get(target),
            sent: Copied::default(),
            answer: Answer {
                status: 204,
                ..Answer::default()
            },
            received: Copied::default(),
            duration: Duration::from_millis(3),
        }
    }

    fn targets(path: &Path) -> Vec<String> {
        let exchanges = recording::read(&fs::read(path).unwrap()).unwrap().exchanges;
        exchanges.into_iter().map(|exchange| exchange.request.target).collect()
    }

    #[test]
    fn a_recording_is_continued_after_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.jsonl");
        for (target, rest) in [("/a", ""), ("/b", "{\"name\":\"x"), ("/c", "")] {
            let mut writer = opened(&path).unwrap();
            let day = writer.day;
            writer.append(&line(waiting(target), day).unwrap()).unwrap();
            writer.file.write_all(rest.as_bytes()).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.trim_end()).unwrap();
        opened(&path).unwrap();
        assert_eq!(targets(&path), ["/a", "/b", "/c"]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn another_file_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        for text in [
            "notes\n",
            "{\"parity_recording\":9,\"server\":\"a\",\"day\":\"2026-11-28\"}\n",
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(opened(&path).err().unwrap(), "the file is not a recording");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        for path in [folder.path().to_owned(), folder.path().join("a/b")] {
            let problem = opened(&path).err().unwrap();
            assert!(problem.starts_with("the file cannot be written: "), "{problem}");
        }
        opened(Path::new("/dev/null")).unwrap();
    }

    #[test]
    fn the_file_ends_at_its_limit_and_a_later_day_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.jsonl");
        let head = "{\"parity_recording\":1,\"server\":\"a\",\"day\":\"2026-11-01\"}\n";
        fs::write(&path, head).unwrap();
        let mut writer = opened(&path).unwrap();
        let tally = writer.tally.clone();
        let one = line(waiting("/a"), writer.day).unwrap().len();
        writer.max_bytes = (head.len() + 2 * one + 1) as u64;
        let (sender, receiver) = mpsc::channel(3);
        for _ in 0..3 {
            sender.try_send(waiting("/a")).ok().unwrap();
        }
        drop(sender);
        writer.run(receiver);
        assert_eq!(
            tally.to_json(),
            json!({"recorded": 2, "left_out": 0, "has_ended": true})
        );
        let read = recording::read(&fs::read(&path).unwrap()).unwrap();
        let days: Vec<_> = read.exchanges.iter().map(|exchange| exchange.day).collect();
        assert_eq!(days, [Some(Utc::now().date_naive()); 2]);
    }

    #[test]
    fn what_nobody_could_ask_again_is_left_out() {
        let request = |header: Option<(&str, &str)>| {
            let mut request = Request::builder().method(Method::POST).uri("/a?b=1".parse().unwrap());
            for (name, value) in header.into_iter().chain([("referer", "/x?token=a"), ("x-tenant", "1")]) {
                request = request.header(name, value);
            }
            request.finish()
        };
        let kept = asked(&request(None)).unwrap();
        assert_eq!((kept.method.as_str(), kept.target.as_str()), ("POST", "/a?b=1"));
        assert_eq!(kept.headers, [("x-tenant".to_owned(), "1".to_owned())]);
        for header in [
            ("range", "bytes=0-1"),
            ("if-none-match", "x"),
            ("content-encoding", "gzip"),
        ] {
            assert_eq!(asked(&request(Some(header))), None, "{header:?}");
        }
    }
}
