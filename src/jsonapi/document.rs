//! A JSON:API document as the argument of a handler.

use std::sync::{Mutex, PoisonError};

use poem::{Request, RequestBody, http::Method};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
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

    /// Attributes that stand in the API docs.
    fn example() -> Value {
        Self::Resource::example()
    }

    /// Takes the members it knows; the others are ignored, as the originals did.
    fn from_attributes(attributes: &mut Attributes) -> Self;
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
        if self.is_patch {
            attributes.refuse_reserved();
        }
        let value = T::from_attributes(&mut attributes);
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
        let data = object(vec![
            ("type", type_schema(T::Resource::TYPE)),
            ("attributes", T::schema_ref()),
        ]);
        let example = json!({"data": {"type": T::Resource::TYPE, "attributes": T::example()}});
        let schema = with_example(object(vec![("data", data)]), example);
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
