//! Names as English words, for docs, comments and pages.

/// A name as words.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// The text with its first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// `a` or `an`, by the sound that the words begin with.
pub fn article(words: &str) -> &'static str {
    let first = words.split(' ').next().unwrap_or_default();
    let is_vowel = |c: char| "aeiou".contains(c);
    let starts = |with: &[&str]| with.iter().any(|start| first.starts_with(start));
    let sounds_like_a_vowel = match first.chars().collect::<Vec<_>>().as_slice() {
        // A letter is read by its name.
        [letter] => "aefhilmnorsx".contains(*letter),
        _ if ["one", "ui", "uk", "url", "usb", "utc"].contains(&first) || starts(&["once", "eu", "ew"]) => false,
        ['u', second, third, ..] => !is_vowel(*second) && !is_vowel(*third),
        _ => starts(&["a", "e", "i", "o", "heir", "honest", "honor", "honour", "hour", "u"]),
    };
    if sounds_like_a_vowel { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_follows_the_sound() {
        for words in [
            "apple",
            "entry",
            "hour",
            "honor roll",
            "heir",
            "upload",
            "umbrella",
            "up vote",
            "x ray",
        ] {
            assert_eq!(article(words), "an", "{words}");
        }
        for words in [
            "post",
            "euro",
            "ewe",
            "one time code",
            "user",
            "unit",
            "uuid",
            "use case",
            "u turn",
            "house",
        ] {
            assert_eq!(article(words), "a", "{words}");
        }
    }
}
