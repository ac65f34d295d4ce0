//! Answers with JSON:API documents as marshmallow-jsonapi wrote them: ids as they are in the table, `links.self`.

use std::marker::PhantomData;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{Body, IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::{Value, json};

use super::{
    list::{List, Shape},
    members::with_unreadable,
    nested::NestedAttribute,
    schema::{self, JSON, object, type_schema, with_example},
};
use crate::{
    db::{FromRow, Key, Pages, Row, Unreadable},
    error::Result,
    fields::attribute::Attribute,
};

/// The attributes of a resource as they are shown.
pub trait Resource: ToJSON {
    /// The resource's `type` member.
    const TYPE: &'static str;

    /// The first part of its links: `/posts/7`.
    const LINK: &'static str = Self::TYPE;

    /// Whether it is one of a project's: Flask-Scaffold 2.0 wrote the errors of scaffolded resources' documents in another
    /// form than those of its users.
    const IS_SCAFFOLDED: bool = true;

    /// The attributes with the types that their columns are read as.
    const ATTRIBUTES: &'static [Attribute];

    /// A document that stands in the API docs.
    const EXAMPLE: &'static str = "";
    /// The attributes that have rows of other resources.
    const NESTED: &'static [NestedAttribute] = &[];

    /// Attributes that stand in the API docs.
    fn example() -> Value {
        attributes_of(Self::EXAMPLE)
    }

    /// The id that stands in the API docs.
    fn example_id() -> Value {
        match id_of(Self::EXAMPLE) {
            Value::Null => json!(1),
            id => id,
        }
    }
}

/// The id of an example document; null for what has none.
pub fn id_of(document: &str) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap_or_default();
    document["data"]["id"].take()
}

/// The attributes of an example document; null for what is no document.
pub fn attributes_of(document: &str) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap_or_default();
    document["data"]["attributes"].take()
}

/// A resource with its id, which queries select under this name: `select uid as id, …`.
#[derive(Clone, Debug)]
pub struct Identified<T, K = i64> {
    /// The table's key.
    pub id: K,
    /// What is shown of the row.
    pub attributes: T,
    /// Columns that could not be read: null is shown for them, or the database's own text.
    pub unreadable: Vec<Unreadable>,
}

impl<T: Resource + FromRow, K: Key> FromRow for Identified<T, K> {
    fn from_row(row: &Row) -> Result<Self> {
        let (id, attributes) = (row.key::<K>()?, T::from_row(row)?);
        let unreadable = row.unreadable(T::TYPE, id.clone());
        Ok(Self {
            id,
            attributes,
            unreadable,
        })
    }
}

impl<T: Resource, K: Key> Identified<T, K> {
    fn into_response(self, status: StatusCode) -> Response {
        let id = self.id.to_json().unwrap_or_default();
        let attributes = with_unreadable(self.attributes.to_json(), self.unreadable);
        respond(status, Name::of::<T>(), &id, attributes)
    }

    fn schema() -> MetaSchemaRef {
        object(vec![
            ("type", type_schema(T::TYPE)),
            ("id", K::schema_ref()),
            ("attributes", T::schema_ref()),
        ])
    }

    fn document_schema() -> MetaSchemaRef {
        let schema = object(vec![("data", Self::schema()), ("links", links_schema())]);
        with_example(schema, one(Name::of::<T>(), &T::example_id(), Some(T::example())))
    }
}

/// What a resource is called in its documents.
#[derive(Clone, Copy)]
struct Name {
    kind: &'static str,
    link: &'static str,
}

impl Name {
    fn of<T: Resource>() -> Self {
        Self {
            kind: T::TYPE,
            link: T::LINK,
        }
    }
}

fn respond(status: StatusCode, name: Name, id: &Value, attributes: Option<Value>) -> Response {
    Response::builder()
        .status(status)
        .content_type(JSON)
        .body(one(name, id, attributes).to_string())
}

fn resource(name: Name, id: &Value, attributes: Option<Value>) -> Value {
    json!({"attributes": attributes, "id": id, "type": name.kind})
}

