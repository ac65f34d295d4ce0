//! The tests of the resources, each on every engine that is installed.

// scaffold: modules

use poem_scaffold::testing::{
    http,
    server::{Server, ServerConfig},
};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_poem-scaffold");

#[test]
fn the_program_serves_its_documentation() {
    let server = Server::start(&ServerConfig::of(PROGRAM));
    let answer = http::get(&server.base, "/openapi.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json().unwrap()["info"]["title"], env!("CARGO_PKG_NAME"));
}
