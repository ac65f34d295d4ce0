//! Paths as Werkzeug read them, and routes such as `/users/{id}.json`, whose parameter is only a part of a segment.
//!
//! The router matches whole segments (its regex routes get lost when a later route splits their node), so
//! `{id}.json` is routed as the two segments `:param0/.json`, and a request's path is split likewise.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use poem::{
    Request, Result,
    endpoint::BoxEndpoint,
    http::{Method, Uri, uri::PathAndQuery},
};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, Registry},
};

use crate::error::Error;

/// The last segment of such a route in the OpenAPI document.
const TEMPLATE: &str = "/{id}.json";
/// The same for the router; poem-openapi numbers the parameters of a path.
const ROUTE: &str = "/:param0/.json";
/// The segment that marks a split path; a client must not send it.
const SUFFIX: &str = "/.json";
/// The characters that a path must encode.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Normalizes a request's path, once for everything that reads it afterwards.
///
/// Werkzeug's routes match the path decoded once, an encoded slash included, with any number of slashes at its start,
/// and with a line break at its end, because a regular expression's `$` does (Werkzeug 0.14, `MapAdapter.match`).
///
/// # Errors
/// [`Error::NotFound`] for bytes that are not UTF-8: no route has any.
pub fn normalize(request: &mut Request) -> Result<(), Error> {
    let path = request.uri().path();
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| Error::NotFound)?;
    // The target of `OPTIONS *` has none.
    let Some(rest) = decoded.strip_prefix('/') else {
        return Ok(());
    };
    let rest = rest.strip_suffix('\n').unwrap_or(rest).trim_start_matches('/');
    let normal = format!("/{}", utf8_percent_encode(rest, ENCODED));
    if normal != path {
        set_path(request, &normal)?;
    }
    Ok(())
}

fn set_path(request: &mut Request, path: &str) -> Result<(), Error> {
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let changed: PathAndQuery = format!("{path}{query}").parse().map_err(|_| Error::NotFound)?;
    *request.uri_mut() = Uri::from(changed);
    Ok(())
}

/// An API whose paths may end in `{id}.json`; [`split`] must come before its routes.
pub struct JsonPaths<A>(pub A);

impl<A: OpenApi> OpenApi for JsonPaths<A> {
    fn meta() -> Vec<MetaApi> {
        A::meta()
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, route_table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(route_table);
        let routes = std::mem::take(route_table);
        route_table.extend(
            routes
                .into_iter()
                .map(|(path, methods)| match path.strip_suffix(TEMPLATE) {
                    Some(start) => (format!("{start}{ROUTE}"), methods),
                    None => (path, methods),
                }),
        );
    }
}

/// Splits the id off a path, as [`normalize`] wrote it, that ends in `/<id>.json`.
///
/// An id is ASCII digits, of which Werkzeug's `<int:id>` took other scripts' too; one that no row can have is as unknown
/// as any other path.
///
/// # Errors
/// [`Error::NotFound`] for a path that looks split already.
pub async fn split(mut request: Request) -> Result<Request> {
    let path = request.uri().path();
    if path.ends_with(SUFFIX) {
        return Err(Error::NotFound.into());
    }
    let Some((start, name)) = path.rsplit_once('/') else {
        return Ok(request);
    };
    let Some(id) = name.strip_suffix(".json") else {
        return Ok(request);
    };
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id {
        return Ok(request);
    }
    let Ok(id) = id.parse::<i64>() else {
        return Err(Error::NotFound.into());
    };
    let path = format!("{start}/{id}{SUFFIX}");
    set_path(&mut request, &path)?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(path: &str) -> Result<String, Error> {
        let mut request = Request::builder().uri_str(format!("{path}?a=%2F")).finish();
        normalize(&mut request)?;
        assert_eq!(request.uri().query(), Some("a=%2F"), "{path}");
        Ok(request.uri().path().to_owned())
    }

    #[test]
    fn a_path_is_decoded_once_and_has_one_slash_at_its_start() {
        for (path, expected) in [
            ("/api/v1/users%2Ejson", "/api/v1/users.json"),
            ("/%61pi%2fusers", "/api/users"),
            ("///api//users/", "/api//users/"),
            ("/%2F/login", "/login"),
            ("//", "/"),
            ("/a%0A", "/a"),
            ("/a%0A%0A", "/a%0A"),
            ("/%0A", "/"),
            ("/a%252Fb%25", "/a%252Fb%25"),
            ("/a%00%20%3f%23%5c%7c%c3%a9", "/a%00%20%3F%23%5C%7C%C3%A9"),
            ("/..%2f./%2e%2e", "/.././.."),
            ("/a+b;c=d,e:f@g!$&'()*~-_", "/a+b;c=d,e:f@g!$&'()*~-_"),
            ("/a%", "/a%25"),
            ("/a%zz", "/a%25zz"),
        ] {
            assert_eq!(normal(path).unwrap(), expected, "{path}");
        }
        for path in ["/a%ff", "/%c0%af", "/%ed%a0%80"] {
            assert!(matches!(normal(path), Err(Error::NotFound)), "{path}");
        }
    }

    #[test]
    fn a_normal_path_stays_as_it_is() {
        for path in ["/a%00%20%3F%23%5C", "/a%252Fb", "/a//b/../c", "/a%25zz"] {
            assert_eq!(normal(path).unwrap(), path);
        }
    }
}
