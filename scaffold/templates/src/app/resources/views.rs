//! `/api/v1/[[ plural ]].json` and `/api/v1/[[ plural ]]/{id}.json`.

use poem_scaffold::{
[%- if guards %]
    auth::guard::{[[ guards ]]},
[%- endif %]
    db::Db,
    error::Error,
    jsonapi::{
        document::Document,
        resource::{Created, Deleted, Found, Listed},
    },
    poem::web::Data,
    poem_openapi::{self, OpenApi, Tags, param::Path},
};

use crate::models;

/// The section of these routes in the API docs.
#[derive(Tags)]
enum Tag {
    /// [[ Many ]], with their attributes.
    [[ Types ]],
}

/// The routes on [[ many ]].
pub struct [[ Types ]]Api;

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::[[ Types ]]")]
impl [[ Types ]]Api {
    /// List [[ many ]]
    ///
[%- if access.list == "owner" %]
    /// Gives the caller's [[ many ]]; an administrator gets those of all. [[ may.list ]]
[%- else %]
    /// Gives every [[ one ]]. [[ may.list ]]
[%- endif %]
    #[oai(path = "/[[ plural ]].json", method = "get", operation_id = "list_[[ plural ]]")]
    async fn list_[[ plural ]](
        &self,
[%- if guard.list %]
        [[ guard.list ]],
[%- endif %]
        db: Data<&Db>,
    ) -> Result<Listed<models::[[ Type ]]>, Error> {
[%- if access.list == "owner" %]
        Listed::of(if account.is_admin {
            models::list(&db)
        } else {
            models::list_of(&db, account.id)
        })
        .await
[%- else %]
[%- if access.list == "admin" %]
        account.require_admin()?;
[%- endif %]
        Listed::of(models::list(&db)).await
[%- endif %]
    }

    /// Add [[ a ]] [[ one ]]
    ///
    /// Gives the new [[ one ]] with its id. [[ may.create ]]
    #[oai(path = "/[[ plural ]].json", method = "post", operation_id = "create_[[ singular ]]")]
    async fn create_[[ singular ]](
        &self,
[%- if guard.create %]
        [[ guard.create ]],
[%- endif %]
        db: Data<&Db>,
        document: Document<models::New[[ Type ]]>,
    ) -> Result<Created<models::[[ Type ]]>, Error> {
[%- if access.create == "admin" %]
        account.require_admin()?;
[%- endif %]
[%- if masks.new %]
        let mut new = document.read()?;
        new.mask_references([% if masks.query %]&db, &account).await?[% else %]&account)[% endif %];
        let created = models::create(&db, new[% if has_owner %], account.id[% endif %]).await?;
[%- else %]
        let created = models::create(&db, document.read()?[% if has_owner %], account.id[% endif %]).await?;
[%- endif %]
        Ok(Created(created))
    }

    /// Show [[ a ]] [[ one ]]
    ///
    /// Gives one [[ one ]]. [[ may.get ]]
    #[oai(path = "/[[ plural ]]/{id}.json", method = "get", operation_id = "get_[[ singular ]]")]
    async fn get_[[ singular ]](
        &self,
[%- if guard.get %]
        [[ guard.get ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<i64>,
    ) -> Result<Found<models::[[ Type ]]>, Error> {
[%- if access.get == "admin" %]
        account.require_admin()?;
[%- endif %]
        let found = models::find(&db, id.0).await?;
[%- if access.get == "owner" %]
        account.[[ require ]](found.attributes.owner_id)?;
[%- endif %]
        Ok(Found(found))
    }

    /// Change [[ a ]] [[ one ]]
    ///
    /// Gives the changed [[ one ]]; what is not sent stays. [[ may.update ]]
    #[oai(path = "/[[ plural ]]/{id}.json", method = "patch", operation_id = "update_[[ singular ]]")]
    async fn update_[[ singular ]](
        &self,
[%- if guard.update %]
        [[ guard.update ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<i64>,
        document: Document<models::[[ Type ]]Patch>,
    ) -> Result<Found<models::[[ Type ]]>, Error> {
[%- if access.update == "admin" %]
        account.require_admin()?;
[%- endif %]
        let changed = db.transaction(async |db| {
[%- if access.update == "owner" %]
            let before = models::lock(&db, id.0).await?;
            account.[[ require ]](before.attributes.owner_id)?;
[%- else %]
            models::lock(&db, id.0).await?;
[%- endif %]
[%- if masks.patch %]
            let mut patch = document.read()?;
            patch.mask_references([% if masks.query %]&db, &account).await?[% else %]&account)[% endif %];
            models::update(&db, id.0, patch).await
[%- else %]
            models::update(&db, id.0, document.read()?).await
[%- endif %]
        });
        Ok(Found(changed.await?))
    }

    /// Delete [[ a ]] [[ one ]]
    ///
    /// It is gone for good. [[ may.delete ]]
    #[oai(path = "/[[ plural ]]/{id}.json", method = "delete", operation_id = "delete_[[ singular ]]")]
    async fn delete_[[ singular ]](
        &self,
[%- if guard.delete %]
        [[ guard.delete ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<i64>,
    ) -> Result<Deleted, Error> {
[%- if access.delete == "admin" %]
        account.require_admin()?;
[%- endif %]
[%- if access.delete == "owner" %]
        let deleted = db.transaction(async |db| {
            let before = models::lock(&db, id.0).await?;
            account.[[ require ]](before.attributes.owner_id)?;
            models::delete(&db, id.0).await
        });
        deleted.await?;
[%- else %]
        models::delete(&db, id.0).await?;
[%- endif %]
        Ok(Deleted)
    }
}
