//! What settings may be set to, where that is one of a few words.

use clap::ValueEnum;

/// The value of a setting that opens or closes a hole of the originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// As the original did.
    Allow,
    /// Refused.
    Deny,
}

/// How the subject of a new token, a user's id, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenSub {
    /// As a number, as the originals had it.
    Integer,
    /// As its decimal digits, as RFC 7519 has it.
    Text,
}

/// Who may change users and roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UserWrites {
    /// Everybody their own account; administrators everything.
    Owner,
    /// Everybody who is logged in everything, as the originals had it.
    Any,
}

/// What lets a caller set a new password without the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResetToken {
    /// A token of its own kind, from the mail, good once and for an hour.
    SingleUse,
    /// A login token, and so is the mail's, as the originals had it.
    Login,
}

/// What is answered where nobody has the address that asks for a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForgotUnknown {
    /// The same as to a known address.
    Hide,
    /// 404, as the originals had it.
    #[value(name = "404")]
    NotFound,
}

/// Who gets an account by signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Signup {
    /// Everybody, at once.
    Open,
    /// Everybody whom an administrator enables afterwards.
    Approval,
    /// Nobody: only administrators add users.
    Off,
}

impl Signup {
    /// The value of `SIGNUP`.
    pub fn name(self) -> &'static str {
        match self {
            Signup::Open => "open",
            Signup::Approval => "approval",
            Signup::Off => "off",
        }
    }
}

/// The value of a setting that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Done.
    On,
    /// Not done.
    Off,
}
