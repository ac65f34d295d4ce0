//! Every route of the server in one list: those of a profile's users, and those of a project's resources.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaApi, Registry},
};

use crate::{
    accounts::{
        login::{DocumentLoginApi, ForgotApi, LoginApi},
        roles::views::RolesApi,
        tutorial::views::TutorialUsersApi,
        users::{scaffold_10, scaffold_20},
    },
    auth::{callers::Auth, reset::requests::Resets},
    config::{Config, Fidelity, Profile, UpstreamUrl},
    db::{self, Db},
    error::Error,
    flask::{dialect::Dialect, tables::UsersTable},
    jsonapi::body::AccountLimit,
    project::{App, Resources, RouteTable},
    web::{
        cors::Cors,
        errors::Wording,
        gateway::Gateway,
        methods::AllMethods,
        openapi::{self, Specification},
        pages::{self, AdminFrontEnd, Site},
        paths::{ApiPaths, JsonPaths},
        static_files::StaticFiles,
        upstream::{
            Upstream,
            behind::Behind,
            counts::Counts,
            modes::{Modes, Route},
            ours::{self, FrontEnd, Ours},
            recorder::Recorder,
        },
    },
};

/// What handlers find in the request's data. The document does not need it, nor a database.
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
///
/// # Errors
/// [`Error::Refused`] where the file that gives routes to an old app cannot be used, or that of its recording.
pub fn create_app(
    app: &App,
    config: &Config,
    site: Arc<Site>,
    services: Arc<OnceLock<Services>>,
) -> crate::error::Result<Gateway<impl Endpoint + use<>>> {
    let api = ProfileApi::of(app, config.profile);
    let mut specification = api.specification(config, config.profile);
    if let Some(url) = config.mail.public_url.as_deref().filter(|url| is_below_a_path(url)) {
        openapi::publish_at(&mut specification, url);
    }
    let dialect = Dialect::of(config.profile).under(config.fidelity);
    let prepared = move |request| {
        let prepared = prepare(request, services.get(), dialect);
        async { prepared }
    };
    let routes = api
        .routes
        .before(prepared.clone())
        .data(config.profile)
        .data(AccountLimit::of(config.fidelity == Fidelity::Safe));
    let front = Arc::new(match &config.static_dir {
        Some(folder) => FrontEnd::Files(StaticFiles::new(folder, config.profile, &config.database_url)),
        None if config.pages.are_on => {
            FrontEnd::Pages(AdminFrontEnd::new(config.profile, config.signup, config.min_password))
        }
        None => FrontEnd::Elsewhere,
    });
    let ours = Ours {
        paths: api.paths.clone(),
        front: front.clone(),
        site: site.clone(),
    };
    let behind = config
        .upstream
        .clone()
        .map(|url| behind(config, url, ours))
        .transpose()?;
    let figures = behind.as_ref().zip(config.upstream.as_ref());
    let figures = figures.map(|(behind, url)| behind.figures(url.to_string()).before(prepared).boxed());
    Ok(Gateway::new(
        pages::with_front_end(routes, front, site, &specification, api.paths.clone(), figures),
        Wording {
            dialect,
            texts: config.texts.clone(),
        },
        api.paths,
        Cors::new(config.cors_origins.clone()),
        behind,
    ))
}

