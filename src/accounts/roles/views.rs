//! `/api/v1/roles.json` and `/api/v1/roles/{id}.json` (Flask-Scaffold 1.0, `app/roles/views.py`).

use poem::web::Data;
use poem_openapi::{Object, OpenApi, Tags, param::Path};
use serde_json::{Value, json};

use super::models;
use crate::{
    auth::guard::LoginRequired,
    db::Db,
    error::Error,
    fields::{
        STRING,
        attribute::{self, Attribute},
        nullable::Nullable,
    },
    jsonapi::{
        document::{Attributes, Document, FromAttributes},
        resource::{Created, Deleted, Found, Identified, Listed, Resource},
    },
};

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// The roles that users can have.
    Roles,
}

/// The routes on roles.
pub struct RolesApi;

/// A role.
#[derive(Object)]
pub struct Role {
    /// What users refer to it by; null for a role that was stored without.
    name: Option<String>,
}

impl Resource for Role {
    const TYPE: &'static str = "roles";
    const IS_SCAFFOLDED: bool = false;
    const ATTRIBUTES: &'static [Attribute] = &[attribute::of::<Option<String>>("name")];

    fn example() -> Value {
        json!({"name": "editor"})
    }
}

impl From<models::Role> for Identified<Role> {
    fn from(row: models::Role) -> Self {
        Self {
            id: row.id,
            attributes: Role { name: row.name },
            unreadable: row.unreadable,
        }
    }
}

/// A role to be added.
#[derive(Object)]
pub struct NewRole {
    /// What users refer to it by; unique.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: String,
    /// A note that is stored but not shown.
    description: Option<Nullable<String>>,
}

impl FromAttributes for NewRole {
    type Resource = Role;

    fn example() -> Value {
        json!({"name": "editor", "description": "May edit posts."})
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            name: attributes.required("name", &STRING),
            description: attributes.unchecked_string("description"),
        }
    }
}

/// What of a role is to be changed.
#[derive(Object)]
pub struct RolePatch {
    /// The new name, which must be unique; the name of a role that users have cannot be changed.
    #[oai(validator(min_length = 1, max_length = 250))]
    name: Option<String>,
    /// A note that is stored but not shown.
    description: Option<Nullable<String>>,
}

impl FromAttributes for RolePatch {
    type Resource = Role;

    fn example() -> Value {
        json!({"name": "author"})
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            name: attributes.optional("name", &STRING),
            description: attributes.unchecked_string("description"),
        }
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Roles")]
impl RolesApi {
    /// List roles
    ///
    /// Gives every role.
    #[oai(path = "/roles.json", method = "get", operation_id = "list_roles")]
    async fn list_roles(&self, _login: LoginRequired, db: Data<&Db>) -> Result<Listed<Role>, Error> {
        Listed::of(models::list(&db)).await
    }

    /// Add a role
    ///
    /// Needs an administrator, unless the server is set to let everybody.
    #[oai(path = "/roles.json", method = "post", operation_id = "create_role")]
    async fn create_role(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        document: Document<NewRole>,
    ) -> Result<Created<Role>, Error> {
        login.require_admin()?;
        let new = document.read()?;
        let role = models::create(&db, &new.name, new.description.and_then(|note| note.0)).await?;
        Ok(Created(role.into()))
    }

    /// Show a role
    ///
    /// Gives one role.
    #[oai(path = "/roles/{id}.json", method = "get", operation_id = "get_role")]
    async fn get_role(&self, _login: LoginRequired, db: Data<&Db>, id: Path<i64>) -> Result<Found<Role>, Error> {
        Ok(Found(models::find(&db, id.0).await?.into()))
    }

    /// Change a role
    ///
    /// Needs an administrator, unless the server is set to let everybody.
    #[oai(path = "/roles/{id}.json", method = "patch", operation_id = "update_role")]
    async fn update_role(
        &self,
        login: LoginRequired,
        db: Data<&Db>,
        id: Path<i64>,
        document: Document<RolePatch>,
    ) -> Result<Found<Role>, Error> {
        login.require_admin()?;
        models::find(&db, id.0).await?;
        let patch = document.read()?;
        let role = models::update(&db, id.0, patch.name, patch.description.map(|note| note.0)).await?;
        Ok(Found(role.into()))
    }

    /// Delete a role
    ///
    /// Users who have it are left without. Needs an administrator, unless the server is set to let everybody.
    #[oai(path = "/roles/{id}.json", method = "delete", operation_id = "delete_role")]
    async fn delete_role(&self, login: LoginRequired, db: Data<&Db>, id: Path<i64>) -> Result<Deleted, Error> {
        login.require_admin()?;
        models::delete(&db, id.0).await?;
        Ok(Deleted)
    }
}
