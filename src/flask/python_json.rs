//! What Python's `json` says of a text that it cannot read; PyJWT sends it to clients.

use std::fmt;

/// How deep objects and lists may lie in each other; serde_json, which reads the values, stops there.
const MAX_DEPTH: usize = 127;

/// An error of `json.loads`, as its `str()` shows it.
#[derive(Debug, PartialEq, Eq)]
pub struct JsonError {
    message: &'static str,
    line: usize,
    column: usize,
    at: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            message,
            line,
            column,
            at,
        } = self;
        write!(f, "{message}: line {line} column {column} (char {at})")
    }
}

/// The text of `bytes`, as Python decodes UTF-8.
///
/// # Errors
/// The text of Python's `UnicodeDecodeError`.
pub fn decode_utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let rest = bytes.get(start..).unwrap_or_default();
        let length = error.error_len().unwrap_or(rest.len());
        let reason = match (error.error_len(), rest.first()) {
            (None, _) => "unexpected end of data",
            (Some(1), Some(0x80..=0xc1 | 0xf5..=0xff)) => "invalid start byte",
            _ => "invalid continuation byte",
        };
        let place = match (length, rest.first()) {
            (1, Some(byte)) => format!("byte 0x{byte:02x} in position {start}"),
            _ => format!("bytes in position {start}-{}", start + length - 1),
        };
        format!("'utf-8' codec can't decode {place}: {reason}")
    })
}

