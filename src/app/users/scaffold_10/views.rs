//! `/api/v1/users.json`, `/api/v1/users/{id}.json` and `/api/v1/signup.json` (Flask-Scaffold 1.0,
//! `app/users/views.py` and `app/baseviews.py`).

use std::sync::Arc;

use chrono::NaiveDateTime;
use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, param::Path, types::Any};
use serde_json::{Value, json};

use super::models;
use crate::{
    auth::{Auth, guard::LoginRequired, passwords::PLACEHOLDER, throttle::Origin},
    db::Db,
    error::{Error, OrStatus},
    flask::datetime::isoformat,
    jsonapi::{
        attribute::{self, Attribute},
        document::{Attributes, Document, FromAttributes},
        fields::{INTEGER, STRING, Unstored},
        resource::{Created, Deleted, Found, Identified, Listed, Resource},
        values::Timestamp,
    },
};

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// The users of the app.
    Users,
}

/// The routes on users.
pub struct UsersApi;

/// A user.
#[derive(Object)]
pub struct User {
    /// The address to log in with.
    email: String,
    /// Always the same text, which means "unchanged" when it is sent back.
    password: String,
    /// The display name.
    name: String,
    /// 0 for a user who is switched off.
    active: i64,
    /// When the user was added, in UTC.
    creation_time: String,
    /// The name of the user's role.
    role: Option<String>,
}

impl Resource for User {
    const TYPE: &'static str = "users";
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute::of::<String>("email"),
        // The original showed the hash, and its edit form cannot be saved without one.
        attribute::constant("password", PLACEHOLDER),
        attribute::of::<String>("name"),
        attribute::of::<i64>("active"),
        attribute::of::<Timestamp>("creation_time"),
        attribute::of::<Option<String>>("role"),
    ];

    fn example() -> Value {
        json!({
            "email": "ann@example.com",
            "password": PLACEHOLDER,
            "name": "Ann",
            "active": 1,
            "creation_time": "2026-01-02T03:04:05.678901+00:00",
            "role": "admin",
        })
    }
}

impl From<models::User> for Identified<User> {
    fn from(row: models::User) -> Self {
        Self {
            id: row.id,
            attributes: User {
                email: row.email,
                password: PLACEHOLDER.to_owned(),
                name: row.name,
                active: row.active,
                creation_time: format!("{}+00:00", isoformat(row.creation_time)),
                role: row.role,
            },
            unreadable: row.unreadable,
        }
    }
}

/// A user to be added.
#[derive(Object)]
pub struct NewUser {
    /// The address to log in with; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    email: String,
    /// The password.
    #[oai(validator(min_length = 1))]
    password: String,
    /// The display name.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: String,
    /// 0 for a user who is switched off.
    active: i32,
    /// The name of an existing role.
    #[oai(validator(min_length = 1, max_length = 250))]
    role: String,
}

impl FromAttributes for NewUser {
    type Resource = User;

    fn example() -> Value {
        json!({
            "email": "bob@example.com",
            "password": "correct horse battery staple",
            "name": "Bob",
            "active": 1,
            "role": "admin",
        })
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            email: attributes.required("email", &STRING),
            password: attributes.required("password", &Unstored),
            name: attributes.required("name", &STRING),
            active: attributes.required("active", &INTEGER),
            role: attributes.required("role", &STRING),
        }
    }
}

/// Somebody who signs up.
#[derive(Object)]
pub struct Signup {
    /// The address to log in with; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    email: String,
    /// The password.
    #[oai(validator(min_length = 1))]
    password: String,
    /// The display name.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: String,
    /// A number that must be there, and is not looked at further.
    active: Any<Value>,
    /// Not looked at.
    role: Option<String>,
}

impl FromAttributes for Signup {
    type Resource = User;

    fn example() -> Value {
        json!({
            "email": "cleo@example.com",
            "password": "correct horse battery staple",
            "name": "Cleo",
            "active": 1,
        })
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            email: attributes.required("email", &STRING),
            password: attributes.required("password", &Unstored),
            name: attributes.required("name", &STRING),
            active: attributes.unstored_integer("active"),
            role: attributes.optional("role", &Unstored),
        }
    }
}

