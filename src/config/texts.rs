//! Texts of refusals that a team's clients expect in the place of ours: `TEXTS` names a TOML file.

use std::{collections::HashMap, fs, path::Path};

use toml::{Table, Value};

use super::environment::named;
use crate::error::{Error, OWN_TEXTS, PACKAGE_TEXTS, RefusalKind, Result};

/// The names of the kinds of refused tokens in `[token]`.
const TOKEN_KINDS: [(&str, RefusalKind); 6] = [
    ("missing", RefusalKind::Missing),
    ("invalid", RefusalKind::Invalid),
    ("expired", RefusalKind::Expired),
    ("csrf", RefusalKind::Csrf),
    ("revoked", RefusalKind::Revoked),
    ("unknown_user", RefusalKind::UnknownUser),
];

/// The names of what can be wrong with a login in `[login]`.
const UNKNOWN_ADDRESS: &str = "unknown_address";
const WRONG_PASSWORD: &str = "wrong_password";

/// The texts to send in the place of others.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// By text, for all statuses.
    texts: HashMap<String, String>,
    /// By status and text, which come first.
    of_status: HashMap<(u16, String), String>,
    /// By what is wrong with the token, which comes before all others.
    tokens: Vec<(RefusalKind, String)>,
    unknown_address: Option<String>,
    wrong_password: Option<String>,
}

impl Texts {
    /// Whether all texts are ours.
    pub fn is_empty(&self) -> bool {
        let has_texts = !self.texts.is_empty() || !self.of_status.is_empty() || !self.tokens.is_empty();
        !has_texts && self.unknown_address.is_none()
    }

    /// The text that goes out for one of ours.
    pub fn replace(&self, text: String, status: u16) -> String {
        if self.texts.is_empty() && self.of_status.is_empty() {
            return text;
        }
        let key = (status, text);
        let found = self.of_status.get(&key).or_else(|| self.texts.get(&key.1));
        found.cloned().unwrap_or(key.1)
    }

    /// The text for this kind of refused token, where one is given for all of the kind.
    pub fn of_token(&self, kind: RefusalKind) -> Option<&str> {
        let mut all = self.tokens.iter();
        all.find(|(of, _)| *of == kind).map(|(_, text)| text.as_str())
    }

