//! Finds the invisible characters of a text, and escapes texts from outside for a terminal or a log.
//!
//! Users choose their names and addresses: an ESC, BEL or line break in them would act on the terminal of an
//! administrator who lists the users, and direction marks would show another text than the real one.

use std::fmt::Display;

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};

/// U+2800, the Braille pattern without dots, which Unicode counts among the symbols.
const BRAILLE_BLANK: char = '\u{2800}';

/// Whether `c` is a control character, is blank other than a space, or shows nothing of its own.
pub fn is_invisible(c: char) -> bool {
    const UNSEEN: GeneralCategoryGroup = GeneralCategoryGroup::Other.union(GeneralCategoryGroup::Separator);
    match c {
        ' '..='~' => false,
        BRAILLE_BLANK => true,
        c => {
            UNSEEN.contains(CodePointMapData::<GeneralCategory>::new().get(c))
                || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        }
    }
}

/// `text` in one line, with what is invisible as `\u{1b}`.
pub fn visible(text: impl Display) -> String {
    escape(&text.to_string(), is_invisible)
}

/// As [`visible`], for a text of our own in lines of its own.
pub fn visible_lines(text: impl Display) -> String {
    escape(&text.to_string(), |c| c != '\n' && is_invisible(c))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_or_hides_is_shown_and_what_is_written_stays() {
        for (text, shown) in [
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("\u{202e}lap\u{2066}\u{200f}", "\\u{202e}lap\\u{2066}\\u{200f}"),
            (
                "a\u{200b}\u{200d}\u{feff}\u{ad}\u{2060}b",
                "a\\u{200b}\\u{200d}\\u{feff}\\u{ad}\\u{2060}b",
            ),
            (
                "\u{a0}\u{3000}\u{2028}\u{3164}\u{2800}",
                "\\u{a0}\\u{3000}\\u{2028}\\u{3164}\\u{2800}",
            ),
            ("\u{e0041}\u{fe0f}", "\\u{e0041}\\u{fe0f}"),
        ] {
            assert_eq!(visible(text), shown);
        }
        for text in ["Änn ✓ O'Neil \"x\" \\", "e\u{301} 王小明 עברית नमस्ते 😀", ""] {
            assert_eq!(visible(text), text);
        }
        assert_eq!(visible_lines("a\n\u{1b}"), "a\n\\u{1b}");
    }
}
