//! `POST /api/login` and `POST /api/v1/login.json`: a mail address and a password for a token.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, types::Example};
use serde_json::Value;

use super::{Auth, INVALID_CREDENTIALS};
use crate::{
    error::{Error, OrStatus, Result},
    jsonapi::body::{Answer, FromBody, JsonBody},
};

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// Getting a token.
    Login,
}

/// The tutorial's login.
pub struct LoginApi;

/// Flask-Scaffold's login.
pub struct DocumentLoginApi;

/// Who wants to log in.
#[derive(Object)]
#[oai(example)]
pub struct Credentials {
    /// The user's mail address, exactly as registered.
    email: String,
    /// The user's password.
    password: String,
}

impl Example for Credentials {
    fn example() -> Self {
        Self {
            email: "admin@example.com".to_owned(),
            password: "correct horse battery staple".to_owned(),
        }
    }
}

impl FromBody for Credentials {
    /// As the tutorial's `UsersLogin.post`, `app/users/views.py`: unknown members are ignored, and values that
    /// can be nobody's credentials are wrong credentials. What crashed it is refused by name.
    fn from_body(body: Value) -> Result<Self> {
        let Value::Object(mut members) = body else {
            return Err(Error::BadRequest(
                "The body must be a JSON object with `email` and `password`.".to_owned(),
            ));
        };
        let mut take = |name: &str| {
            members
                .remove(name)
                .ok_or_else(|| Error::BadRequest(format!("`{name}` is missing: send `email` and `password`.")))
        };
        match (take("email")?, take("password")?) {
            (Value::String(email), Value::String(password)) => Ok(Self { email, password }),
            (Value::Number(_) | Value::Bool(_) | Value::Object(_), _) => {
                Err(Error::BadRequest("`email` must be a string.".to_owned()))
            }
            _ => Err(Error::Unauthorized(INVALID_CREDENTIALS)),
        }
    }
}

/// Who wants to log in, as a JSON:API document.
#[derive(Object)]
pub struct LoginDocument {
    /// The resource object.
    data: LoginResource,
}

/// The resource object of a [`LoginDocument`].
#[derive(Object)]
pub struct LoginResource {
    /// Not looked at; clients send `users`.
    #[oai(rename = "type", default = "users")]
    kind: String,
    /// Mail address and password.
    attributes: Credentials,
}

fn users() -> String {
    "users".to_owned()
}

impl FromBody for LoginDocument {
    /// As Flask-Scaffold's `Login.post`, `app/baseviews.py`: only `data.attributes` is looked at.
    fn from_body(mut body: Value) -> Result<Self> {
        match body.pointer_mut("/data/attributes").map(Value::take) {
            Some(attributes) => Ok(Self {
                data: LoginResource {
                    kind: users(),
                    attributes: Credentials::from_body(attributes)?,
                },
            }),
            None => Err(Error::BadRequest(
                "The body must be a document {\"data\": {\"attributes\": {\"email\", \"password\"}}}.".to_owned(),
            )),
        }
    }
}

/// The token of a login.
#[derive(Object)]
#[oai(example)]
pub struct Token {
    /// A JSON Web Token, to be sent as `Authorization: Bearer <token>`.
    token: String,
}

impl Example for Token {
    fn example() -> Self {
        Self {
            token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOjEsImlhdCI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDg2NDAwfQ.\
                    MZ1Z0kJcWTn0jGAUiG_uYtVRbbDuq9kLsA0zNhZTGuU"
                .to_owned(),
        }
    }
}

#[OpenApi]
impl LoginApi {
    /// Log in
    ///
    /// Gives a token for a mail address and a password. The body may have any Content-Type.
    #[oai(path = "/api/login", method = "post", operation_id = "login", tag = "Tag::Login")]
    async fn login(&self, auth: Data<&Arc<Auth>>, body: JsonBody<Credentials>) -> Result<Answer<Token>, OrStatus<401>> {
        let Credentials { email, password } = body.0;
        let token = auth.log_in(&email, &password).await?;
        Ok(Answer(Token { token }))
    }
}

#[OpenApi]
impl DocumentLoginApi {
    /// Log in with a document
    ///
    /// Gives a token for a mail address and a password. The body may have any Content-Type.
    #[oai(
        path = "/api/v1/login.json",
        method = "post",
        operation_id = "login_with_document",
        tag = "Tag::Login"
    )]
    async fn login_with_document(
        &self,
        auth: Data<&Arc<Auth>>,
        body: JsonBody<LoginDocument>,
    ) -> Result<Answer<Token>, OrStatus<401>> {
        let Credentials { email, password } = body.0.data.attributes;
        let token = auth.log_in(&email, &password).await?;
        Ok(Answer(Token { token }))
    }
}
