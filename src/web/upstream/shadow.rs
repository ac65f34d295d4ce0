//! Makes our answer beside that of the old app, and compares both when the client has its own: it waits for nothing.

use std::{
    future::Future,
    io::Error as IoError,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{Stream, StreamExt, stream::unfold};
use hyper::body::Bytes;
use poem::{
    Body, Request, Response,
    http::{Method, header},
};
use serde_json::Value;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use super::counts::{Counts, Difference};
use crate::web::server::Prefix;

/// Bytes of a body that is compared; a larger one is not.
const MAX_BYTES: usize = 1 << 20;
/// Answers that are compared at a time; of others, only the old one is made.
const MAX_SHADOWS: usize = 16;
/// How long our answer may take to be compared.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Characters of a value that are kept.
const MAX_CHARS: usize = 60;

/// What is made beside the old app's answers.
pub struct Shadows {
    permits: Arc<Semaphore>,
    counts: Arc<Counts>,
}

/// An answer as far as it is compared.
struct Seen {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

/// Our part of a comparison, which is being made.
pub struct Shadow {
    route: String,
    request: String,
    ours: oneshot::Receiver<Option<Seen>>,
    counts: Arc<Counts>,
    _permit: OwnedSemaphorePermit,
}

impl Shadows {
    /// Counts what is compared in `counts`.
    pub fn new(counts: Arc<Counts>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_SHADOWS)),
            counts,
        }
    }

    /// Begins our answer to a request without a body, which `answer` gives; `None` where too many are being made.
    pub fn begin<F>(&self, route: &str, request: &Request, answer: impl FnOnce(Request) -> F) -> Option<Shadow>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let Ok(permit) = self.permits.clone().try_acquire_owned() else {
            self.counts.skipped(route);
            return None;
        };
        let (done, ours) = oneshot::channel();
        let (making, route, counts) = (answer(copy_of(request)), route.to_owned(), self.counts.clone());
        let name = route.clone();
        tokio::spawn(async move {
            let started = Instant::now();
            let seen = timeout(TIMEOUT, async { Seen::of(making.await).await }).await;
            if seen.is_ok() {
                counts.answered_here(&name, started.elapsed());
            }
            // Nobody waits where the old app has not answered.
            let _ = done.send(seen.ok().flatten());
        });
        Some(Shadow {
            request: format!("{} {}", request.method(), request.uri()),
            route,
            ours,
            counts: self.counts.clone(),
            _permit: permit,
        })
    }
}

impl Shadow {
    /// The old app's answer as it is; while the client reads it, it is kept to be compared.
    pub fn beside(self, mut response: Response) -> Response {
        let head = Seen {
            status: response.status().as_u16(),
            content_type: media_type(&response),
            body: Vec::new(),
        };
        let length = response
            .header(header::CONTENT_LENGTH)
            .and_then(|length| length.parse().ok());
        let body = response.take_body();
        if body.is_empty() {
            tokio::spawn(self.compare(head));
            response.set_body(body);
            return response;
        }
        let (kept, theirs) = oneshot::channel();
        tokio::spawn(async move {
            match theirs.await {
                Ok(body) => self.compare(Seen { body, ..head }).await,
                // It is too large, or the client has left.
                Err(_) => self.counts.skipped(&self.route),
            }
        });
        response.set_body(Body::from_bytes_stream(kept_while_read(body, length, kept)));
        response
    }

    async fn compare(self, old: Seen) {
        match self.ours.await {
            Ok(Some(new)) => {
                let found = difference(&old, &new);
                let difference = found.map(|(what, values)| Difference {
                    what,
                    values,
                    request: self.request,
                    count: 1,
                });
                self.counts.compared(&self.route, difference);
            }
            _ => self.counts.skipped(&self.route),
        }
    }
}

/// The parts of a body as they come; all of them together go to `kept` at the end, or when as many bytes as were announced
/// are there: nobody asks for more then.
fn kept_while_read(
    body: Body,
    length: Option<usize>,
    kept: oneshot::Sender<Vec<u8>>,
) -> impl Stream<Item = Result<Bytes, IoError>> {
    let parts = Box::pin(body.into_bytes_stream());
    unfold((parts, Some((kept, Vec::new()))), move |(mut parts, all)| async move {
        let part = parts.next().await;
        let all = match (&part, all) {
            (Some(Ok(part)), Some((kept, mut all))) if all.len() + part.len() <= MAX_BYTES => {
                all.extend_from_slice(part);
                if length == Some(all.len()) {
                    // The comparison waits for it.
                    let _ = kept.send(all);
                    None
                } else {
                    Some((kept, all))
                }
            }
            (None, Some((kept, all))) => {
                let _ = kept.send(all);
                None
            }
            // It is too large, or ends early.
            _ => None,
        };
        part.map(|part| (part, (parts, all)))
    })
}

/// The request once more, of which the handler sees what it needs.
fn copy_of(request: &Request) -> Request {
    let builder = Request::builder()
        .method(request.method().clone())
        .uri(request.uri().clone());
    let mut copy = builder.version(request.version()).finish();
    *copy.headers_mut() = request.headers().clone();
    if let Some(prefix) = request.data::<Prefix>() {
        copy.set_data(prefix.clone());
    }
    copy
}

/// Whether a request is one of those that are compared.
pub fn is_compared(request: &Request) -> bool {
    [Method::GET, Method::HEAD].contains(request.method())
        && !request.headers().contains_key(header::TRANSFER_ENCODING)
        && request.header(header::CONTENT_LENGTH).is_none_or(|length| length == "0")
        // A part of an answer, or none because the client has it.
        && !request.headers().contains_key(header::RANGE)
}

