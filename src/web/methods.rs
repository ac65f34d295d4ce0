//! Answers every method on every path of an API: OPTIONS, and 405 with `Allow`.

use std::collections::HashMap;

use poem::{
    Endpoint, EndpointExt, Response,
    endpoint::{BoxEndpoint, make_sync},
    http::Method,
};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, Registry},
};

use crate::error::Error;

/// The methods that come here: the gateway answers HEAD as GET.
const METHODS: [Method; 8] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// An API whose paths answer the methods that it does not define as Flask did.
///
/// It must be the outermost wrapper, so that it sees all methods of a path together.
pub struct AllMethods<A>(pub A);

impl<A: OpenApi> OpenApi for AllMethods<A> {
    fn meta() -> Vec<MetaApi> {
        A::meta()
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, route_table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(route_table);
        for methods in route_table.values_mut() {
            let allow = allowed(methods.keys());
            for method in METHODS {
                let entry = methods.entry(method.clone());
                entry.or_insert_with(|| unlisted(method, allow.clone()).boxed());
            }
        }
    }
}

/// The value of `Allow`, sorted as Werkzeug had it.
fn allowed<'m>(methods: impl Iterator<Item = &'m Method>) -> String {
    let mut names: Vec<String> = methods.map(Method::to_string).collect();
    if names.iter().any(|name| name == "GET") {
        names.push("HEAD".to_owned());
    }
    names.push("OPTIONS".to_owned());
    names.sort();
    names.dedup();
    names.join(", ")
}

fn unlisted(method: Method, allow: String) -> impl Endpoint<Output = Response> {
    make_sync(move |_| {
        if method == Method::OPTIONS {
            let response = Response::builder().header("Allow", &allow);
            Ok(response.content_type("text/html; charset=utf-8").finish())
        } else {
            Err(poem::Error::from(Error::MethodNotAllowed(allow.clone())))
        }
    })
}
