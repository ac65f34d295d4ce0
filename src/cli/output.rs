//! What commands print on standard output; it ends the spinner.

use std::{fmt::Display, io::Write};

use super::progress;
use crate::{
    error::{Error, Result},
    text::visible_lines,
};

/// Prints a line, or several; what would act on a terminal is shown instead.
///
/// # Errors
/// [`Error::Output`].
pub(super) fn say(line: impl Display) -> Result<()> {
    say_exactly(visible_lines(line))
}

/// Prints what programs read.
///
/// # Errors
/// [`Error::Output`].
pub(super) fn say_exactly(text: impl Display) -> Result<()> {
    progress::clear();
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .map_err(Error::Output)
}
