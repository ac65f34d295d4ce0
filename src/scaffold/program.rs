//! The lines of `src/main.rs` that hand the attributes of users to the library: it is the project's own to edit, so they
//! stand beside lines that are there from the beginning.

use super::model::Users;
use crate::error::{Error, Result};

/// The file.
pub const PATH: &str = "src/main.rs";

/// The line of modules that ours follows.
const MODULE: &str = "mod app;";

/// The line of the chain of calls that ours come before.
const CALL: &str = ".resources(app::resources)";

/// A line of the program.
pub struct ProgramLine {
    /// The line as it is generated.
    pub line: String,
    /// What shows that a line does the same, edited or in another place.
    trace: &'static str,
}

/// The lines that users need.
pub fn lines(users: &Users) -> Vec<ProgramLine> {
    let line = |line: String, trace| ProgramLine { line, trace };
    let active = users.active.as_ref();
    [
        line("mod users;".to_owned(), "mod users"),
        line(".users(users::FIELDS)".to_owned(), "users::FIELDS"),
    ]
    .into_iter()
    .chain(active.map(|column| line(format!(".active_in({column:?})"), ".active_in(")))
    .collect()
}

/// The program with the lines; one that does the same already stays as it is.
///
/// # Errors
/// [`Error::Refused`] where the lines beside which they stand are not there once each.
pub fn with(text: &str, users: &Users) -> Result<String> {
    let mut text = text.to_owned();
    for line in lines(users) {
        if line.found_in(&text).is_none() {
            text = line.added_to(&text)?;
        }
    }
    Ok(text)
}

/// The program without the lines.
pub fn without(text: &str, users: &Users) -> String {
    let goes = lines(users);
    let kept = text
        .split_inclusive('\n')
        .filter(|line| !goes.iter().any(|other| other.line == line.trim()));
    kept.collect()
}

impl ProgramLine {
    /// The line that does the same, with its number from 1.
    pub fn found_in<'t>(&self, text: &'t str) -> Option<(usize, &'t str)> {
        let code = |line: &'t str| line.split("//").next().unwrap_or_default();
        (1..)
            .zip(text.lines().map(str::trim))
            .find(|(_, line)| code(line).contains(self.trace))
    }

    fn added_to(&self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let is_module = self.line.starts_with("mod ");
        let beside = if is_module { MODULE } else { CALL };
        let places: Vec<usize> = (0..lines.len())
            .filter(|index| lines[*index].trim() == beside)
            .collect();
        let [place] = places[..] else {
            let found = if places.is_empty() {
                "is missing"
            } else {
                "occurs more than once"
            };
            return Err(Error::Refused(format!(
                "{PATH}: the line `{beside}` {found}, beside which scaffold adds `{}`; add that line yourself, then try again",
                self.line
            )));
        };
        let at = match is_module {
            false => place,
            true => {
                let follows = |line: &&&str| line.starts_with("mod ") && line.trim_end() < self.line.as_str();
                place + lines[place..].iter().take_while(follows).count()
            }
        };
        let (before, after) = lines.split_at(at);
        let beside = lines[place];
        let indentation = &beside[..beside.len() - beside.trim_start().len()];
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Ok([&before.concat(), indentation, &self.line, end, &after.concat()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::definition::arguments::{self, Arguments};

    const MAIN: &str = "mod app;\nmod billing;\nmod zones;\n\nfn main() {\n    App::new(\"x\")\n        .title(\"X\")\n        \
                        .resources(app::resources)\n}\n";

    fn users(active: &str) -> Users {
        let fields = ["phone:string?".to_owned(), format!("active: {{column: {active}}}")];
        let blueprint = arguments::read(&Arguments {
            name: "users",
            fields: &fields,
            options: &[],
        });
        assert_eq!(blueprint.problems, []);
        blueprint.users.unwrap()
    }

    #[test]
    fn lines_come_beside_those_that_are_there_and_go_again() {
        for end in ["\n", "\r\n"] {
            let main = MAIN.replace('\n', end);
            let with_them = with(&main, &users("is_active")).unwrap();
            let expected = MAIN.replace("mod zones;", "mod users;\nmod zones;").replace(
                "        .res",
                "        .users(users::FIELDS)\n        .active_in(\"is_active\")\n        .res",
            );
            assert_eq!(with_them, expected.replace('\n', end));
            assert_eq!(with(&with_them, &users("is_active")).unwrap(), with_them);
            assert_eq!(without(&with_them, &users("is_active")), main);
        }
    }

    #[test]
    fn what_does_the_same_stays_and_what_is_missing_is_named() {
        let one_line =
            "mod app;\nmod users; // mine\n\nfn main() { App::new().users(users::FIELDS).resources(app::resources) }\n";
        assert_eq!(with(one_line, &users("active")).unwrap(), one_line);
        let error = with("mod app;\nfn main() {}\n", &users("active"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the line `.resources(app::resources)` is missing"),
            "{error}"
        );
        assert!(error.contains("adds `.users(users::FIELDS)`"), "{error}");
    }
}
