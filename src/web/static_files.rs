//! A team's own front end, served from `STATIC_DIR` as its profile served it; nothing outside of that folder.

use std::{
    fs::{self, File, Metadata},
    io::{Error as IoError, ErrorKind, Result as IoResult},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderMap, Method, StatusCode, header},
    web::headers::{HeaderMapExt, IfModifiedSince, LastModified},
};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::assets;
use crate::{
    config::{DatabaseUrl, Profile, named},
    error::{self, Error},
};

/// The methods of every path, as Flask named them.
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// Bytes read of a file at a time: a client that reads slowly keeps a few of these in memory.
const CHUNK: usize = 16 * 1024;

/// The values of errno when the process, or the system, has no file descriptor left.
const TOO_MANY_FILES: [i32; 2] = [24, 23];

/// Marks the answer of a team's own files, which get neither our Content-Security-Policy nor our Referrer-Policy.
#[derive(Clone)]
pub(super) struct OwnPolicy;

/// Serves the files of a folder for every path that is not ours.
///
/// The folder is looked up with each request, so that a link to it may be set to another release while serving.
pub struct StaticFiles {
    root: PathBuf,
    profile: Profile,
    private: Private,
}

/// Files that are never served, under any link or name that they have in the folder.
#[derive(Clone)]
struct Private(Vec<PathBuf>);

/// A file under one of its paths.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    /// Relative to the folder.
    file: PathBuf,
    /// Requested by the address of a page, which browsers must always revalidate.
    is_page: bool,
}

/// An open file.
struct OpenFile {
    file: File,
    metadata: Metadata,
    candidate: Candidate,
}

/// Makes sure that a folder can be served, and that the database is not in it.
///
/// # Errors
/// [`Error::Refused`] says what is expected.
pub fn check(root: &Path, database: &DatabaseUrl) -> error::Result<()> {
    let refused = |what: &str, error: IoError| {
        Error::Refused(format!(
            "{}: {what} ({error}): expected the folder of a front end, with its index.html",
            named("STATIC_DIR")
        ))
    };
    root.read_dir()
        .map_err(|error| refused("the folder cannot be read", error))?;
    open(root, &Candidate::page("index.html"), &Private::of(database))
        .map_err(|error| refused("its index.html cannot be read", error))?;
    // An index.html in such a folder would publish the sources and everything next to them.
    if root.join("Cargo.toml").is_file() {
        return Err(Error::Refused(format!(
            "{}: contains a Cargo.toml, so the sources of a project would be public: expected the folder of its front \
             end",
            named("STATIC_DIR")
        )));
    }
    match database {
        DatabaseUrl::Sqlite(file) if is_inside(root, file) || is_inside(root, &followed(file)) => {
            Err(Error::Refused(format!(
                "{}: the folder contains the database, which would be public: move the database elsewhere",
                named("STATIC_DIR")
            )))
        }
        _ => Ok(()),
    }
}

/// Whether a file, which need not exist yet, is in the folder.
fn is_inside(root: &Path, file: &Path) -> bool {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A folder that cannot be resolved is not served either.
    matches!((root.canonicalize(), folder.canonicalize()), (Ok(root), Ok(folder)) if folder.starts_with(&root))
}

/// The file that links lead to, which need not exist yet.
fn followed(file: &Path) -> PathBuf {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut file = file.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&file) {
            Ok(target) => file = file.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => break,
        }
    }
    file
}

impl Private {
    /// The settings, the database with its companions, and the files that the output was redirected to.
    fn of(database: &DatabaseUrl) -> Self {
        let mut files: Vec<PathBuf> = [".env", "/dev/stdout", "/dev/stderr"].map(PathBuf::from).to_vec();
        if let DatabaseUrl::Sqlite(file) = database {
            // SQLite puts the companions beside the file that a link leads to.
            for file in [file.clone(), followed(file)] {
                files.extend(["", "-journal", "-wal", "-shm"].map(|ending| {
                    let mut name = file.clone().into_os_string();
                    name.push(ending);
                    PathBuf::from(name)
                }));
            }
        }
        Self(files)
    }

    /// Whether an open file is one of them; looked up each time, because they come and go.
    fn has(&self, path: &Path, opened: &Metadata) -> bool {
        self.0.iter().any(|private| is_same(private, path, opened))
    }
}

