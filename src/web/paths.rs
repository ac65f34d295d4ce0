//! Routes such as `/users/{id}.json`, whose parameter is only a part of a segment.
//!
//! The router matches whole segments (its regex routes get lost when a later route splits their node), so
//! `{id}.json` is routed as the two segments `:param0/.json`, and a request's path is split likewise.

use std::collections::HashMap;

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

/// How the last segment of such a route is written in the OpenAPI document.
const TEMPLATE: &str = "/{id}.json";
/// How the router sees it; poem-openapi numbers the parameters of a path.
const ROUTE: &str = "/:param0/.json";
/// The segment that no client may send.
const SUFFIX: &str = "/.json";

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

/// Splits the id off a path that ends in `/<id>.json`.
///
/// An id is decimal digits, as Werkzeug's `<int:id>`; one that no row can have is as unknown as any other path.
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
    let Some(written) = name.strip_suffix(".json") else {
        return Ok(request);
    };
    // A client may write a digit as %31 too.
    let id = percent_encoding::percent_decode_str(written).decode_utf8_lossy();
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id {
        return Ok(request);
    }
    let Ok(id) = id.parse::<i64>() else {
        return Err(Error::NotFound.into());
    };
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let changed: PathAndQuery = format!("{start}/{id}{SUFFIX}{query}")
        .parse()
        .map_err(|_| Error::NotFound)?;
    *request.uri_mut() = Uri::from(changed);
    Ok(request)
}
