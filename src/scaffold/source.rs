//! Where a definition stands, and how messages show what stands there.

use crate::error::Error;

/// Where a definition stands, for messages.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file; lines are counted from 1.
    File(String),
    /// The command line; its words are counted from 1.
    Arguments,
}

impl Source {
    /// The refusal of what stands in `line`.
    pub fn refuse(&self, line: usize, text: impl std::fmt::Display) -> Error {
        Error::Refused(match self {
            Source::File(name) => format!("{name}:{line}: {text}"),
            Source::Arguments => format!("{}: {text}", self.place(line)),
        })
    }

    /// What a line is called in a message about another.
    pub fn place(&self, line: usize) -> String {
        match self {
            Source::File(_) => format!("line {line}"),
            Source::Arguments => format!("argument {line}"),
        }
    }
}

/// The message about a word that is not allowed.
pub fn unknown(what: &str, word: &str, allowed: &[&str]) -> String {
    let hint = match nearest(word, allowed) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    format!(
        "unknown {what} `{}`; {hint}Allowed: {}",
        shown(word),
        allowed.join(", ")
    )
}

/// The allowed word that is most like this one, if one is.
pub fn nearest<'a>(word: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |other: &str| strsim::damerau_levenshtein(&word, other);
    let near = allowed.iter().min_by_key(|other| distance(other))?;
    (distance(near) <= 2 && distance(near) < near.len()).then_some(*near)
}

/// A word as far as a message shows it.
pub fn shown(word: &str) -> String {
    const SHOWN: usize = 60;
    let mut text: String = word.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if word.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}