/// Whether a file is the one that was opened at `path`, under another name perhaps.
#[cfg(unix)]
fn is_same(file: &Path, _path: &Path, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata()
        .is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == (opened.dev(), opened.ino()))
}

#[cfg(not(unix))]
fn is_same(file: &Path, path: &Path, _opened: &Metadata) -> bool {
    file.canonicalize().is_ok_and(|file| file == path)
}

impl StaticFiles {
    /// Serves `root` as `profile` did, but for the files of the `database`.
    pub fn new(root: &Path, profile: Profile, database: &DatabaseUrl) -> Self {
        Self {
            root: root.to_owned(),
            profile,
            private: Private::of(database),
        }
    }

    /// Whether the folder has a file for a path; that other paths lead to its one page does not count.
    pub async fn has_file(&self, path: &str) -> bool {
        let first = candidates(self.profile, path).into_iter().take(1);
        // What cannot be opened for another reason is there, and refused as such.
        !matches!(self.open_first(first.collect()).await, Err(Error::NotFound))
    }

    /// Opens the first file that a path may mean.
    async fn find(&self, request: &Request) -> Result<OpenFile, Error> {
        let mut candidates = candidates(self.profile, request.uri().path());
        // `//etc/passwd` was 404 with Flask: it may only name a file, never a page of the front end.
        if has_two_slashes(request.original_uri().path()) {
            candidates.truncate(1);
        }
        self.open_first(candidates).await
    }

    async fn open_first(&self, candidates: Vec<Candidate>) -> Result<OpenFile, Error> {
        let (root, private) = (self.root.clone(), self.private.clone());
        let opened = tokio::task::spawn_blocking(move || {
            for candidate in candidates {
                match open(&root, &candidate, &private) {
                    Ok((file, metadata)) => {
                        return Ok(OpenFile {
                            file,
                            metadata,
                            candidate,
                        });
                    }
                    Err(error) if error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code)) => {
                        return Err(Error::Busy);
                    }
                    // The file exists, so its owner should find the reason in the log.
                    Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                        tracing::warn!(%error, file = %candidate.file.display(), "not served");
                    }
                    Err(error) => tracing::debug!(%error, file = %candidate.file.display(), "not served"),
                }
            }
            Err(Error::NotFound)
        });
        opened
            .await
            .map_err(|failure| Error::Internal(format!("opening a file failed: {failure}")))?
    }

    fn caching(&self, candidate: &Candidate) -> &'static str {
        // Flask's default for files; its pages had no such header, and nginx left it to the browser.
        if candidate.is_page || self.profile == Profile::Tutorial {
            "no-cache"
        } else {
            "public, max-age=43200"
        }
    }
}

impl Endpoint for StaticFiles {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if request.method() == Method::OPTIONS {
            let response = Response::builder().header(header::ALLOW, ALLOW);
            return Ok(response.content_type("text/html; charset=utf-8").finish());
        }
        let opened = self.find(&request).await?;
        let caching = self.caching(&opened.candidate);
        if request.method() != Method::GET {
            return Err(Error::MethodNotAllowed(ALLOW.to_owned()).into());
        }
        let mut response = opened.answer(request.headers(), caching);
        response.set_data(OwnPolicy);
        Ok(response)
    }
}

impl OpenFile {
    fn answer(self, headers: &HeaderMap, caching: &str) -> Response {
        let changed = changed(&self.metadata);
        let tag = tag(&self.metadata);
        let response = Response::builder()
            .header(header::ETAG, &tag)
            .header(header::CACHE_CONTROL, caching)
            .typed_header(LastModified::from(changed));
        if is_known(headers, &tag, changed) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let length = self.metadata.len();
        let response = response
            .content_type(content_type(&self.candidate.file))
            .header(header::CONTENT_LENGTH, length);
        if length == 0 {
            return response.finish();
        }
        // No more than the announced length, if the file grows meanwhile.
        let mut file = tokio::fs::File::from_std(self.file);
        let capacity = usize::try_from(length).unwrap_or(CHUNK).min(CHUNK);
        file.set_max_buf_size(capacity);
        response.body(Body::from_bytes_stream(ReaderStream::with_capacity(
            file.take(length),
            capacity,
        )))
    }
}

impl Candidate {
    fn page(file: &str) -> Self {
        Self {
            file: file.into(),
            is_page: true,
        }
    }

    fn file(names: &[String]) -> Self {
        Self {
            file: names.iter().collect(),
            is_page: false,
        }
    }
}

