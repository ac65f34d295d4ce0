//! `POST /api/login`: a mail address and a password for a token.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};
use serde_json::Value;

use super::{Auth, INVALID_CREDENTIALS};
use crate::{
    app::Tag,
    error::{Error, OrStatus, Result},
    jsonapi::body::{Answer, FromBody, JsonBody},
};

/// The login routes.
pub struct LoginApi;

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
