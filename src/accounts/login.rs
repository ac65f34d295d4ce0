//! `POST /api/login` and `POST /api/v1/login.json`: a mail address and a password for a token.
//! `POST` and `PATCH /api/v1/forgotpassword`: a link by mail, and a new password for its token.

use std::sync::Arc;

use poem::{IntoResponse, Response, http::StatusCode, web::Data};
use poem_openapi::{
    ApiResponse, Object, OpenApi, Tags,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{Any, Example, Type},
};
use serde_json::{Value, json};

use crate::{
    auth::{
        callers::Auth,
        login::INVALID_CREDENTIALS,
        reset::requests::{MAIL_QUEUED, Reset, Resets},
        throttle::ClientAddress,
    },
    config::Profile,
    error::{Error, OrStatus, Result},
    fields::nullable::Nullable,
    flask::dialect::Dialect,
    jsonapi::body::{self, Answer, FromBody, JsonBody},
};

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// Getting a token.
    Login,
    /// Getting a new password.
    ForgottenPassword,
}

/// The tutorial's login.
pub struct LoginApi;

/// Flask-Scaffold's login.
pub struct DocumentLoginApi;

/// Flask-Scaffold's forgotten passwords.
pub struct ForgotApi;

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
            // To the originals an empty list was nobody's address as well.
            (Value::Array(items), _) if items.is_empty() => Err(Error::Unauthorized(INVALID_CREDENTIALS)),
            (Value::Number(_) | Value::Bool(_) | Value::Object(_) | Value::Array(_), _) => {
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
    kind: Any<Value>,
    /// Mail address and password.
    attributes: Credentials,
}

fn users() -> Any<Value> {
    Any(json!("users"))
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

/// A member of `data.attributes`, whose `type` these routes do not look at.
fn attribute(mut body: Value, name: &str) -> Result<Value> {
    let attributes = body.pointer_mut("/data/attributes").and_then(Value::as_object_mut);
    attributes
        .and_then(|attributes| attributes.remove(name))
        .ok_or_else(|| {
            Error::BadRequest(format!(
                "The body must be a document {{\"data\": {{\"attributes\": {{\"{name}\"}}}}}}."
            ))
        })
}

/// Who has forgotten the password.
#[derive(Object)]
pub struct Forgetful {
    /// The mail address, exactly as registered; null is nobody's.
    email: Nullable<String>,
}

/// Who has forgotten the password, as a JSON:API document.
#[derive(Object)]
pub struct ForgottenPasswordDocument {
    /// The resource object.
    data: ForgottenPasswordResource,
}

/// The resource object of a [`ForgottenPasswordDocument`].
#[derive(Object)]
pub struct ForgottenPasswordResource {
    /// Not looked at; clients send `users`.
    #[oai(rename = "type", default = "users")]
    kind: Any<Value>,
    /// The mail address.
    attributes: Forgetful,
}

impl FromBody for ForgottenPasswordDocument {
    /// As `ForgotPassword.post`, `app/baseviews.py`, where null was an address that nobody has.
    fn from_body(body: Value) -> Result<Self> {
        let email = match attribute(body, "email")? {
            Value::String(email) => Nullable(Some(email)),
            Value::Null => Nullable(None),
            _ => return Err(Error::BadRequest("`email` must be a string.".to_owned())),
        };
        Ok(Self {
            data: ForgottenPasswordResource {
                kind: users(),
                attributes: Forgetful { email },
            },
        })
    }
}

/// What the password shall be.
#[derive(Object)]
pub struct NewPassword {
    /// The new password.
    password: String,
}

/// What the password shall be, as a JSON:API document.
#[derive(Object)]
pub struct NewPasswordDocument {
    /// The resource object.
    data: NewPasswordResource,
}

/// The resource object of a [`NewPasswordDocument`].
#[derive(Object)]
pub struct NewPasswordResource {
    /// Not looked at; clients send `users`.
    #[oai(rename = "type", default = "users")]
    kind: Any<Value>,
    /// The password.
    attributes: NewPassword,
}

impl FromBody for NewPasswordDocument {
    /// As `ForgotPassword.patch`, `app/baseviews.py`.
    fn from_body(body: Value) -> Result<Self> {
        match attribute(body, "password")? {
            Value::String(password) => Ok(Self {
                data: NewPasswordResource {
                    kind: users(),
                    attributes: NewPassword { password },
                },
            }),
            _ => Err(Error::BadRequest("`password` must be a string.".to_owned())),
        }
    }
}

/// 201: a mail is on its way, or nobody has the address and that is not told.
///
/// Flask-Scaffold 1.0 said so under `message`, 2.0 under `error` (`ForgotPassword.post`, `app/baseviews.py`).
pub struct MailQueued(Profile);

/// What was done, under the member that the profile's clients read.
#[derive(Object)]
struct MailNotice {
    /// What was done, in words.
    message: String,
}

impl IntoResponse for MailQueued {
    fn into_response(self) -> Response {
        let key = Dialect::of(self.0).notice_key();
        Response::builder()
            .status(StatusCode::CREATED)
            .content_type(body::JSON)
            .body(json!({key: MAIL_QUEUED}).to_string())
    }
}

impl ApiResponse for MailQueued {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(201),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: body::JSON,
                    schema: MailNotice::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        MailNotice::register(registry);
    }
}

