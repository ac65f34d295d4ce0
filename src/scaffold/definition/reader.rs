//! A definition while it is read: its text, and all that was found wrong so far.

use super::layout::{quoted, quoted_in_flow};
use crate::{
    error::{Diagnostic, Source, Span},
    scaffold::{codes, source::shown},
};

/// What a definition says of `users` beside their fields.
#[derive(Clone, Debug, Default)]
pub struct UsersRead {
    /// The column of `active`, if it is another one.
    pub active: Option<String>,
}

/// A definition that is read.
pub struct Reader<'t> {
    /// Its text.
    pub text: &'t str,
    /// Whether it is words of the command line, and not YAML.
    pub is_arguments: bool,
    /// What is read of `users`, while that is read.
    pub users: Option<UsersRead>,
    problems: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    /// Begins to read a definition.
    pub fn new(source: &'t Source) -> Self {
        Self {
            text: &source.text,
            is_arguments: source.file.is_none(),
            users: None,
            problems: Vec::new(),
        }
    }

    /// Keeps something that is wrong.
    pub fn note(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// What was read; or nothing, and what is wrong with it is kept.
    ///
    /// `value` is where a plain value in brackets stands, which edits must not divide.
    pub fn take<T>(&mut self, read: Result<T, Vec<Diagnostic>>, value: Option<Span>) -> Option<T> {
        let problems = match read {
            Ok(read) => return Some(read),
            Err(problems) => problems,
        };
        for problem in problems {
            let edit = problem.suggestion.as_deref().cloned();
            let edit = edit.map(|edit| match value {
                Some(value) => quoted_in_flow(self.text, value, edit),
                None => edit,
            });
            self.note(problem.suggest(edit));
        }
        None
    }

    /// Keeps what is wrong, if anything is.
    pub fn check(&mut self, checked: Result<(), Diagnostic>) -> Option<()> {
        checked.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes a value that YAML has divided at the commas in its brackets.
    pub fn note_divided(&mut self, span: Span) {
        let message = format!(
            "`{}` has commas, which separate values here",
            shown(&self.text[span.start..span.end])
        );
        let edit = quoted(self.text, span);
        self.note(
            Diagnostic::new(codes::OPTION, span, message)
                .help("inside [] and {}, put quotes around what has commas")
                .suggest(edit),
        );
    }

    /// How much was found wrong so far.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// All that is wrong.
    pub fn problems(self) -> Vec<Diagnostic> {
        self.problems
    }
}
