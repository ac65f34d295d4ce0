//! The lists that resources are registered in: of crates, of routes, of tests and of the menu's entries.

use std::cmp::Ordering;

use super::{
    lockfile,
    model::{Resource, USERS},
    names::{own_types, package_name},
    program,
    source::nearest,
    target::page_address,
    words::{capitalised, spaced},
};
use crate::error::{Error, Result};

/// The list of routes, whose file makes a folder a project.
pub const ROUTES: &str = "src/app/mod.rs";
/// The comment above that list.
pub const ROUTES_MARKER: &str = "// scaffold: routes";
/// The list of crates.
pub const CRATES: &str = "Cargo.toml";
/// The comment above that list.
pub const CRATES_MARKER: &str = "# scaffold: resources";
const TESTS: &str = "tests/resources/main.rs";
const TESTS_MARKER: &str = "// scaffold: modules";
const MENU: &str = "templates/menu.html";
/// The files that have the lists, in the order in which a resource is added to them: one names only what another has
/// made known before. It is taken out of them in the opposite order.
pub const PATHS: [&str; 6] = [lockfile::PATH, CRATES, ROUTES, MENU, TESTS, program::PATH];

/// A line that a resource has in one of the project's lists.
pub struct Registration {
    /// The file that has the list.
    pub path: &'static str,
    /// The comment above the list.
    marker: &'static str,
    /// The line as it is generated.
    pub line: String,
    /// What shows that a line does the same, edited or in another place.
    trace: String,
}

/// The lines that a resource has in the project's lists.
pub fn registrations(resource: &Resource) -> [Registration; 4] {
    let plural = resource.plural.as_str();
    let [_, types] = own_types(&resource.singular, plural);
    let (label, package) = (capitalised(&spaced(resource.spoken())), package_name(plural));
    let address = page_address(resource, "");
    let module = package.replace('-', "_");
    [
        Registration {
            path: CRATES,
            marker: CRATES_MARKER,
            line: format!("{package} = {{ path = \"src/app/{plural}\" }}"),
            trace: format!("\"src/app/{plural}\""),
        },
        Registration {
            path: ROUTES,
            marker: ROUTES_MARKER,
            line: format!("{module}::views::{types}Api,"),
            trace: format!("{module}::views"),
        },
        Registration {
            path: TESTS,
            marker: TESTS_MARKER,
            line: format!("mod {plural};"),
            trace: format!("mod {plural}"),
        },
        Registration {
            path: MENU,
            marker: "{# scaffold: menu #}",
            line: format!(
                "{{{{ <menu.item path=\"/{plural}\" label=\"{label}\" resource=\"{plural}\"{address} /> }}}}"
            ),
            trace: format!("resource=\"{plural}\""),
        },
    ]
}

/// The line that the tests of users have.
pub fn of_users() -> Registration {
    Registration {
        path: TESTS,
        marker: TESTS_MARKER,
        line: format!("mod {USERS};"),
        trace: format!("mod {USERS}"),
    }
}

impl Registration {
    /// The text with the line in the list under the marker, which is kept in order.
    ///
    /// # Errors
    /// [`Error::Refused`] if the marker is not there exactly once.
    pub fn add_to(&self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let marker = self.place_of_marker(&lines)?;
        let list = lines[marker + 1..].iter().map(|line| line.trim());
        let list: Vec<&str> = list
            .take_while(|line| !line.is_empty() && !line.starts_with([']', '[']))
            .collect();
        let is_after = |other: &&str| is_entry(other) && by_version(other, &self.line) != Ordering::Less;
        let next = list.iter().position(is_after).unwrap_or(list.len());
        if list.get(next) == Some(&self.line.as_str()) {
            return Ok(text.to_owned());
        }
        // Attributes and comments belong to what is below them.
        let above = list[..next].iter().rev().take_while(|other| !is_entry(other)).count();
        let (before, after) = lines.split_at(marker + 1 + next - above);
        let indentation = &lines[marker][..lines[marker].len() - lines[marker].trim_start().len()];
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let new = match before.last() {
            Some(last) if !last.ends_with('\n') => format!("{end}{indentation}{}", self.line),
            _ => format!("{indentation}{}{end}", self.line),
        };
        Ok([before.concat(), new, after.concat()].concat())
    }

    fn place_of_marker(&self, lines: &[&str]) -> Result<usize> {
        let Self { path, marker, .. } = self;
        let places: Vec<usize> = (0..lines.len())
            .filter(|index| lines[*index].trim() == *marker)
            .collect();
        let found = match places.as_slice() {
            [place] => return Ok(*place),
            [] => {
                let comments: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
                match nearest(marker, &comments) {
                    Some(near) => format!("the line `{marker}` is missing; `{near}` is similar"),
                    None => format!("the line `{marker}` is missing"),
                }
            }
            _ => format!("the line `{marker}` occurs more than once"),
        };
        Err(Error::Refused(format!(
            "{path}: {found}; scaffold adds lines below it and requires it exactly once"
        )))
    }

    /// The text without the line, and without what became of it by edits if these go too.
    pub fn remove_from(&self, text: &str, edits_too: bool) -> String {
        let goes = |line: &str| line.trim() == self.line || (edits_too && self.is_traced(line));
        let mut without: String = text.split_inclusive('\n').filter(|line| !goes(line)).collect();
        if !text.ends_with('\n') {
            // The line was the last; so is the one before it now.
            let length = without.trim_end_matches(['\r', '\n']).len();
            without.truncate(length);
        }
        without
    }

