//! Hands what this project adds to the library, which does the rest.
#![forbid(unsafe_code)]

mod app;

use std::process::ExitCode;

use poem_scaffold::{App, embed};

fn main() -> ExitCode {
    let app = App::new("poem-scaffold", env!("CARGO_PKG_VERSION"))
        .resources(app::resources)
        .migrations(embed!("migrations"))
        .templates(embed!("templates"));
    poem_scaffold::run(app)
}
