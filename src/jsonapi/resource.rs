//! Answers with JSON:API documents as marshmallow-jsonapi wrote them: integer ids, `links.self`.

use std::marker::PhantomData;

use poem::{Body, IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::{Value, json};

use super::{
    list::{List, Shape},
    schema::{self, JSON, object, type_schema, with_example},
};
use crate::{
    db::{FromRow, Pages, Row, Unreadable},
    error::Result,
    fields::attribute::Attribute,
};

/// The attributes of a resource as they are shown.
pub trait Resource: ToJSON {
    /// The resource's `type` member, which is also the first part of its link.
    const TYPE: &'static str;

    /// Whether it was scaffolded: Flask-Scaffold 2.0 wrote the errors of such a resource's documents in another form
    /// than those of its users.
    const IS_SCAFFOLDED: bool = false;

    /// The attributes with the types that their columns are read as.
    const ATTRIBUTES: &'static [Attribute];

    /// Attributes that stand in the API docs.
    fn example() -> Value;
}

/// The attributes of an example document; null for what is no document.
pub fn attributes_of(document: &str) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap_or_default();
    document["data"]["attributes"].take()
}

/// A resource with its id.
#[derive(Clone, Debug)]
pub struct Identified<T> {
    /// The table's key.
    pub id: i64,
    /// What is shown of the row.
    pub attributes: T,
    /// Columns that could not be read: null is shown for them, or the database's own text.
    pub unreadable: Vec<Unreadable>,
}

impl<T: Resource + FromRow> FromRow for Identified<T> {
    fn from_row(row: &Row) -> Result<Self> {
        let (id, attributes) = (row.id()?, T::from_row(row)?);
        Ok(Self {
            id,
            attributes,
            unreadable: row.unreadable(T::TYPE, id),
        })
    }
}

impl<T: Resource> Identified<T> {
    fn into_response(self, status: StatusCode) -> Response {
        respond(status, T::TYPE, self.id, self.attributes.to_json(), self.unreadable)
    }

    fn schema() -> MetaSchemaRef {
        object(vec![
            ("type", type_schema(T::TYPE)),
            ("id", i64::schema_ref()),
            ("attributes", T::schema_ref()),
        ])
    }

    fn document_schema() -> MetaSchemaRef {
        let schema = object(vec![("data", Self::schema()), ("links", links_schema())]);
        with_example(schema, one(T::TYPE, 1, Some(T::example())))
    }
}

fn respond(
    status: StatusCode,
    kind: &str,
    id: i64,
    mut attributes: Option<Value>,
    unreadable: Vec<Unreadable>,
) -> Response {
    if let Some(Value::Object(attributes)) = &mut attributes {
        let read = unreadable.into_iter();
        attributes.extend(read.map(|Unreadable { column, text }| (column, text.into())));
        // What stands in an attribute keeps its order.
        attributes.sort_keys();
    }
    Response::builder()
        .status(status)
        .content_type(JSON)
        .body(one(kind, id, attributes).to_string())
}

fn resource(kind: &str, id: i64, attributes: Option<Value>) -> Value {
    json!({"attributes": attributes, "id": id, "type": kind})
}

fn one(kind: &str, id: i64, attributes: Option<Value>) -> Value {
    json!({"data": resource(kind, id, attributes), "links": {"self": format!("/{kind}/{id}")}})
}

fn all(kind: &str, resources: Vec<Value>) -> Value {
    json!({"data": resources, "links": {"self": format!("/{kind}/")}})
}

fn links_schema() -> MetaSchemaRef {
    object(vec![("self", String::schema_ref())])
}

/// 200 with one resource.
pub struct Found<T>(pub Identified<T>);

/// 201 with the new resource.
pub struct Created<T>(pub Identified<T>);

/// 200 with all resources of a type.
pub struct Listed<T> {
    body: Body,
    of: PhantomData<T>,
}

impl<T: Resource> Listed<T> {
    /// The resources of all pages; the first is read now, the others while they are sent.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn of(pages: Pages) -> Result<Self> {
        Self::showing(T::ATTRIBUTES, pages).await
    }

    /// As [`Listed::of`], with other attributes than the usual ones.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn showing(attributes: impl IntoIterator<Item = &'static Attribute>, pages: Pages) -> Result<Self> {
        let list = List::new(Shape::Document(T::TYPE), T::TYPE, attributes, pages);
        Ok(Self {
            body: list.into_body().await?,
            of: PhantomData,
        })
    }
}

/// 204: the resource is gone.
pub struct Deleted;

impl<T: Resource> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        self.0.into_response(StatusCode::OK)
    }
}

impl<T: Resource> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        self.0.into_response(StatusCode::CREATED)
    }
}

impl<T: Resource> IntoResponse for Listed<T> {
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

impl<T: Resource> ApiResponse for Found<T> {
    fn meta() -> MetaResponses {
        schema::answer(200, Some(Identified::<T>::document_schema()))
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }
}

impl<T: Resource> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        schema::answer(201, Some(Identified::<T>::document_schema()))
    }

    fn register(registry: &mut Registry) {
        register::<T>(registry);
    }
}

impl<T: Resource> ApiResponse for Listed<T> {
    fn meta() -> MetaResponses {
        let rows = MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(Identified::<T>::schema())),
            ..MetaSchema::new("array")
        }));
        let schema = object(vec![("data", rows), ("links", links_schema())]);
        let example = all(T::TYPE, vec![resource(T::TYPE, 1, Some(T::example()))]);
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
