//! `GET /api/users`: the tutorial's list of users.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, types::Example};

use super::models;
use crate::{
    auth::guard::LoginRequired,
    config::Profile,
    db::{Cell, Column, Db},
    error::{Error, Result},
    fields::attribute::{self, Attribute, Shown},
    flask::email::is_address_for_marshmallow_1,
    jsonapi::{
        body::Streamed,
        list::{List, Shape},
    },
};

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// The users of the app.
    Users,
}

/// The tutorial's routes on users.
pub struct TutorialUsersApi;

/// A user of the app.
#[derive(Object)]
pub struct TutorialUser {
    /// The user's id.
    id: i64,
    /// The mail address; null where what is stored is not one.
    email: Option<String>,
    /// The display name.
    name: String,
    /// Whether the user may log in.
    is_enabled: bool,
}

/// What of a row is listed.
const ATTRIBUTES: &[Attribute] = &[
    attribute::of::<i64>("id"),
    attribute::of::<Address>("email"),
    attribute::of::<String>("name"),
    attribute::of::<bool>("is_enabled"),
];

/// A text if it is a mail address: the tutorial's `UsersSchema`, `app/users/models.py`, dropped what is not one.
struct Address(Option<String>);

impl Column for Address {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        String::from_cell(cell).map(|text| Self(Some(text).filter(|text| is_address_for_marshmallow_1(text))))
    }
}

impl Shown for Address {
    fn show(&self, out: &mut Vec<u8>) {
        self.0.show(out);
    }
}

/// All users of the app.
#[derive(Object)]
#[oai(example)]
pub struct UserList {
    /// The users by id.
    users: Vec<TutorialUser>,
}

impl Example for UserList {
    fn example() -> Self {
        Self {
            users: vec![TutorialUser {
                id: 1,
                email: Some("admin@example.com".to_owned()),
                name: "Admin".to_owned(),
                is_enabled: true,
            }],
        }
    }
}

#[OpenApi]
impl TutorialUsersApi {
    /// List users
    ///
    /// Gives every user of the app, without passwords.
    #[oai(
        path = "/api/users",
        method = "get",
        operation_id = "list_users_of_tutorial",
        tag = "Tag::Users"
    )]
    async fn list_users_of_tutorial(
        &self,
        _login: LoginRequired,
        db: Data<&Db>,
        profile: Data<&Profile>,
    ) -> Result<Streamed<UserList>, Error> {
        let users = models::list(&db, *profile.0);
        let list = List::new(Shape::Member("users"), "users", ATTRIBUTES, users);
        Ok(Streamed::new(list.into_body().await?))
    }
}
