//! Who answers each of our routes while an old app is behind this server: a file that is read anew when it changes.
//!
//! ```toml
//! "GET /api/v1/posts.json" = "compare"
//! "* /api/v1/users*" = "old"
//! ```

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, Permissions},
    io::{ErrorKind, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, SystemTime},
};

use poem::http::Method;

use crate::error::{Error, Result};

/// How often the file is looked at: a change is effective within a second.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// Permissions of a new file of routes, as other programs make files.
pub const FOR_ALL: u32 = 0o666;
/// Bytes that are read of the file.
const MAX_BYTES: u64 = 1 << 20;

/// Who answers a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// This server.
    #[default]
    New,
    /// The old app.
    Old,
    /// The old app, and this server beside it, whose answer is compared with the old one.
    Compare,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::New, Self::Old, Self::Compare];

    /// As the file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Old => "old",
            Self::Compare => "compare",
        }
    }

    /// Reads a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// One of our routes: `GET /api/v1/posts/{id}.json`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Its path, with `{id}` for the id of a row.
    pub path: String,
    /// Its method, HEAD among GET.
    pub method: String,
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// What an entry of the file is about: one route, or several.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// None for all methods, which are written `*`.
    method: Option<String>,
    path: String,
    /// Whether the path goes on: it is written with `*` at its end.
    is_prefix: bool,
}

impl Pattern {
    /// Reads `METHOD PATH`.
    pub fn of(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let is_method = method == "*" || method.bytes().all(|byte| byte.is_ascii_uppercase());
        let (path, is_prefix) = match path.strip_suffix('*') {
            Some(start) => (start, true),
            None => (path, false),
        };
        let is_path = path.starts_with('/') || path.is_empty() && is_prefix;
        (is_method && !method.is_empty() && is_path && !path.contains([' ', '*'])).then(|| Self {
            method: (method != "*").then(|| method.to_owned()),
            path: path.to_owned(),
            is_prefix,
        })
    }

    fn matches(&self, route: &Route) -> bool {
        let is_path = match self.is_prefix {
            true => route.path.starts_with(&self.path),
            false => route.path == self.path,
        };
        is_path && self.method.as_ref().is_none_or(|method| *method == route.method)
    }

    /// The pattern that says most of a route decides.
    fn weight(&self) -> (bool, usize, bool) {
        (!self.is_prefix, self.path.len(), self.method.is_some())
    }
}

/// Whether the entry of this name is about a route.
pub fn is_about(name: &str, route: &Route) -> bool {
    Pattern::of(name).is_some_and(|pattern| pattern.matches(route))
}

/// The entries of the file.
pub type Entries = Vec<(Pattern, Mode)>;

/// Reads the text of the file, whose entries must be about `routes`.
///
/// # Errors
/// A text with the line, what is wrong there and what is allowed.
pub fn read(text: &str, routes: &[Route]) -> std::result::Result<Entries, String> {
    let table: BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>> = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        format!("line {line}: {}", error.message())
    })?;
    let entries = table.into_iter().map(|(key, value)| {
        let line = line_of(text, key.span().start);
        let problem = |what: String| format!("line {line}: {what}");
        let name = key.get_ref();
        let mode = value.get_ref().as_str().and_then(Mode::of);
        let mode = mode.ok_or_else(|| problem(format!("`{name}` must be \"old\", \"new\" or \"compare\"")))?;
        let pattern = Pattern::of(name).ok_or_else(|| {
            problem(format!(
                "`{name}` is not a route: expected a method and a path, such as \"GET /api/v1/users.json\" or \"* /api/v1/users*\""
            ))
        })?;
        let mut meant = routes.iter().filter(|route| pattern.matches(route)).peekable();
        if meant.peek().is_none() {
            let nearest = nearest(name, routes).map(|route| format!("; did you mean `{route}`?"));
            return Err(problem(format!(
                "this server has no route `{name}`{}",
                nearest.unwrap_or_default()
            )));
        }
        if mode == Mode::Compare && !meant.any(|route| route.method == "GET") {
            return Err(problem(format!("`{name}` changes rows, and only GET can be compared")));
        }
        Ok((pattern, mode))
    });
    entries.collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn nearest<'r>(name: &str, routes: &'r [Route]) -> Option<&'r Route> {
    const LIKE: f64 = 0.8;
    let likeness = |route: &Route| strsim::jaro_winkler(name, &route.to_string());
    let nearest = routes
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(nearest) >= LIKE).then_some(nearest)
}

/// The mode of a route.
pub fn mode_of(entries: &Entries, route: &Route) -> Mode {
    let matching = entries.iter().filter(|(pattern, _)| pattern.matches(route));
    let decisive = matching.max_by_key(|(pattern, _)| pattern.weight());
    match decisive.map(|(_, mode)| *mode) {
        Some(Mode::Compare) if route.method != "GET" => Mode::New,
        mode => mode.unwrap_or_default(),
    }
}

