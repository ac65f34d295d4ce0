//! Every route of the server in one list.

pub mod roles;
pub mod tutorial;
pub mod users;

// scaffold: modules

use std::sync::{Arc, OnceLock};

use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, endpoint::BoxEndpoint};
use poem_openapi::{OpenApi, OpenApiService};

use crate::{
    auth::{
        Auth,
        reset::Resets,
        views::{DocumentLoginApi, ForgotApi, LoginApi},
    },
    config::{Config, Fidelity, Profile},
    db::{self, Db},
    error::Error,
    flask::{dialect::Dialect, tables::UsersTable},
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

/// What handlers find in the request's data, so that the document can be had without a database.
#[derive(Clone)]
pub struct Services {
    /// The open database.
    pub db: Db,
    /// Who is calling.
    pub auth: Arc<Auth>,
    /// Forgotten passwords.
    pub resets: Arc<Resets>,
    /// What the users table is like.
    pub users: UsersTable,
}

/// The whole server as one endpoint. Until there are `services`, the API answers that the database is not available.
pub fn create_app(config: &Config, services: Arc<OnceLock<Services>>) -> Gateway<impl Endpoint + 'static> {
    let mut api = Api::of(config.profile, config.min_password);
    if let Some(url) = config.mail.public_url.as_deref().filter(|url| is_below_a_path(url)) {
        openapi::publish_at(&mut api.specification, url);
    }
    let dialect = Dialect::of(config.profile).under(config.fidelity);
    let routes = api
        .routes
        .before(move |request| {
            let prepared = prepare(request, services.get(), dialect);
            async { prepared }
        })
        .data(config.profile)
        .data(AccountLimit::of(config.fidelity == Fidelity::Safe));
    let front = match &config.static_dir {
        Some(folder) => Files::new(folder, config.profile, &config.database_url).boxed(),
        None => Pages::new(config.profile, config.signup, config.min_password).boxed(),
    };
    Gateway::new(
        pages::around(routes, front, &api.specification),
        dialect,
        Cors::new(config.cors_origins.clone()),
    )
}

/// Whether an address names more than a host.
fn is_below_a_path(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path() != "/")
}

fn prepare(mut request: Request, services: Option<&Services>, dialect: Dialect) -> poem::Result<Request> {
    let services = services.ok_or_else(|| Error::Database(db::not_reached_yet()))?.clone();
    request.set_data(services.db);
    request.set_data(services.auth);
    request.set_data(services.resets);
    request.set_data(dialect.with_users(services.users));
    Ok(request)
}

/// The OpenAPI document of a profile, with this many characters for a new password.
pub fn specification(profile: Profile, min_password: usize) -> Specification {
    Api::of(profile, min_password).specification
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
    fn of(profile: Profile, min_password: usize) -> Self {
        let mut api = match profile {
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
        };
        openapi::require_characters(&mut api.specification, min_password);
        api
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
