//! Which requests this server answers itself where an old app behind it has other routes.

use std::sync::Arc;

use poem::{Endpoint, Request, Response, Result, http::Method};

use super::{
    assets,
    pages::{self, AdminFrontEnd, Site},
    paths::{self, ApiPaths},
    static_files::StaticFiles,
};
use crate::error::Error;

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

impl Ours {
    /// Whether a request, which nothing has changed yet, is answered here.
    ///
    /// A path of ours with a method that it does not have here is the old app's: it may have more. Asking for the methods of
    /// a path is answered by the one that has the path.
    pub async fn has(&self, request: &Request) -> bool {
        let Ok(path) = paths::normal(request.uri().path()) else {
            return false;
        };
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        match self.paths.methods(&path, request) {
            // Nobody is led to yet another server.
            _ if method == Method::CONNECT => true,
            [] => method == Method::GET && self.has_page(&path).await,
            methods => method == Method::OPTIONS || methods.contains(method),
        }
    }

    async fn has_page(&self, path: &str) -> bool {
        if pages::is_docs(path) || assets::is_path(path) {
            return true;
        }
        match &*self.front {
            FrontEnd::Pages(pages) => pages.has_path(&self.site, path),
            FrontEnd::Files(files) => files.has_file(path).await,
            FrontEnd::Elsewhere => false,
        }
    }
}
