//! Adds the errors that an operation can answer; they follow from its parts.

use poem::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::{
    auth::{
        bearer::MISSING_HEADER,
        dialects,
        guard::SCHEME,
        passwords::UNCHANGED,
        reset::requests::{MAIL_QUEUED, RESET_SCHEME},
        tokens::{TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID},
    },
    config::TokenConfig,
    error::{Constraint, ConstraintViolation, Error, Fault, refused_values},
    jsonapi::{body, document},
    web::errors::Wording,
};

/// The security scheme of an operation.
#[derive(Clone, Copy, PartialEq)]
enum SecurityScheme {
    /// The token of a login.
    Login,
    /// The token of a reset mail, which is documented under the scheme of the other.
    Reset,
}

impl SecurityScheme {
    fn of(operation: &Value) -> Option<Self> {
        let schemes = operation["security"].get(0)?;
        Some(match schemes.get(RESET_SCHEME) {
            Some(_) => Self::Reset,
            None => Self::Login,
        })
    }
}

/// The parts of an operation that cause errors.
struct Parts<'a> {
    method: &'a Method,
    scheme: Option<SecurityScheme>,
    has_body: bool,
    has_document: bool,
    has_path_parameter: bool,
    sends_mail: bool,
    /// Statuses that its handler names.
    named: Vec<String>,
}

impl<'a> Parts<'a> {
    fn of(operation: &Value, method: &'a Method) -> Self {
        let body = &operation["requestBody"];
        let responses = operation["responses"].as_object().into_iter().flatten();
        Self {
            method,
            scheme: SecurityScheme::of(operation),
            has_body: body.is_object(),
            has_document: body["description"] == document::DESCRIPTION,
            has_path_parameter: operation["parameters"].is_array(),
            sends_mail: responses.clone().any(|(_, answer)| is_mail_notice(answer)),
            named: responses.map(|(status, _)| status.clone()).collect(),
        }
    }

    fn names(&self, status: StatusCode) -> bool {
        self.named.iter().any(|named| named == status.as_str())
    }

    /// The errors, those of one status in the order of their examples.
    fn errors(&self, tokens: Option<&TokenConfig>) -> Vec<Error> {
        let mut errors = Vec::new();
        if self.names(StatusCode::UNAUTHORIZED) {
            errors.push(Error::Credentials { is_known: false });
        }
        match self.scheme {
            Some(SecurityScheme::Login) => errors.extend(errors_of_login(self.method, tokens)),
            Some(SecurityScheme::Reset) => errors.extend(errors_of_reset()),
            None => {}
        }
        if self.has_document {
            errors.extend(errors_of_document());
        }
        if self.has_body {
            errors.push(Error::unreadable());
            errors.push(Error::PayloadTooLarge(body::MAX_BODY_BYTES));
        }
        if *self.method == Method::DELETE {
            errors.push(Error::Constraint(ConstraintViolation::of(
                Constraint::Referred,
                "posts",
            )));
        }
        if self.sends_mail {
            errors.push(Error::UnknownAddress);
        } else if self.has_path_parameter || self.scheme == Some(SecurityScheme::Reset) {
            errors.push(Error::NotFound);
        }
        if self.names(StatusCode::TOO_MANY_REQUESTS) {
            errors.push(Error::TooManyAttempts { retry_after: 42 });
        }
        errors.push(Error::Database(sqlx::Error::PoolTimedOut));
        errors
    }

    fn description(&self, status: StatusCode) -> &'static str {
        let refuses_document = self.has_document && refused_values(self.method) == status;
        match status {
            StatusCode::BAD_REQUEST => "The body cannot be used.",
            StatusCode::UNAUTHORIZED if self.scheme.is_none() => "The credentials are wrong.",
            StatusCode::UNAUTHORIZED if refuses_document => {
                "No token, not a good one, or a document that cannot be taken."
            }
            StatusCode::UNAUTHORIZED => "No token, or not a good one.",
            StatusCode::FORBIDDEN if refuses_document => "The document cannot be taken.",
            StatusCode::FORBIDDEN => "Other rows refer to it.",
            StatusCode::NOT_FOUND if self.sends_mail => "Nobody has the address.",
            StatusCode::NOT_FOUND => "There is no such row.",
            StatusCode::UNPROCESSABLE_ENTITY => "The token cannot be used.",
            StatusCode::CONFLICT => "The document is another resource's.",
            StatusCode::PAYLOAD_TOO_LARGE => "The body is too large.",
            StatusCode::TOO_MANY_REQUESTS => "Too many attempts.",
            _ => "The server cannot answer now.",
        }
    }
}

