//! The files of `static/` among the templates, and those that settings add, served under an address that changes with them.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use flate2::{Compression, write::GzEncoder};
use hyper::body::Bytes;
use poem::{
    Request, Response, Result, handler,
    http::{HeaderMap, StatusCode, header},
    web::{Data, Path},
};
use sha2::{Digest, Sha256};

use crate::{embedded::Layers, error::Error, flask::hashlib::hex};

/// What the addresses of all assets begin with; no front end of a Flask team uses it.
pub const PREFIX: &str = "/poem-scaffold";

/// Whether a path is one of them.
pub fn is_path(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('/'))
}

/// The policy of SVG images: opened as a page, their scripts would run in this server's origin.
const SVG_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// A file, and the end of its address.
#[derive(Clone)]
pub struct Asset {
    /// The end of its address.
    pub path: Cow<'static, str>,
    bytes: Bytes,
    hash: [u8; 32],
}

impl Asset {
    /// A file that is not built in.
    pub fn new(path: &'static str, content: impl Into<Vec<u8>>) -> Self {
        let bytes = Bytes::from(content.into());
        let hash = Sha256::digest(&bytes).into();
        let path = Cow::Borrowed(path);
        Self { path, bytes, hash }
    }
}

/// The files, and what their addresses begin with.
pub struct Assets {
    files: Layers,
    /// Files that settings add; they win.
    added: Vec<Asset>,
    /// It ends with the hash of all files: a browser may keep a file for ever, and modules find each other by relative
    /// addresses.
    pub root: String,
    /// The compressed files, each made at its first request.
    compressed: Mutex<HashMap<String, Bytes>>,
}

impl Assets {
    /// Those of `files` below `static/`, and over them those that are `added`.
    pub fn new(files: Layers, added: Vec<Asset>) -> Self {
        let mut hash = Sha256::new();
        for path in files.paths().iter().filter(|path| path.starts_with("static/")) {
            if let Some(file) = files.get(path) {
                hash.update(file.metadata.sha256_hash());
            }
        }
        added.iter().for_each(|file| hash.update(file.hash));
        Self {
            files,
            added,
            root: format!("{PREFIX}/{}", hex(&hash.finalize()[..8])),
            compressed: Mutex::default(),
        }
    }

    fn get(&self, path: &str) -> Option<Asset> {
        if let Some(file) = self.added.iter().find(|file| file.path == path) {
            return Some(file.clone());
        }
        let file = self.files.get(&format!("static/{path}"))?;
        Some(Asset {
            path: Cow::Owned(path.to_owned()),
            hash: file.metadata.sha256_hash(),
            bytes: match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            },
        })
    }

    /// Each file is compressed once.
    fn compressed(&self, file: &Asset) -> std::io::Result<Bytes> {
        let known = || self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = known().get(&*file.path) {
            return Ok(bytes.clone());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&file.bytes)?;
        let bytes = Bytes::from(encoder.finish()?);
        known().insert(file.path.clone().into_owned(), bytes.clone());
        Ok(bytes)
    }
}

/// A file under its address with the hash, or under any other, where its own hash is the ETag.
#[handler]
pub fn asset(
    request: &Request,
    assets: Data<&Arc<Assets>>,
    Path((version, path)): Path<(String, String)>,
) -> Result<Response> {
    let file = assets.get(&path).ok_or(Error::NotFound)?;
    let tag = format!("\"{}\"", hex(&file.hash));
    let is_current = assets.root.ends_with(&format!("/{version}"));
    let caching = if is_current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = content_type(&path);
    let mut response = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::CACHE_CONTROL, caching)
        .header(header::VARY, "Accept-Encoding");
    if has(request.headers(), header::IF_NONE_MATCH, |known| {
        known == tag || known == "*"
    }) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    if kind == "image/svg+xml" {
        response = response.header(header::CONTENT_SECURITY_POLICY, SVG_POLICY);
    }
    let response = response.content_type(&kind);
    if is_text(&kind) && has(request.headers(), header::ACCEPT_ENCODING, takes_gzip) {
        let body = assets
            .compressed(&file)
            .map_err(|error| Error::Internal(error.to_string()))?;
        return Ok(response.header(header::CONTENT_ENCODING, "gzip").body(body));
    }
    Ok(response.body(file.bytes))
}

/// Whether one of a header's comma-separated values is wanted.
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

/// The media type of a file by its extension; texts are UTF-8.
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
