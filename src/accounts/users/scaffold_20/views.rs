//! `/api/v1/users.json`, `/api/v1/users/{id}.json` and `/api/v1/signup.json` (Flask-Scaffold 2.0,
//! `app/users/views.py` and `app/baseviews.py`).

use std::sync::Arc;

use chrono::NaiveDateTime;
use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, param::Path};
use serde_json::{Value, json};

use super::models;
use crate::{
    accounts::{
        models::Addresses,
        users::further::{
            answers::{self, Shown, Viewer},
            documents::{Added, Changed, Sent, SignedUp},
            models::Extended,
        },
    },
    auth::{
        callers::Auth,
        guard::{EditorRequired, LoginRequired},
        throttle::ClientAddress,
    },
    db::Db,
    error::{Error, OrStatus},
    fields::{
        STRING, Unstored,
        attribute::{self, Attribute},
        nullable::Nullable,
    },
    flask::datetime::isoformat,
    jsonapi::{
        document::{Attributes, Document, FromAttributes},
        resource::{Created, Deleted, Found, Identified, Listed, Resource},
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

/// What the original called those who made their own account.
const SELF_SIGNUP: &str = "Self Signup";

/// A user.
#[derive(Object)]
pub struct User {
    /// The address to log in with.
    email: String,
    /// The display name.
    name: Option<String>,
    /// When the user was added, in UTC.
    createddate: Option<String>,
    /// Who added the user.
    createdby: String,
    /// When the user was added, in UTC, unless somebody set it.
    updateddate: String,
    /// Who changed the user last.
    updatedby: String,
}

impl Resource for User {
    const TYPE: &'static str = "users";
    const IS_SCAFFOLDED: bool = false;
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute::of::<String>("email"),
        attribute::of::<Option<String>>("name"),
        attribute::of::<Option<NaiveDateTime>>("createddate"),
        attribute::of::<String>("createdby"),
        attribute::of::<NaiveDateTime>("updateddate"),
        attribute::of::<String>("updatedby"),
    ];

    fn example() -> Value {
        json!({
            "email": "ann@example.com",
            "name": "Ann",
            "createddate": "2026-01-02T03:04:05.678901",
            "createdby": SELF_SIGNUP,
            "updateddate": "2026-01-02T03:04:05.678901",
            "updatedby": SELF_SIGNUP,
        })
    }
}

impl User {
    fn shown(viewer: Viewer, user: Extended<models::User>) -> Identified<Shown<Self>> {
        Shown::to(viewer, user.row.into(), user.further)
    }
}

impl From<models::User> for Identified<User> {
    fn from(row: models::User) -> Self {
        Self {
            id: row.id,
            attributes: User {
                email: row.email,
                name: row.name,
                createddate: row.created_date.map(isoformat),
                createdby: row.created_by,
                updateddate: isoformat(row.updated_date),
                updatedby: row.updated_by,
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
    /// The display name; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: String,
    /// Not looked at: the server knows who calls.
    #[oai(validator(min_length = 1))]
    createdby: Option<String>,
    /// Not looked at: the server knows who calls.
    #[oai(validator(min_length = 1))]
    updatedby: Option<String>,
}

impl FromAttributes for NewUser {
    type Resource = User;

    fn example() -> Value {
        json!({"email": "bob@example.com", "password": "correct horse battery staple", "name": "Bob"})
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            email: attributes.required("email", &STRING),
            password: attributes.required("password", &Unstored),
            name: attributes.required("name", &STRING),
            createdby: attributes.optional("createdby", &Unstored),
            updatedby: attributes.optional("updatedby", &Unstored),
        }
    }
}

/// What of a user is to be changed.
#[derive(Object)]
pub struct UserPatch {
    /// The new address to log in with; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    email: Option<String>,
    /// The new password.
    #[oai(validator(min_length = 1))]
    password: Option<String>,
    /// The new display name; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: Option<String>,
    /// When the user was added. Only administrators change it.
    createddate: Option<Nullable<NaiveDateTime>>,
    /// Who added the user. Only administrators change it.
    #[oai(validator(min_length = 1, max_length = 250))]
    createdby: Option<String>,
    /// When the user was changed. Only administrators change it.
    updateddate: Option<NaiveDateTime>,
    /// Not looked at: the server knows who calls.
    #[oai(validator(min_length = 1))]
    updatedby: Option<String>,
}

impl FromAttributes for UserPatch {
    type Resource = User;

    fn example() -> Value {
        json!({"name": "Ann Other"})
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            email: attributes.optional("email", &STRING),
            password: attributes.optional("password", &Unstored),
            name: attributes.optional("name", &STRING),
            createddate: attributes.unchecked_timestamp("createddate"),
            createdby: attributes.optional("createdby", &STRING),
            updateddate: attributes.unchecked_required_timestamp("updateddate"),
            updatedby: attributes.optional("updatedby", &Unstored),
        }
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Users")]
impl UsersApi {
    /// Sign up
    ///
    /// Adds a user. Needs no token. Whether anybody may, and may log in at once, is a setting.
    #[oai(path = "/signup.json", method = "post", operation_id = "sign_up")]
    async fn sign_up(
        &self,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        client: ClientAddress,
        document: Document<Sent<NewUser, SignedUp>>,
    ) -> Result<Created<Shown<User>>, OrStatus<429>> {
        let is_enabled = auth.enables_signups()?;
        let Sent { core: new, further } = document.read()?;
        let user = models::NewUser {
            password_hash: auth.hash_signup(&new.email, &new.password, &client).await?,
            email: new.email,
            name: new.name,
            is_enabled,
            created_by: Some(SELF_SIGNUP.to_owned()),
            further: further.0,
        };
        let user = models::create(&db, Addresses::of(&auth), user).await?;
        Ok(Created(User::shown(Viewer::new(user.row.id), user)))
    }

    /// List users
    ///
    /// Gives every user.
    #[oai(path = "/users.json", method = "get", operation_id = "list_users")]
    async fn list_users(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
    ) -> Result<Listed<Shown<User>>, Error> {
        let viewer = Viewer::of(&auth, &login).await?;
        answers::list(viewer, User::ATTRIBUTES, models::list(&db)).await
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
        document: Document<Sent<NewUser, Added>>,
    ) -> Result<Created<Shown<User>>, Error> {
        login.require_admin()?;
        let Sent { core: new, further } = document.read()?;
        let created_by = auth.name_of(&login).await?;
        let user = models::NewUser {
            password_hash: auth.hash_new(&new.email, &new.password).await?,
            email: new.email,
            name: new.name,
            is_enabled: true,
            created_by,
            further: further.0,
        };
        let viewer = Viewer::of(&auth, &login).await?;
        let user = models::create(&db, Addresses::of(&auth), user).await?;
        Ok(Created(User::shown(viewer, user)))
    }

    /// Show a user
    ///
    /// Gives one user.
    #[oai(path = "/users/{id}.json", method = "get", operation_id = "get_user")]
    async fn get_user(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        id: Path<i64>,
    ) -> Result<Found<Shown<User>>, Error> {
        let viewer = Viewer::of(&auth, &login).await?;
        Ok(Found(User::shown(viewer, models::find(&db, id.0).await?)))
    }

    /// Change a user
    ///
    /// Needs that user or an administrator, unless the server is set to let everybody.
    #[oai(path = "/users/{id}.json", method = "patch", operation_id = "update_user")]
    async fn update_user(
        &self,
        login: EditorRequired,
        db: Data<&Db>,
        auth: Data<&Arc<Auth>>,
        id: Path<i64>,
        document: Document<Sent<UserPatch, Changed>>,
    ) -> Result<Found<Shown<User>>, Error> {
        login.require_owner_or_admin(id.0)?;
        let account = auth.find(&login, id.0).await?;
        let Sent { core: patch, further } = document.read()?;
        let privileged = login.is_privileged;
        let credentials = auth.change_of(&account, patch.email, patch.password).await?;
        let change = models::UserChange {
            email: credentials.email,
            password_hash: credentials.password_hash,
            name: patch.name,
            created_date: patch.createddate.filter(|_| privileged).map(|date| date.0),
            created_by: patch.createdby.filter(|_| privileged),
            updated_date: patch.updateddate.filter(|_| privileged),
            updated_by: auth.name_of(&login).await?,
            further: further.allowed(privileged),
        };
        let viewer = Viewer::of(&auth, &login).await?;
        let user = models::update(&db, Addresses::of(&auth), id.0, change).await?;
        Ok(Found(User::shown(viewer, user)))
    }

    /// Delete a user
    ///
    /// Needs that user or an administrator, unless the server is set to let everybody.
    #[oai(path = "/users/{id}.json", method = "delete", operation_id = "delete_user")]
    async fn delete_user(&self, login: LoginRequired, db: Data<&Db>, id: Path<i64>) -> Result<Deleted, Error> {
        login.require_owner_or_admin(id.0)?;
        models::delete(&db, id.0).await?;
        Ok(Deleted)
    }
}
