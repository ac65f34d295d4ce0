//! The resources of this project, each in a folder and a crate of its own.

use poem_scaffold::{poem_openapi::OpenApi, routes};

/// Their routes; `scaffold` adds a line for each resource.
pub fn resources() -> impl OpenApi {
    routes![
        // scaffold: routes
    ]
}
