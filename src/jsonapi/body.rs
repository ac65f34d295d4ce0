//! Reads a JSON body as Flask's `get_json(force=True)` did, and writes an answer as Flask did.
//!
//! poem-openapi's own `Json` does not fit: it refuses other content types, takes numbers for strings, has no
//! size limit and adds a charset to the answer's type.

use std::{borrow::Cow, marker::PhantomData};

use encoding_rs::Encoding;
use futures_util::future::BoxFuture;
use poem::{
    Body, IntoResponse, Request, RequestBody, Response,
    error::ReadBodyError,
    web::headers::{ContentLength, HeaderMapExt},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions,
    registry::{MetaRequest, MetaResponses, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use super::schema;
pub use super::schema::JSON;
use crate::{
    error::{Error, Result},
    flask::python::{quote_special_numbers, strings},
};

/// Bytes of a body beyond which it is refused.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Bytes of a body that anybody may send to log in or sign up, where the originals are not followed.
const MAX_ACCOUNT_BYTES: usize = 64 << 10;

/// Bytes that the bodies of logins, resets, users and roles may have; in a request's data.
#[derive(Clone, Copy, Debug)]
pub struct AccountLimit(usize);

impl AccountLimit {
    /// What is enough for them where it is `safe` to refuse more, or else what other bodies have.
    pub fn of(safe: bool) -> Self {
        Self(if safe { MAX_ACCOUNT_BYTES } else { MAX_BODY_BYTES })
    }

    /// The limit of this request.
    ///
    /// # Errors
    /// [`Error::Internal`] if it was not given its data.
    pub fn for_request(request: &Request) -> Result<usize> {
        let limit: Option<&Self> = request.data();
        let limit = limit.ok_or_else(|| Error::Internal("a body was not given its limit".to_owned()))?;
        Ok(limit.0)
    }
}

/// A type that is made from a JSON body, with messages of its own for what does not fit.
pub trait FromBody: Sized {
    /// Reads the parsed body.
    ///
    /// # Errors
    /// [`Error::BadRequest`] that says what is wrong and what is allowed.
    fn from_body(body: Value) -> Result<Self>;
}

/// A JSON body of any Content-Type of a login or a reset, documented as `T`'s schema. Of duplicate keys the last wins.
pub struct JsonBody<T>(pub T);

impl<'a, T: FromBody + Type> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(schema::request(None, T::schema_ref()))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let limit = AccountLimit::for_request(request)?;
        Ok(Self(T::from_body(Received::of(request, body, limit).await?.parse()?)?))
    }
}

/// A body that has arrived. As text it is smaller than as values, and waits so for what comes before it is read.
pub struct Received {
    bytes: Vec<u8>,
    content_type: String,
}

impl Received {
    /// The body of a request.
    ///
    /// # Errors
    /// [`Error::BadRequest`], [`Error::PayloadTooLarge`]; [`Error::RequestTimeout`] and [`Error::Busy`] as the server that
    /// reads the connection finds.
    pub fn of<'r>(request: &'r Request, body: &'r mut RequestBody, limit: usize) -> BoxFuture<'r, Result<Self>> {
        // Boxed: it is compiled here, and not in each crate that reads documents.
        Box::pin(Self::read(request, body, limit))
    }