    /// The lines that register the resource, each with its number from 1, whatever was edited in them.
    pub fn found_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        (1..)
            .zip(text.lines().map(str::trim))
            .filter(|(_, line)| self.is_traced(line))
    }

    fn is_traced(&self, line: &str) -> bool {
        let comment = self.marker.split(' ').next().unwrap_or_default();
        let code = line.split(comment).next().unwrap_or_default();
        let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        code.match_indices(&self.trace).any(|(start, trace)| {
            !code[..start].ends_with(is_part_of_name) && !code[start + trace.len()..].starts_with(is_part_of_name)
        })
    }
}

/// Whether a line of a list is one by itself, and not about the line below it.
fn is_entry(line: &str) -> bool {
    !["#", "//", "{#"].iter().any(|start| line.starts_with(start))
}

/// The order that rustfmt gives modules: numbers inside of names count as numbers.
fn by_version(one: &str, other: &str) -> Ordering {
    chunks(one).cmp(&chunks(other))
}

/// A name in pieces that are either digits, as a number, or other characters.
fn chunks(text: &str) -> Vec<(u64, String)> {
    let name = text.trim_end_matches([';', ',']);
    let mut chunks: Vec<(u64, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest
            .find(|c: char| c.is_ascii_digit() != is_digit)
            .unwrap_or(rest.len());
        chunks.push(match is_digit {
            true => (rest[..end].parse().unwrap_or(u64::MAX), String::new()),
            false => (u64::MAX, rest[..end].to_owned()),
        });
        rest = &rest[end..];
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::definition::arguments::{self, Arguments};

    const LIST: &str = "mod a;\n\n// scaffold: modules\nmod comments;\nmod posts;\n\nuse x;\n";

    fn of(plural: &str) -> [Registration; 4] {
        let blueprint = arguments::read(&Arguments {
            name: plural,
            fields: &["title:string".to_owned()],
            options: &[],
        });
        registrations(&blueprint.resources[0])
    }

    /// The entry of a resource in the list of tests.
    fn module(plural: &str) -> Registration {
        let [.., module, _] = of(plural);
        module
    }

    #[test]
    fn a_line_goes_to_its_place_and_out_again() {
        for (plural, expected) in [
            ("authors", "modules\nmod authors;\nmod comments;"),
            ("likes", "comments;\nmod likes;\nmod posts;"),
            ("tags", "posts;\nmod tags;\n\nuse x;"),
        ] {
            let text = module(plural).add_to(LIST).unwrap();
            assert!(text.contains(expected), "{text}");
            assert_eq!(module(plural).remove_from(&text, false), LIST);
            assert_eq!(module(plural).add_to(&text).unwrap(), text);
        }
        let empty = "    routes![\r\n        // scaffold: routes\r\n    ]\r\n";
        let [_, route, ..] = of("likes");
        assert_eq!(
            route.add_to(empty).unwrap(),
            "    routes![\r\n        // scaffold: routes\r\n        app_likes::views::LikesApi,\r\n    ]\r\n"
        );
    }

    #[test]
    fn a_file_without_a_newline_at_its_end_is_given_back_without() {
        for end in ["", "\nmod comments;", "\r\nmod zebras;"] {
            let before = format!("// scaffold: modules{end}");
            let text = module("likes").add_to(&before).unwrap();
            assert!(text.lines().any(|line| line == "mod likes;"), "{text}");
            assert_eq!(module("likes").remove_from(&text, false), before);
        }
    }

    #[test]
    fn a_list_ends_where_another_table_begins() {
        let list = "# scaffold: resources\n[dev-dependencies]\nabc = \"1\"\n";
        let [crates, ..] = of("likes");
        let line = "resources\napp-likes = { path = \"src/app/likes\" }\n";
        assert_eq!(crates.add_to(list).unwrap(), list.replace("resources\n", line));
    }

    #[test]
    fn attributes_and_comments_stay_above_their_line() {
        let list = "// scaffold: modules\n#[cfg(feature = \"x\")]\n// Mine.\nmod posts;\n";
        let text = module("likes").add_to(list).unwrap();
        assert_eq!(text, list.replace("modules\n", "modules\nmod likes;\n"));
    }

    #[test]
    fn a_line_is_found_whatever_was_edited_in_it() {
        let found = |line: &str| -> Vec<usize> {
            let text = format!("x\n{line}\n");
            let all = of("posts");
            let found = |entry: &Registration| entry.found_in(&text).next().map(|(number, _)| number);
            all.iter().filter_map(found).collect()
        };
        for line in [
            "  mod posts {",
            "pub(crate) mod posts; // mine",
            "app_posts::views::PostsApi, // mine",
            "app-posts = { path = \"src/app/posts\", features = [] }",
            "{{ <menu.item path=\"/posts\" label=\"All posts\" resource=\"posts\" /> }}",
        ] {
            assert_eq!(found(line).first(), Some(&2), "{line}");
        }
        for line in [
            "// mod posts;",
            "mod posts2;",
            "app-posts-of = { path = \"src/app/posts_of\" }",
            "app_blog_posts::views::BlogPostsApi,",
            "{# resource=\"posts\" #}",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_list_without_its_marker_is_refused() {
        for text in ["mod a;\n", "// scaffold: modules\n// scaffold: modules\n"] {
            assert!(module("likes").add_to(text).is_err());
        }
        let misspelled = module("likes").add_to("// scafold: modules\n").unwrap_err().to_string();
        assert!(misspelled.contains("`// scafold: modules` is similar"), "{misspelled}");
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["a10;", "a2;", "ab;", "a_b;", "a;"];
        names.sort_by(|one, other| by_version(one, other));
        assert_eq!(names, ["a;", "a2;", "a10;", "a_b;", "ab;"]);
    }
}
