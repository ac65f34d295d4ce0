//! `GET /api/users`: the tutorial's list of users.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, types::Example};

use super::models;
use crate::{
    auth::guard::LoginRequired,
    config::Profile,
    db::Db,
    error::{Error, Result},
    flask::email::is_address_for_marshmallow_1,
    jsonapi::body::Answer,
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

impl From<models::User> for TutorialUser {
    /// As the tutorial's `UsersSchema`, `app/users/models.py`, whose Email field drops invalid addresses.
    fn from(user: models::User) -> Self {
        Self {
            id: user.id,
            email: Some(user.email).filter(|email| is_address_for_marshmallow_1(email)),
            name: user.name,
            is_enabled: user.is_enabled,
        }
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
    ) -> Result<Answer<UserList>, Error> {
        let users = models::list(&db, *profile.0).await?;
        Ok(Answer(UserList {
            users: users.into_iter().map(TutorialUser::from).collect(),
        }))
    }
}
