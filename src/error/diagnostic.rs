//! What is wrong with a definition of resources, and where in its text.

use std::fmt;

/// A part of a text, in bytes; empty for a place between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends; this byte is not part of it.
    pub end: usize,
}

impl Span {
    /// The place before the byte `at`.
    pub fn at(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// This part, or the other where it is empty.
    pub fn or(self, other: Span) -> Self {
        if self.start < self.end { self } else { other }
    }

    /// Whether the part is this text, as far as its length says.
    pub fn holds(self, text: &str) -> bool {
        self.end - self.start == text.len()
    }

    /// From the beginning of this part to the end of the other.
    pub fn to(self, other: Span) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }
}

/// An edit that mends what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it replaces.
    pub span: Span,
    /// The text that takes its place.
    pub replacement: String,
    /// What the edit does, in a sentence without a full stop.
    pub title: String,
}

impl Suggestion {
    /// The edit that puts a word in the place of another that was probably meant to be it.
    pub fn meant(span: Span, word: impl Into<String>) -> Self {
        let replacement = word.into();
        Self {
            title: format!("did you mean `{replacement}`?"),
            span,
            replacement,
        }
    }

    /// The text after the edit.
    pub fn applied_to(&self, text: &str) -> String {
        let Span { start, end } = self.span;
        format!("{}{}{}", &text[..start], self.replacement, &text[end..])
    }

    /// The edit that gives another name.
    pub fn renamed(span: Span, name: impl Into<String>) -> Self {
        let replacement = name.into();
        Self {
            title: format!("rename it to `{replacement}`"),
            span,
            replacement,
        }
    }
}

/// Something that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code, such as `E11`, which `explain` knows.
    pub code: &'static str,
    /// What it is about.
    pub span: Span,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What is allowed, or what to do.
    pub help: Option<String>,
    /// Another place that has to do with it, and what it is.
    pub related: Option<Box<(Span, String)>>,
    /// An edit that mends it.
    pub suggestion: Option<Box<Suggestion>>,
}

impl Diagnostic {
    /// What is wrong with a part of the text.
    pub fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            help: None,
            related: None,
            suggestion: None,
        }
    }

    /// The same with what is allowed, or what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// The same with another place that has to do with it.
    pub fn related(self, span: Span, label: impl Into<String>) -> Self {
        Self {
            related: Some(Box::new((span, label.into()))),
            ..self
        }
    }

    /// The same with an edit, if there is one.
    pub fn suggest(self, suggestion: Option<Suggestion>) -> Self {
        Self {
            suggestion: suggestion.map(Box::new),
            ..self
        }
    }
}

/// The text of a definition, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's path; none for the words of a command line, each of which is a line of the text.
    pub file: Option<String>,
    /// The text.
    pub text: String,
}

impl Source {
    /// Line and column of a byte, both counted from 1, the column in characters.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
        (line, 1 + before[start..].chars().count())
    }

    /// What a byte's place is called: `blog.yaml:3:5` or `argument 2`.
    pub fn place(&self, at: usize) -> String {
        let (line, column) = self.position(at);
        match &self.file {
            Some(file) => format!("{file}:{line}:{column}"),
            None => format!("argument {line}"),
        }
    }
}

/// All that is wrong with a definition, in the order of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// The definition.
    pub source: Source,
    /// What is wrong, which is at least one thing.
    pub all: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Nothing if nothing is wrong.
    pub fn of(source: &Source, mut all: Vec<Diagnostic>) -> Option<Self> {
        // What is wrong at the end of a text is shown in its last line.
        let end = source.text.trim_end_matches('\n').len();
        for diagnostic in all
            .iter_mut()
            .filter(|diagnostic| diagnostic.span.start == source.text.len())
        {
            diagnostic.span = Span::at(end);
        }
        all.sort_by_key(|diagnostic| diagnostic.span.start);
        all.dedup();
        (!all.is_empty()).then(|| Self {
            source: source.clone(),
            all,
        })
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.all.iter().enumerate() {
            let start = if index == 0 { "" } else { "\n" };
            let place = self.source.place(diagnostic.span.start);
            write!(formatter, "{start}{place}: {}", diagnostic.message)?;
        }
        Ok(())
    }
}
