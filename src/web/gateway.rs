//! The outermost endpoint: runs each request to its end, turns errors into answers, and adds headers.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use futures_util::FutureExt;
use poem::{
    Addr, Endpoint, IntoResponse, Request, Response, Result,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, Method, StatusCode, Version, header},
};
use tokio_util::task::TaskTracker;

use super::{
    addresses::relative,
    cors::{Cors, CorsRequest},
    errors::Wording,
    paths::{self, ApiPaths},
    server::Hop,
    static_files::OwnPolicy,
    upstream::{
        Answer,
        behind::{Behind, Destination},
    },
};
use crate::error::Error;

#[cfg(panic = "abort")]
compile_error!("a handler that panics must not end the server: remove `panic = \"abort\"` from the profile");

/// Bytes that the head of a request may have; hyper lets a longer one pass if it arrives in time.
pub(super) const MAX_HEAD_BYTES: usize = 32 * 1024;
/// What answers may load: nothing, unless a page says otherwise.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The outermost endpoint.
pub struct Gateway<E> {
    inner: Arc<Inner<E>>,
    requests: TaskTracker,
}

struct Inner<E> {
    routes: E,
    wording: Wording,
    paths: ApiPaths,
    cors: Cors,
    behind: Option<Behind>,
}

impl<E: Endpoint + 'static> Gateway<E> {
    /// Wraps the routes, of which the API's have `paths`; errors are answered in this `wording`, other sites let in by `cors`, and
    /// an app `behind` this server may have the others.
    pub fn new(routes: E, wording: Wording, paths: ApiPaths, cors: Cors, behind: Option<Behind>) -> Self {
        Self {
            inner: Arc::new(Inner {
                routes,
                wording,
                paths,
                cors,
                behind,
            }),
            requests: TaskTracker::new(),
        }
    }

    /// The old app and who answers this request, where there is an old app.
    pub(super) async fn destination(&self, request: &Request) -> Option<(&Behind, Destination)> {
        let behind = self.inner.behind.as_ref()?;
        let is_refused = check_head(request, request.method()).is_err() || check_host(request).is_err();
        let destination = match is_refused {
            true => Destination::Here(None),
            false => behind.destination(request).await,
        };
        Some((behind, destination))
    }

    /// Hands a request to the old app. Its answer is left as it is: its headers are its own.
    pub(super) async fn hand_over(
        &self,
        behind: &Behind,
        destination: &Destination,
        mut request: Request,
        hop: &Hop,
    ) -> Answer {
        let started = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let client = client_of(&request);
        let shadow = match destination {
            Destination::Both(route) => {
                let inner = self.inner.clone();
                let answer = |copy| async move { inner.respond(copy).await };
                behind.shadows.begin(route, &request, answer)
            }
            _ => None,
        };
        let recording = behind
            .recorder
            .as_ref()
            .and_then(|recorder| recorder.begin(&mut request));
        let (mut answer, is_answered) = match behind.upstream.forward(request, hop).await {
            Ok(answer) => (answer, true),
            Err(error) => {
                let mut response = self.inner.error_response(error.into(), &method, None);
                add_headers(&mut response, true);
                (Answer { response, tunnel: None }, false)
            }
        };
        let latency = started.elapsed();
        tracing::info!(
            status = answer.response.status().as_u16(),
            milliseconds = latency.as_millis(),
            client,
            upstream = true,
            "{method} {path}"
        );
        if !is_answered {
            return answer;
        }
        behind.count(destination, &method, &path, latency);
        if let Some(recording) = recording {
            answer.response = recording.beside(answer.response, latency);
        }
        if let Some(shadow) = shadow {
            answer.response = shadow.beside(answer.response);
        }
        answer
    }

    /// The requests that are running, those included whose client has left.
    pub(super) fn requests(&self) -> TaskTracker {
        self.requests.clone()
    }

    /// The answer to a request that could not be read.
    pub(super) fn refuse(&self, error: Error) -> Response {
        let mut response = self.inner.error_response(error.into(), &Method::GET, None);
        add_headers(&mut response, true);
        response
    }
}

impl<E: Endpoint + 'static> Endpoint for Gateway<E> {
    type Output = Response;

    /// Runs the request in a task of its own: a client that resets its connection would otherwise drop the handler
    /// between two statements.
    async fn call(&self, request: Request) -> Result<Response> {
        let inner = self.inner.clone();
        let answer = self.requests.spawn(async move { inner.answer(request).await });
        Ok(answer
            .await
            .unwrap_or_else(|failure| self.refuse(Error::Internal(format!("a request failed: {failure}")))))
    }
}

