//! What a new row gets where a document leaves a field out, read once from the definition.

use chrono::{NaiveTime, Timelike};
use serde_json::{Value, json};

use super::{
    bounds::Bounds,
    codes,
    source::{Setting, nearest, shown},
    synonyms,
    types::Kind,
};
use crate::{
    error::Diagnostic,
    fields::{self, Field as _, MAX_STRING_CHARS},
    flask::decimal,
};

/// The default of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDefault {
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
    /// The present time of day.
    TimeNow,
    /// A time of day.
    Time(NaiveTime),
    /// A text.
    Text(String),
    /// A decimal number, as it is stored.
    Decimal(String),
    /// A decimal number of so many digits, as it is stored.
    Numeric(String),
    /// The originals' boolean.
    Boolean(bool),
    /// A number or JSON's boolean, which Rust, SQL and JSON write alike.
    Constant(String),
}

/// Why a default cannot be: what it would have to be, and a text that is so.
struct Unfit {
    expected: String,
    instead: Option<String>,
}

impl Unfit {
    fn new(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            instead: None,
        }
    }

    fn or(self, instead: impl Into<String>) -> Self {
        Self {
            instead: Some(instead.into()),
            ..self
        }
    }
}

impl FieldDefault {
    /// Reads the default of the field `name`.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(name: &str, kind: &Kind, bounds: &Bounds, setting: &Setting<'_>) -> Result<Self, Diagnostic> {
        let Setting { value, removal } = setting;
        let problem = |message: String| Diagnostic::new(codes::DEFAULT, value.span, message);
        if matches!(
            kind,
            Kind::Uuid | Kind::Json | Kind::Array | Kind::References(_) | Kind::Many(_) | Kind::Nested(_)
        ) {
            return Err(problem(format!("`{name}` cannot have a default"))
                .help("uuid, json, array, references and many have none")
                .suggest(removal.clone()));
        }
        match DefaultValue::parse(kind, bounds, value.text) {
            Ok(read) => Ok(Self {
                value: read,
                text: value.text.to_owned(),
            }),
            Err(Unfit { expected, instead }) => {
                let edit = instead.and_then(|instead| value.meant(&instead));
                let message = format!("the default `{}` of `{name}` is not {expected}", shown(value.text));
                Err(problem(message).suggest(edit.or_else(|| removal.clone())))
            }
        }
    }
}

impl DefaultValue {
    fn parse(kind: &Kind, bounds: &Bounds, text: &str) -> Result<Self, Unfit> {
        // What turns the direction of text would make code read otherwise than it is; Rust refuses it.
        let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if text.chars().any(|c| c.is_control() || turns(c)) {
            return Err(Unfit::new("a plain line of text"));
        }
        let value = json!(text);
        let of_text = |is_read: bool, unfit: Unfit| match is_read {
            true => Ok(Self::Text(text.to_owned())),
            false => Err(unfit),
        };
        match kind {
            Kind::String | Kind::Text | Kind::File => {
                let unfit = Unfit::new("a text within its bounds");
                let cut: String = text
                    .trim()
                    .chars()
                    .take(bounds.length().max.unwrap_or(MAX_STRING_CHARS))
                    .collect();
                let unfit = match is_within(kind, bounds, &cut) {
                    true => unfit.or(cut),
                    false => unfit,
                };
                of_text(is_within(kind, bounds, text), unfit)
            }
            Kind::Email => of_text(fields::Email.read(&value).is_ok(), Unfit::new("a mail address")),
            Kind::Url => {
                let unfit = Unfit::new("a URL");
                let address = format!("https://{text}");
                let unfit = match fields::Url.read(&json!(address)).is_ok() {
                    true => unfit.or(address),
                    false => unfit,
                };
                of_text(fields::Url.read(&value).is_ok(), unfit)
            }
            Kind::Enum(choices) | Kind::NativeEnum(choices) => {
                let names: Vec<&str> = choices.iter().map(String::as_str).collect();
                let near = nearest(text, &names).or(names.first().copied());
                let unfit = Unfit::new(format!("one of {}", choices.join(", ")));
                of_text(names.contains(&text), unfit.or(near.unwrap_or_default()))
            }
            Kind::Integer | Kind::BigInteger | Kind::Float => number(kind, bounds, text).map_err(Unfit::new),
            Kind::Boolean => match text {
                "1" | "true" => Ok(Self::Boolean(true)),
                "0" | "false" => Ok(Self::Boolean(false)),
                _ => Err(flag(text, "one of 0, 1, true, false")),
            },
            Kind::Bool => match text {
                "true" | "false" => Ok(Self::Constant(text.to_owned())),
                _ => Err(flag(text, "one of true, false")),
            },
            Kind::Decimal | Kind::Numeric { .. } => decimal_number(kind, text),
            Kind::DateTime if text == "now" => Ok(Self::Now),
            Kind::DateTime => Err(Unfit::new("`now`, the only default of a datetime").or("now")),
            Kind::Date if ["today", "now"].contains(&text) => Ok(Self::Today),
            Kind::Date => Err(Unfit::new("`today` or `now`, the only defaults of a date").or("today")),
            Kind::Time if text == "now" => Ok(Self::TimeNow),
            Kind::Time => match fields::Time.read(&value) {
                Ok(fields::values::Time(time)) if time.nanosecond() == 0 => Ok(Self::Time(time)),
                _ => Err(Unfit::new("`now` or a time such as 09:30").or("now")),
            },
            Kind::Uuid | Kind::Json | Kind::Array | Kind::References(_) | Kind::Many(_) | Kind::Nested(_) => {
                Err(Unfit::new("allowed"))
            }
        }
    }

