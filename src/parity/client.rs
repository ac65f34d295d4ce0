//! Asks a server, with bounds on time and size.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Uri, Version,
    body::Bytes,
    header::{HeaderName, HeaderValue},
};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};

use super::{
    answer::Answer,
    request::{Request, WRONG_TOKEN},
};
use crate::{
    config::{TokenCarrier, UpstreamUrl},
    connector::Connector,
    error::{Error, Result},
};

/// Bytes of the largest answer that is read.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// An answer, and how long it took to the end of its body.
#[derive(Clone, Debug, Default)]
pub struct Timed {
    /// The answer.
    pub answer: Answer,
    /// With connecting, which each request does anew.
    pub duration: Duration,
}

/// One of the two servers.
pub struct Peer {
    /// Its address, as it was given.
    pub name: String,
    /// Whom the requests are from that are sent with a token.
    pub token: Option<String>,
    /// Where it looks for the token of a request.
    pub carrier: TokenCarrier,
    client: Client<Connector, Full<Bytes>>,
    authority: String,
    timeout: Duration,
}

impl Peer {
    /// The server at an address, to which requests carry tokens so; nothing is connected yet.
    pub fn new(url: UpstreamUrl, carrier: TokenCarrier, timeout: Duration) -> Self {
        let name = url.to_string();
        let authority = match &url {
            UpstreamUrl::Tcp(..) => name.trim_start_matches("http://").to_owned(),
            UpstreamUrl::Unix(_) => "localhost".to_owned(),
        };
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            // A connection that its server has closed meanwhile would be a difference.
            .pool_max_idle_per_host(0)
            .build(Connector(Arc::new(url)));
        Self {
            name,
            token: None,
            carrier,
            client,
            authority,
            timeout,
        }
    }

    /// Asks for anything, to know whether the server answers.
    ///
    /// # Errors
    /// [`Error::Refused`] names the server.
    pub async fn check(&self) -> Result<()> {
        self.ask(&Request::get("/")).await.map(drop)
    }

    /// Sends a request and reads the answer.
    ///
    /// An answer that breaks off, is too large or too late has the status 0, and says so in its body.
    ///
    /// # Errors
    /// [`Error::Refused`] where nobody listens.
    pub async fn ask(&self, request: &Request) -> Result<Timed> {
        let start = Instant::now();
        let answer = match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(outcome) => outcome?,
            Err(_) => broken(format!("no answer within {} s", self.timeout.as_secs())),
        };
        Ok(Timed {
            answer,
            duration: start.elapsed(),
        })
    }

    async fn exchange(&self, request: &Request) -> Result<Answer> {
        let Some(sent) = self.prepared(request) else {
            return Ok(broken("the request cannot be sent".to_owned()));
        };
        let response = match self.client.request(sent).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                let cause = Error::Upstream(Box::new(error)).with_causes();
                let cause = cause.rsplit(": ").next().unwrap_or_default().to_owned();
                return Err(Error::Refused(format!("{} does not answer: {cause}", self.name)));
            }
            Err(error) => return Ok(broken(format!("the connection broke off: {error}"))),
        };
        let (head, body) = response.into_parts();
        let body = match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => body.to_bytes().to_vec(),
            Err(error) => return Ok(broken(format!("the answer broke off: {error}"))),
        };
        let origin = format!("http://{}", self.authority);
        Ok(Answer {
            body,
            ..Answer::head(head.status, &head.headers, &origin)
        })
    }

    fn prepared(&self, request: &Request) -> Option<hyper::Request<Full<Bytes>>> {
        let mut request = request.clone();
        let token = match request.take_wrong_token() {
            true => Some(WRONG_TOKEN),
            false => self.token.as_deref().filter(|_| request.uses_token),
        };
        let query = token.map(|token| self.carrier.query(&request.target, token));
        let (authority, target) = (&self.authority, &request.target);
        let uri = format!("http://{authority}{target}{}", query.unwrap_or_default());
        let mut sent = hyper::Request::builder()
            .method(request.method.as_str())
            .version(Version::HTTP_11)
            .uri(uri.parse::<Uri>().ok()?);
        let headers = sent.headers_mut()?;
        for (name, value) in &request.headers {
            let name: HeaderName = name.parse().ok()?;
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        if let Some((name, value)) = token.and_then(|token| self.carrier.header(token)) {
            headers.insert(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(&value).ok()?);
        }
        sent.body(Full::new(request.body.into())).ok()
    }
}

