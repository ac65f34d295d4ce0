//! A JSON:API document as the argument of a handler.

use std::sync::{Mutex, PoisonError};

use poem::{Request, RequestBody, http::Method};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::{Value, json};

pub use super::attributes::Attributes;
use super::{
    body,
    resource::Resource,
    schema::{self, object, type_schema, with_example},
};
use crate::{
    error::{Error, Result},
    flask::dialect::Dialect,
};

/// What marks an operation with a document in the OpenAPI document.
pub const DESCRIPTION: &str = "A JSON:API document.";

/// The attributes that a document must or may have, for one resource and one method.
pub trait FromAttributes: Type {
    /// The resource that has them.
    type Resource: Resource;

    /// The key that the client gives a new resource as `data.id`; `None` where what it sends there is ignored.
    const ID: Option<ClientId> = None;

    /// Attributes that stand in the API docs.
    fn example() -> Value {
        Self::Resource::example()
    }

    /// Takes the members it knows; the others are ignored, as the originals did.
    fn from_attributes(attributes: &mut Attributes) -> Self;
}

/// The type of a key that clients give; [`Attributes::id`] and [`Attributes::optional_id`] read it.
#[derive(Clone, Copy, Debug)]
pub struct ClientId {
    format: Option<&'static str>,
    is_required: bool,
}

impl ClientId {
    /// A text that must be given.
    pub const fn text() -> Self {
        Self {
            format: None,
            is_required: true,
        }
    }

    /// A UUID that must be given.
    pub const fn uuid() -> Self {
        Self {
            format: Some("uuid"),
            is_required: true,
        }
    }

    /// The same, which may be left out.
    pub const fn optional(self) -> Self {
        Self {
            is_required: false,
            ..self
        }
    }

    fn schema(self) -> MetaSchemaRef {
        let schema = match self.format {
            Some(format) => MetaSchema::new_with_format("string", format),
            None => MetaSchema::new("string"),
        };
        MetaSchemaRef::Inline(Box::new(schema))
    }
}

/// The schema and the example of a document's `data`.
fn data_of<T: FromAttributes>() -> (MetaSchemaRef, Value) {
    let kind = T::Resource::TYPE;
    let (of_type, attributes) = (("type", type_schema(kind)), ("attributes", T::schema_ref()));
    let Some(id) = T::ID else {
        let example = json!({"type": kind, "attributes": T::example()});
        return (object(vec![of_type, attributes]), example);
    };
    let example = json!({"type": kind, "id": T::Resource::example_id(), "attributes": T::example()});
    let mut required = vec!["type", "attributes"];
    if id.is_required {
        required.push("id");
    }
    let schema = MetaSchema {
        required,
        properties: vec![of_type, ("id", id.schema()), attributes],
        ..MetaSchema::new("object")
    };
    (MetaSchemaRef::Inline(Box::new(schema)), example)
}

/// A document of any Content-Type, documented with `T` as its attributes.
///
/// It is read when the handler asks, because who may do it and whether there is such a row comes first; and again
/// where a transaction is.
pub struct Document<T> {
    /// An error is given out once: it ends the transaction in which the document was read.
    body: Mutex<Result<body::Received>>,
    is_patch: bool,
    dialect: Dialect,
    attributes: std::marker::PhantomData<fn() -> T>,
}

impl<T: FromAttributes> Document<T> {
    /// The attributes.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for invalid JSON; [`Error::Document`] with everything that is wrong;
    /// [`Error::Constraint`] for values beyond the table.
    pub fn read(&self) -> Result<T> {
        let (kind, is_scaffolded) = (T::Resource::TYPE, T::Resource::IS_SCAFFOLDED);
        let mut attributes = Attributes::of(self.body()?, kind, is_scaffolded, self.dialect)?;
        let value = T::from_attributes(&mut attributes);
        if self.is_patch {
            attributes.refuse_reserved();
        }
        attributes.finish()?;
        Ok(value)
    }

    fn body(&self) -> Result<Value> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        match &*body {
            Ok(body) => body.parse(),
            Err(_) => {
                let again = Error::Internal("a document was read again after its error".to_owned());
                std::mem::replace(&mut *body, Err(again))?.parse()
            }
        }
    }
}

impl<'a, T: FromAttributes> ApiExtractor<'a> for Document<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let (data, example) = data_of::<T>();
        let schema = with_example(object(vec![("data", data)]), json!({"data": example}));
        Some(schema::request(Some(DESCRIPTION), schema))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let dialect: Option<&Dialect> = request.data();
        let dialect = dialect.ok_or_else(|| Error::Internal("a document was not given its dialect".to_owned()))?;
        let limit = match T::Resource::IS_SCAFFOLDED {
            true => body::MAX_BODY_BYTES,
            false => body::AccountLimit::for_request(request)?,
        };
        Ok(Self {
            body: Mutex::new(body::Received::of(request, body, limit).await),
            is_patch: request.method() == Method::PATCH,
            dialect: *dialect,
            attributes: std::marker::PhantomData,
        })
    }
}
