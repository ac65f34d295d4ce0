//! `explain`: what the code of an error means.

use super::output::say;
use crate::{
    error::{Error, Result},
    scaffold::codes::{EXPLANATIONS, Explanation},
};

#[derive(clap::Args)]
#[command(after_help = "Example:\n  poem-scaffold explain E11")]
pub struct Args {
    /// Code of an error; without one, all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints the explanation of a code, or the list of them.
///
/// # Errors
/// [`Error::Refused`] for another code.
pub fn run(args: &Args) -> Result<()> {
    let Some(code) = &args.code else {
        let mut all = EXPLANATIONS.iter();
        return all.try_for_each(|Explanation { code, title, .. }| say(format!("{code}  {title}")));
    };
    let known = EXPLANATIONS
        .iter()
        .find(|explanation| explanation.code.eq_ignore_ascii_case(code));
    let Some(explanation) = known else {
        let last = EXPLANATIONS.last().map_or("", |last| last.code);
        return Err(Error::Refused(format!(
            "unknown code `{code}`; the codes are {} to {last}",
            EXPLANATIONS[0].code
        )));
    };
    say(text(explanation))
}

/// Characters of a line.
const WIDTH: usize = 80;

fn text(explanation: &Explanation) -> String {
    let Explanation {
        code,
        title,
        cause,
        before,
        wrong,
        right,
    } = explanation;
    let mut parts = vec![format!("{code}: {title}"), textwrap::fill(cause, WIDTH)];
    for (heading, example) in [("In a project with", before), ("Wrong", wrong), ("Right", right)] {
        if !example.is_empty() {
            let lines: Vec<String> = example.lines().map(|line| format!("    {line}")).collect();
            parts.push(format!("{heading}:\n\n{}", lines.join("\n")));
        }
    }
    parts.join("\n\n")
}
