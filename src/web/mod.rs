//! Everything around the API: the gateway that every request passes, methods, the OpenAPI document, pages and files.

mod addresses;
pub mod assets;
mod brand;
pub mod cors;
pub mod errors;
pub mod gateway;
pub mod methods;
pub mod openapi;
mod page_tokens;
pub mod pages;
pub mod paths;
pub mod server;
pub mod static_files;
pub mod upstream;