    async fn read(request: &Request, body: &mut RequestBody, limit: usize) -> Result<Self> {
        let body = body.take().map_err(|_| Error::unreadable())?;
        let announced = request.headers().typed_get::<ContentLength>();
        if announced.is_some_and(|length| length.0 > limit as u64) {
            return Err(Error::PayloadTooLarge(limit));
        }
        Ok(Self {
            bytes: read(body, limit).await?,
            content_type: request.content_type().unwrap_or_default().to_owned(),
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::BadRequest`], mostly [`Error::unreadable`].
    pub fn parse(&self) -> Result<Value> {
        parse(&self.bytes, &self.content_type)
    }
}

async fn read(body: Body, limit: usize) -> Result<Vec<u8>> {
    let bytes = body.into_bytes_limit(limit).await.map_err(|error| match error {
        ReadBodyError::PayloadTooLarge => Error::PayloadTooLarge(limit),
        ReadBodyError::Io(error) => error.downcast::<Error>().unwrap_or_else(|_| Error::unreadable()),
        _ => Error::unreadable(),
    });
    bytes.map(Vec::from)
}

fn parse(bytes: &[u8], content_type: &str) -> Result<Value> {
    let text = match charset_of(content_type) {
        None => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Some(label) => {
            let encoding = encoding_named(&label).ok_or_else(Error::unreadable)?;
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        }
    };
    let text = text.ok_or_else(Error::unreadable)?;
    if may_have_key_of_parser(&text) && has_key_of_parser(&text) {
        return Err(Error::BadRequest(format!(
            "A key of the request's JSON begins with {KEY_OF_PARSER}, which none may."
        )));
    }
    let value = serde_json::from_str(&text);
    let value = value.or_else(|error| match quote_special_numbers(&text) {
        Some(quoted) => serde_json::from_str(&quoted),
        None => Err(error),
    });
    value.map_err(|_| Error::unreadable())
}

/// What the keys begin with by which serde_json marks a number of any size and a text that is JSON.
///
/// It takes them from a client too: `{"$serde_json::private::Number": "1"}` is 1 to it.
const KEY_OF_PARSER: &str = "$serde_json::private::";

/// Quick, and true for few: an escape can stand for any of a key's characters.
fn may_have_key_of_parser(json: &str) -> bool {
    json.contains(KEY_OF_PARSER) || json.contains("\\u00")
}

fn has_key_of_parser(json: &str) -> bool {
    strings(json).any(|(string, after)| {
        after.trim_start().starts_with(':')
            && serde_json::from_str::<String>(string).is_ok_and(|key| key.starts_with(KEY_OF_PARSER))
    })
}

/// The charset that the Content-Type names, unless it is UTF-8.
fn charset_of(content_type: &str) -> Option<String> {
    content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, label)| label.trim().trim_matches('"').to_ascii_lowercase())
        .filter(|label| label != "utf-8" && label != "utf8")
}

/// Python also knows the labels with other hyphens, such as `latin-1`.
fn encoding_named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(label.replace(['-', '_'], "").as_bytes()))
}

/// An answer of status 200 with `T` as JSON; its Content-Type has no charset, as Flask's had none.
pub struct Answer<T>(pub T);

impl<T: ToJSON> IntoResponse for Answer<T> {
    /// With members by name, as in all answers.
    fn into_response(self) -> Response {
        let mut value = self.0.to_json().unwrap_or_default();
        value.sort_all_objects();
        Response::builder().content_type(JSON).body(value.to_string())
    }
}

impl<T: ToJSON> ApiResponse for Answer<T> {
    fn meta() -> MetaResponses {
        schema::answer(200, Some(T::schema_ref()))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// An answer as [`Answer`] whose text is written while it is sent.
pub struct Streamed<T> {
    body: Body,
    of: PhantomData<T>,
}

impl<T> Streamed<T> {
    /// The answer with this body.
    pub fn new(body: Body) -> Self {
        Self { body, of: PhantomData }
    }
}

impl<T: ToJSON> IntoResponse for Streamed<T> {
    fn into_response(self) -> Response {
        Response::builder().content_type(JSON).body(self.body)
    }
}

impl<T: ToJSON> ApiResponse for Streamed<T> {
    fn meta() -> MetaResponses {
        Answer::<T>::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn the_charset_of_the_content_type_is_honoured() {
        let latin1 = b"{\"a\": \"k\xf6nig\"}";
        for label in ["latin-1", "latin1", "ISO-8859-1", "\"iso-8859-1\""] {
            let value = parse(latin1, &format!("application/json; charset={label}")).unwrap();
            assert_eq!(value["a"], "könig", "{label}");
        }
        assert!(parse(latin1, "application/json").is_err());
        assert!(parse(b"{}", "application/json; charset=nosuch").is_err());
    }

    #[test]
    fn keys_that_mean_something_to_the_parser_are_refused() {
        for text in [
            r#"{"$serde_json::private::Number": "1"}"#,
            r#"[{"a": {"\u0024serde_json::private::RawValue" : "{}"}}]"#,
        ] {
            let refused = parse(text.as_bytes(), "").unwrap_err().to_string();
            assert!(refused.contains("begins with $serde_json::private::"), "{refused}");
        }
        for text in [
            r#"{"a": "$serde_json::private::Number"}"#,
            r#"{"a": "\"$serde_json::private::Number\": 1"}"#,
            r#"{"\u0041": ["\u0024serde_json::private::Number", 18446744073709551616]}"#,
        ] {
            let read = parse(text.as_bytes(), "").unwrap();
            assert_eq!(read.as_object().map(Map::len), Some(1), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_json_text_is_unreadable() {
        for text in [
            "",
            " ",
            "{",
            "{'a': 1}",
            "{\"a\": 1,}",
            "{} x",
            "\u{feff}{}",
            "{'a': NaN}",
            &"[".repeat(100_000),
        ] {
            assert_eq!(
                parse(text.as_bytes(), "").unwrap_err().to_string(),
                Error::unreadable().to_string(),
                "{text:.20}"
            );
        }
    }
}
