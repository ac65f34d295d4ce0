//! Copies of bodies that are made while they pass, bounded each and together.

use std::{
    io::{Error as IoError, Read},
    sync::Arc,
};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use futures_util::{Stream, StreamExt, stream::unfold};
use hyper::body::Bytes;
use poem::{
    Body, Request, Response,
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::parity::answer::Answer;

/// Bytes of a body that is copied; a larger one passes without a copy.
pub const MAX_BYTES: usize = 1 << 20;

/// How much all copies may hold together.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

impl Room {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }
}

/// A copy of a body; its room is free again when it is dropped.
#[derive(Default)]
pub struct Copied {
    /// All of the body.
    pub bytes: Vec<u8>,
    held: Option<OwnedSemaphorePermit>,
}

impl Copied {
    /// Adds a part; `None` where the copy becomes too large, or where there is no room.
    fn with(mut self, part: &[u8], room: &Room) -> Option<Self> {
        if self.bytes.len() + part.len() > MAX_BYTES {
            return None;
        }
        let length = u32::try_from(part.len()).ok()?;
        let held = room.0.clone().try_acquire_many_owned(length).ok()?;
        match &mut self.held {
            Some(all) => all.merge(held),
            None => self.held = Some(held),
        }
        self.bytes.extend_from_slice(part);
        Some(self)
    }
}

/// A body to be passed on, and its copy: when the body has ended, or when as many bytes as were announced have passed, because
/// nobody asks for more then.
///
/// There is no copy of a body that is too large, finds no room, or is cut off.
pub fn copying(body: Body, length: Option<usize>, room: &Room) -> (Body, oneshot::Receiver<Copied>) {
    let (done, copied) = oneshot::channel();
    if length == Some(0) || body.is_empty() {
        // Nobody waits for it where the client has left.
        let _ = done.send(Copied::default());
        return (body, copied);
    }
    if length.is_some_and(|length| length > MAX_BYTES) {
        return (body, copied);
    }
    (Body::from_bytes_stream(parts(body, length, room.clone(), done)), copied)
}

/// The parts of a body as they come; all of them together go to `done`.
fn parts(
    body: Body,
    length: Option<usize>,
    room: Room,
    done: oneshot::Sender<Copied>,
) -> impl Stream<Item = Result<Bytes, IoError>> {
    let parts = Box::pin(body.into_bytes_stream());
    unfold((parts, Some((done, Copied::default()))), move |(mut parts, copy)| {
        let room = room.clone();
        async move {
            let part = parts.next().await;
            let copy = match (&part, copy) {
                (Some(Ok(part)), Some((done, copied))) => copied.with(part, &room).map(|copied| (done, copied)),
                (None, copy) => copy,
                _ => None,
            };
            let is_whole = |copied: &Copied| match length {
                Some(length) => copied.bytes.len() == length,
                None => part.is_none(),
            };
            let copy = match copy {
                Some((done, copied)) if is_whole(&copied) => {
                    let _ = done.send(copied);
                    None
                }
                copy => copy,
            };
            part.map(|part| (part, (parts, copy)))
        }
    })
}

/// The length of a body, where its headers say it.
pub fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The length of an answer's body, where it is known; nobody asks for the body of one that has none.
pub fn length_of(response: &Response, is_head: bool) -> Option<usize> {
    let has_none = is_head || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    match has_none {
        true => Some(0),
        false => announced(response.headers()),
    }
}

/// Whether a request wants a part of an answer, or none because the client has it: what comes depends on marks that no two
/// servers share.
pub fn is_conditional(headers: &HeaderMap) -> bool {
    const MARKS: [HeaderName; 6] = [
        header::RANGE,
        header::IF_RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
    ];
    MARKS.iter().any(|name| headers.contains_key(name))
}

/// How this server is called in redirects to itself.
pub fn origin_of(request: &Request) -> String {
    let host = request.header(header::HOST).unwrap_or_default();
    format!("{}://{host}", request.scheme())
}

