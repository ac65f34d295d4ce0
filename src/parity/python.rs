//! Reads the Python literals that Flask-Scaffold 2.0 put into its JSON by `str(dict)`.

use std::{iter::Peekable, str::Chars};

use serde_json::{Map, Value};

/// The value of a Python literal of dicts, lists, tuples, texts, integers and constants.
pub fn parse_literal(text: &str) -> Option<Value> {
    let mut reader = Reader(text.chars().peekable());
    let value = reader.value()?;
    reader.skip_space();
    reader.0.next().is_none().then_some(value)
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn value(&mut self) -> Option<Value> {
        self.skip_space();
        match *self.0.peek()? {
            '{' => self.dict(),
            '[' => self.list('[', ']'),
            '(' => self.list('(', ')'),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    fn dict(&mut self) -> Option<Value> {
        let mut members = Map::new();
        self.require('{')?;
        while !self.take('}') {
            self.skip_space();
            let key = self.text()?;
            self.require(':')?;
            members.insert(key, self.value()?);
            self.separator('}')?;
        }
        Some(Value::Object(members))
    }

    fn list(&mut self, open: char, close: char) -> Option<Value> {
        let mut items = Vec::new();
        self.require(open)?;
        while !self.take(close) {
            items.push(self.value()?);
            self.separator(close)?;
        }
        Some(Value::Array(items))
    }

    /// A comma, or nothing before the closing bracket.
    fn separator(&mut self, close: char) -> Option<()> {
        self.skip_space();
        (self.take(',') || self.0.peek() == Some(&close)).then_some(())
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.0.next_if(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        loop {
            match self.0.next()? {
                '\\' => text.push(self.escaped()?),
                c if c == quote => return Some(text),
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        match self.0.next()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'x' => self.code_point(2),
            'u' => self.code_point(4),
            'U' => self.code_point(8),
            c @ ('\\' | '\'' | '"') => Some(c),
            _ => None,
        }
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let digits: String = self.0.by_ref().take(digits).collect();
        u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
    }

    fn word(&mut self) -> Option<Value> {
        let mut word = String::new();
        while let Some(c) = self.0.next_if(|c| c.is_ascii_alphanumeric() || *c == '-') {
            word.push(c);
        }
        match word.as_str() {
            "None" => Some(Value::Null),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            number => number.parse::<i64>().ok().map(Value::from),
        }
    }

    fn require(&mut self, wanted: char) -> Option<()> {
        self.take(wanted).then_some(())
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_space();
        self.0.next_if_eq(&wanted).is_some()
    }

    fn skip_space(&mut self) {
        while self.0.next_if(|c| c.is_whitespace()).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_literal_is_read_with_its_escapes() {
        assert_eq!(
            parse_literal(r#"{'errors': [{'a': "it's", 'b': (1, -2)}, None, True, '\'\\\n\xe9'],}"#),
            Some(serde_json::json!({
                "errors": [{"a": "it's", "b": [1, -2]}, null, true, "'\\\n\u{e9}"]
            }))
        );
    }

    #[test]
    fn what_is_no_python_literal_is_not_read() {
        for text in ["{'a': }", "{'a': 1} x", "['a' 'b']", "{'a': 'b", "nothing", ""] {
            assert_eq!(parse_literal(text), None, "{text}");
        }
    }
}