    /// The text for a failed login, where its two reasons are told apart.
    pub fn of_login(&self, is_known: bool) -> Option<&str> {
        let text = if is_known {
            &self.wrong_password
        } else {
            &self.unknown_address
        };
        text.as_deref()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Refused`] says what in it cannot be used.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let refused = |fault: String| Error::Refused(format!("{}: {fault}", named("TEXTS")));
        let content = fs::read_to_string(path).map_err(|error| refused(format!("the file cannot be read: {error}")))?;
        Self::parse(&content).map_err(refused)
    }

    fn parse(content: &str) -> Result<Self, String> {
        let table: Table = content.parse().map_err(|error: toml::de::Error| {
            let line = error.span().and_then(|span| content.get(..span.start));
            let line = line.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })?;
        let mut texts = Self::default();
        for (key, value) in table {
            match value {
                Value::Table(table) => texts.read_table(&key, table)?,
                value => {
                    check_text(&key)?;
                    texts.texts.insert(key.clone(), text_of(&key, value)?);
                }
            }
        }
        match (&texts.unknown_address, &texts.wrong_password) {
            (Some(_), None) | (None, Some(_)) => Err(format!(
                "[login] needs both {UNKNOWN_ADDRESS} and {WRONG_PASSWORD}, or neither"
            )),
            _ => Ok(texts),
        }
    }

    fn read_table(&mut self, name: &str, table: Table) -> Result<(), String> {
        let status = name.parse().ok().filter(|status| (400..600).contains(status));
        for (key, value) in table {
            match (name, status) {
                ("token", _) => {
                    let kind = one_of(&key, &TOKEN_KINDS.map(|(name, _)| name))?;
                    let (_, kind) = TOKEN_KINDS[kind];
                    self.tokens.push((kind, text_of(&key, value)?));
                }
                ("login", _) => {
                    let reason = one_of(&key, &[UNKNOWN_ADDRESS, WRONG_PASSWORD])?;
                    let text = Some(text_of(&key, value)?);
                    match reason {
                        0 => self.unknown_address = text,
                        _ => self.wrong_password = text,
                    }
                }
                (_, Some(status)) => {
                    check_text(&key)?;
                    self.of_status.insert((status, key.clone()), text_of(&key, value)?);
                }
                _ => {
                    return Err(format!(
                        "[{name}] is not known: expected [token], [login], or a status from 400 to 599"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn text_of(key: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err(format!("`{key}`: expected a text in quotes")),
    }
}

/// The texts that can be replaced.
pub fn replaceable_texts() -> impl Iterator<Item = &'static str> {
    OWN_TEXTS.into_iter().chain(PACKAGE_TEXTS)
}

/// The index of a name among those that are known.
fn one_of(key: &str, names: &[&str]) -> Result<usize, String> {
    let found = names.iter().position(|name| *name == key);
    found.ok_or_else(|| format!("`{key}` is not known: expected {}", names.join(", ")))
}

/// Refuses a text that is never sent.
fn check_text(text: &str) -> Result<(), String> {
    if replaceable_texts().any(|known| known == text) {
        return Ok(());
    }
    let distance = |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &text.to_lowercase());
    let nearest = replaceable_texts()
        .min_by_key(|known| distance(known))
        .unwrap_or_default();
    Err(format!(
        "`{text}` is not a text that this server sends; the nearest is `{nearest}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_replaced_everywhere_or_with_a_status_or_for_a_kind() {
        let texts = Texts::parse(
            "\"Token is invalid\" = \"Bad token!\"\n[401]\n\"Admin Access Required\" = \"Admins only\"\n\
             [login]\nunknown_address = \"invalid username\"\nwrong_password = \"invalid password\"\n\
             [token]\nmissing = \"Token is missing!\"\n",
        )
        .unwrap();
        assert_eq!(texts.replace("Token is invalid".into(), 401), "Bad token!");
        assert_eq!(texts.replace("Admin Access Required".into(), 401), "Admins only");
        assert_eq!(
            texts.replace("Admin Access Required".into(), 403),
            "Admin Access Required"
        );
        assert_eq!(texts.of_token(RefusalKind::Missing), Some("Token is missing!"));
        assert_eq!(texts.of_token(RefusalKind::Expired), None);
        assert_eq!(texts.of_login(false), Some("invalid username"));
        assert_eq!(texts.of_login(true), Some("invalid password"));
    }

    #[test]
    fn what_is_never_sent_is_refused_with_what_is() {
        for (content, said) in [
            (
                "\"token is invalid.\" = \"x\"",
                "`token is invalid.` is not a text that this server sends; the nearest is `Token is invalid`",
            ),
            (
                "\"Token is invalid\" = 5",
                "`Token is invalid`: expected a text in quotes",
            ),
            (
                "\"Token is invalid\" = \"\"",
                "`Token is invalid`: expected a text in quotes",
            ),
            (
                "[tokens]\nx = \"y\"",
                "[tokens] is not known: expected [token], [login], or a status from 400 to 599",
            ),
            (
                "[200]\nx = \"y\"",
                "[200] is not known: expected [token], [login], or a status from 400 to 599",
            ),
            (
                "[token]\ngone = \"y\"",
                "`gone` is not known: expected missing, invalid, expired, csrf, revoked, unknown_user",
            ),
            (
                "[login]\nwrong_password = \"y\"",
                "[login] needs both unknown_address and wrong_password, or neither",
            ),
        ] {
            assert_eq!(Texts::parse(content).unwrap_err(), said);
        }
        assert!(Texts::parse("\n\"a\" = ").unwrap_err().starts_with("line 2: "));
    }
}
