//! The one test binary, so that a run links once and shares its database servers.

mod api;
mod attacks;
mod browser;
mod parity;
mod rooms;
mod scaffold;
mod support;
mod upstream;