fn broken(reason: String) -> Answer {
    Answer {
        status: 0,
        headers: Vec::new(),
        body: reason.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixListener,
    };

    use super::*;
    use crate::parity::request::WRONG_AUTHORIZATION;

    /// What is made of the bytes that a server answers with, and what it was asked.
    async fn exchange(wire: &'static [u8], request: Request, token: Option<&str>) -> (Answer, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            stream.write_all(wire).await.unwrap();
            if wire.is_empty() {
                // Not closed before the client has given up.
                let _ = stream.read(&mut [0]).await;
            }
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let mut peer = Peer::new(
            UpstreamUrl::Unix(path),
            TokenCarrier::default(),
            Duration::from_millis(500),
        );
        peer.token = token.map(str::to_owned);
        let answer = peer.ask(&request).await.unwrap().answer;
        (answer, server.await.unwrap())
    }

    #[tokio::test]
    async fn a_server_is_asked_with_the_token_where_the_request_wants_it() {
        let wire = b"HTTP/1.1 302 Found\r\nLocation: http://localhost/x\r\nContent-Length: 2\r\n\r\nhi";
        let mut request = Request::get("/a%20b?c");
        request.add_header("X-Tenant", "t\u{f6}");
        let (answer, asked) = exchange(wire, request.clone(), Some("secret")).await;
        assert_eq!((answer.status, answer.text().as_str()), (302, "hi"));
        assert_eq!(answer.header("location").as_deref(), Some("/x"));
        assert!(asked.starts_with("GET /a%20b?c HTTP/1.1\r\n"), "{asked}");
        assert!(
            asked.contains("x-tenant: t\u{f6}\r\n") && !asked.contains("secret"),
            "{asked}"
        );
        request.uses_token = true;
        let (_, asked) = exchange(wire, request, Some("secret")).await;
        assert!(asked.contains("authorization: Bearer secret\r\n"), "{asked}");
    }

    #[test]
    fn a_token_is_carried_as_the_app_wants_it() {
        let header = |name: &str, before: &str| TokenCarrier::Header {
            name: name.to_owned(),
            before: before.to_owned(),
        };
        let mut right = Request::get("/a?b=1");
        right.uses_token = true;
        let mut wrong = Request::get("/a");
        wrong.add_header("Authorization", WRONG_AUTHORIZATION);
        for (carrier, name, of_right, of_wrong, path) in [
            (
                header("Authorization", "JWT "),
                "authorization",
                "JWT secret",
                "JWT not.a.token",
                "/a?b=1",
            ),
            (
                header("x-access-token", ""),
                "x-access-token",
                "secret",
                "not.a.token",
                "/a?b=1",
            ),
            (
                TokenCarrier::Cookie("c".to_owned()),
                "cookie",
                "c=secret",
                "c=not.a.token",
                "/a?b=1",
            ),
            (
                TokenCarrier::Query("jwt".to_owned()),
                "authorization",
                "",
                "",
                "/a?b=1&jwt=secret",
            ),
        ] {
            let mut peer = Peer::new(UpstreamUrl::Unix("/x".into()), carrier, Duration::from_secs(1));
            peer.token = Some("secret".to_owned());
            for (request, expected) in [(&right, of_right), (&wrong, of_wrong)] {
                let sent = peer.prepared(request).unwrap();
                let value = sent.headers().get(name).map_or("", |value| value.to_str().unwrap());
                assert_eq!(value, expected);
                let is_elsewhere = name != "authorization" && sent.headers().contains_key("authorization");
                assert!(!is_elsewhere, "{sent:?}");
            }
            assert_eq!(peer.prepared(&right).unwrap().uri().path_and_query().unwrap(), path);
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_whole_has_no_status() {
        for (wire, reason) in [
            (
                &b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"[..],
                "the answer broke off",
            ),
            (b"nonsense\r\n\r\n", "the connection broke off"),
            (b"", "no answer within 0 s"),
        ] {
            let (answer, _) = exchange(wire, Request::get("/"), None).await;
            assert_eq!(answer.status, 0);
            assert!(answer.text().starts_with(reason), "{}", answer.text());
        }
        let mut bad = Request::get("/");
        bad.headers.push(("a b".to_owned(), "c".to_owned()));
        let peer = Peer::new(
            UpstreamUrl::Unix("/nowhere".into()),
            TokenCarrier::default(),
            Duration::from_secs(1),
        );
        assert_eq!(
            peer.ask(&bad).await.unwrap().answer.text(),
            "the request cannot be sent"
        );
        let error = peer.ask(&Request::get("/")).await.unwrap_err();
        assert!(
            error.to_string().starts_with("unix:/nowhere does not answer: "),
            "{error}"
        );
    }
}
