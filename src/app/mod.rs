//! Every route of the server in one list.

pub mod roles;
pub mod tutorial;
pub mod users;

// scaffold: modules

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, endpoint::BoxEndpoint};
use poem_openapi::{OpenApi, OpenApiService};

use crate::{
    auth::{
        Auth,
        reset::Resets,
        views::{DocumentLoginApi, ForgotApi, LoginApi},
    },
    config::{Config, Fidelity, Profile},
    db::Db,
    flask::dialect::Dialect,
    jsonapi::body::AccountLimit,
    web::{
        cors::Cors,
        files::Files,
        gateway::Gateway,
        methods::AllMethods,
        openapi::{self, Specification},
        pages::{self, Pages},
        paths::{self, JsonPaths},
    },
};
use roles::views::RolesApi;
use tutorial::views::TutorialUsersApi;
use users::{scaffold_10, scaffold_20};

/// The whole server as one endpoint.
pub fn create_app(config: &Config, db: Db, auth: Arc<Auth>, resets: Arc<Resets>) -> Gateway<impl Endpoint + 'static> {
    let api = Api::of(config.profile);
    // Handlers find what they need in the request's data, so that the document can be had without a database.
    let dialect = Dialect::of(config.profile);
    let routes = api
        .routes
        .data(auth)
        .data(resets)
        .data(db)
        .data(config.profile)
        .data(AccountLimit::of(config.fidelity == Fidelity::Safe))
        .data(dialect);
    let front = match &config.static_dir {
        Some(folder) => Files::new(folder, config.profile, &config.database_url).boxed(),
        None => Pages::new(config.profile, config.signup).boxed(),
    };
    Gateway::new(
        pages::around(routes, front, &api.specification),
        dialect,
        Cors::new(config.cors_origins.clone()),
    )
}

/// The OpenAPI document of a profile.
pub fn specification(profile: Profile) -> Specification {
    Api::of(profile).specification
}

/// Nests its arguments in pairs, because poem-openapi's tuples end at sixteen.
macro_rules! routes {
    () => { () };
    ($first:expr $(, $others:expr)* $(,)?) => { ($first, routes![$($others),*]) };
}

/// The routes of the scaffolded resources, which every profile has.
fn resources() -> impl OpenApi + 'static {
    routes![
        // scaffold: routes
    ]
}

/// The routes of a profile and their description.
struct Api {
    routes: BoxEndpoint<'static, Response>,
    specification: Specification,
}

impl Api {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Tutorial => Self::new(profile, (LoginApi, TutorialUsersApi, resources())),
            Profile::Scaffold10 => {
                let tutorial = (LoginApi, TutorialUsersApi);
                let accounts = (DocumentLoginApi, ForgotApi);
                let users = (scaffold_10::views::UsersApi, RolesApi);
                Self::new(profile, (tutorial, accounts, users, resources()))
            }
            Profile::Scaffold20 => {
                let accounts = (DocumentLoginApi, ForgotApi);
                Self::new(profile, (accounts, scaffold_20::views::UsersApi, resources()))
            }
        }
    }

    fn new(profile: Profile, routes: impl OpenApi + 'static) -> Self {
        let service = OpenApiService::new(
            AllMethods(JsonPaths(routes)),
            "poem-scaffold",
            env!("CARGO_PKG_VERSION"),
        );
        Self {
            specification: openapi::complete(&service.spec(), profile),
            routes: service.into_endpoint().before(paths::split).boxed(),
        }
    }
}
