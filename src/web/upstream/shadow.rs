//! Makes our answer beside that of the old app, and compares both when the client has its own: it waits for nothing.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use poem::{
    Request, Response,
    http::{Method, header},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::spawn_blocking,
    time::timeout,
};

use super::{
    copies::{self, MAX_BYTES, Room},
    counts::{Comparison, Counts, Difference},
};
use crate::{
    parity::{
        answer::Answer,
        comparison::{Frame, Outcome},
        noise::Noise,
        normal::NewIds,
        secrets::mask_target,
    },
    web::server::Prefix,
};

/// Answers that are compared at a time; of others, only the old one is made.
const MAX_SHADOWS: usize = 16;
/// How long our answer may take to be compared.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Characters of a value that are kept.
const MAX_CHARS: usize = 200;

/// What is made beside the old app's answers.
pub struct Shadows {
    permits: Arc<Semaphore>,
    room: Room,
    counts: Arc<Counts>,
}

/// Our part of a comparison, which is being made.
pub struct Shadow {
    route: String,
    request: String,
    is_head: bool,
    origin: String,
    ours: oneshot::Receiver<Option<Answer>>,
    room: Room,
    counts: Arc<Counts>,
    _permit: OwnedSemaphorePermit,
}

impl Shadows {
    /// Counts what is compared in `counts`.
    pub fn new(counts: Arc<Counts>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_SHADOWS)),
            room: Room::new(MAX_SHADOWS * MAX_BYTES),
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
        let (making, name, counts) = (answer(copy_of(request)), route.to_owned(), self.counts.clone());
        let (origin, is_head) = (copies::origin_of(request), request.method() == Method::HEAD);
        let ours_to = origin.clone();
        tokio::spawn(async move {
            let started = Instant::now();
            let seen = timeout(TIMEOUT, async { whole(making.await, &ours_to, is_head).await }).await;
            if seen.is_ok() {
                counts.answered_here(&name, started.elapsed());
            }
            // Nobody waits where the old app has not answered.
            let _ = done.send(seen.ok().flatten());
        });
        Some(Shadow {
            // An address may have a token.
            request: format!("{} {}", request.method(), mask_target(&request.uri().to_string())),
            route: route.to_owned(),
            is_head,
            origin,
            ours,
            room: self.room.clone(),
            counts: self.counts.clone(),
            _permit: permit,
        })
    }
}

impl Shadow {
    /// The old app's answer as it is; while the client reads it, it is copied to be compared.
    pub fn beside(self, mut response: Response) -> Response {
        let head = Answer::head(response.status(), response.headers(), &self.origin);
        let length = copies::length_of(&response, self.is_head);
        let (body, copied) = copies::copying(response.take_body(), length, &self.room);
        response.set_body(body);
        tokio::spawn(async move {
            match copied.await {
                Ok(copied) => {
                    let body = copied.bytes;
                    self.compare(Answer { body, ..head }).await;
                }
                // It is too large, or the client has left.
                Err(_) => self.counts.skipped(&self.route),
            }
        });
        response
    }

    async fn compare(self, old: Answer) {
        let new = self.ours.await.ok().flatten();
        let request = self.request;
        // Large documents take a while.
        let compared = spawn_blocking(move || compare(old, new?, request)).await;
        match compared.ok().flatten() {
            Some(comparison) => self.counts.compared(&self.route, comparison),
            None => self.counts.skipped(&self.route),
        }
    }
}

