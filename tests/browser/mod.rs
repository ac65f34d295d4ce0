//! The page at `/docs` as a person meets it: in Chromium, against the built program.

mod docs;
mod driver;
mod fake;