    /// The default in Rust.
    pub fn rust(&self) -> String {
        match self {
            Self::Now => "values::Timestamp::now()".to_owned(),
            Self::Today => "values::Date::today()".to_owned(),
            Self::TimeNow => "values::Time::now()".to_owned(),
            Self::Time(time) => format!(
                "values::Time::hms({}, {}, {})",
                time.hour(),
                time.minute(),
                time.second()
            ),
            Self::Text(text) => format!("{text:?}.to_owned()"),
            Self::Decimal(text) => format!("values::Decimal({text:?}.to_owned())"),
            Self::Numeric(text) => format!("values::Numeric(values::Decimal({text:?}.to_owned()))"),
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
            Self::TimeNow => "'00:00:00'".to_owned(),
            Self::Time(time) => format!("'{time}'"),
            Self::Text(text) | Self::Decimal(text) | Self::Numeric(text) => format!("('{}')", text.replace('\'', "''")),
            Self::Boolean(value) => u8::from(*value).to_string(),
            Self::Constant(text) => text.clone(),
        }
    }

    /// The default in JSON, as answers show it; empty where it is another each time.
    pub fn json(&self) -> String {
        match self {
            Self::Now | Self::Today | Self::TimeNow => String::new(),
            Self::Time(time) => json!(time.to_string()).to_string(),
            Self::Text(text) => Value::String(text.clone()).to_string(),
            Self::Decimal(text) | Self::Numeric(text) => Value::String(decimal::python_str(text)).to_string(),
            Self::Boolean(value) => u8::from(*value).to_string(),
            Self::Constant(text) => text.clone(),
        }
    }
}

/// A decimal number as it is stored, or what would be allowed.
fn decimal_number(kind: &Kind, text: &str) -> Result<DefaultValue, Unfit> {
    let parse = |text: &str| {
        let plain = fields::values::Decimal(decimal::parse(&json!(text)).ok()?);
        let Kind::Numeric { precision, scale } = *kind else {
            return Some(DefaultValue::Decimal(plain.0));
        };
        let digits = fields::values::scaled(&plain.0, scale as usize);
        fields::values::has_digits(&digits, precision.saturating_sub(scale), scale)
            .then_some(DefaultValue::Numeric(digits))
    };
    let expected = match kind {
        Kind::Numeric { precision, scale } => {
            let whole = precision.saturating_sub(*scale);
            format!("a decimal number of at most {whole} digits before the point and {scale} after it")
        }
        _ => "a decimal number".to_owned(),
    };
    let point = text.replace(',', ".");
    parse(text).ok_or_else(|| match parse(&point) {
        Some(_) => Unfit::new(expected).or(point),
        None => Unfit::new(expected),
    })
}

/// Why a text is not a yes or a no, and which of the two it probably means.
fn flag(text: &str, expected: &str) -> Unfit {
    let unfit = Unfit::new(expected);
    match synonyms::meant(text, synonyms::FLAGS, &["true", "false"]) {
        Some(meant) => unfit.or(meant),
        None => unfit,
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
        Bounds::None | Bounds::Length(_) | Bounds::Items(_) => return Err("a number"),
    };
    match is_within {
        true => Ok(DefaultValue::Constant(written)),
        false => Err("a number within its bounds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_shown_as_answers_show_it() {
        for (text, shown) in [
            ("9.90", "\"9.90\""),
            ("0.00000000", "\"0E-8\""),
            ("0.0000001", "\"1E-7\""),
        ] {
            assert_eq!(DefaultValue::Decimal(text.to_owned()).json(), shown);
            assert_eq!(DefaultValue::Numeric(text.to_owned()).json(), shown);
        }
    }
}
