//! The files of `templates/static/`, embedded in the binary and served under an address that changes with them.

use std::{
    collections::HashMap,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use flate2::{Compression, write::GzEncoder};
use hyper::body::Bytes;
use poem::{
    Body, Request, Response, Result, handler,
    http::{HeaderMap, StatusCode, header},
    web::Path,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// What the addresses of all of them begin with; no front end of a Flask team has it.
pub const PREFIX: &str = "/poem-scaffold";

/// Everything that is rendered or sent while serving.
#[derive(RustEmbed)]
#[folder = "templates/"]
pub struct Templates;

/// What the addresses of this build's files begin with.
///
/// The hash of all files stands in it, so that a browser may keep a file for ever and modules find each other by
/// relative addresses.
pub static ROOT: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for path in Templates::iter().filter(|path| path.starts_with("static/")) {
        if let Some(file) = Templates::get(&path) {
            hash.update(file.metadata.sha256_hash());
        }
    }
    format!("{PREFIX}/{}", hex(&hash.finalize()[..8]))
});

/// Files that were asked for, compressed.
static COMPRESSED: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// A file under its address with the hash, or under any other, where its own hash is the ETag.
#[handler]
pub fn asset(request: &Request, Path((version, path)): Path<(String, String)>) -> Result<Response> {
    let file = Templates::get(&format!("static/{path}")).ok_or(Error::NotFound)?;
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let is_current = ROOT.ends_with(&format!("/{version}"));
    let caching = if is_current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let response = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::CACHE_CONTROL, caching)
        .header(header::VARY, "Accept-Encoding");
    if has(request.headers(), header::IF_NONE_MATCH, |known| {
        known == tag || known == "*"
    }) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let kind = content_type(&path);
    let response = response.content_type(&kind);
    if is_text(&kind) && has(request.headers(), header::ACCEPT_ENCODING, takes_gzip) {
        let body = compressed(path, &file).map_err(|error| Error::Internal(error.to_string()))?;
        return Ok(response.header(header::CONTENT_ENCODING, "gzip").body(body));
    }
    Ok(response.body(match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }))
}

/// Whether one of the values, separated by commas, of a header is wanted.
pub(super) fn has(headers: &HeaderMap, name: header::HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| is_wanted(value.trim().trim_start_matches("W/")))
}

fn takes_gzip(coding: &str) -> bool {
    let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
    name.trim().eq_ignore_ascii_case("gzip") && !quality.replace(' ', "").trim_end_matches(['0', '.']).ends_with("q=")
}

/// Each file is compressed once.
fn compressed(path: String, file: &EmbeddedFile) -> std::io::Result<Bytes> {
    let known = || COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = known().get(&path) {
        return Ok(bytes.clone());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&file.data)?;
    let bytes = Bytes::from(encoder.finish()?);
    known().insert(path, bytes.clone());
    Ok(bytes)
}

/// The type of a file by the ending of its name; texts are UTF-8.
pub fn content_type(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    if kind.type_() == "text" {
        format!("{}; charset=utf-8", kind.essence_str())
    } else {
        kind.to_string()
    }
}

fn is_text(kind: &str) -> bool {
    kind.starts_with("text/") || kind == "image/svg+xml" || kind == "application/json"
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
