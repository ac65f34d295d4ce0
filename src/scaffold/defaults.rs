//! What a new row gets where a document leaves a field out, read once from the definition.

use serde_json::{Value, json};

use super::{bounds::Bounds, source::shown, types::Kind};
use crate::{
    fields::{self, Field as _, MAX_STRING_CHARS},
    flask::decimal,
};

/// The default of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Default {
    /// The default as the definition writes it.
    pub text: String,
    /// What it stands for.
    pub value: DefaultValue,
}

/// What a default stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// The present.
    Now,
    /// The present day.
    Today,
    /// A text.
    Text(String),
    /// A decimal number, as it is stored.
    Decimal(String),
    /// The originals' boolean.
    Boolean(bool),
    /// A number or JSON's boolean, which Rust, SQL and JSON write alike.
    Constant(String),
}

impl Default {
    /// Reads the default of the field `name`.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(name: &str, kind: &Kind, bounds: &Bounds, text: &str) -> Result<Self, String> {
        Ok(Self {
            value: DefaultValue::parse(name, kind, bounds, text)?,
            text: text.to_owned(),
        })
    }
}

impl DefaultValue {
    fn parse(name: &str, kind: &Kind, bounds: &Bounds, text: &str) -> Result<Self, String> {
        let wrong = |allowed: &str| format!("the default `{}` of `{name}` is not {allowed}", shown(text));
        // What turns the direction of text would make code read otherwise than it is; Rust takes none of it.
        let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if text.chars().any(|c| c.is_control() || turns(c)) {
            return Err(wrong("a plain line of text"));
        }
        let value = json!(text);
        let of_text = |is_read: bool, allowed: &str| match is_read {
            true => Ok(Self::Text(text.to_owned())),
            false => Err(wrong(allowed)),
        };
        match kind {
            Kind::String | Kind::Text => of_text(is_within(kind, bounds, text), "a text within its bounds"),
            Kind::Email => of_text(fields::Email.read(&value).is_ok(), "a mail address"),
            Kind::Url => of_text(fields::Url.read(&value).is_ok(), "a URL"),
            Kind::Enum(choices) => of_text(
                choices.iter().any(|choice| choice == text),
                &format!("one of {}", choices.join(", ")),
            ),
            Kind::Integer | Kind::BigInteger | Kind::Float => number(kind, bounds, text).map_err(wrong),
            Kind::Boolean => match text {
                "1" | "true" => Ok(Self::Boolean(true)),
                "0" | "false" => Ok(Self::Boolean(false)),
                _ => Err(wrong("one of 0, 1, true, false")),
            },
            Kind::Bool => match text {
                "true" | "false" => Ok(Self::Constant(text.to_owned())),
                _ => Err(wrong("one of true, false")),
            },
            Kind::Decimal => {
                let plain = decimal::parse(&value).map_err(|_| wrong("a decimal number"))?;
                Ok(Self::Decimal(plain))
            }
            Kind::DateTime if text == "now" => Ok(Self::Now),
            Kind::DateTime => Err(wrong("`now`, the only default of a datetime")),
            Kind::Date if text == "today" => Ok(Self::Today),
            Kind::Date => Err(wrong("`today`, the only default of a date")),
            Kind::Uuid | Kind::Json | Kind::References(_) => Err(format!(
                "`{name}` can have no default; uuid, json and references have none"
            )),
        }
    }

    /// The default in Rust.
    pub fn rust(&self) -> String {
        match self {
            Self::Now => "values::Timestamp::now()".to_owned(),
            Self::Today => "values::Date::today()".to_owned(),
            Self::Text(text) => format!("{text:?}.to_owned()"),
            Self::Decimal(text) => format!("values::Decimal({text:?}.to_owned())"),
            Self::Boolean(value) => format!("values::Boolean({})", u8::from(*value)),
            Self::Constant(text) => text.clone(),
        }
    }

    /// The default in SQL, as an engine reads it that takes a backslash for itself; the distant past where it is another
    /// each time.
    pub fn sql(&self) -> String {
        match self {
            Self::Now => "'1970-01-01 00:00:00'".to_owned(),
            Self::Today => "'1970-01-01'".to_owned(),
            Self::Text(text) | Self::Decimal(text) => format!("('{}')", text.replace('\'', "''")),
            Self::Boolean(value) => u8::from(*value).to_string(),
            Self::Constant(text) => text.clone(),
        }
    }

    /// The default in JSON; empty where it is another each time.
    pub fn json(&self) -> String {
        match self {
            Self::Now | Self::Today => String::new(),
            Self::Text(text) | Self::Decimal(text) => Value::String(text.clone()).to_string(),
            Self::Boolean(value) => u8::from(*value).to_string(),
            Self::Constant(text) => text.clone(),
        }
    }
}

fn is_within(kind: &Kind, bounds: &Bounds, text: &str) -> bool {
    let length = bounds.length();
    let min = length.min.unwrap_or(1);
    if *kind == Kind::Text {
        let max = length.max.unwrap_or(usize::MAX);
        return fields::Text { min, max }.read(&json!(text)).is_ok();
    }
    let max = length.max.unwrap_or(MAX_STRING_CHARS);
    fields::Line { min, max }.read(&json!(text)).is_ok() && text.chars().count() <= max
}

/// A number as Rust writes it, or what would be allowed.
fn number(kind: &Kind, bounds: &Bounds, text: &str) -> Result<DefaultValue, &'static str> {
    let (written, is_within) = match bounds {
        Bounds::Float(range) => {
            let number: f64 = text.parse().map_err(|_| "a number")?;
            (format!("{number:?}"), number.is_finite() && range.contains(number))
        }
        Bounds::Integer(range) if *kind == Kind::Integer => {
            let number: i32 = text.parse().map_err(|_| "a whole number of 32 bits")?;
            (number.to_string(), range.contains(number.into()))
        }
        Bounds::Integer(range) => {
            let number: i64 = text.parse().map_err(|_| "a whole number of 64 bits")?;
            (number.to_string(), range.contains(number))
        }
        Bounds::None | Bounds::Length(_) => return Err("a number"),
    };
    match is_within {
        true => Ok(DefaultValue::Constant(written)),
        false => Err("a number within its bounds"),
    }
}
