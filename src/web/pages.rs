//! The pages that are built in: the admin front end, Swagger UI, and the OpenAPI document.

use std::{collections::BTreeSet, sync::Arc};

use hyper::body::Bytes;
use poem::{
    Endpoint, IntoResponse, Request, Response, Result, Route,
    endpoint::BoxEndpoint,
    get, handler,
    http::{Method, StatusCode, Uri, header},
    web::{Data, Redirect},
};
use serde_json::Value;
use tera::{Context, Tera};

use super::{
    addresses::relative,
    assets::{self, Assets},
    brand::Brand,
    openapi::{Specification, publish_at},
    page_tokens,
    paths::ApiPaths,
    server::Prefix,
};
use crate::{
    config::{Config, Profile, SignupPolicy},
    embedded::Layers,
    error::Error,
};

/// The policy of pages: they load their own files only.
const OWN_FILES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                         connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
                         frame-ancestors 'none'";

const DOCS: &str = "/docs";
const DOCUMENT: &str = "/openapi.json";
const DOCS_PAGE: &str = "docs.html";
/// The page on the routes of this server and of an old app behind it, and its figures.
const ROUTES: &str = "/poem-scaffold/routes";
const ROUTES_PAGE: &str = "routes.html";
const ROUTES_JSON: &str = "/poem-scaffold/routes.json";
/// The pages of people who are not signed in.
const ACCOUNT_PAGES: [&str; 4] = ["login", "signup", "forgotpassword", "resetpassword"];
/// The pages that the tutorial's API is enough for, beside those of scaffolded resources.
const HOME: &str = "home.html";
const LOGIN: &str = "login.html";
const USER_LIST: &str = "users/index.html";
/// The page for unknown addresses.
const NOT_FOUND: &str = "notfound.html";

/// The templates, assets and brand that pages are made of.
pub struct Site {
    pages: Tera,
    /// The pages of resources whose ids are not integers: they say so themselves.
    with_text_keys: BTreeSet<String>,
    assets: Arc<Assets>,
    brand: Brand,
    /// What users have beyond the originals' attributes.
    user_fields: Value,
    profile: &'static str,
    /// What `js/session.js` must know of tokens that are not our own.
    tokens: Option<String>,
}

impl Site {
    /// Reads the templates and the logo: an unreadable one is an error at the start, not in a request.
    ///
    /// # Errors
    /// [`Error::Refused`] with the template, the line and what is wrong; or with what is wrong with the logo.
    pub fn new(files: Layers, config: &Config, user_fields: Value) -> crate::error::Result<Self> {
        let is_template = |path: &str| path.ends_with(".html") && !path.starts_with("static/");
        let paths = files.paths();
        let templates = paths.iter().filter(|path| is_template(path));
        let texts = templates.filter_map(|path| Some((path.clone().into_owned(), files.text(path)?)));
        let mut tera = Tera::default();
        tera.add_raw_templates(texts.collect::<Vec<_>>()).map_err(refused)?;
        let brand = Brand::new(&config.pages)?;
        let mut site = Self {
            pages: tera,
            with_text_keys: BTreeSet::new(),
            assets: Arc::new(Assets::new(files, brand.files().cloned().collect())),
            brand,
            user_fields,
            profile: config.profile.name(),
            tokens: page_tokens::described(config),
        };
        site.with_text_keys = site.check(config)?;
        Ok(site)
    }

    /// Renders each page once, to find templates of the project that use undefined variables; gives those with ids that
    /// are texts.
    fn check(&self, config: &Config) -> crate::error::Result<BTreeSet<String>> {
        let mut with_text_keys = BTreeSet::new();
        let mut context = context_of(self, "", "", config.profile.name());
        insert_accounts(&mut context, config.signup, config.min_password);
        for name in self.pages.get_template_names().filter(|name| is_page(name)) {
            let rendered = self.pages.render(name, &context).map_err(refused)?;
            if rendered.contains(" data-key=\"") {
                with_text_keys.insert(name.to_owned());
            }
        }
        Ok(with_text_keys)
    }

    fn has(&self, name: &str) -> bool {
        self.pages.get_template_names().any(|other| other == name)
    }
}

/// The paths of the API's documentation.
pub const DOCS_PATHS: [&str; 2] = [DOCS, DOCUMENT];

