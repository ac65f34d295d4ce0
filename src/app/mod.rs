//! Every route of the server in one list.

pub mod users;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, endpoint::BoxEndpoint};
use poem_openapi::{OpenApi, OpenApiService};

use crate::{
    auth::{
        Auth,
        views::{DocumentLoginApi, LoginApi},
    },
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

/// The whole server as one endpoint.
pub fn create_app(config: &Config, db: Db, auth: Arc<Auth>) -> impl Endpoint<Output = Response> + 'static {
    let api = Api::of(config.profile);
    // Handlers find what they need in the request's data, so that the document can be had without a database.
    let routes = api.routes.data(auth).data(db).data(config.profile);
    Gateway::new(pages::around(routes, &api.specification), Dialect::of(config.profile))
}

/// The OpenAPI document of a profile.
pub fn specification(profile: Profile) -> Specification {
    Api::of(profile).specification
}

/// The routes of a profile and their description.
struct Api {
    routes: BoxEndpoint<'static, Response>,
    specification: Specification,
}

impl Api {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Tutorial => Self::new(profile, (LoginApi, UsersApi)),
            Profile::Scaffold10 => Self::new(profile, (LoginApi, DocumentLoginApi, UsersApi)),
        }
    }

    fn new(profile: Profile, routes: impl OpenApi + 'static) -> Self {
        let service = OpenApiService::new(AllMethods(routes), "poem-scaffold", env!("CARGO_PKG_VERSION"));
        Self {
            specification: openapi::complete(&service.spec(), profile),
            routes: service.into_endpoint().boxed(),
        }
    }
}
