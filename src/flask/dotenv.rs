//! What python-dotenv 1.x reads out of a `.env` file, with `override=False`; `docs/dotenv.md` lists its rules.

/// The settings of a file, and what could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// Keys in the order of their lines, with `${NAME}` filled in; `None` for a key without `=`. Of several lines
    /// with one key the last counts.
    pub values: Vec<(String, Option<String>)>,
    /// The lines, from 1, that begin a statement which is skipped because it is not `KEY=value`.
    pub skipped: Vec<usize>,
}

/// A setting with bytes that are not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    /// Its line, from 1.
    pub line: usize,
    /// Its key, as far as that can be read.
    pub key: String,
}

/// Reads a file; `environment` has the variables of the process, which win over the file's in `${NAME}`.
///
/// Three things are read that python-dotenv stumbles over: a byte order mark, bytes that are not UTF-8 in comments,
/// and in lines that are skipped anyway.
///
/// # Errors
/// [`NotUtf8`] names the first setting with bytes that are not UTF-8.
pub fn parse(bytes: &[u8], environment: impl Fn(&str) -> Option<String>) -> Result<Dotenv, NotUtf8> {
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    // Python opens the file as text, which has each end of a line as a line feed.
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = Reader { text, at: 0 };
    let mut dotenv = Dotenv::default();
    while !reader.rest().is_empty() {
        reader.skip(is_space);
        if reader.rest().is_empty() {
            break;
        }
        let line = 1 + text[..reader.at].matches('\n').count();
        match reader.binding() {
            Some((Some(key), value)) => {
                let lost = |text: &str| !is_utf8 && text.contains(char::REPLACEMENT_CHARACTER);
                if lost(&key) || value.as_deref().is_some_and(lost) {
                    return Err(NotUtf8 { line, key });
                }
                let value = value.map(|value| interpolate(&value, &dotenv.values, &environment));
                dotenv.values.retain(|(known, _)| *known != key);
                dotenv.values.push((key, value));
            }
            Some((None, _)) => {}
            None => {
                reader.skip(|c| c != '\n');
                reader.next_is('\n');
                dotenv.skipped.push(line);
            }
        }
    }
    Ok(dotenv)
}

/// What is left of the text; each method takes a part off its front.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The longest front part of such characters.
    fn skip(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let part = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += part.len();
        part
    }

    fn next_is(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// One statement up to the end of its line; the key of a comment is `None`.
    fn binding(&mut self) -> Option<(Option<String>, Option<String>)> {
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(is_blank)
        {
            self.at += "export".len();
            self.skip(is_blank);
        }
        let key = match self.peek() {
            Some('#') => None,
            Some('\'') => Some(self.quoted_key()?),
            _ => match self.skip(|c| c != '=' && c != '#' && !is_space(c)) {
                "" => return None,
                key => Some(key.to_owned()),
            },
        };
        self.skip(is_blank);
        let value = match self.next_is('=') {
            true => {
                self.skip(is_blank);
                Some(self.value()?)
            }
            false => None,
        };
        self.skip(is_blank);
        if self.peek() == Some('#') {
            self.skip(|c| c != '\n');
        }
        (self.rest().is_empty() || self.next_is('\n')).then_some((key, value))
    }

    fn quoted_key(&mut self) -> Option<String> {
        let (key, _) = self.rest().strip_prefix('\'')?.split_once('\'')?;
        self.at += key.len() + 2;
        (!key.is_empty()).then(|| key.to_owned())
    }

    fn value(&mut self) -> Option<String> {
        match self.peek() {
            Some('\'') => self.quoted('\'', |c| matches!(c, '\\' | '\'').then_some(c)),
            Some('"') => self.quoted('"', |c| match c {
                '\\' | '\'' | '"' => Some(c),
                'a' => Some('\u{7}'),
                'b' => Some('\u{8}'),
                'f' => Some('\u{c}'),
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'v' => Some('\u{b}'),
                _ => None,
            }),
            _ => {
                let line = self.skip(|c| c != '\n');
                Some(without_comment(line).trim_end_matches(is_space).to_owned())
            }
        }
    }

    /// The text up to the first quote without a backslash before it or, where there is none, up to the last with one.
    fn quoted(&mut self, quote: char, escaped: impl Fn(char) -> Option<char>) -> Option<String> {
        let inside = self.rest().strip_prefix(quote)?;
        let is_escaped = |end: usize| inside[..end].ends_with('\\');
        let mut ends = inside.match_indices(quote).map(|(end, _)| end);
        let end = ends.find(|end| !is_escaped(*end)).or_else(|| inside.rfind(quote))?;
        self.at += end + 2;
        let mut text = String::with_capacity(end);
        let mut characters = inside[..end].chars().peekable();
        while let Some(character) = characters.next() {
            let meant = match character {
                '\\' => characters.peek().and_then(|next| escaped(*next)),
                _ => None,
            };
            if meant.is_some() {
                characters.next();
            }
            text.push(meant.unwrap_or(character));
        }
        Some(text)
    }
}

/// The text before the first `#` that follows a space, and before the spaces there.
fn without_comment(line: &str) -> &str {
    let comments = line.match_indices('#').map(|(index, _)| &line[..index]);
    comments
        .into_iter()
        .find(|before| before.ends_with(is_space))
        .unwrap_or(line)
}

/// Fills in `${NAME}` and `${NAME:-default}`: from the environment, else from the lines before.
fn interpolate(
    text: &str,
    values: &[(String, Option<String>)],
    environment: &impl Fn(&str) -> Option<String>,
) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, variable) = (&rest[..start], &rest[start + 2..]);
        filled.push_str(before);
        let Some((name, default, after)) = variable_of(variable) else {
            filled.push_str("${");
            rest = variable;
            continue;
        };
        let known = values.iter().find(|(known, _)| known == name);
        match (environment(name), known) {
            (Some(value), _) => filled.push_str(&value),
            // A key without a value is known, and empty.
            (None, Some((_, value))) => filled.push_str(value.as_deref().unwrap_or_default()),
            (None, None) => filled.push_str(default),
        }
        rest = after;
    }
    filled + rest
}

/// Name, default and rest of what follows `${`.
fn variable_of(text: &str) -> Option<(&str, &str, &str)> {
    let (inside, after) = text.split_once('}')?;
    match inside.split_once(':') {
        None => Some((inside, "", after)),
        Some((name, default)) => Some((name, default.strip_prefix('-')?, after)),
    }
}

/// What Python's `\s` matches.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn is_blank(c: char) -> bool {
    is_space(c) && c != '\n'
}