/// The API's routes, its documentation, and a front end for all other paths; with an old app behind this server also a page
/// on the routes of both, whose `figures` these are.
pub fn with_front_end<A, F>(
    api: A,
    front: Arc<F>,
    site: Arc<Site>,
    specification: &Specification,
    paths: ApiPaths,
    figures: Option<BoxEndpoint<'static, Response>>,
) -> impl Endpoint + use<A, F>
where
    A: Endpoint + 'static,
    F: Endpoint + 'static,
{
    use poem::EndpointExt;
    let document = Arc::new(ApiDocument {
        title: specification["info"]["title"].as_str().unwrap_or_default().to_owned(),
        version: specification["info"]["version"].as_str().unwrap_or_default().to_owned(),
        json: specification.to_string().into(),
        specification: specification.clone(),
        profile: site.profile,
    });
    let api = Arc::new(api);
    let front = Arc::new(ApiOutside {
        paths,
        api: api.clone(),
        front,
    });
    let mut route = Route::new();
    if let Some(figures) = figures {
        route = route.at(ROUTES, get(routes)).at(ROUTES_JSON, get(figures));
    }
    route
        .at(DOCS, get(docs))
        .at(DOCUMENT, get(openapi))
        .at(format!("{}/:version/*path", assets::PREFIX), get(assets::asset))
        .nest_no_strip("/api", api)
        .at("/", front.clone())
        .at("/*path", front)
        .data(document)
        .data(site.assets.clone())
        .data(site)
}

/// The front end, and resources of the API that are not below `/api`.
struct ApiOutside<A, F> {
    paths: ApiPaths,
    api: Arc<A>,
    front: Arc<F>,
}

impl<A: Endpoint, F: Endpoint> Endpoint for ApiOutside<A, F> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if self.paths.has(&request) {
            return self.api.call(request).await.map(IntoResponse::into_response);
        }
        self.front.call(request).await.map(IntoResponse::into_response)
    }
}

/// The front end that is built in: a page for each template that its address names.
pub struct AdminFrontEnd {
    profile: Profile,
    signup: SignupPolicy,
    min_password: usize,
}

impl AdminFrontEnd {
    /// The pages of a profile, where `signup` may have an account; forms want `min_password` characters for a new
    /// password, and in 2.0 eight as its own pages did.
    pub fn new(profile: Profile, signup: SignupPolicy, min_password: usize) -> Self {
        let least = if profile == Profile::Scaffold20 { 8 } else { 1 };
        Self {
            profile,
            signup,
            min_password: min_password.max(least),
        }
    }

    /// Whether a path leads to a page.
    pub fn has_path(&self, site: &Site, path: &str) -> bool {
        let without_slash = path.strip_suffix('/').filter(|path| !path.is_empty());
        self.template(site, path)
            .or_else(|| self.template(site, without_slash?))
            .is_some()
    }

    /// The template of a path; resources have a folder of three.
    fn template(&self, site: &Site, path: &str) -> Option<String> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let of_row = |resource: &str, id: &str, file: &str| {
            let name = format!("{resource}/{file}");
            let is_id = !id.is_empty() && (is_number(id) || site.with_text_keys.contains(&name));
            is_id.then_some(name)
        };
        let name = match segments[..] {
            [""] => HOME.to_owned(),
            [page] if ACCOUNT_PAGES.contains(&page) => format!("{page}.html"),
            [resource] => format!("{resource}/index.html"),
            [resource, "new"] => format!("{resource}/form.html"),
            [resource, id] => of_row(resource, id, "show.html")?,
            [resource, id, "edit"] => of_row(resource, id, "form.html")?,
            _ => return None,
        };
        (self.has(&name) && site.has(&name)).then_some(name)
    }

    /// The relative address of the page that an address with a trailing slash means.
    fn without_slash(&self, site: &Site, uri: &Uri) -> Option<String> {
        let path = uri.path().strip_suffix('/')?;
        let (_, name) = path.rsplit_once('/')?;
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        (path == DOCS || self.template(site, path).is_some()).then(|| format!("../{name}{query}"))
    }

    /// Whether the profile's API has what the page needs.
    fn has(&self, name: &str) -> bool {
        let folder = name.split('/').next().unwrap_or_default();
        match self.profile {
            Profile::Scaffold10 => true,
            Profile::Scaffold20 => folder != "roles",
            Profile::Tutorial if folder == "users" => name == USER_LIST,
            Profile::Tutorial if folder == name => [HOME, LOGIN].contains(&name),
            Profile::Tutorial => folder != "roles",
        }
    }
}

