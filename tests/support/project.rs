//! Projects as `new` makes them, to scaffold in and to build.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Output,
    sync::{LazyLock, Mutex, OnceLock},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{cargo_command, program, server::ServerConfig};

/// The time that generated files are named after, so that they are the same in each run.
const EPOCH: &str = "1767225600";

/// What most tests begin with, made once.
static NEW: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| Project::called("blog").files());

/// A project in a temporary folder.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// A project without resources, called `blog`.
    pub fn new() -> Self {
        Self::of(&NEW)
    }

    /// A project without resources.
    pub fn called(name: &str) -> Self {
        let project = Self::none();
        project.must(&["new", ".", "--name", name]);
        project
    }

    /// A folder with nothing in it, to make projects in.
    pub fn none() -> Self {
        Self::of(&BTreeMap::new())
    }

    /// A project of these files, as [`Project::files`] gives them.
    pub fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let project = Self {
            folder: tempfile::tempdir().expect("a temporary folder must be made"),
        };
        for (path, content) in files {
            match path.ends_with('/') {
                true => fs::create_dir_all(project.path().join(path)).unwrap(),
                false => drop(project.write(path, content)),
            }
        }
        project
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program in it.
    pub fn run(&self, args: &[&str]) -> Output {
        ServerConfig::of(program())
            .env("SOURCE_DATE_EPOCH", EPOCH)
            .command(self.path(), args)
    }

    /// Runs the program in it, which must succeed, and gives what it printed.
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let text = format!("{}{}", text_of(&output.stdout), text_of(&output.stderr));
        assert!(output.status.success(), "{args:?}: {text}");
        text
    }

    /// Runs the program in it, which must refuse and change nothing, and gives its message.
    pub fn refused(&self, args: &[&str]) -> String {
        self.refused_in(args).0
    }

    /// As [`Project::refused`], with how long the program ran.
    pub fn refused_in(&self, args: &[&str]) -> (String, Duration) {
        let before = self.files();
        let started = Instant::now();
        let output = self.run(args);
        let duration = started.elapsed();
        let message = text_of(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {message}{}",
            text_of(&output.stdout)
        );
        assert!(before == self.files(), "{args:?} changed something");
        (message, duration)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        let full = self.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(&full, content).unwrap();
        path.to_owned()
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every file, and every folder with a slash at the end of its path, with what is in it.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.path(), self.path(), &mut files);
        files
    }
}

/// All files of a folder as texts, by their paths.
pub fn texts_in(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files.retain(|path, _| !path.ends_with('/'));
    files.into_iter().map(|(path, bytes)| (path, text_of(&bytes))).collect()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            collect(root, &path, files);
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// A file of this repository, by its absolute path.
pub fn sample(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// A build of a project with the resources that Flask-Scaffold 2.0 was recorded with.
pub fn scaffold_2_0() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let project = Project::called("scaffold-2-0");
        for file in ["blog", "alltypes"] {
            project.must(&["scaffold", &sample(&format!("tests/parity/scaffold/{file}-S2.yaml"))]);
        }
        build(&keep(&project, "scaffold-2-0"))
    })
}

/// The program of a kept project, built.
///
/// With its tests: these have the library with more features, and it is to be built once. One project is built after the
/// other, because each borrows the library that another has built.
pub fn build(folder: &Path) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDING.lock();
    borrow_dependencies(folder);
    cargo(folder, &["test", "--no-run"]);
    target_of(folder).join(folder.file_name().unwrap())
}

/// Brings the kept project `name` to the state of this one, touching only the files that differ.
pub fn keep(project: &Project, name: &str) -> PathBuf {
    static KEEPING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = KEEPING.lock();
    let kept = target_folder().join("scaffolded").join(name);
    fs::create_dir_all(&kept).unwrap();
    let new = project.files();
    let mut old = BTreeMap::new();
    for entry in fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("target") => {}
            _ if path.is_dir() => collect(&kept, &path, &mut old),
            Some(name) => drop(old.insert(name.to_owned(), fs::read(&path).unwrap())),
            None => {}
        }
    }
    for (path, content) in &new {
        let place = kept.join(path);
        if path.ends_with('/') {
            fs::create_dir_all(place).unwrap();
        } else if old.get(path) != Some(content) {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
    }
    for path in old
        .keys()
        .filter(|path| !path.ends_with('/') && !new.contains_key(*path))
    {
        fs::remove_file(kept.join(path)).unwrap();
    }
    kept
}

/// Where the builds of a kept project are. Not in one folder for all of them: crates of the same name, at the same place
/// in their projects, would be taken for the same one.
fn target_of(folder: &Path) -> PathBuf {
    folder.join("target").join(profile_folder())
}

