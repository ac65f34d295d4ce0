//! Which requests this server answers itself where an old app behind it has other routes.

use std::sync::Arc;

use poem::{Endpoint, Request, Response, Result, http::Method};

use super::modes::Route;
use crate::{
    error::Error,
    web::{
        assets,
        pages::{self, AdminFrontEnd, Site},
        paths::{self, ApiPaths},
        static_files::StaticFiles,
    },
};

/// What has the paths that are not the API's.
pub enum FrontEnd {
    /// The pages that are built in.
    Pages(AdminFrontEnd),
    /// A team's own files.
    Files(StaticFiles),
    /// The old app.
    Elsewhere,
}

impl Endpoint for FrontEnd {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        match self {
            Self::Pages(pages) => pages.call(request).await,
            Self::Files(files) => files.call(request).await,
            Self::Elsewhere => Err(Error::NotFound.into()),
        }
    }
}

/// What this server has.
pub struct Ours {
    /// The API's.
    pub paths: ApiPaths,
    /// The front end's.
    pub front: Arc<FrontEnd>,
    /// The templates of its pages.
    pub site: Arc<Site>,
}

/// The routes of an API and of its documentation, by their paths.
pub fn routes(paths: &ApiPaths) -> Vec<Route> {
    let of_docs = pages::DOCS_PATHS.map(|path| (Method::GET, path.to_owned()));
    let all = paths.routes().into_iter().chain(of_docs).map(|(method, path)| Route {
        path,
        method: method.to_string(),
    });
    let mut all: Vec<Route> = all.collect();
    all.sort();
    all
}

impl Ours {
    /// The path of the route that answers a request here, with `{id}` for the id of a row; `None` where this server has
    /// none, `Some` of its own path where it is a page's.
    ///
    /// A path of ours with a method that it does not have here is the old app's: it may have more.
    pub async fn path(&self, request: &Request) -> Option<String> {
        // Nobody is led to yet another server.
        if request.method() == Method::CONNECT {
            return Some(String::new());
        }
        let path = paths::normal(request.uri().path()).ok()?;
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        match self.paths.route(&path, request) {
            Some((template, methods)) => {
                let is_ours = method == Method::OPTIONS || methods.contains(method);
                is_ours.then_some(template)
            }
            None => (method == Method::GET && self.has_page(&path).await).then(|| path.into_owned()),
        }
    }

    async fn has_page(&self, path: &str) -> bool {
        if pages::DOCS_PATHS.contains(&path) || assets::is_path(path) {
            return true;
        }
        match &*self.front {
            FrontEnd::Pages(pages) => pages.has_path(&self.site, path),
            FrontEnd::Files(files) => files.has_file(path).await,
            FrontEnd::Elsewhere => false,
        }
    }
}
