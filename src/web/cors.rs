//! Answers browsers which web sites may call the API, as Flask-CORS did for Flask-Scaffold 2.0.
//!
//! Credentials are never allowed: tokens are sent by the pages' own code, cookies are not used.

use poem::{
    Request, Response,
    http::{HeaderMap, HeaderValue, Method, header},
};

/// Every method that Flask-CORS lists (Flask-Scaffold 2.0, `app/__init__.py`, `CORS(app)`).
const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// The origins that may call.
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Vec<String>,
}

/// The headers of a request that CORS looks at.
pub struct CorsRequest {
    origin: Option<HeaderValue>,
    is_preflight: bool,
    headers: Option<HeaderValue>,
}

impl CorsRequest {
    /// Reads the request's headers.
    pub fn of(request: &Request) -> Self {
        let get = |name| request.headers().get(name).cloned();
        let method = get(header::ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            origin: get(header::ORIGIN),
            is_preflight: request.method() == Method::OPTIONS && method.is_some_and(|method| is_listed(&method)),
            headers: get(header::ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }
}

fn is_listed(method: &HeaderValue) -> bool {
    method
        .to_str()
        .is_ok_and(|method| METHODS.split(", ").any(|listed| listed.eq_ignore_ascii_case(method)))
}

impl Cors {
    /// Allows these origins; `*` is all of them.
    pub fn new(origins: Vec<String>) -> Self {
        Self { origins }
    }

    /// Adds the headers that the request asks for.
    pub fn answer(&self, request: &CorsRequest, response: &mut Response) {
        if self.origins.is_empty() {
            return;
        }
        let all = self.origins.iter().any(|origin| origin == "*");
        let headers = response.headers_mut();
        match &request.origin {
            None if all => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            None => vary(headers),
            Some(origin)
                if all
                    || self
                        .origins
                        .iter()
                        .any(|allowed| allowed.as_bytes() == origin.as_bytes()) =>
            {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                vary(headers);
                if request.is_preflight {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
                    if let Some(names) = request.headers.as_ref().and_then(listed) {
                        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
                    }
                }
            }
            Some(_) => vary(headers),
        }
    }
}

fn vary(headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

/// The names as Flask-CORS wrote them: sorted, with a blank after each comma.
fn listed(names: &HeaderValue) -> Option<HeaderValue> {
    let mut names: Vec<&str> = names.to_str().ok()?.split(',').map(str::trim).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    HeaderValue::from_str(&names.join(", ")).ok()
}