fn errors_of_login(method: &Method, tokens: Option<&TokenConfig>) -> Vec<Error> {
    let mut errors = match tokens {
        Some(tokens) => dialects::examples(tokens),
        None => vec![
            Error::Unauthorized(MISSING_HEADER),
            Error::Unauthorized(TOKEN_IS_INVALID),
            Error::Unauthorized(TOKEN_HAS_EXPIRED),
        ],
    };
    if *method != Method::GET {
        errors.push(Error::AdminRequired);
    }
    errors
}

fn errors_of_reset() -> Vec<Error> {
    vec![
        Error::ResetToken(MISSING_HEADER),
        Error::Unauthorized(TOKEN_IS_INVALID),
        Error::ResetToken(TOKEN_HAS_EXPIRED),
        unfit(Fault::of("password", UNCHANGED), false),
    ]
}

fn errors_of_document() -> [Error; 4] {
    [
        unfit(Fault::missing("email"), false),
        Error::Constraint(ConstraintViolation::of(Constraint::Unique, "email")),
        unfit(Fault::Type("users"), false),
        // Which may be in another form.
        unfit(Fault::Type("users"), true),
    ]
}

fn unfit(fault: Fault, is_scaffolded: bool) -> Error {
    Error::Document {
        faults: vec![fault],
        is_scaffolded,
    }
}

/// Whether an answer says that a mail is on its way.
fn is_mail_notice(answer: &Value) -> bool {
    let schema = answer.pointer("/content/application~1json/schema/$ref");
    schema.is_some_and(|schema| schema == "#/components/schemas/MailNotice")
}

fn describe_success(responses: &mut Map<String, Value>, wording: &Wording) {
    for (_, answer) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        answer["description"] = json!("Done.");
        if is_mail_notice(answer) {
            answer["content"]["application/json"]["example"] = json!({wording.dialect.notice_key(): MAIL_QUEUED});
        }
    }
}

/// Adds the errors to an operation, and what poem-openapi cannot say of its successes.
pub fn complete(operation: &mut Value, method: &Method, wording: &Wording, tokens: Option<&TokenConfig>) {
    let parts = Parts::of(operation, method);
    if parts.scheme == Some(SecurityScheme::Reset) && tokens.is_none() {
        operation["security"] = json!([{SCHEME: []}]);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    describe_success(responses, wording);
    let mut bodies: Vec<(StatusCode, Vec<Value>)> = Vec::new();
    for error in parts.errors(tokens) {
        let (status, body) = (error.status(method), wording.body(&error, method));
        match bodies.iter_mut().find(|(of, _)| *of == status) {
            Some((_, bodies)) => bodies.push(body),
            None => bodies.push((status, vec![body])),
        }
    }
    for (status, bodies) in bodies {
        let answer = answer(parts.description(status), &bodies);
        responses.insert(
            status.as_str().to_owned(),
            match status {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => retry_after(answer),
                _ => answer,
            },
        );
    }
    responses.sort_keys();
}

/// An answer with `Retry-After`.
fn retry_after(mut answer: Value) -> Value {
    answer["headers"] = json!({"Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer"},
    }});
    answer
}

/// An answer with an example for each possible body.
fn answer(description: &str, bodies: &[Value]) -> Value {
    let mut schemas: Vec<Value> = Vec::new();
    let mut examples = Map::new();
    for body in bodies {
        let schema = json!({"$ref": format!("#/components/schemas/{}", schema_of(body))});
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
        examples.insert(example_name(body), json!({"value": body}));
    }
    let schema = match schemas.len() {
        1 => schemas.remove(0),
        _ => json!({"anyOf": schemas}),
    };
    json!({
        "description": description,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    })
}

fn schema_of(body: &Value) -> &'static str {
    match (body.get("message"), body.get("error")) {
        (Some(_), _) => "ErrorMessage",
        (_, Some(Value::String(_))) if body.get("status_code").is_none() => "Error",
        (_, Some(Value::Object(_))) => "DocumentErrors",
        _ => "TokenRefusal",
    }
}

/// The first words of a body's text as a name, e.g. `token-has-expired`.
fn example_name(body: &Value) -> String {
    let text = body["message"]
        .as_str()
        .or_else(|| body["description"].as_str())
        .or_else(|| body["error"].as_str())
        .or_else(|| body.pointer("/error/errors/0/detail").and_then(Value::as_str))
        .or_else(|| body.as_object()?.values().find_map(Value::as_str))
        .unwrap_or_default();
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}