/// The answer to a new password: the number 201 as the body of a 200.
///
/// Both Flask-Scaffolds returned the status as if it were the body (`ForgotPassword.patch`, `app/baseviews.py`).
const PASSWORD_SET: i32 = 201;

/// The token of a login.
#[derive(Object)]
#[oai(example)]
pub struct LoginToken {
    /// A JSON Web Token, to be sent as `Authorization: Bearer <token>`.
    token: String,
}

impl Example for LoginToken {
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
    async fn login(
        &self,
        auth: Data<&Arc<Auth>>,
        client: ClientAddress,
        body: JsonBody<Credentials>,
    ) -> Result<Answer<LoginToken>, OrStatus<401, 429>> {
        let Credentials { email, password } = body.0;
        let token = auth.log_in(&email, &password, &client).await?;
        Ok(Answer(LoginToken { token }))
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
        client: ClientAddress,
        body: JsonBody<LoginDocument>,
    ) -> Result<Answer<LoginToken>, OrStatus<401, 429>> {
        let Credentials { email, password } = body.0.data.attributes;
        let token = auth.log_in(&email, &password, &client).await?;
        Ok(Answer(LoginToken { token }))
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::ForgottenPassword")]
impl ForgotApi {
    /// Ask for a new password
    ///
    /// Sends a link to the address, if somebody has it. The answer does not wait for the mail.
    #[oai(path = "/forgotpassword", method = "post", operation_id = "ask_for_reset")]
    async fn ask_for_reset(
        &self,
        profile: Data<&Profile>,
        resets: Data<&Arc<Resets>>,
        client: ClientAddress,
        body: JsonBody<ForgottenPasswordDocument>,
    ) -> Result<MailQueued, OrStatus<404, 429>> {
        let Nullable(email) = body.0.data.attributes.email;
        resets.request(&email.unwrap_or_default(), &client).await?;
        Ok(MailQueued(*profile.0))
    }

    /// Set a new password
    ///
    /// Takes the token of the link that was sent. The body of the answer is the number 201.
    #[oai(path = "/forgotpassword", method = "patch", operation_id = "reset_password")]
    async fn reset_password(
        &self,
        reset: Reset,
        resets: Data<&Arc<Resets>>,
        client: ClientAddress,
        body: JsonBody<NewPasswordDocument>,
    ) -> Result<Answer<i32>, OrStatus<404>> {
        let password = &body.0.data.attributes.password;
        resets.set_password(&reset, password, &client).await?;
        Ok(Answer(PASSWORD_SET))
    }
}
