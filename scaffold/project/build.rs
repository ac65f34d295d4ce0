//! Has cargo build again when a file is added to a folder that is built into the program.

use std::path::Path;

fn main() {
    for folder in ["migrations", "templates"] {
        // Cargo takes a folder that is not there for one that changes each time.
        if Path::new(folder).is_dir() {
            println!("cargo::rerun-if-changed={folder}");
        }
    }
}
