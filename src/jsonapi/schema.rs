//! What the OpenAPI document says of bodies and answers.

use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef};
use serde_json::{Value, json};

/// The Content-Type of every JSON answer; Flask's had no charset.
pub const JSON: &str = "application/json";

/// A request with a body of this schema.
pub fn request(description: Option<&'static str>, schema: MetaSchemaRef) -> MetaRequest {
    MetaRequest {
        description,
        content: content(Some(schema)),
        required: true,
    }
}

/// An answer of this status, with a body of this schema or without one.
pub fn answer(status: u16, schema: Option<MetaSchemaRef>) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description: "",
            status: Some(status),
            status_range: None,
            content: content(schema),
            headers: Vec::new(),
        }],
    }
}

fn content(schema: Option<MetaSchemaRef>) -> Vec<MetaMediaType> {
    let content = schema.map(|schema| MetaMediaType {
        content_type: JSON,
        schema,
    });
    content.into_iter().collect()
}

/// The schema of an object with these members, all of them required.
pub fn object(members: Vec<(&'static str, MetaSchemaRef)>) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        required: members.iter().map(|(name, _)| *name).collect(),
        properties: members,
        ..MetaSchema::new("object")
    }))
}

/// A schema with an example.
pub fn with_example(schema: MetaSchemaRef, example: Value) -> MetaSchemaRef {
    schema.merge(MetaSchema {
        example: Some(example),
        ..MetaSchema::ANY
    })
}

/// The schema of the member `type` of the resource `name`.
pub fn type_schema(name: &'static str) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        enum_items: vec![json!(name)],
        ..MetaSchema::new("string")
    }))
}