fn one(name: Name, id: &Value, attributes: Option<Value>) -> Value {
    let link = format!("/{}/{}", name.link, segment(id));
    json!({"data": resource(name, id, attributes), "links": {"self": link}})
}

fn all(name: Name, resources: Vec<Value>) -> Value {
    json!({"data": resources, "links": {"self": format!("/{}/", name.link)}})
}

/// An id as a segment of a link.
fn segment(id: &Value) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    match id {
        Value::String(text) => utf8_percent_encode(text, ENCODED).to_string(),
        other => other.to_string(),
    }
}

fn links_schema() -> MetaSchemaRef {
    object(vec![("self", String::schema_ref())])
}

/// 200 with one resource.
pub struct Found<T, K = i64>(pub Identified<T, K>);

/// 201 with the new resource.
pub struct Created<T, K = i64>(pub Identified<T, K>);

/// 200 with all resources of a type.
pub struct Listed<T, K = i64> {
    body: Body,
    of: PhantomData<(T, K)>,
}

impl<T: Resource, K: Key> Listed<T, K> {
    /// The resources of all pages; the first is read now, the others while they are sent.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn of(pages: Pages) -> Result<Self> {
        let list = Self::list(T::ATTRIBUTES, pages);
        Self::from_list(list.nesting(T::ATTRIBUTES, T::NESTED)).await
    }

    /// As [`Listed::of`], with other attributes than the usual ones.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn showing(attributes: impl IntoIterator<Item = &'static Attribute>, pages: Pages) -> Result<Self> {
        Self::from_list(Self::list(attributes, pages)).await
    }

    fn list(attributes: impl IntoIterator<Item = &'static Attribute>, pages: Pages) -> List {
        let Name { kind, link } = Name::of::<T>();
        List::new(Shape::Document { kind, link }, T::TYPE, attributes, pages)
    }

    /// The answer with a list that was made elsewhere.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub(crate) async fn from_list(list: List) -> Result<Self> {
        Ok(Self {
            body: list.into_body().await?,
            of: PhantomData,
        })
    }
}

/// 204: the resource is gone.
pub struct Deleted;

impl<T: Resource, K: Key> IntoResponse for Found<T, K> {
    fn into_response(self) -> Response {
        self.0.into_response(StatusCode::OK)
    }
}

impl<T: Resource, K: Key> IntoResponse for Created<T, K> {
    fn into_response(self) -> Response {
        self.0.into_response(StatusCode::CREATED)
    }
}

impl<T: Resource, K: Key> IntoResponse for Listed<T, K> {
    fn into_response(self) -> Response {
        Response::builder().content_type(JSON).body(self.body)
    }
}

impl IntoResponse for Deleted {
    /// Flask gave its default type to an answer without a body too.
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .content_type("text/html; charset=utf-8")
            .finish()
    }
}

impl<T: Resource, K: Key> ApiResponse for Found<T, K> {
    fn meta() -> MetaResponses {
        schema::answer(200, Some(Identified::<T, K>::document_schema()))
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }
}

impl<T: Resource, K: Key> ApiResponse for Created<T, K> {
    fn meta() -> MetaResponses {
        schema::answer(201, Some(Identified::<T, K>::document_schema()))
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }
}

impl<T: Resource, K: Key> ApiResponse for Listed<T, K> {
    fn meta() -> MetaResponses {
        let rows = MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(Identified::<T, K>::schema())),
            ..MetaSchema::new("array")
        }));
        let schema = object(vec![("data", rows), ("links", links_schema())]);
        let name = Name::of::<T>();
        let example = all(name, vec![resource(name, &T::example_id(), Some(T::example()))]);
        schema::answer(200, Some(with_example(schema, example)))
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }
}

impl ApiResponse for Deleted {
    fn meta() -> MetaResponses {
        schema::answer(204, None)
    }

    fn register(_registry: &mut Registry) {}
}

fn register<T: Type>(registry: &mut Registry) {
    T::register(registry);
}
