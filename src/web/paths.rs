//! Paths as Werkzeug read them, and routes such as `/users/{id}.json`, whose parameter is only a part of a segment.
//!
//! The router matches whole segments (its regex routes get lost when a later route splits their node), so
//! `{id}.json` is routed as the two segments `:param0/.json`, and a request's path is split likewise.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use poem::{
    Request, Result,
    endpoint::BoxEndpoint,
    http::{Method, Uri, header, uri::PathAndQuery},
};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaOperation, MetaParamIn, MetaPath, MetaSchemaRef, Registry},
};
use uuid::Uuid;

use crate::error::Error;

/// The last segment of such a route in the OpenAPI document.
const TEMPLATE: &str = "/{id}.json";
/// The same for the router; poem-openapi numbers the parameters of a path.
const ROUTE: &str = "/:param0/.json";
/// The same where a resource's paths have no `.json`.
const BARE_TEMPLATE: &str = "/{id}";
const BARE_ROUTE: &str = "/:param0";
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
    let normal = normal(path)?;
    if normal != path {
        let normal = normal.into_owned();
        set_path(request, &normal)?;
    }
    Ok(())
}

/// The path as [`normalize`] writes it.
///
/// # Errors
/// As [`normalize`].
pub fn normal(path: &str) -> Result<Cow<'_, str>, Error> {
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| Error::NotFound)?;
    // The target of `OPTIONS *` has none.
    let Some(rest) = decoded.strip_prefix('/') else {
        return Ok(path.into());
    };
    let rest = rest.strip_suffix('\n').unwrap_or(rest).trim_start_matches('/');
    Ok(format!("/{}", utf8_percent_encode(rest, ENCODED)).into())
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

/// An API whose paths may end in `{id}.json` or `{id}`; [`ApiPaths::split`] must come before its routes.
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
        let endings = [(TEMPLATE, ROUTE), (BARE_TEMPLATE, BARE_ROUTE)];
        route_table.extend(routes.into_iter().map(|(path, methods)| {
            let mut found = endings
                .iter()
                .filter_map(|(template, route)| Some((path.strip_suffix(template)?, route)));
            match found.next() {
                Some((start, route)) => (format!("{start}{route}"), methods),
                None => (path, methods),
            }
        }));
    }
}

/// Which paths an API has, and how those of rows are written.
#[derive(Clone, Default)]
pub struct ApiPaths(Arc<Paths>);

#[derive(Default)]
struct Paths {
    /// The paths without parameters, with their methods.
    fixed: BTreeMap<String, Vec<Method>>,
    /// What stands before the ids of a resource: `/api/v1/users`.
    resources: BTreeMap<String, RowPath>,
}

/// How the path of a row ends, and its methods.
struct RowPath {
    has_json: bool,
    id: IdType,
    methods: Vec<Method>,
}

/// What an id may be.
#[derive(Clone, Copy)]
enum IdType {
    Integer,
    Uuid,
    Text,
}

impl ApiPaths {
    /// The paths of an API.
    pub fn of<A: OpenApi>() -> Self {
        let mut paths = Paths::default();
        for MetaPath { path, operations } in A::meta().into_iter().flat_map(|api| api.paths) {
            let [with_json, without] = [TEMPLATE, BARE_TEMPLATE].map(|template| path.strip_suffix(template));
            let methods = || operations.iter().map(|operation| operation.method.clone());
            if let Some(start) = with_json.or(without) {
                let row = paths.resources.entry(start.to_owned()).or_insert_with(|| RowPath {
                    has_json: with_json.is_some(),
                    id: IdType::of(&operations),
                    methods: Vec::new(),
                });
                row.methods.extend(methods());
            } else if !path.contains('{') {
                paths.fixed.entry(path).or_default().extend(methods());
            }
        }
        Self(Arc::new(paths))
    }

    /// Whether a request means the API, which may have resources outside of `/api`.
    ///
    /// A page may have the same path as a resource without `.json`; only browsers ask for it as HTML.
    pub fn has(&self, request: &Request) -> bool {
        self.has_path(request.uri().path(), request)
    }

    /// As [`ApiPaths::has`], with the path as [`normal`] wrote it.
    fn has_path(&self, path: &str, request: &Request) -> bool {
        if path == "/api" || path.starts_with("/api/") {
            return true;
        }
        let path = self.without_slash(path);
        let accept = request.header(header::ACCEPT).unwrap_or_default();
        let is_page = is_read(request.method()) && accept.contains("text/html");
        match self.parent(path) {
            Some(row) if row.has_json => path.ends_with(".json"),
            None if path.ends_with(".json") => self.0.fixed.contains_key(path),
            row => !is_page && (row.is_some() || self.0.fixed.contains_key(path)),
        }
    }

