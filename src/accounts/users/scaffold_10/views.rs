//! `/api/v1/users.json`, `/api/v1/users/{id}.json` and `/api/v1/signup.json` (Flask-Scaffold 0.6 to 1.0,
//! `app/users/views.py` and `app/baseviews.py`).
//!
//! The versions before 1.0 differ in what their users table has, see [`UsersTable`].

use std::sync::Arc;

use chrono::NaiveDateTime;
use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, param::Path, types::Any};
use serde_json::{Value, json};

use super::{
    active::{Active, Truth},
    models,
};
use crate::{
    accounts::{
        models::Addresses,
        users::further::{
            answers::{self, Shown, Viewer},
            documents::{Added, Changed as ChangedFurther, Sent, SignedUp},
            models::Extended,
        },
    },
    auth::{
        callers::Auth,
        guard::{EditorRequired, LoginRequired},
        passwords::PLACEHOLDER,
        throttle::ClientAddress,
    },
    db::Db,
    error::{Error, OrStatus},
    fields::{
        Email, Field, FieldError, INTEGER, Presence, STRING, Unstored,
        attribute::{self, Attribute},
        nullable::{Changed, Nullable},
        values::Timestamp,
    },
    flask::{
        datetime::isoformat,
        dialect::Dialect,
        tables::{ModificationTime, UsersTable},
    },
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

/// A user.
#[derive(Object)]
pub struct User {
    /// The address to log in with.
    email: String,
    /// Always the same text, which means "unchanged" when it is sent back.
    password: String,
    /// The display name.
    name: String,
    /// 0 for a user who is switched off; a truth value where Flask-Scaffold 0.6 made the table.
    active: Active,
    /// When the user was added, in UTC.
    creation_time: String,
    /// When the user was changed, in UTC, if anybody notes it; only where Flask-Scaffold 0.6 made the table.
    #[oai(skip_serializing_if_is_none)]
    modification_time: Option<Nullable<String>>,
    /// The name of the user's role.
    role: Option<String>,
}

impl Resource for User {
    const TYPE: &'static str = "users";
    const IS_SCAFFOLDED: bool = false;
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute::of::<String>("email"),
        // The original showed the hash, and its edit form cannot be saved without one.
        attribute::constant("password", PLACEHOLDER),
        attribute::of::<String>("name"),
        NUMBER,
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

const NUMBER: Attribute = attribute::of::<i64>("active");
const TRUTH: Attribute = attribute::of::<bool>("active");
const MODIFICATION_TIME: Attribute = attribute::of::<Option<Timestamp>>("modification_time");

impl User {
    /// The attributes with a table's columns.
    fn attributes_in(table: UsersTable) -> Vec<&'static Attribute> {
        let others = Self::ATTRIBUTES
            .iter()
            .filter(|attribute| attribute.name() != NUMBER.name());
        let active = if table.active_is_boolean { &TRUTH } else { &NUMBER };
        let modified = table.modification_time.map(|_| &MODIFICATION_TIME);
        others.chain([active]).chain(modified).collect()
    }

    fn shown(table: UsersTable, viewer: Viewer, user: Extended<models::User>) -> Identified<Shown<Self>> {
        Shown::to(viewer, Self::core(table, user.row), user.further)
    }

    fn core(table: UsersTable, row: models::User) -> Identified<Self> {
        let time = |time| format!("{}+00:00", isoformat(time));
        Identified {
            id: row.id,
            attributes: User {
                email: row.email,
                password: PLACEHOLDER.to_owned(),
                name: row.name,
                active: Active::stored(table, row.active),
                creation_time: time(row.creation_time),
                modification_time: table
                    .modification_time
                    .map(|_| Nullable(row.modification_time.map(time))),
                role: row.role,
            },
            unreadable: row.unreadable,
        }
    }
}

/// The mail address, of which only 0.6 wanted it to be one.
struct Address {
    is_checked: bool,
}

impl Address {
    fn of(table: UsersTable) -> Self {
        Self {
            is_checked: table.is_of_0_6(),
        }
    }
}

impl Field for Address {
    type Value = String;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<String, FieldError> {
        match self.is_checked {
            true => Email.read(value),
            false => STRING.read(value),
        }
    }
}

fn active(attributes: &mut Attributes) -> Active {
    match attributes.users.active_is_boolean {
        true => Active::Truth(attributes.required("active", &Truth)),
        false => Active::Number(attributes.required("active", &INTEGER).into()),
    }
}

/// Where there is none, 0.6 changed nothing and signed up all the same.
fn may_lack_active(attributes: &Attributes) -> bool {
    attributes.users.is_of_0_6() && !attributes.has("active")
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
    /// 0 or `false` for a user who is switched off: a number, or a truth value where Flask-Scaffold 0.6 made the table.
    active: Active,
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
            email: attributes.required("email", &Address::of(attributes.users)),
            password: attributes.required("password", &Unstored),
            name: attributes.required("name", &STRING),
            active: active(attributes),
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
    /// A valid value of `active` that must be there, and is not looked at further.
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
            email: attributes.required("email", &Address::of(attributes.users)),
            password: attributes.required("password", &Unstored),
            name: attributes.required("name", &STRING),
            active: match attributes.users.active_is_boolean {
                _ if may_lack_active(attributes) => Any(Value::Null),
                true => Any(attributes.required("active", &Truth).into()),
                false => attributes.unstored_integer("active"),
            },
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
    /// 0 or `false` to switch the user off; must be there. Only administrators change it.
    active: Changed<Active>,
    /// When the user was added. Only administrators change it.
    creation_time: Option<NaiveDateTime>,
    /// Not documented, because 1.0 ignores it.
    #[oai(skip)]
    modification_time: Option<Option<NaiveDateTime>>,
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
            email: attributes.optional("email", &Address::of(attributes.users)),
            password: attributes.optional("password", &Unstored),
            name: attributes.optional("name", &STRING),
            active: Changed((!may_lack_active(attributes)).then(|| active(attributes))),
            creation_time: attributes.unchecked_required_timestamp("creation_time"),
            modification_time: match attributes.users.modification_time {
                None => None,
                Some(ModificationTime::Nullable) => attributes
                    .unchecked_timestamp("modification_time")
                    .map(|Nullable(moment)| moment),
                Some(ModificationTime::Required) => {
                    attributes.unchecked_required_timestamp("modification_time").map(Some)
                }
            },
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
        dialect: Data<&Dialect>,
        client: ClientAddress,
        document: Document<Sent<Signup, SignedUp>>,
    ) -> Result<Created<Shown<User>>, OrStatus<429>> {
        let is_enabled = auth.enables_signups()?;
        let Sent { core: new, further } = document.read()?;
        let user = models::NewUser {
            password_hash: auth.hash_signup(&new.email, &new.password, &client).await?,
            email: new.email,
            name: new.name,
            active: Active::stored(dialect.users, is_enabled.into()),
            role: None,
            further: further.0,
        };
        let user = models::create(&db, dialect.users, Addresses::of(&auth), user).await?;
        Ok(Created(User::shown(dialect.users, Viewer::new(user.row.id), user)))
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
        dialect: Data<&Dialect>,
    ) -> Result<Listed<Shown<User>>, Error> {
        let (table, viewer) = (dialect.users, Viewer::of(&auth, &login).await?);
        answers::list(viewer, User::attributes_in(table), models::list(&db, table)).await
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
        dialect: Data<&Dialect>,
        document: Document<Sent<NewUser, Added>>,
    ) -> Result<Created<Shown<User>>, Error> {
        login.require_admin()?;
        let Sent { core: new, further } = document.read()?;
        let user = models::NewUser {
            password_hash: auth.hash_new(&new.email, &new.password).await?,
            email: new.email,
            name: new.name,
            active: new.active,
            role: Some(new.role),
            further: further.0,
        };
        let viewer = Viewer::of(&auth, &login).await?;
        let user = models::create(&db, dialect.users, Addresses::of(&auth), user).await?;
        Ok(Created(User::shown(dialect.users, viewer, user)))
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
        dialect: Data<&Dialect>,
        id: Path<i64>,
    ) -> Result<Found<Shown<User>>, Error> {
        let viewer = Viewer::of(&auth, &login).await?;
        let user = models::find(&db, dialect.users, id.0).await?;
        Ok(Found(User::shown(dialect.users, viewer, user)))
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
        dialect: Data<&Dialect>,
        id: Path<i64>,
        document: Document<Sent<UserPatch, ChangedFurther>>,
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
            active: patch.active.0.filter(|_| privileged),
            creation_time: patch.creation_time.filter(|_| privileged),
            modification_time: patch.modification_time.filter(|_| privileged),
            role: patch.role.filter(|_| privileged),
            further: further.allowed(privileged),
        };
        let viewer = Viewer::of(&auth, &login).await?;
        let user = models::update(&db, dialect.users, Addresses::of(&auth), id.0, change).await?;
        Ok(Found(User::shown(dialect.users, viewer, user)))
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