/// The text of the file with one more entry, or another mode in an entry that is there; all else is kept.
pub fn with_entry(text: &str, name: &str, mode: Mode) -> String {
    let mode = format!("{:?}", mode.name());
    let value_in = |line: &str| {
        let table: BTreeMap<String, toml::Spanned<toml::Value>> = toml::from_str(line).ok()?;
        table.get(name).map(toml::Spanned::span)
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let known = lines
        .iter_mut()
        .find_map(|line| value_in(line).map(|value| (line, value)));
    match known {
        Some((line, value)) => line.replace_range(value, &mode),
        None => lines.push(format!("{name:?} = {mode}")),
    }
    lines.join("\n") + "\n"
}

/// The file, which need not exist.
///
/// # Errors
/// A text that says why it cannot be read.
pub fn text_of(file: &Path) -> std::result::Result<String, String> {
    match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        Ok(metadata) if metadata.len() > MAX_BYTES => return Err(format!("larger than {MAX_BYTES} bytes")),
        _ => {}
    }
    fs::read_to_string(file).map_err(|error| error.to_string())
}

/// Replaces the file in one step: a server that reads it at that moment sees the old or the new one.
///
/// A new file gets these `permissions`, less the umask; one that is there keeps its own, and its owner: the server may be another
/// user than the one who sets a route.
///
/// # Errors
/// [`Error::Io`] names the file.
pub fn write(file: &Path, text: &str, permissions: u32) -> Result<()> {
    let failed = |error| Error::Io(format!("cannot write {}", file.display()), error);
    // What a link leads to is replaced, and not the link.
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut fresh = tempfile::Builder::new()
        .permissions(Permissions::from_mode(permissions))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    fresh.write_all(text.as_bytes()).map_err(failed)?;
    if let Ok(known) = target.metadata() {
        fresh.as_file().set_permissions(known.permissions()).map_err(failed)?;
        // Only root may give a file away; to others it belongs already, or to a group that may write here.
        let _ = chown(fresh.path(), Some(known.uid()), Some(known.gid()));
    }
    fresh.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The modes in force.
pub struct Modes {
    file: PathBuf,
    routes: Vec<Route>,
    modes: Vec<AtomicU8>,
    seen: RwLock<Option<(SystemTime, u64)>>,
}

impl Modes {
    /// Those that a file sets for these routes.
    ///
    /// # Errors
    /// [`Error::Refused`] names the file, the line, and what is allowed.
    pub fn new(file: PathBuf, mut routes: Vec<Route>) -> Result<Arc<Self>> {
        routes.sort();
        let modes = Self {
            modes: routes.iter().map(|_| AtomicU8::new(0)).collect(),
            routes,
            seen: RwLock::new(stamp(&file)),
            file,
        };
        modes.load().map_err(Error::Refused)?;
        Ok(Arc::new(modes))
    }

    /// All routes, by their paths, and who answers each.
    pub fn all(&self) -> Vec<(Route, Mode)> {
        let numbered = self.routes.iter().enumerate();
        numbered
            .map(|(number, route)| (route.clone(), self.of(number)))
            .collect()
    }

    /// The route with this method and path, and its number.
    pub fn find(&self, method: &Method, path: &str) -> Option<(usize, &Route)> {
        // They are in the order of their paths.
        let key = (path, method.as_str());
        let place = self
            .routes
            .binary_search_by(|route| (route.path.as_str(), route.method.as_str()).cmp(&key));
        place.ok().map(|number| (number, &self.routes[number]))
    }

    /// Who answers the route of this number.
    pub fn of(&self, number: usize) -> Mode {
        let value = self.modes.get(number).map_or(0, |mode| mode.load(Ordering::Relaxed));
        Mode::ALL[usize::from(value)]
    }

    fn load(&self) -> std::result::Result<(), String> {
        let named = |problem| format!("{}: {problem}", self.file.display());
        let entries = text_of(&self.file)
            .and_then(|text| read(&text, &self.routes))
            .map_err(named)?;
        for (route, mode) in self.routes.iter().zip(&self.modes) {
            let wanted = mode_of(&entries, route);
            let value = Mode::ALL.iter().position(|mode| *mode == wanted).unwrap_or_default();
            let value = u8::try_from(value).unwrap_or_default();
            let before = mode.swap(value, Ordering::Relaxed);
            if before != value {
                tracing::info!(route = %route, mode = wanted.name(), "who answers has changed");
            }
        }
        Ok(())
    }

    /// Reads the file anew whenever it changes; what cannot be used is logged, and changes nothing.
    pub async fn watch(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            let now = stamp(&self.file);
            let is_known = *self.seen.read().unwrap_or_else(PoisonError::into_inner) == now;
            if is_known {
                continue;
            }
            *self.seen.write().unwrap_or_else(PoisonError::into_inner) = now;
            if let Err(problem) = self.load() {
                tracing::error!("{problem}; the routes stay as they were");
            }
        }
    }
}