/// What of a user is to be changed.
#[derive(Object)]
pub struct UserPatch {
    /// The new address to log in with; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    email: Option<String>,
    /// The new password; the text that is shown in its place means "unchanged".
    #[oai(validator(min_length = 1))]
    password: Option<String>,
    /// The new display name.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: Option<String>,
    /// 0 to switch the user off; must be there. Only administrators change it.
    active: i32,
    /// When the user was added. Only administrators change it.
    creation_time: Option<NaiveDateTime>,
    /// The name of an existing role. Only administrators change it.
    #[oai(validator(min_length = 1, max_length = 250))]
    role: Option<String>,
}

impl FromAttributes for UserPatch {
    type Resource = User;

    fn example() -> Value {
        json!({"password": PLACEHOLDER, "name": "Ann Other", "active": 1})
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            email: attributes.optional("email", &STRING),
            password: attributes.optional("password", &Unstored),
            name: attributes.optional("name", &STRING),
            active: attributes.required("active", &INTEGER),
            creation_time: attributes.unchecked_required_timestamp("creation_time"),
            role: attributes.optional("role", &STRING),
        }
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Users")]
impl UsersApi {
    /// Sign up
    ///
    /// Adds a user without a role. Needs no token. Whether anybody may, and may log in at once, is a setting.
    #[oai(path = "/signup.json", method = "post", operation_id = "sign_up")]
    async fn sign_up(
        &self,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        origin: Origin,
        document: Document<Signup>,
    ) -> Result<Created<User>, OrStatus<429>> {
        let is_enabled = auth.enables_signups()?;
        let new = document.read()?;
        let user = models::NewUser {
            password_hash: auth.hash_signup(&new.email, &new.password, &origin).await?,
            email: new.email,
            name: new.name,
            active: is_enabled.into(),
            role: None,
        };
        Ok(Created(models::create(&db, user).await?.into()))
    }

    /// List users
    ///
    /// Gives every user.
    #[oai(path = "/users.json", method = "get", operation_id = "list_users")]
    async fn list_users(&self, _login: LoginRequired, db: Data<&Db>) -> Result<Listed<User>, Error> {
        Listed::of(models::list(&db)).await
    }

    /// Add a user
    ///
    /// Needs an administrator, unless the server is set to let everybody.
    #[oai(path = "/users.json", method = "post", operation_id = "create_user")]
    async fn create_user(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        document: Document<NewUser>,
    ) -> Result<Created<User>, Error> {
        login.caller.require_admin()?;
        let new = document.read()?;
        let user = models::NewUser {
            password_hash: auth.hash_new(&new.email, &new.password).await?,
            email: new.email,
            name: new.name,
            active: new.active.into(),
            role: Some(new.role),
        };
        Ok(Created(models::create(&db, user).await?.into()))
    }

    /// Show a user
    ///
    /// Gives one user.
    #[oai(path = "/users/{id}.json", method = "get", operation_id = "get_user")]
    async fn get_user(&self, _login: LoginRequired, db: Data<&Db>, id: Path<i64>) -> Result<Found<User>, Error> {
        Ok(Found(models::find(&db, id.0).await?.into()))
    }

    /// Change a user
    ///
    /// Needs that user or an administrator, unless the server is set to let everybody.
    #[oai(path = "/users/{id}.json", method = "patch", operation_id = "update_user")]
    async fn update_user(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        id: Path<i64>,
        document: Document<UserPatch>,
    ) -> Result<Found<User>, Error> {
        login.caller.require_owner_or_admin(id.0)?;
        models::find(&db, id.0).await?;
        let patch = document.read()?;
        let privileged = login.caller.is_privileged;
        let change = models::Change {
            password_hash: auth
                .hash_changed(patch.email.as_deref(), patch.password.as_deref(), id.0)
                .await?,
            email: patch.email,
            name: patch.name,
            active: Some(patch.active.into()).filter(|_| privileged),
            creation_time: patch.creation_time.filter(|_| privileged),
            role: patch.role.filter(|_| privileged),
        };
        Ok(Found(models::update(&db, id.0, change).await?.into()))
    }

    /// Delete a user
    ///
    /// Needs that user or an administrator, unless the server is set to let everybody.
    #[oai(path = "/users/{id}.json", method = "delete", operation_id = "delete_user")]
    async fn delete_user(&self, login: LoginRequired, db: Data<&Db>, id: Path<i64>) -> Result<Deleted, Error> {
        login.caller.require_owner_or_admin(id.0)?;
        models::delete(&db, id.0).await?;
        Ok(Deleted)
    }
}