/// The answer as it was before it was compressed; `None` where that cannot be told.
pub fn uncompressed(mut answer: Answer) -> Option<Answer> {
    let encoding = answer
        .header("Content-Encoding")
        .unwrap_or_default()
        .to_ascii_lowercase();
    answer.body = match encoding.as_str() {
        "" | "identity" => answer.body,
        // An answer to HEAD.
        _ if answer.body.is_empty() => answer.body,
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(&*answer.body))?,
        "deflate" => read(ZlibDecoder::new(&*answer.body))?,
        _ => return None,
    };
    answer
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Encoding"));
    Some(answer)
}

fn read(decoder: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    decoder.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const PART: usize = 64 << 10;

    /// Reads a body of so many parts through a copy, and gives the bytes that passed and those that were copied.
    async fn copied(parts: usize, length: Option<usize>, room: &Room) -> (usize, Option<usize>) {
        let part = Bytes::from(vec![b'x'; PART]);
        let body = futures_util::stream::iter((0..parts).map(move |_| Ok::<_, IoError>(part.clone())));
        let (body, copied) = copying(Body::from_bytes_stream(body), length, room);
        let read = body.into_bytes().await.unwrap().len();
        (read, copied.await.ok().map(|copied| copied.bytes.len()))
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_copied_and_yet_arrives() {
        let room = Room::new(4 * MAX_BYTES);
        for (parts, length, is_copied) in [
            (1, None, true),
            (1, Some(PART), true),
            (2, Some(PART + 1), false),
            (17, None, false),
            (17, Some(17 * PART), false),
            (0, None, true),
            (0, Some(0), true),
        ] {
            let expected = (parts * PART, is_copied.then_some(parts * PART));
            assert_eq!(copied(parts, length, &room).await, expected, "{parts} {length:?}");
        }
        assert_eq!(room.0.available_permits(), 4 * MAX_BYTES, "all room is free again");
        assert_eq!(copied(3, None, &Room::new(2 * PART)).await, (3 * PART, None));
    }

    #[test]
    fn an_answer_without_a_body_has_the_length_0() {
        let response = |status: StatusCode| {
            Response::builder()
                .status(status)
                .header("Content-Length", "7")
                .finish()
        };
        for (status, is_head, length) in [
            (StatusCode::OK, false, 7),
            (StatusCode::OK, true, 0),
            (StatusCode::NO_CONTENT, false, 0),
            (StatusCode::NOT_MODIFIED, false, 0),
        ] {
            assert_eq!(
                length_of(&response(status), is_head),
                Some(length),
                "{status} {is_head}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_is_not_copied() {
        let parts = [Ok(Bytes::from_static(b"x")), Err(IoError::other("reset"))];
        let (body, copied) = copying(
            Body::from_bytes_stream(futures_util::stream::iter(parts)),
            None,
            &Room::new(9),
        );
        assert!(body.into_bytes().await.is_err());
        assert!(copied.await.is_err());
        let (body, copied) = copying(Body::from_string("left".to_owned()), None, &Room::new(9));
        drop(body);
        assert!(copied.await.is_err());
    }

    #[test]
    fn compressed_bodies_are_read_within_the_limit() {
        let answer = |encoding: &str, bytes: &[u8]| Answer {
            headers: vec![("content-encoding".to_owned(), encoding.to_owned())],
            body: bytes.to_vec(),
            ..Answer::default()
        };
        let gzip = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let read = uncompressed(answer("gzip", &gzip(b"{}"))).unwrap();
        assert_eq!((read.body.as_slice(), read.headers.len()), (&b"{}"[..], 0));
        assert_eq!(uncompressed(answer("br", b"")).unwrap().body, b"");
        for (encoding, bytes) in [
            ("br", b"x".to_vec()),
            ("gzip", b"x".to_vec()),
            ("gzip", gzip(&vec![0; MAX_BYTES + 1])),
        ] {
            assert_eq!(uncompressed(answer(encoding, &bytes)), None, "{encoding}");
        }
    }
}