/// The old app, and who answers which route; the file that says so is watched, and what is counted saved, from now on.
fn behind(config: &Config, url: UpstreamUrl, ours: Ours) -> crate::error::Result<Behind> {
    let modes = Modes::new(config.routes_file.clone(), ours::routes(&ours.paths))?;
    let file = config.counts_file();
    let counts = Counts::read(&file).unwrap_or_else(|problem| {
        tracing::warn!("counting begins anew: {problem}");
        Counts::default()
    });
    let counts = Arc::new(counts);
    tokio::spawn(modes.clone().watch());
    let recorder = config.recording.as_deref();
    let recorder = recorder
        .map(|file| Recorder::start(file, &url.to_string()))
        .transpose()?;
    tokio::spawn(counts.clone().keep(file));
    Ok(Behind::new(Upstream::new(url)?, ours, modes, counts, recorder))
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

/// All routes of the configured profile that an old app may have instead.
pub fn all(app: &App, config: &Config) -> Vec<Route> {
    ours::routes(&ProfileApi::of(app, config.profile).paths)
}

/// The OpenAPI document of a profile, which may be another than the configured one.
pub fn specification(app: &App, config: &Config, profile: Profile) -> Specification {
    ProfileApi::of(app, profile).specification(config, profile)
}

/// The paths of a profile's API, with `{id}` for the id of a row.
pub fn paths(app: &App, profile: Profile) -> Vec<String> {
    paths_with(app, profile, |_| true)
}

/// As [`paths`], of those that can be read.
pub fn paths_of_gets(app: &App, profile: Profile) -> Vec<String> {
    paths_with(app, profile, |method| method == Method::GET)
}

fn paths_with(app: &App, profile: Profile, is_wanted: fn(&Method) -> bool) -> Vec<String> {
    let routes = ProfileApi::of(app, profile).paths.routes();
    let wanted = routes.into_iter().filter(|(method, _)| is_wanted(method));
    let paths: BTreeSet<String> = wanted.map(|(_, path)| path).collect();
    paths.into_iter().collect()
}

/// The routes of a project's resources.
///
/// They are nested, because poem-openapi's tuples end at sixteen.
#[macro_export]
macro_rules! routes {
    ($first:expr, $second:expr, $third:expr, $fourth:expr, $fifth:expr, $sixth:expr, $seventh:expr, $eighth:expr,
     $($others:expr),* $(,)?) => {
        ($first, $second, $third, $fourth, $fifth, $sixth, $seventh, $eighth, $crate::routes![$($others),*])
    };
    ($only:expr $(,)?) => { $only };
    ($($few:expr),* $(,)?) => { ($($few,)*) };
}

/// The resources of this process.
///
/// poem-openapi asks types, not values, so they are kept where a type without parameters finds them. As a parameter, they
/// would have everything about routes compiled anew with each change of one of them.
static RESOURCES: OnceLock<Resources> = OnceLock::new();

/// Stands for [`RESOURCES`] in lists of routes.
struct OfProject;

impl OpenApi for OfProject {
    fn meta() -> Vec<MetaApi> {
        RESOURCES.get().map(|resources| (resources.meta)()).unwrap_or_default()
    }

    fn register(registry: &mut Registry) {
        if let Some(resources) = RESOURCES.get() {
            (resources.register)(registry);
        }
    }

    fn add_routes(self, table: &mut RouteTable) {
        if let Some(resources) = RESOURCES.get() {
            (resources.add_routes)(table);
        }
    }
}

/// The routes of a profile and their description.
struct ProfileApi {
    routes: BoxEndpoint<'static, Response>,
    paths: ApiPaths,
    /// What poem-openapi says of them.
    described: String,
}

impl ProfileApi {
    /// The routes on users that a profile has, and those of the project's resources.
    fn of(app: &App, profile: Profile) -> Self {
        if let Some(resources) = &app.resources {
            RESOURCES.get_or_init(|| resources.clone());
        }
        match profile {
            Profile::Tutorial => Self::new(app, (LoginApi, TutorialUsersApi, OfProject)),
            Profile::Scaffold10 => {
                let tutorial = (LoginApi, TutorialUsersApi);
                let accounts = (DocumentLoginApi, ForgotApi);
                let users = (scaffold_10::views::UsersApi, RolesApi);
                Self::new(app, (tutorial, accounts, users, OfProject))
            }
            Profile::Scaffold20 => {
                let accounts = (DocumentLoginApi, ForgotApi);
                Self::new(app, (accounts, scaffold_20::views::UsersApi, OfProject))
            }
        }
    }

    fn new<R: OpenApi + 'static>(app: &App, routes: R) -> Self {
        let paths = ApiPaths::of::<R>();
        let splitting = paths.clone();
        let service = OpenApiService::new(AllMethods(JsonPaths(routes)), app.shown_title(), app.version);
        Self {
            described: service.spec(),
            routes: service
                .into_endpoint()
                .before(move |request| {
                    let split = splitting.split(request);
                    async { split }
                })
                .boxed(),
            paths,
        }
    }

    /// The document of the routes, as it is published.
    fn specification(&self, config: &Config, profile: Profile) -> Specification {
        let mut specification = openapi::complete(&self.described, profile, config);
        openapi::give_title(&mut specification, &config.pages.title);
        openapi::require_characters(&mut specification, config.min_password);
        specification
    }
}
