//! Makes cargo rebuild when an embedded file is added; without it a new migration would be missed.

fn main() {
    for folder in ["migrations", "scaffold/templates", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