/// Runs cargo in a kept project, which must succeed; gives what it printed.
pub fn cargo(folder: &Path, args: &[&str]) -> String {
    cargo_into(&folder.join("target"), folder, args)
}

/// Runs clippy in a kept project, which must find nothing. All projects share what it makes of the dependencies.
pub fn clippy(folder: &Path) {
    let target = target_folder().join("scaffolded").join("clippy");
    cargo_into(&target, folder, &["clippy", "--all-targets", "--", "-D", "warnings"]);
}

fn cargo_into(target: &Path, folder: &Path, args: &[&str]) -> String {
    let release = (profile_folder() == "release" && args[0] != "fmt").then_some("--release");
    let offline = (args[0] != "fmt").then_some(["--offline", "--locked"]);
    let (command, others) = args.split_first().unwrap();
    let output = cargo_command()
        .arg(command)
        .args(release)
        .args(offline.into_iter().flatten())
        .args(others)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(folder)
        .output()
        .expect("cargo must run");
    let text = format!("{}{}", text_of(&output.stdout), text_of(&output.stderr));
    assert!(output.status.success(), "cargo {args:?}:\n{text}");
    text
}

/// The folder that cargo built this test in: `target/debug`.
fn built_folder() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}

fn target_folder() -> PathBuf {
    built_folder().parent().unwrap().to_owned()
}

/// The folder inside of a target folder that holds this profile's builds: `debug`.
pub fn profile_folder() -> String {
    built_folder().file_name().unwrap().to_string_lossy().into_owned()
}

/// Gives a kept project what was compiled of the dependencies, which would take minutes, and of the library in another project, where it has the same features.
///
/// Large files are linked. The small ones are copied, because cargo writes into them. Times are kept: cargo compares them.
fn borrow_dependencies(folder: &Path) {
    let target = target_of(folder);
    borrow(&built_folder(), &target, Part::Dependencies);
    for other in fs::read_dir(folder.parent().unwrap()).unwrap() {
        let other = other.unwrap().path();
        if other != folder {
            borrow(&target_of(&other), &target, Part::Library);
        }
    }
}

/// What is borrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Dependencies,
    Library,
}

impl Part {
    /// Whether a file or folder of cargo's is of this part.
    fn has(self, name: &str) -> bool {
        let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
        let is_librarys = begins(&["poem_scaffold-", "libpoem_scaffold-"]);
        match self {
            Self::Library => is_librarys,
            Self::Dependencies => {
                !is_librarys && !begins(&["poem-scaffold-", "suite-", "resources-", "app-", "app_", "libapp_"])
            }
        }
    }
}

fn borrow(from: &Path, to: &Path, part: Part) {
    for folder in [".fingerprint", "build", "deps"] {
        for entry in fs::read_dir(from.join(folder)).into_iter().flatten().flatten() {
            if part.has(&entry.file_name().to_string_lossy()) {
                borrow_all(&entry.path(), &to.join(folder).join(entry.file_name()), part);
            }
        }
    }
}

fn borrow_all(source: &Path, place: &Path, part: Part) {
    const LINKED_BYTES: u64 = 256 * 1024;
    // A build that goes on beside us may just take a file away.
    let Ok(metadata) = fs::metadata(source) else { return };
    if metadata.is_dir() {
        for entry in fs::read_dir(source).into_iter().flatten().flatten() {
            borrow_all(&entry.path(), &place.join(entry.file_name()), part);
        }
        return;
    }
    let time = metadata.modified().unwrap();
    match fs::metadata(place) {
        // What a registry has does not change; the library does.
        Ok(there) if part == Part::Library && there.modified().unwrap() < time => fs::remove_file(place).unwrap(),
        Ok(_) => return,
        Err(_) => fs::create_dir_all(place.parent().unwrap()).unwrap(),
    }
    let is_linked = metadata.len() >= LINKED_BYTES && fs::hard_link(source, place).is_ok();
    if !is_linked
        && fs::copy(source, place).is_ok()
        && let Ok(file) = fs::File::options().write(true).open(place)
    {
        file.set_modified(time).unwrap();
    }
}

/// Whether a message about a definition has all parts, between `…`, of which each may begin with a line: `:2: unknown type`.
pub fn says(message: &str, expected: &str) -> bool {
    expected.split('…').all(|part| {
        let part = part.find(".yaml:").map_or(part, |at| &part[at + ".yaml".len()..]);
        match part.strip_prefix(':').and_then(|part| part.split_once(':')) {
            Some((line, text)) => message.contains(&format!(".yaml:{line}:")) && message.contains(text.trim_start()),
            None => message.contains(part),
        }
    })
}
