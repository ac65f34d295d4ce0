//! Records, replays and compares two servers: an old app, and the one that is to take its place.
//!
//! Requests come from a log, a HAR file, a recording or the routes of a profile; the old app is asked twice, because what
//! differs between its own two answers is not a difference of the new server.

pub mod access_log;
pub mod answer;
pub mod client;
pub mod comparison;
pub mod curl;
pub mod deviations;
pub mod entry;
pub mod exchange;
pub mod har;
pub mod headers;
pub mod html_text;
pub mod identity;
pub mod json;
pub mod judge;
pub mod noise;
pub mod normal;
pub mod order;
pub mod page;
pub mod profile;
pub mod python;
pub mod recording;
pub mod report;
pub mod request;
pub mod secrets;
pub mod source;
pub mod template;
pub mod terminal;
pub mod token;
