//! How the pages of a deployment look: title, colour and logo.

use std::path::PathBuf;

use super::{choices::Switch, environment::named};
use crate::error::{Error, Result};

/// Characters that fit into the bar of a page and into the subject line of a mail reader's list.
const MAX_TITLE_CHARS: usize = 100;

/// The look of the pages as given.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Pages")]
pub struct PagesSettings {
    /// Serve the built-in pages [default: on, with UPSTREAM: off, because the old app has its own]
    #[arg(long, env = "PAGES", hide_short_help = true)]
    pub pages: Option<Switch>,

    /// Title of the pages, the API docs and the mails [default: the program's]
    #[arg(long, env = "PAGES_TITLE", value_name = "TEXT", hide_short_help = true)]
    pub pages_title: Option<String>,

    /// Color of buttons, links and the menu, as #rrggbb; links get the nearest readable shade
    #[arg(long, env = "PAGES_COLOR", value_name = "#RRGGBB", hide_short_help = true)]
    pub pages_color: Option<String>,

    /// Logo next to the title and icon of the pages: an SVG, PNG, JPEG or WebP file of at most 1 MiB
    #[arg(long, env = "PAGES_LOGO", value_name = "FILE", hide_short_help = true)]
    pub pages_logo: Option<PathBuf>,
}

/// The look of the pages in force.
#[derive(Clone, Debug)]
pub struct PagesConfig {
    /// Whether the built-in pages are served.
    pub are_on: bool,
    /// What pages, API docs and mails call the app.
    pub title: String,
    /// The colour in place of the usual blue.
    pub color: Option<Color>,
    /// The file with the logo, which is read when the server starts.
    pub logo: Option<PathBuf>,
}

/// A colour by its red, green and blue parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub [u8; 3]);

impl PagesConfig {
    /// Checks `settings`; the app itself is called `title`, and its pages are served unless they say otherwise `by_default`.
    ///
    /// # Errors
    /// [`Error::Refused`] names the setting that cannot be read, and what is allowed.
    pub fn new(settings: PagesSettings, title: &str, by_default: bool) -> Result<Self> {
        Ok(Self {
            are_on: settings.pages.map_or(by_default, |switch| switch == Switch::On),
            title: match settings.pages_title {
                Some(title) => read_title(&title)?,
                None => title.to_owned(),
            },
            color: settings.pages_color.as_deref().map(Color::read).transpose()?,
            logo: settings.pages_logo,
        })
    }
}

/// It becomes a part of a mail's header, which must stay one line.
fn read_title(text: &str) -> Result<String> {
    let title = text.trim();
    let fits = (1..=MAX_TITLE_CHARS).contains(&title.chars().count()) && !title.contains(char::is_control);
    match fits {
        true => Ok(title.to_owned()),
        false => Err(Error::Refused(format!(
            "{}: expected one line of 1 to {MAX_TITLE_CHARS} characters",
            named("PAGES_TITLE")
        ))),
    }
}

impl Color {
    fn read(text: &str) -> Result<Self> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6);
        let part = |at: usize| {
            let digits = digits?.get(at..at + 2)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)
        };
        match (part(0), part(2), part(4)) {
            (Some(red), Some(green), Some(blue)) => Ok(Self([red, green, blue])),
            _ => Err(Error::Refused(format!(
                "{}: expected # and six hexadecimal digits, e.g. #0d6efd",
                named("PAGES_COLOR")
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_a_hash_and_six_digits() {
        assert_eq!(Color::read("#0d6eFD").unwrap(), Color([0x0d, 0x6e, 0xfd]));
        for wrong in [
            "",
            "#",
            "0d6efd",
            "#fff",
            "#0d6efd00",
            "#+1+1+1",
            "#äää",
            "blue",
            "#gggggg",
            "##0d6ef",
        ] {
            let error = Color::read(wrong).unwrap_err().to_string();
            assert!(error.contains("six hexadecimal digits"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(read_title(" Ann's, blog ").unwrap(), "Ann's, blog");
        for wrong in [" ", "a\nb", "a\u{7}", &"x".repeat(101)] {
            assert!(read_title(wrong).is_err(), "{wrong:?}");
        }
    }
}
