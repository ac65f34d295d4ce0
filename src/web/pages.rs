//! Pages and files that are embedded in the binary: Swagger UI and the OpenAPI document.

use std::sync::{Arc, LazyLock};

use poem::{
    Endpoint, IntoEndpoint, Response, Result, Route, get, handler,
    http::header,
    web::{Data, Redirect},
};
use tera::{Context, Tera};

use super::{
    assets::{self, Templates},
    openapi::Specification,
};
use crate::error::Error;

/// What pages may load: their own files.
const OWN_FILES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                         connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
                         frame-ancestors 'none'";

static PAGES: LazyLock<Result<Tera, tera::Error>> = LazyLock::new(|| {
    let mut tera = Tera::default();
    let texts: Vec<(String, String)> = Templates::iter()
        .filter(|path| path.ends_with(".html"))
        .filter_map(|path| {
            let file = Templates::get(&path)?;
            Some((path.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    tera.add_raw_templates(texts)?;
    Ok(tera)
});

/// The API's routes with the documentation beside them, and a front end for all other paths.
pub fn around<A, F>(api: A, front: F, specification: &Specification) -> impl Endpoint + use<A, F>
where
    A: Endpoint + 'static,
    F: IntoEndpoint,
    F::Endpoint: 'static,
{
    use poem::EndpointExt;
    let document = Arc::new(Document {
        title: specification["info"]["title"].as_str().unwrap_or_default().to_owned(),
        version: specification["info"]["version"].as_str().unwrap_or_default().to_owned(),
        json: specification.to_string(),
    });
    let front = Arc::new(front.into_endpoint());
    Route::new()
        .at("/docs", get(docs))
        .at("/openapi.json", get(openapi))
        .at(format!("{}/:version/*path", assets::PREFIX), get(assets::asset))
        .nest_no_strip("/api", api)
        .at("/", front.clone())
        .at("/*path", front)
        .data(document)
}

/// The front end that is built in.
pub fn front() -> impl IntoEndpoint {
    Route::new().at("/", get(home))
}

struct Document {
    title: String,
    version: String,
    json: String,
}

#[handler]
fn home() -> Redirect {
    Redirect::see_other("/docs")
}

#[handler]
fn docs(document: Data<&Arc<Document>>) -> Result<Response> {
    let mut context = Context::new();
    context.insert("assets", assets::ROOT.as_str());
    context.insert("title", &document.title);
    context.insert("version", &document.version);
    page("docs.html", &context)
}

#[handler]
fn openapi(document: Data<&Arc<Document>>) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(document.json.clone())
}

fn page(name: &str, context: &Context) -> Result<Response> {
    let html = match &*PAGES {
        Ok(pages) => pages
            .render(name, context)
            .map_err(|error| format!("{name}: {error:?}")),
        Err(error) => Err(format!("templates: {error:?}")),
    };
    let html = html.map_err(Error::Internal)?;
    Ok(Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, OWN_FILES)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(html))
}