/// The files that a path of a profile may mean, the first that exists is meant.
///
/// Source: `app/__init__.py` of Flask-Scaffold 1.0 and 2.0, and the nginx configuration of the tutorial's README. That
/// paths of 2.0's pages lead to its one page is ours: it had this for lists only, so that a reload elsewhere failed.
fn candidates(profile: Profile, path: &str) -> Vec<Candidate> {
    if path == "/" {
        return vec![Candidate::page("index.html")];
    }
    let Some(names) = names(path) else {
        return Vec::new();
    };
    let is_hidden = |name: &String| name.starts_with('.');
    if names.iter().any(|name| is_hidden(name) && name != ".well-known") || is_ours(&names[0]) {
        return Vec::new();
    }
    if profile == Profile::Scaffold10 && names == ["login"] {
        return vec![Candidate::page("login.html")];
    }
    let mut candidates = vec![Candidate::file(&names)];
    let looks_like_a_file = names.iter().any(is_hidden) || names.last().is_some_and(|name| name.contains('.'));
    if profile == Profile::Scaffold20 && names[0] != "static" && !looks_like_a_file {
        candidates.push(Candidate::page("index.html"));
    }
    candidates
}

/// Whether a path, as a client wrote it, begins with two slashes.
fn has_two_slashes(path: &str) -> bool {
    percent_encoding::percent_decode_str(path).take(2).eq(*b"//")
}

/// The names in a path, decoded once; `None` if one of them could lead elsewhere.
fn names(path: &str) -> Option<Vec<String>> {
    let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let names: Vec<String> = path.strip_prefix('/')?.split('/').map(str::to_owned).collect();
    let is_plain = |name: &String| !["", ".", ".."].contains(&name.as_str()) && !name.contains(['\\', '\0']);
    names.iter().all(is_plain).then_some(names)
}

/// Whether paths that begin so are never a front end's, however they are spelled.
fn is_ours(first: &str) -> bool {
    first == "api" || Some(first) == assets::PREFIX.strip_prefix('/')
}

/// Opens a regular file in the folder; links are followed, but not out of it.
fn open(root: &Path, candidate: &Candidate, private: &Private) -> IoResult<(File, Metadata)> {
    let root = root.canonicalize()?;
    let path = root.join(&candidate.file).canonicalize()?;
    if !path.starts_with(&root) {
        return Err(IoError::new(ErrorKind::PermissionDenied, "outside of the folder"));
    }
    // Opening a pipe would wait until a process writes into it.
    require_file(&path.metadata()?)?;
    let file = File::open(&path)?;
    let metadata = file.metadata()?;
    require_file(&metadata)?;
    if private.has(&path, &metadata) {
        return Err(IoError::new(
            ErrorKind::PermissionDenied,
            "the database, the settings or the log",
        ));
    }
    Ok((file, metadata))
}

fn require_file(metadata: &Metadata) -> IoResult<()> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(IoError::other("not a file"))
    }
}

/// When the file was changed, clamped to the times that HTTP can write and the present.
fn changed(metadata: &Metadata) -> SystemTime {
    let now = SystemTime::now();
    metadata
        .modified()
        .map_or(UNIX_EPOCH, |time| time.clamp(UNIX_EPOCH, now.max(UNIX_EPOCH)))
}

fn tag(metadata: &Metadata) -> String {
    let age = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanoseconds = age.map_or(0, |age| age.as_nanos());
    format!("\"{nanoseconds:x}-{:x}\"", metadata.len())
}

/// Whether the browser has the current file; a tag takes precedence over a time (RFC 9110 section 13.2.2).
fn is_known(headers: &HeaderMap, tag: &str, changed: SystemTime) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return assets::has(headers, header::IF_NONE_MATCH, |known| known == tag || known == "*");
    }
    headers
        .typed_get::<IfModifiedSince>()
        .is_some_and(|since| !since.is_modified(changed))
}

/// As Python's `mimetypes` had it; TypeScript and source maps have types that say what they are.
fn content_type(file: &Path) -> String {
    let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str().unwrap_or_default() {
        "ico" => "image/vnd.microsoft.icon".to_owned(),
        "map" => "application/json".to_owned(),
        "mjs" => "text/javascript; charset=utf-8".to_owned(),
        "ts" => "text/plain; charset=utf-8".to_owned(),
        "woff" => "font/woff".to_owned(),
        _ => assets::content_type(&file.to_string_lossy()),
    }
}
