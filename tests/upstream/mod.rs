//! An old app behind the server: real Flask apps of then and now, which have the routes that we do not have.

mod forwarding;
mod kills;
mod latency;
mod loops;
mod mixed;
mod page;
mod peer;
mod recording;
mod routes;
mod side_by_side;
mod streams;
