//! Parts of a definition with their places, and how messages show words of others.

use std::ops::Range;

use crate::error::{Span, Suggestion};

/// A part of a definition: what it says, and where.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'t> {
    /// What it says.
    pub text: &'t str,
    /// Where it stands.
    pub span: Span,
    /// Whether the bytes of the span are those of the text: not where YAML has escapes, or lines that are joined.
    is_exact: bool,
}

impl<'t> Piece<'t> {
    /// A text that stands in the definition as it is.
    pub fn exact(text: &'t str, start: usize) -> Self {
        let end = start + text.len();
        Self {
            text,
            span: Span { start, end },
            is_exact: true,
        }
    }

    /// A text that the definition writes otherwise.
    pub fn inexact(text: &'t str, span: Span) -> Self {
        Self {
            text,
            span,
            is_exact: false,
        }
    }

    /// A text that stands in no definition.
    pub fn unplaced(text: &'t str) -> Self {
        Self::inexact(text, Span::default())
    }

    /// A part of it, by bytes.
    pub fn part(self, range: Range<usize>) -> Self {
        let text = &self.text[range.clone()];
        match self.is_exact {
            true => Self::exact(text, self.span.start + range.start),
            false => Self { text, ..self },
        }
    }

    /// What stands before and after the first `mark`.
    pub fn split_once(self, mark: char) -> Option<(Self, Self)> {
        let at = self.text.find(mark)?;
        Some((self.part(0..at), self.part(at + mark.len_utf8()..self.text.len())))
    }

    /// The edit that puts another text in its place; none where the definition writes it otherwise.
    pub fn replaced(self, replacement: impl Into<String>, title: impl Into<String>) -> Option<Suggestion> {
        self.is_exact.then(|| Suggestion {
            span: self.span,
            replacement: replacement.into(),
            title: title.into(),
        })
    }

    /// The edit that replaces it by a word that was probably meant.
    pub fn meant(self, word: &str) -> Option<Suggestion> {
        self.is_exact.then(|| Suggestion::meant(self.span, word))
    }
}

/// An option of a field as the definition writes it, and the edit that removes it.
#[derive(Clone, Debug)]
pub struct Setting<'t> {
    /// Its value.
    pub value: Piece<'t>,
    /// How it is removed.
    pub removal: Option<Suggestion>,
}

impl<'t> Setting<'t> {
    /// A setting that stands in no definition.
    pub fn unplaced(text: &'t str) -> Self {
        Self {
            value: Piece::unplaced(text),
            removal: None,
        }
    }
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