/// Whether Python reads `text` as JSON.
///
/// # Errors
/// What is wrong with it, and where.
pub fn check(text: &str) -> Result<(), JsonError> {
    let characters: Vec<char> = text.chars().collect();
    let mut scanner = Scanner {
        text: &characters,
        at: 0,
    };
    let outcome = match characters.first() {
        Some('\u{feff}') => Err(("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)),
        _ => scanner.document(),
    };
    outcome.map_err(|(message, at)| {
        let before = characters.get(..at).unwrap_or(&characters);
        let line_start = before.iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1);
        JsonError {
            message,
            line: before.iter().filter(|c| **c == '\n').count() + 1,
            column: at - line_start + 1,
            at,
        }
    })
}

/// What is wrong, and at which character.
type Outcome = Result<(), (&'static str, usize)>;

/// Reads as the scanner of CPython 3.6 to 3.12 does.
struct Scanner<'a> {
    text: &'a [char],
    at: usize,
}

impl Scanner<'_> {
    fn here(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.here(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn document(&mut self) -> Outcome {
        self.skip_blanks();
        self.value(0)?;
        self.skip_blanks();
        match self.here() {
            None => Ok(()),
            Some(_) => Err(("Extra data", self.at)),
        }
    }

    fn value(&mut self, depth: usize) -> Outcome {
        const LITERALS: [&str; 6] = ["null", "true", "false", "NaN", "Infinity", "-Infinity"];
        let start = self.at;
        match self.here() {
            Some('{' | '[') if depth >= MAX_DEPTH => Err(("Nested too deep", start)),
            Some('"') => self.string(),
            Some('{') => self.object(depth + 1),
            Some('[') => self.list(depth + 1),
            _ => {
                let rest = self.text.get(start..).unwrap_or_default();
                let is_next = |literal: &&&str| rest.iter().copied().take(literal.len()).eq(literal.chars());
                let length = match LITERALS.iter().find(is_next) {
                    Some(literal) => literal.len(),
                    None => number_length(rest).ok_or(("Expecting value", start))?,
                };
                self.at += length;
                Ok(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Outcome {
        self.at += 1;
        self.skip_blanks();
        if self.here() == Some('}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.here() != Some('"') {
                return Err(("Expecting property name enclosed in double quotes", self.at));
            }
            self.string()?;
            self.skip_blanks();
            if self.here() != Some(':') {
                return Err(("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.skip_blanks();
            self.value(depth)?;
            if self.is_closed_by('}')? {
                return Ok(());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Outcome {
        self.at += 1;
        self.skip_blanks();
        if self.here() == Some(']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if self.is_closed_by(']')? {
                return Ok(());
            }
        }
    }

    /// Whether an object or a list ends behind a value, or goes on behind a comma.
    fn is_closed_by(&mut self, end: char) -> Result<bool, (&'static str, usize)> {
        self.skip_blanks();
        match self.here() {
            Some(c) if c == end => {
                self.at += 1;
                Ok(true)
            }
            Some(',') => {
                self.at += 1;
                self.skip_blanks();
                Ok(false)
            }
            _ => Err(("Expecting ',' delimiter", self.at)),
        }
    }

    fn string(&mut self) -> Outcome {
        let open = ("Unterminated string starting at", self.at);
        self.at += 1;
        loop {
            match self.here() {
                None => return Err(open),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape(open)?,
                Some(..='\u{1f}') => return Err(("Invalid control character at", self.at)),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, open: (&'static str, usize)) -> Outcome {
        match self.text.get(self.at + 1) {
            None => Err(open),
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {
                self.at += 2;
                Ok(())
            }
            Some('u') => {
                let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
                let is_followed = self.at + 6 < self.text.len();
                if digits.len() < 4 || !is_followed || !digits.iter().all(char::is_ascii_hexdigit) {
                    return Err(("Invalid \\uXXXX escape", self.at + 1));
                }
                self.at += 6;
                Ok(())
            }
            Some(_) => Err(("Invalid \\escape", self.at)),
        }
    }
}

/// How many characters of `text` are a number.
fn number_length(text: &[char]) -> Option<usize> {
    let digits_from = |at: usize| text.iter().skip(at).take_while(|c| c.is_ascii_digit()).count();
    let whole_at = usize::from(text.first() == Some(&'-'));
    let whole = match text.get(whole_at)? {
        '0' => 1,
        '1'..='9' => digits_from(whole_at),
        _ => return None,
    };
    let mut end = whole_at + whole;
    if text.get(end) == Some(&'.') && digits_from(end + 1) > 0 {
        end += 1 + digits_from(end + 1);
    }
    if matches!(text.get(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some('+' | '-')));
        let digits = digits_from(end + 1 + sign);
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_reads_is_json() {
        for text in [
            "{}",
            " [ ] ",
            "null",
            "-1.5e+3",
            "NaN",
            "-Infinity",
            r#"{"a": [1, 0, "\u00e4\n"], "b": {"c": true}}"#,
            "\"\u{7f}ä\"",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_first_mistake_is_told_as_python_tells_it() {
        for (text, said) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("1e", "Extra data: line 1 column 2 (char 1)"),
            ("nul", "Expecting value: line 1 column 1 (char 0)"),
            (
                "\u{feff}{}",
                "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
            ),
            (
                "{\n \"ä\":\n\n 1 2}",
                "Expecting ',' delimiter: line 4 column 4 (char 12)",
            ),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[-]", "Expecting value: line 1 column 2 (char 1)"),
            (r#""\"#, "Unterminated string starting at: line 1 column 1 (char 0)"),
            (r#""\u12"#, r"Invalid \uXXXX escape: line 1 column 3 (char 2)"),
            (r#""\u1234"#, r"Invalid \uXXXX escape: line 1 column 3 (char 2)"),
            (
                "{",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            (r#"{"a""#, "Expecting ':' delimiter: line 1 column 5 (char 4)"),
        ] {
            assert_eq!(check(text).unwrap_err().to_string(), said, "{text}");
        }
        assert!(check(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn what_is_not_utf_8_is_told_as_python_tells_it() {
        for (bytes, said) in [
            (&b"\xb7"[..], "byte 0xb7 in position 0: invalid start byte"),
            (b"a\xc3", "byte 0xc3 in position 1: unexpected end of data"),
            (b"a\xc3(", "byte 0xc3 in position 1: invalid continuation byte"),
            (b"\xe2\x82", "bytes in position 0-1: unexpected end of data"),
            (b"\xe2\x82(", "bytes in position 0-1: invalid continuation byte"),
            (b"\xe0\x80", "byte 0xe0 in position 0: invalid continuation byte"),
            (b"\xff", "byte 0xff in position 0: invalid start byte"),
        ] {
            let error = decode_utf8(bytes).unwrap_err();
            assert_eq!(error, format!("'utf-8' codec can't decode {said}"));
        }
    }
}
