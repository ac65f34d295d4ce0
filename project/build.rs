//! Has cargo build again when a file is added to a folder that is built into the program.

fn main() {
    for folder in ["migrations", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
