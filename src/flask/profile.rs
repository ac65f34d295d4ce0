//! Which original app to be compatible with, and how closely.

use clap::ValueEnum;
use serde::Deserialize;

/// Which original app to be compatible with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Flask-Scaffold 1.0; also serves the tutorial's two routes.
    #[value(name = "scaffold-1.0")]
    Scaffold10,
    /// The tutorial app, "JSON web token authentication with Flask and AngularJS".
    #[value(name = "tutorial")]
    Tutorial,
    /// Flask-Scaffold 2.0.
    #[value(name = "scaffold-2.0")]
    Scaffold20,
}

impl Profile {
    /// The value of `FLASK_PROFILE`, which is also the name of the profile's migrations folder.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Scaffold10 => "scaffold-1.0",
            Profile::Tutorial => "tutorial",
            Profile::Scaffold20 => "scaffold-2.0",
        }
    }
}

/// How closely the originals are followed where they are insecure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Close the original app's security holes.
    Safe,
    /// Keep every answer that a client could depend on.
    Flask,
}

impl Fidelity {
    /// The value of `FLASK_FIDELITY`.
    pub fn name(self) -> &'static str {
        match self {
            Fidelity::Safe => "safe",
            Fidelity::Flask => "flask",
        }
    }
}