/// What changes with the file.
fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Vec<Route> {
        let routes = [
            ("GET", "/api/v1/posts.json"),
            ("POST", "/api/v1/posts.json"),
            ("GET", "/api/v1/posts/{id}.json"),
            ("GET", "/docs"),
        ];
        routes
            .map(|(method, path)| Route {
                path: path.to_owned(),
                method: method.to_owned(),
            })
            .into()
    }

    fn modes(text: &str) -> Vec<&'static str> {
        let entries = read(text, &routes()).unwrap();
        routes().iter().map(|route| mode_of(&entries, route).name()).collect()
    }

    #[test]
    fn the_entry_that_says_most_of_a_route_decides() {
        assert_eq!(modes(""), ["new", "new", "new", "new"]);
        assert_eq!(modes("\"* *\" = \"old\""), ["old", "old", "old", "old"]);
        assert_eq!(modes("\"* *\" = \"compare\""), ["compare", "new", "compare", "compare"]);
        let text =
            "# all\n\"* *\" = \"old\"\n\"* /api/v1/posts*\" = \"new\"\n\"GET /api/v1/posts.json\" = \"compare\"\n";
        assert_eq!(modes(text), ["compare", "new", "new", "old"]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, expected) in [
            (
                "\"GET /docs\" = \"odl\"",
                "line 1: `GET /docs` must be \"old\", \"new\" or \"compare\"",
            ),
            ("\n\"GET /docs\" = 1", "line 2: `GET /docs` must be"),
            ("\n\n\"/docs\" = \"old\"", "line 3: `/docs` is not a route"),
            ("\"get /docs\" = \"old\"", "line 1: `get /docs` is not a route"),
            (
                "\"GET /api/v1/post.json\" = \"old\"",
                "line 1: this server has no route `GET /api/v1/post.json`; did you mean `GET /api/v1/posts.json`?",
            ),
            (
                "\"POST /api/v1/posts.json\" = \"compare\"",
                "line 1: `POST /api/v1/posts.json` changes rows",
            ),
            (
                "\"GET /docs\" = \"old\"\n\"GET /docs\" = \"new\"",
                "line 2: duplicate key",
            ),
            ("a b", "line 1: "),
        ] {
            let problem = read(text, &routes()).unwrap_err();
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn setting_a_mode_keeps_all_else() {
        let text = "# first\n\"GET /docs\" = \"old\" # why\n";
        let expected = "# first\n\"GET /docs\" = \"new\" # why\n";
        assert_eq!(with_entry(text, "GET /docs", Mode::New), expected);
        let expected = format!("{text}\"* *\" = \"compare\"\n");
        assert_eq!(with_entry(text, "* *", Mode::Compare), expected);
    }

    #[test]
    fn a_file_that_is_written_anew_keeps_its_permissions_and_links() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("routes.toml"), folder.path().join("link.toml"));
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        write(&file, "a", 0o640).unwrap();
        assert_eq!(mode(), 0o640);
        std::os::unix::fs::symlink(&file, &link).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o604)).unwrap();
        write(&link, "b", FOR_ALL).unwrap();
        assert_eq!((mode(), fs::read_to_string(&file).unwrap().as_str()), (0o604, "b"));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(write(&folder.path().join("missing/routes.toml"), "c", FOR_ALL).is_err());
    }

    #[tokio::test]
    async fn a_changed_file_is_read_and_a_wrong_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("routes.toml");
        let modes = Modes::new(file.clone(), routes()).unwrap();
        tokio::spawn(modes.clone().watch());
        let mode_of_docs = || modes.of(modes.find(&Method::GET, "/docs").unwrap().0);
        for (text, expected) in [
            ("\"GET /docs\" = \"old\"", Mode::Old),
            ("\"GET /docs\" = \"odl\"", Mode::Old),
            ("\"GET /docs\" = \"compare\"", Mode::Compare),
        ] {
            write(&file, text, FOR_ALL).unwrap();
            tokio::time::sleep(Duration::from_millis(900)).await;
            assert_eq!(mode_of_docs(), expected, "{text}");
        }
        fs::remove_file(&file).unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(mode_of_docs(), Mode::New);
        write(&file, "x", FOR_ALL).unwrap();
        let problem = Modes::new(file, routes()).err().unwrap().to_string();
        assert!(problem.contains("routes.toml: line 1: "), "{problem}");
    }
}