    /// The API's path that a request with this one, as [`normal`] wrote it, means, and its methods.
    pub fn route(&self, path: &str, request: &Request) -> Option<(String, &[Method])> {
        if !self.has_path(path, request) {
            return None;
        }
        let path = self.without_slash(path);
        if let Some(methods) = self.0.fixed.get(path) {
            return Some((path.to_owned(), methods));
        }
        let (start, _) = path.rsplit_once('/')?;
        let row = self
            .parent(path)
            .filter(|row| !row.has_json || path.ends_with(".json"))?;
        self.routed(path).ok()?;
        Some((row.template(start), &row.methods))
    }

    /// All methods and paths of the API, with `{id}` for the id of a row.
    pub fn routes(&self) -> Vec<(Method, String)> {
        let fixed = self.0.fixed.iter().map(|(path, methods)| (path.clone(), methods));
        let rows = self
            .0
            .resources
            .iter()
            .map(|(start, row)| (row.template(start), &row.methods));
        let both = fixed.chain(rows);
        both.flat_map(|(path, methods)| methods.iter().map(move |method| (method.clone(), path.clone())))
            .collect()
    }

    /// The resource whose row has the path.
    fn parent(&self, path: &str) -> Option<&RowPath> {
        let (start, id) = path.rsplit_once('/')?;
        self.0.resources.get(start).filter(|_| !id.is_empty())
    }

    /// A path without the slash at its end, where it is that of a resource without `.json`: Flask apps have both.
    fn without_slash<'p>(&self, path: &'p str) -> &'p str {
        let resource = |path: &str| self.0.resources.get(path).or_else(|| self.parent(path));
        match path.strip_suffix('/') {
            Some(shorter) if resource(shorter).is_some_and(|row| !row.has_json) => shorter,
            _ => path,
        }
    }

    /// Splits the id off a path, as [`normalize`] wrote it, that ends in `/<id>.json`.
    ///
    /// An id that no row can have is as unknown as any other path.
    ///
    /// # Errors
    /// [`Error::NotFound`] for such an id, and for a path that looks split already.
    pub fn split(&self, mut request: Request) -> Result<Request> {
        let path = request.uri().path();
        let routed = self.routed(path)?;
        if routed != path {
            let routed = routed.into_owned();
            set_path(&mut request, &routed)?;
        }
        Ok(request)
    }

    /// The path that the router knows.
    fn routed<'p>(&self, path: &'p str) -> Result<Cow<'p, str>, Error> {
        let path = self.without_slash(path);
        if self.0.fixed.contains_key(path) {
            return Ok(path.into());
        }
        let parts = path.rsplit_once('/');
        let row = parts.and_then(|(start, name)| Some((start, name, self.0.resources.get(start)?)));
        let Some((start, name, row)) = row else {
            return without_suffix(path);
        };
        if !row.has_json {
            return Ok(format!("{start}/{}", row.id.read(name)?).into());
        }
        match name.strip_suffix(".json") {
            Some(id) if !id.is_empty() => Ok(format!("{start}/{}{SUFFIX}", row.id.read(id)?).into()),
            _ => without_suffix(path),
        }
    }
}

/// Whether the method reads: HEAD is answered as GET.
fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

impl RowPath {
    /// The path of a row of the resource whose paths begin so.
    fn template(&self, start: &str) -> String {
        format!("{start}{}", if self.has_json { TEMPLATE } else { BARE_TEMPLATE })
    }
}

fn without_suffix(path: &str) -> Result<Cow<'_, str>, Error> {
    if path.ends_with(SUFFIX) {
        return Err(Error::NotFound);
    }
    Ok(path.into())
}

impl IdType {
    /// The type of the parameter of a path.
    fn of(operations: &[MetaOperation]) -> Self {
        let mut parameters = operations.iter().flat_map(|operation| &operation.params);
        let id = parameters.find(|parameter| parameter.in_type == MetaParamIn::Path);
        match id.map(|id| &id.schema) {
            Some(MetaSchemaRef::Inline(schema)) if schema.ty == "integer" => Self::Integer,
            Some(MetaSchemaRef::Inline(schema)) if schema.format == Some("uuid") => Self::Uuid,
            _ => Self::Text,
        }
    }