/// Compares as `parity` does; `None` where an answer cannot be read.
///
/// The old app is not asked twice here, so nothing is known of what changes between its own answers.
fn compare(old: Answer, new: Answer, request: String) -> Option<Comparison> {
    let (old, new) = (copies::uncompressed(old)?, copies::uncompressed(new)?);
    let (today, ids) = (Utc::now().date_naive(), NewIds::new());
    let frame = Frame {
        old_day: today,
        new_day: today,
        ids: &ids,
    };
    let found = match frame.compare(&old, &new, &Noise::default()) {
        Outcome::Equal | Outcome::Unstable => return Some(Comparison::Equal),
        Outcome::Refused => return Some(Comparison::Refused),
        Outcome::Different(found) => found,
    };
    let first = found.into_iter().next()?;
    let list = frame.reordered_list(&old, &new);
    Some(Comparison::Different(Difference {
        what: list.map_or(first.what, |list| format!("order of {list}")),
        values: [first.old, first.new].map(shortened),
        request,
        count: 1,
    }))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// An answer of ours with its body; `None` if that is too large, or ends early.
async fn whole(mut response: Response, origin: &str, is_head: bool) -> Option<Answer> {
    let body = response.take_body();
    let body = match is_head {
        // The server leaves it out, as that of the old app does.
        true => Vec::new(),
        false => body.into_bytes_limit(MAX_BYTES).await.ok()?.into(),
    };
    let head = Answer::head(response.status(), response.headers(), origin);
    Some(Answer { body, ..head })
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
        && request
            .header(header::CONTENT_LENGTH)
            .is_none_or(|length| length == "0")
        && !copies::is_conditional(request.headers())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(status: u16, body: &Value) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    fn compared(old: Answer, new: Answer) -> Comparison {
        compare(old, new, "GET /x".to_owned()).unwrap()
    }

    fn difference(old: Answer, new: Answer) -> (String, [String; 2]) {
        match compared(old, new) {
            Comparison::Different(found) => (found.what, found.values),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        for (old, new, what, values) in [
            (json!({"a": "1"}), json!({"a": 1}), "value $.a", ["\"1\"", "1"]),
            (
                json!({"data": [{"x": 1}, {"x": 2}]}),
                json!({"data": [{"x": 1}, {"x": 3}]}),
                "value $.data[*].x",
                ["2", "3"],
            ),
            (
                json!({"data": [1, 2]}),
                json!({"data": [2, 1]}),
                "order of $.data",
                ["1", "2"],
            ),
            (
                json!({"data": [1]}),
                json!({"data": []}),
                "value $.data",
                ["1 item", "0 items"],
            ),
            (json!({"a": 1}), json!({}), "value $.a", ["1", "none"]),
        ] {
            let found = difference(answer(200, &old), answer(200, &new));
            assert_eq!(found, (what.to_owned(), values.map(str::to_owned)), "{old} {new}");
        }
        let found = difference(answer(404, &json!({})), answer(200, &json!({})));
        let expected = ["404 {}", "200 {}"].map(str::to_owned);
        assert_eq!(found, ("status 404 became 200".to_owned(), expected));
    }

    #[test]
    fn what_no_client_can_tell_apart_and_a_refused_crash_are_not_different() {
        let same = answer(200, &json!({"b": [1], "a": 1.0}));
        assert_eq!(
            compared(answer(200, &json!({"a": 1, "b": [1]})), same),
            Comparison::Equal
        );
        let refusal = answer(422, &json!({"error": "why"}));
        let crash = Answer {
            status: 500,
            ..Answer::default()
        };
        assert_eq!(compared(crash.clone(), refusal), Comparison::Refused);
        assert_eq!(difference(crash, answer(200, &json!({}))).0, "status 500 became 200");
    }

    #[test]
    fn no_secret_is_kept_and_no_long_value() {
        let token =
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjEsImlhdCI6MTc5NTU0NzQ5NH0.bG4kgrJCv7uJa14t_Ii8i43OblMA6qhCRdbMSsiReJt";
        let old = answer(200, &json!({"password": "hunter2", "token": token}));
        for new in [json!({"password": "hunter3", "token": token}), json!({"error": token})] {
            for status in [200, 401] {
                let shown = format!("{:?}", difference(old.clone(), answer(status, &new)));
                assert!(!shown.contains("hunter") && !shown.contains("bG4kgr"), "{shown}");
            }
        }
        let with_link = |link: String| {
            let mut answer = answer(302, &json!({}));
            answer.headers.push(("location".to_owned(), link));
            answer
        };
        let (what, [_, new]) = difference(with_link("/".to_owned()), with_link("/".repeat(500)));
        assert_eq!((what.as_str(), new.len()), ("header Location", MAX_CHARS + 3));
    }

    #[tokio::test]
    async fn an_answer_to_head_has_no_body() {
        let response = || Response::builder().content_type("text/plain").body("text");
        assert_eq!(whole(response(), "http://a", true).await.unwrap().body, b"");
        assert_eq!(whole(response(), "http://a", false).await.unwrap().body, b"text");
    }
}
