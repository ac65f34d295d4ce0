//! Pages and files that are embedded in the binary: Swagger UI, its assets, the OpenAPI document.

use std::sync::{Arc, LazyLock};

use poem::{
    Body, Endpoint, Request, Response, Result, Route, get, handler,
    http::{StatusCode, header},
    web::{Data, Path, Redirect},
};
use rust_embed::RustEmbed;
use tera::{Context, Tera};

use super::openapi::Specification;
use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

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

/// The API's routes with the pages beside them.
pub fn around<E: Endpoint + 'static>(api: E, specification: &Specification) -> impl Endpoint + use<E> {
    use poem::EndpointExt;
    let document = Arc::new(Document {
        title: specification["info"]["title"].as_str().unwrap_or_default().to_owned(),
        version: specification["info"]["version"].as_str().unwrap_or_default().to_owned(),
        json: specification.to_string(),
    });
    Route::new()
        .at("/", get(home))
        .at("/docs", get(docs))
        .at("/openapi.json", get(openapi))
        .at("/static/*path", get(asset))
        .nest_no_strip("/api", api)
        .data(document)
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

/// A file of `templates/static/`; its hash is the ETag, so an unchanged file is not sent again.
#[handler]
fn asset(request: &Request, Path(path): Path<String>) -> Result<Response> {
    let file = Templates::get(&format!("static/{path}")).ok_or(Error::NotFound)?;
    let tag = format!(
        "\"{}\"",
        file.metadata
            .sha256_hash()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    );
    let response = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::CACHE_CONTROL, "no-cache");
    let known = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| value.as_bytes() == tag.as_bytes());
    if known {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type(content_type(&path)).body(match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }))
}

fn content_type(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_text_plain();
    if kind.type_() == "text" {
        format!("{}; charset=utf-8", kind.essence_str())
    } else {
        kind.to_string()
    }
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
