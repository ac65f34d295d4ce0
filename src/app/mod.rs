//! Every route of the server in one list.

pub mod users;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, Response};
use poem_openapi::{OpenApi, OpenApiService, Tags};

use crate::{
    auth::{Auth, views::LoginApi},
    config::{Config, Profile},
    db::Db,
    flask::dialect::Dialect,
    web::{
        gateway::Gateway,
        methods::AllMethods,
        openapi::{self, Specification},
        pages,
    },
};
use users::views::UsersApi;

/// The sections of the API docs.
#[derive(Tags)]
pub enum Tag {
    /// Getting a token.
    Login,
    /// The users of the app.
    Users,
}

/// The whole server as one endpoint.
pub fn create_app(config: &Config, db: Db, auth: Arc<Auth>) -> impl Endpoint<Output = Response> + 'static {
    let specification = specification(config.profile);
    let api = api().data(auth).data(db).data(config.profile);
    Gateway::new(pages::around(api, &specification), Dialect::of(config.profile))
}

/// The OpenAPI document of a profile.
pub fn specification(profile: Profile) -> Specification {
    openapi::complete(&api().spec(), profile)
}

/// Handlers find what they need in the request's data, so that the document can be had without a database.
fn api() -> OpenApiService<impl OpenApi + 'static, ()> {
    let routes = (LoginApi, UsersApi);
    OpenApiService::new(AllMethods(routes), "poem-scaffold", env!("CARGO_PKG_VERSION"))
}