impl Seen {
    /// `None` if the body is too large, or ends early.
    async fn of(mut response: Response) -> Option<Self> {
        let content_type = media_type(&response);
        let body = response.take_body().into_bytes_limit(MAX_BYTES).await.ok()?;
        Some(Self {
            status: response.status().as_u16(),
            content_type,
            body: body.into(),
        })
    }
}

/// The type of a body without its parameters.
fn media_type(response: &Response) -> String {
    let value = response.content_type().unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What differs first, without values, and both values.
fn difference(old: &Seen, new: &Seen) -> Option<(String, [String; 2])> {
    if old.status != new.status {
        let values = [old.status, new.status].map(|status| status.to_string());
        return Some((format!("status {}, not {}", new.status, old.status), values));
    }
    if old.content_type != new.content_type {
        return Some((
            "content type".to_owned(),
            [&old.content_type, &new.content_type].map(|text| shown(text)),
        ));
    }
    if old.body == new.body {
        return None;
    }
    let json = [old, new].map(|seen| serde_json::from_slice::<Value>(&seen.body).ok());
    match json {
        [Some(old), Some(new)] => first_difference(&old, &new, ""),
        _ => Some((
            "body".to_owned(),
            [old, new].map(|seen| shown(&String::from_utf8_lossy(&seen.body))),
        )),
    }
}

/// The place in a document where two differ, as a JSON pointer; the numbers of rows in lists are left out of it.
fn first_difference(old: &Value, new: &Value, place: &str) -> Option<(String, [String; 2])> {
    let differs = |what: String| Some((what, [old, new].map(|value| shown(&value.to_string()))));
    match (old, new) {
        (Value::Object(old_members), Value::Object(new_members)) => {
            let below = |name: &String| format!("{place}/{name}");
            let missing = old_members.keys().find(|name| !new_members.contains_key(*name));
            if let Some(name) = missing {
                return differs(format!("{} is missing", below(name)));
            }
            if let Some(name) = new_members.keys().find(|name| !old_members.contains_key(*name)) {
                return differs(format!("{} is new", below(name)));
            }
            let mut both = old_members.iter().map(|(name, old)| (name, old, &new_members[name]));
            both.find_map(|(name, old, new)| first_difference(old, new, &below(name)))
        }
        (Value::Array(old_items), Value::Array(new_items)) => {
            if old_items.len() != new_items.len() {
                return differs(format!(
                    "{place} has {} items, not {}",
                    new_items.len(),
                    old_items.len()
                ));
            }
            if old != new && is_reordered(old_items, new_items) {
                return differs(format!("{place} has another order"));
            }
            let mut both = old_items.iter().zip(new_items);
            both.find_map(|(old, new)| first_difference(old, new, &format!("{place}/*")))
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ if old == new => None,
        _ => differs(if place.is_empty() {
            "body".to_owned()
        } else {
            place.to_owned()
        }),
    }
}

fn is_reordered(old: &[Value], new: &[Value]) -> bool {
    let sorted = |items: &[Value]| {
        let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        texts
    };
    sorted(old) == sorted(new)
}

fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_CHARS).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(status: u16, body: &Value) -> Seen {
        Seen {
            status,
            content_type: "application/json".to_owned(),
            body: body.to_string().into_bytes(),
        }
    }

    fn found(old: &Value, new: &Value) -> Option<String> {
        difference(&seen(200, old), &seen(200, new)).map(|(what, _)| what)
    }

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        for (old, new, expected) in [
            (json!({"a": 1, "b": [1]}), json!({"b": [1], "a": 1}), None),
            (json!({"a": 1.0}), json!({"a": 1}), None),
            (json!({"a": "1"}), json!({"a": 1}), Some("/a")),
            (
                json!({"data": [{"x": 1}, {"x": 2}]}),
                json!({"data": [{"x": 1}, {"x": 3}]}),
                Some("/data/*/x"),
            ),
            (
                json!({"data": [1, 2]}),
                json!({"data": [2, 1]}),
                Some("/data has another order"),
            ),
            (
                json!({"data": [1]}),
                json!({"data": []}),
                Some("/data has 0 items, not 1"),
            ),
            (json!({"a": 1}), json!({}), Some("/a is missing")),
            (json!({}), json!({"a": null}), Some("/a is new")),
            (json!(1), json!(2), Some("body")),
        ] {
            assert_eq!(found(&old, &new).as_deref(), expected, "{old} {new}");
        }
        let (what, values) = difference(&seen(404, &json!({})), &seen(200, &json!({}))).unwrap();
        assert_eq!(
            (what.as_str(), values),
            ("status 200, not 404", ["404".to_owned(), "200".to_owned()])
        );
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_compared_and_yet_arrives() {
        for (parts, length, is_kept) in [(1, None, true), (1, Some(64 * 1024), true), (17, None, false)] {
            let part = Bytes::from(vec![b'x'; 64 * 1024]);
            let body = futures_util::stream::iter((0..parts).map(move |_| Ok::<_, IoError>(part.clone())));
            let (sender, receiver) = oneshot::channel();
            let kept = kept_while_read(Body::from_bytes_stream(body), length, sender);
            let read: usize = kept
                .map(|part| part.unwrap().len())
                .fold(0, |all, part| async move { all + part })
                .await;
            assert_eq!(read, parts * 64 * 1024);
            assert_eq!(receiver.await.is_ok(), is_kept);
        }
    }
}
