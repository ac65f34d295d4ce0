//! Which original is answered for, and how far it is followed.

use clap::ValueEnum;

/// Which original is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Flask-Scaffold 1.0; also answers the tutorial's two routes.
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

/// How far the originals are followed where following is unwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fidelity {
    /// The originals' holes are closed.
    Safe,
    /// Every answer that a client could depend on is kept.
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
