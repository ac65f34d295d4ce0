//! What developers have scaffolded in this project, which the tests put up with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::sql::{assert_kept, schema_of};

fn resources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("project/src/app")
}

/// Whether there are any resources.
pub fn has_scaffolded() -> bool {
    let mut folders = fs::read_dir(resources()).unwrap();
    folders.any(|folder| folder.unwrap().path().join("example.json").exists())
}

/// Whether a path of the API is a scaffolded resource's: who may do what with it is for its own tests.
pub fn is_scaffolded(path: &str) -> bool {
    let plural = path.trim_start_matches("/api/v1/").split(['/', '.']).next().unwrap();
    resources().join(plural).join("example.json").exists()
}

/// Checks that the tables are as they were; those of resources that developers have scaffolded here may have come.
pub fn assert_unaltered(url: &str, before: &str) {
    if has_scaffolded() {
        assert_kept(url, before);
    } else {
        assert_eq!(schema_of(url), before, "{url}");
    }
}
