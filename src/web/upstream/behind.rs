//! The old app behind this server: which requests are its own, which are ours, and which both answer.

use std::{sync::Arc, time::Duration};

use poem::{
    Endpoint, Request, Response,
    http::{Method, header},
};
use serde_json::json;

use super::{
    Upstream,
    counts::Counts,
    modes::{Mode, Modes},
    ours::Ours,
    recorder::{Recorder, Tally},
    report,
    shadow::{self, Shadows},
};
use crate::auth::guard::{FromToken, User};

/// The old app, and all that is known of the routes of both.
pub struct Behind {
    /// The old app.
    pub upstream: Upstream,
    /// Answers that are made beside its own.
    pub shadows: Shadows,
    /// What records its answers.
    pub recorder: Option<Recorder>,
    ours: Ours,
    modes: Arc<Modes>,
    counts: Arc<Counts>,
}

/// Gives administrators the figures of all routes, as JSON.
pub struct Figures {
    url: String,
    modes: Arc<Modes>,
    counts: Arc<Counts>,
    recording: Option<Arc<Tally>>,
}

impl Endpoint for Figures {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        User::from_token(&request).await?.require_admin()?;
        let routes = self.modes.all();
        let body = json!({
            "upstream": self.url,
            "recording": self.recording.as_ref().map(|tally| tally.to_json()),
            "routes": report::rows(&routes, self.counts.all()),
        });
        let response = Response::builder().header(header::CACHE_CONTROL, "no-store");
        Ok(response.content_type("application/json").body(body.to_string()))
    }
}

/// Who answers a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// This server; with the name of the route, if it is one of those that are counted.
    Here(Option<String>),
    /// The old app, with the name of a route that this server has too.
    There(Option<String>),
    /// The old app, and this server beside it.
    Both(String),
}

impl Behind {
    /// Puts the parts together.
    pub fn new(
        upstream: Upstream,
        ours: Ours,
        modes: Arc<Modes>,
        counts: Arc<Counts>,
        recorder: Option<Recorder>,
    ) -> Self {
        Self {
            upstream,
            shadows: Shadows::new(counts.clone()),
            recorder,
            ours,
            modes,
            counts,
        }
    }

    /// The figures of its routes, where the old app is at `url`.
    pub fn figures(&self, url: String) -> Figures {
        Figures {
            url,
            modes: self.modes.clone(),
            counts: self.counts.clone(),
            recording: self.recorder.as_ref().map(Recorder::tally),
        }
    }

    /// Who answers a request, which nothing has changed yet.
    pub async fn destination(&self, request: &Request) -> Destination {
        let Some(path) = self.ours.path(request).await else {
            return Destination::There(None);
        };
        // Asking for the methods of a path is answered by the one who has its GET.
        let method = match request.method() {
            &Method::HEAD | &Method::OPTIONS => &Method::GET,
            method => method,
        };
        let Some((number, route)) = self.modes.find(method, &path) else {
            return Destination::Here(None);
        };
        let name = route.to_string();
        match self.modes.of(number) {
            Mode::New => Destination::Here(Some(name)),
            Mode::Compare if shadow::is_compared(request) => Destination::Both(name),
            Mode::Old | Mode::Compare => Destination::There(Some(name)),
        }
    }

    /// Counts an answer.
    pub fn count(&self, destination: &Destination, method: &Method, path: &str, latency: Duration) {
        match destination {
            Destination::Here(Some(route)) => self.counts.answered_here(route, latency),
            Destination::Here(None) => {}
            Destination::There(Some(route)) | Destination::Both(route) => self.counts.answered_there(route, latency),
            Destination::There(None) => self.counts.answered_elsewhere(method.as_str(), path, latency),
        }
    }
}