impl Endpoint for AdminFrontEnd {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let document = request.data::<Arc<ApiDocument>>().ok_or(Error::NotFound)?;
        let site = request.data::<Arc<Site>>().ok_or(Error::NotFound)?;
        let mut context = context_of(site, &document.title, &document.version, self.profile.name());
        insert_accounts(&mut context, self.signup, self.min_password);
        let Some(name) = self.template(site, request.uri().path()) else {
            return match self.without_slash(site, request.uri()) {
                Some(address) => Ok(Redirect::temporary(address).into_response()),
                None => Ok(page(site, NOT_FOUND, &context, &request)?
                    .with_status(StatusCode::NOT_FOUND)
                    .into_response()),
            };
        };
        if request.method() != Method::GET {
            return Err(Error::MethodNotAllowed("GET, HEAD".to_owned()).into());
        }
        page(site, &name, &context, &request)
    }
}

struct ApiDocument {
    title: String,
    version: String,
    json: Bytes,
    specification: Specification,
    profile: &'static str,
}

impl ApiDocument {
    fn below(&self, prefix: &str) -> Bytes {
        let mut specification = self.specification.clone();
        publish_at(&mut specification, prefix);
        specification.to_string().into()
    }
}

#[handler]
fn docs(request: &Request, site: Data<&Arc<Site>>, document: Data<&Arc<ApiDocument>>) -> Result<Response> {
    let context = context_of(&site, &document.title, &document.version, "");
    page(&site, DOCS_PAGE, &context, request)
}

#[handler]
fn routes(request: &Request, site: Data<&Arc<Site>>, document: Data<&Arc<ApiDocument>>) -> Result<Response> {
    let context = context_of(&site, &document.title, &document.version, document.profile);
    page(&site, ROUTES_PAGE, &context, request)
}

/// The variables of every page.
fn context_of(site: &Site, title: &str, version: &str, profile: &str) -> Context {
    let mut context = Context::new();
    context.insert("assets", &site.assets.root);
    context.insert("title", title);
    context.insert("version", version);
    context.insert("profile", profile);
    context.insert("user_fields", &site.user_fields);
    context.insert("tokens", &site.tokens);
    let Brand { color, logo } = &site.brand;
    for (name, file) in [("color", color), ("logo", logo)] {
        context.insert(name, &file.as_ref().map(|file| &file.path));
    }
    context
}

/// The variables of every page except the API docs.
fn insert_accounts(context: &mut Context, signup: SignupPolicy, min_password: usize) {
    context.insert("signup", signup.name());
    context.insert("min_password", &min_password.to_string());
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed on as the error of a result")]
fn refused(error: tera::Error) -> Error {
    let text = error.to_string();
    Error::Refused(format!("templates/: {}", text.trim_start_matches("error: ")))
}

/// Whether the template is a page, and not only a part of others.
fn is_page(name: &str) -> bool {
    match name.split_once('/') {
        Some((_, file)) => ["index.html", "form.html", "show.html"].contains(&file),
        None => {
            let is_of_account = |page: &&str| name.strip_suffix(".html") == Some(page);
            [HOME, NOT_FOUND, DOCS_PAGE, ROUTES_PAGE].contains(&name) || ACCOUNT_PAGES.iter().any(is_of_account)
        }
    }
}

/// The OpenAPI document; behind a proxy that shows this server below a path, it contains that path.
#[handler]
fn openapi(request: &Request, document: Data<&Arc<ApiDocument>>) -> Response {
    let json = match request.data::<Prefix>() {
        Some(Prefix(prefix)) if !prefix.is_empty() => document.below(prefix),
        _ => document.json.clone(),
    };
    Response::builder().content_type("application/json").body(json)
}

fn page(site: &Site, name: &str, context: &Context, request: &Request) -> Result<Response> {
    let html = site.pages.render(name, context);
    let html = html.map_err(|error| Error::Internal(format!("{name}: {error:?}")))?;
    Ok(Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, OWN_FILES)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(relative(&html, request.original_uri().path())))
}
