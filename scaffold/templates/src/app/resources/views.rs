//! `[[ prefix ]]/[[ route ]][[ ending ]]` and `[[ prefix ]]/[[ route ]]/{id}[[ ending ]]`.

use poem_scaffold::{
[%- if guards %]
    auth::guard::{[[ guards ]]},
[%- endif %]
    db::Db,
    error::Result,
    jsonapi::{Created, Deleted, Document, Found, Listed},
    poem::web::Data,
    poem_openapi::{self, OpenApi, Tags, param::Path},
[%- if own_key and own_key.rust == "Uuid" %]
    uuid::Uuid,
[%- endif %]
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

#[OpenApi([% if prefix %]prefix_path = "[[ prefix ]]", [% endif %]tag = "Tag::[[ Types ]]")]
impl [[ Types ]]Api {
    /// List [[ many ]]
    ///
[%- if access.list == "owner" %]
    /// Gives the caller's [[ many ]]; an administrator gets those of all. [[ may.list ]]
[%- else %]
    /// Gives every [[ one ]]. [[ may.list ]]
[%- endif %]
    #[oai(path = "/[[ route ]][[ ending ]]", method = "get", operation_id = "list_[[ plural ]]")]
    async fn list_[[ plural ]](
        &self,
[%- if guard.list %]
        [[ guard.list ]],
[%- endif %]
        db: Data<&Db>,
    ) -> Result<Listed<models::[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
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
    #[oai(path = "/[[ route ]][[ ending ]]", method = "post", operation_id = "create_[[ singular ]]")]
    async fn create_[[ singular ]](
        &self,
[%- if guard.create %]
        [[ guard.create ]],
[%- endif %]
        db: Data<&Db>,
        document: Document<models::New[[ Type ]]>,
    ) -> Result<Created<models::[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
[%- if access.create == "admin" %]
        account.require_admin()?;
[%- endif %]
[%- if masks.new %]
        let mut new = document.read()?;
        new.mask_references([% if masks.query %]&db, &account).await?[% else %]&account)[% endif %];
        Ok(Created(models::create(&db, new[% if has_owner %], account.id[% endif %]).await?))
[%- else %]
        Ok(Created(models::create(&db, document.read()?[% if has_owner %], account.id[% endif %]).await?))
[%- endif %]
    }

    /// Show [[ a ]] [[ one ]]
    ///
    /// Gives one [[ one ]]. [[ may.get ]]
    #[oai(path = "/[[ route ]]/{id}[[ ending ]]", method = "get", operation_id = "get_[[ singular ]]")]
    async fn get_[[ singular ]](
        &self,
[%- if guard.get %]
        [[ guard.get ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<[% if own_key %][[ own_key.rust ]][% else %]i64[% endif %]>,
    ) -> Result<Found<models::[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
[%- if access.get == "admin" %]
        account.require_admin()?;
[%- endif %]
[%- if access.get == "owner" %]
        let found = models::find(&db, [[ id_arg ]]).await?;
        account.[[ require ]](found.attributes.owner_id)?;
        Ok(Found(found))
[%- else %]
        Ok(Found(models::find(&db, [[ id_arg ]]).await?))
[%- endif %]
    }

    /// Change [[ a ]] [[ one ]]
    ///
    /// Gives the changed [[ one ]]; what is not sent stays. [[ may.update ]]
    #[oai(path = "/[[ route ]]/{id}[[ ending ]]", method = "patch", operation_id = "update_[[ singular ]]")]
    async fn update_[[ singular ]](
        &self,
[%- if guard.update %]
        [[ guard.update ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<[% if own_key %][[ own_key.rust ]][% else %]i64[% endif %]>,
        document: Document<models::[[ Type ]]Patch>,
    ) -> Result<Found<models::[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
[%- if access.update == "admin" %]
        account.require_admin()?;
[%- endif %]
        let changed = db.transaction(async |db| {
[%- if access.update == "owner" %]
            let before = models::lock(&db, [[ id_arg ]]).await?;
            account.[[ require ]](before.attributes.owner_id)?;
[%- else %]
            models::lock(&db, [[ id_arg ]]).await?;
[%- endif %]
[%- if masks.patch %]
            let mut patch = document.read()?;
            patch.mask_references([% if masks.query %]&db, &account).await?[% else %]&account)[% endif %];
            models::update(&db, [[ id_arg ]], patch).await
[%- else %]
            models::update(&db, [[ id_arg ]], document.read()?).await
[%- endif %]
        });
        Ok(Found(changed.await?))
    }

    /// Delete [[ a ]] [[ one ]]
    ///
    /// It is gone for good. [[ may.delete ]]
    #[oai(path = "/[[ route ]]/{id}[[ ending ]]", method = "delete", operation_id = "delete_[[ singular ]]")]
    async fn delete_[[ singular ]](
        &self,
[%- if guard.delete %]
        [[ guard.delete ]],
[%- endif %]
        db: Data<&Db>,
        id: Path<[% if own_key %][[ own_key.rust ]][% else %]i64[% endif %]>,
    ) -> Result<Deleted> {
[%- if access.delete == "admin" %]
        account.require_admin()?;
[%- endif %]
[%- if access.delete == "owner" %]
        let deleted = db.transaction(async |db| {
            let before = models::lock(&db, [[ id_arg ]]).await?;
            account.[[ require ]](before.attributes.owner_id)?;
            models::delete(&db, [[ id_arg ]]).await
        });
        deleted.await?;
[%- else %]
        models::delete(&db, [[ id_arg ]]).await?;
[%- endif %]
        Ok(Deleted)
    }
}
