//! The page at `/docs` and the originals' clients as a person meets them: in Chromium, against the built program.

mod clients;
mod docs;
mod driver;
mod fake;