    /// The id as the router gets it.
    ///
    /// An integer is ASCII digits, of which Werkzeug's `<int:id>` took other scripts' too; a UUID has its hyphens, as
    /// Werkzeug's `<uuid:id>` wanted it.
    fn read(self, id: &str) -> Result<Cow<'_, str>, Error> {
        const UUID_CHARS: usize = 36;
        match self {
            Self::Integer if id.bytes().all(|byte| byte.is_ascii_digit()) => {
                let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
                Ok(number.to_string().into())
            }
            Self::Uuid if id.len() == UUID_CHARS && id.parse::<Uuid>().is_ok() => Ok(id.into()),
            Self::Text => Ok(id.into()),
            Self::Integer | Self::Uuid => Err(Error::NotFound),
        }
    }
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

    fn paths() -> ApiPaths {
        let resource = |has_json, id| RowPath {
            has_json,
            id,
            methods: Vec::new(),
        };
        ApiPaths(Arc::new(Paths {
            fixed: ["/api/v1/users.json", "/api/tags", "/api/tags/new"]
                .map(|path| (path.to_owned(), Vec::new()))
                .into(),
            resources: [
                ("/api/v1/users", resource(true, IdType::Integer)),
                ("/api/v1/words", resource(true, IdType::Text)),
                ("/api/tags", resource(false, IdType::Text)),
                ("/gadgets", resource(false, IdType::Uuid)),
                ("/people", resource(true, IdType::Integer)),
            ]
            .map(|(start, row)| (start.to_owned(), row))
            .into(),
        }))
    }

    #[test]
    fn the_id_is_split_off_where_a_resource_has_json_at_its_end() {
        let uuid = "67E55044-10b1-426f-9247-bb680e5fe0c8";
        for (path, expected) in [
            ("/api/v1/users.json", Some("/api/v1/users.json")),
            ("/api/v1/users/007.json", Some("/api/v1/users/7/.json")),
            ("/api/v1/users/7", Some("/api/v1/users/7")),
            ("/api/v1/users/7/.json", None),
            ("/api/v1/users/.json", None),
            ("/api/v1/users/x.json", None),
            ("/api/v1/users/99999999999999999999.json", None),
            ("/api/v1/words/a%20b.json", Some("/api/v1/words/a%20b/.json")),
            ("/api/v1/words/a.json.json", Some("/api/v1/words/a.json/.json")),
            ("/api/v1/words/.json.json", Some("/api/v1/words/.json/.json")),
            ("/api/v1/words/", Some("/api/v1/words/")),
            ("/api/tags", Some("/api/tags")),
            ("/api/tags/", Some("/api/tags")),
            ("/api/tags/new", Some("/api/tags/new")),
            ("/api/tags/.json", Some("/api/tags/.json")),
            ("/api/tags/a.json/", Some("/api/tags/a.json")),
            ("/api/tags//", Some("/api/tags//")),
            ("/gadgets/x", None),
            ("/gadgets/67e5504410b1426f9247bb680e5fe0c8", None),
            ("/other/7.json", Some("/other/7.json")),
        ] {
            let routed = paths().routed(path).ok().map(Cow::into_owned);
            assert_eq!(routed.as_deref(), expected, "{path}");
        }
        let path = format!("/gadgets/{uuid}");
        assert_eq!(paths().routed(&path).unwrap(), path);
    }

    #[test]
    fn a_path_outside_of_api_is_that_of_a_resource_unless_a_page_is_asked_for() {
        for (path, is_api, is_api_for_browsers) in [
            ("/api", true, true),
            ("/api/nope", true, true),
            ("/apis", false, false),
            ("/people/7.json", true, true),
            ("/people/7", false, false),
            ("/gadgets/x", true, false),
            ("/gadgets/x/edit", false, false),
            ("/", false, false),
        ] {
            let request = |accept: &str| Request::builder().uri_str(path).header(header::ACCEPT, accept).finish();
            assert_eq!(paths().has(&request("*/*")), is_api, "{path}");
            assert_eq!(
                paths().has(&request("text/html,*/*;q=0.8")),
                is_api_for_browsers,
                "{path}"
            );
        }
    }

    #[test]
    fn a_normal_path_stays_as_it_is() {
        for path in ["/a%00%20%3F%23%5C", "/a%252Fb", "/a//b/../c", "/a%25zz"] {
            assert_eq!(normal(path).unwrap(), path);
        }
    }
}
