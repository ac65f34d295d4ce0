//! Copies of this project, to scaffold in and to build.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{LazyLock, Mutex, OnceLock},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::server::command;

/// What `scaffold` reads or changes.
const SOURCES: [&str; 7] = [
    "rustfmt.toml",
    "migrations",
    "scaffold",
    "src/app",
    "templates/menu.html",
    "tests/resources",
    "Cargo.toml",
];

/// What a build needs beside them.
const OTHER_SOURCES: [&str; 6] = ["Cargo.lock", "build.rs", "openapi", "src", "templates", "tests"];

/// The time that generated files are named after, so that they are the same in each run.
const EPOCH: &str = "1767225600";

/// Whether developers have scaffolded resources in this project.
pub fn has_scaffolded() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".scaffold").is_dir()
}

/// This project, without the resources that its developers have scaffolded in it: tests scaffold their own.
static UNSCAFFOLDED: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !has_scaffolded() {
        return here.to_owned();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unscaffolded");
    let _ = fs::remove_dir_all(&folder);
    for source in SOURCES.iter().chain(&OTHER_SOURCES).chain(&[".scaffold"]) {
        copy(&here.join(source), &folder.join(source));
    }
    // One that others refer to is destroyed after them.
    while let Ok(records) = fs::read_dir(folder.join(".scaffold")) {
        let names = records.map(|record| {
            record
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        });
        let destroy = |name: &String| command(&folder, &[("", ""); 0], &["destroy", name, "--force"], None);
        let destroyed = names.filter(|name| destroy(name).status.success()).count();
        assert!(destroyed > 0, "{}: something cannot be destroyed", folder.display());
    }
    folder
});

/// A copy of this project in a temporary folder.
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// A copy of what `scaffold` reads, which is too little to build.
    pub fn new() -> Self {
        Self::with(&SOURCES)
    }

    /// A copy of all sources.
    pub fn whole() -> Self {
        Self::with(&[&SOURCES[..], &OTHER_SOURCES].concat())
    }

    fn with(sources: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder must be made");
        for source in sources {
            copy(&UNSCAFFOLDED.join(source), &folder.path().join(source));
        }
        Self { folder }
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
        command(self.path(), &[("SOURCE_DATE_EPOCH", EPOCH)], args, None)
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

/// Copies a file, or a folder but for recordings, which no build needs.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "recordings" {
                copy(&entry.path(), &to.join(entry.file_name()));
            }
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// A build of this project with the resources that Flask-Scaffold 2.0 was recorded with.
pub fn scaffold_2_0() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let project = Project::whole();
        for file in ["blog", "alltypes"] {
            project.must(&["scaffold", &format!("tests/parity/scaffold/{file}-S2.yaml")]);
        }
        build(&keep(&project, "scaffold-2.0"))
    })
}

/// The program of a kept project, built.
pub fn build(folder: &Path) -> PathBuf {
    cargo(folder, &["build", "--bin", "poem-scaffold"]);
    folder.join("target").join(profile_folder()).join("poem-scaffold")
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
    borrow_dependencies(&kept.join("target").join(profile_folder()));
    kept
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
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
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

/// Gives a kept project what was compiled of the dependencies, so that it need not compile them for minutes.
///
/// The large files are linked. The small ones are copied, because cargo writes into them. Times are kept: cargo
/// compares them.
fn borrow_dependencies(target: &Path) {
    let built = built_folder();
    for folder in [".fingerprint", "build", "deps"] {
        borrow(&built.join(folder), &target.join(folder));
    }
}

fn borrow(from: &Path, to: &Path) {
    const LINKED_BYTES: u64 = 256 * 1024;
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (source, place) = (entry.path(), to.join(&name));
        let is_ours = ["poem-scaffold-", "poem_scaffold-", "libpoem_scaffold-", "suite-"]
            .iter()
            .any(|start| name.starts_with(start));
        let Ok(metadata) = entry.metadata() else { continue };
        if is_ours {
            continue;
        } else if metadata.is_dir() {
            borrow(&source, &place);
        } else if place.exists() {
            continue;
        } else if metadata.len() < LINKED_BYTES || fs::hard_link(&source, &place).is_err() {
            // A build that goes on beside us may just take a file away.
            if fs::copy(&source, &place).is_ok()
                && let (Ok(file), Ok(time)) = (fs::File::options().write(true).open(&place), metadata.modified())
            {
                file.set_modified(time).unwrap();
            }
        }
    }
}