impl<E: Endpoint + 'static> Inner<E> {
    async fn answer(&self, request: Request) -> Response {
        let started = Instant::now();
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let client = client_of(&request);
        let response = self.respond(request).await;
        tracing::info!(
            status = response.status().as_u16(),
            milliseconds = started.elapsed().as_millis(),
            client,
            "{method} {path}"
        );
        response
    }

    async fn respond(&self, mut request: Request) -> Response {
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let cors_request = CorsRequest::of(&request);
        // Flask answered HEAD on each route that has GET, with the headers of GET.
        if method == Method::HEAD {
            request.set_method(Method::GET);
        }
        // Poem cannot route an unknown method, so it becomes TRACE, which is not allowed anywhere either.
        if !is_standard(&method) {
            request.set_method(Method::TRACE);
        }
        let checked = check_head(&request, &method)
            .and_then(|()| check_host(&request))
            .and_then(|()| paths::normalize(&mut request));
        let is_api = self.paths.has(&request);
        let outcome = match checked {
            Ok(()) => self.run(request).await,
            Err(error) => Err(error.into()),
        };
        let mut response = match outcome {
            Ok(response) => response,
            Err(error) => self.error_response(error, &method, (!is_api).then_some(&*path)),
        };
        add_headers(&mut response, is_api);
        if method == Method::HEAD {
            add_zero_length(&mut response);
        }
        self.cors.answer(&cors_request, &mut response);
        response
    }

    /// Runs the handler; a panic is answered as an internal error.
    async fn run(&self, request: Request) -> Result<Response> {
        match AssertUnwindSafe(self.routes.call(request)).catch_unwind().await {
            Ok(outcome) => outcome.map(IntoResponse::into_response),
            Err(_) => Err(Error::Internal("a handler panicked".to_owned()).into()),
        }
    }

    /// `page` is the path of a request that did not mean the API.
    fn error_response(&self, error: poem::Error, method: &Method, page: Option<&str>) -> Response {
        let error = match error.downcast::<Error>() {
            Ok(error) => error,
            // API paths answer with their own methods; all others are pages, which are only read.
            Err(error) if error.is::<MethodNotAllowedError>() => Error::MethodNotAllowed("GET, HEAD".to_owned()),
            Err(error) if error.is::<NotFoundError>() || error.status() == StatusCode::NOT_FOUND => Error::NotFound,
            Err(error) if error.status().is_client_error() => {
                tracing::debug!(%error, "refused by the framework");
                Error::unreadable()
            }
            Err(error) => Error::Internal(error.to_string()),
        };
        if let (Error::NotFound, Some(path)) = (&error, page) {
            return not_found_page(path);
        }
        self.wording.answer(&error, method)
    }
}

/// The client's address: the connection's, or the one that a trusted proxy forwards.
fn client_of(request: &Request) -> String {
    match &request.remote_addr().0 {
        Addr::SocketAddr(address) => address.ip().to_string(),
        _ => "unix".to_owned(),
    }
}

fn is_standard(method: &Method) -> bool {
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    ]
    .contains(&method.as_str())
}

/// hyper counts only what it has to wait for, so a head that comes in one piece may be longer than its limit.
fn check_head(request: &Request, method: &Method) -> Result<(), Error> {
    let headers = request.headers().iter();
    // Each line has a colon, a blank and a line break.
    let lines: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let head = method.as_str().len() + target + lines;
    if head > MAX_HEAD_BYTES && target > MAX_HEAD_BYTES / 2 {
        return Err(Error::UriTooLong(MAX_HEAD_BYTES));
    }
    if head > MAX_HEAD_BYTES {
        return Err(Error::HeadTooLarge(MAX_HEAD_BYTES));
    }
    Ok(())
}

/// RFC 9112 section 3.2 asks for 400 where HTTP/1.1 has no Host or two; hyper lets both pass.
fn check_host(request: &Request) -> Result<(), Error> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if request.version() == Version::HTTP_11 && hosts != 1 {
        return Err(Error::BadRequest(
            "The request needs exactly one Host header.".to_owned(),
        ));
    }
    Ok(())
}

/// On HEAD, hyper sends the length of the omitted body, except a length of 0, which is added here.
fn add_zero_length(response: &mut Response) {
    let body = response.take_body();
    let has_none = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    if body.is_empty() && !has_none {
        let length = response.headers_mut().entry(header::CONTENT_LENGTH);
        length.or_insert(HeaderValue::from_static("0"));
    }
    response.set_body(body);
}

fn add_headers(response: &mut Response, is_api: bool) {
    let is_own = response.data::<OwnPolicy>().is_some();
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_own {
        return;
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NOTHING));
}

fn not_found_page(path: &str) -> Response {
    Response::builder()
        .status(StatusCode::NOT_FOUND)
        .content_type("text/html; charset=utf-8")
        .body(relative(
            "<!doctype html>\n<html lang=\"en\">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n\
             <p>This page does not exist. Go <a href=\"/\">home</a>, or to the <a href=\"/docs\">API \
                                                       docs</a>.</p>\n</html>\n",
            path,
        ))
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;

    use super::*;
    use crate::{config::Profile, flask::dialect::Dialect};

    fn fails(_: Request) -> Result<Response> {
        panic!("a secret")
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_500_that_does_not_tell_why_and_the_next_request_too() {
        for profile in [Profile::Tutorial, Profile::Scaffold10, Profile::Scaffold20] {
            let gateway = Gateway::new(
                make_sync(fails),
                Dialect::of(profile).into(),
                ApiPaths::default(),
                Cors::new(Vec::new()),
                None,
            );
            for _ in 0..2 {
                let request = Request::builder().uri_str("/api/x").header(header::HOST, "x").finish();
                let response = gateway.call(request).await.unwrap();
                assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
                assert_eq!(response.content_type(), Some("application/json"));
                let body = response.into_body().into_string().await.unwrap();
                assert_eq!(body, "{\"message\":\"Internal Server Error\"}");
            }
        }
    }
}
