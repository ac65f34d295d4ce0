//! Where a request has its token: a header, the query or a cookie, looked at in the order of the setting.

use poem::{
    Request,
    http::{HeaderName, Method, header::COOKIE},
};

use super::refusal::Reason;
use crate::config::{SchemeWord, TokenConfig, TokenDialect, TokenPlace};

/// A token, and what the request must repeat of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The token.
    pub token: String,
    /// What the claim `csrf` must be, for a token in a cookie.
    pub csrf: Option<String>,
}

/// Why a place gives no token.
enum Miss {
    /// It has none; another place may.
    Absent(String),
    /// What it has is refused.
    Refused(Reason),
}

/// The token of a request.
///
/// # Errors
/// Why there is none.
pub fn find(request: &Request, config: &TokenConfig) -> Result<Found, Reason> {
    let mut absent = Vec::new();
    for place in &config.places {
        let found = match place {
            TokenPlace::Header => in_header(request, config),
            TokenPlace::Query => in_query(request, config),
            TokenPlace::Cookie => in_cookie(request, config),
        };
        match found {
            Ok(found) => return Ok(found),
            Err(Miss::Absent(text)) => absent.push(text),
            Err(Miss::Refused(reason)) => return Err(reason),
        }
    }
    let names: Vec<&str> = config.places.iter().map(|place| place.name()).collect();
    let text = match names.split_last() {
        Some((last, first)) if !first.is_empty() => {
            format!("Missing JWT in {} or {last} ({})", first.join(", "), absent.join("; "))
        }
        _ => absent.concat(),
    };
    Err(Reason::Missing(text))
}

fn bare(token: impl Into<String>) -> Result<Found, Miss> {
    Ok(Found {
        token: token.into(),
        csrf: None,
    })
}

/// A header's values in one line, as servers hand them to WSGI: each byte is a character.
fn value_of(request: &Request, name: &str) -> Option<String> {
    let name: HeaderName = name.parse().ok()?;
    let values = request.headers().get_all(name).iter();
    let texts = values.map(|value| value.as_bytes().iter().copied().map(char::from).collect::<String>());
    texts.reduce(|joined, next| format!("{joined},{next}"))
}

fn in_header(request: &Request, config: &TokenConfig) -> Result<Found, Miss> {
    let value = value_of(request, &config.header).unwrap_or_default();
    match config.dialect {
        TokenDialect::Extended3 => of_extended_3(&value, config),
        TokenDialect::Extended4 => of_extended_4(&value, config),
        TokenDialect::FlaskJwt => of_flask_jwt(&value, config),
        TokenDialect::PyJwt | TokenDialect::Own => of_decorator(value.trim(), config),
    }
}

/// The parts between commas; blanks behind a comma belong to it.
fn fields(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .enumerate()
        .map(|(index, field)| if index == 0 { field } else { field.trim_start() })
}

/// As `_decode_jwt_from_headers` of Flask-JWT-Extended 3.25, which crashes on an empty part.
fn of_extended_3(value: &str, config: &TokenConfig) -> Result<Found, Miss> {
    let name = &config.header;
    if value.is_empty() {
        return Err(Miss::Absent(format!("Missing {name} Header")));
    }
    let expected = match &config.scheme {
        SchemeWord::Word(word) => format!("{word} <JWT>"),
        _ => "<JWT>".to_owned(),
    };
    let bad = || {
        Miss::Refused(Reason::Header(format!(
            "Bad {name} header. Expected value '{expected}'"
        )))
    };
    let words: Vec<&str> = match &config.scheme {
        SchemeWord::Word(word) => {
            let mut fields = fields(value).map(|field| field.split_whitespace().collect::<Vec<_>>());
            let words = fields.find(|words| words.first() == Some(&word.as_str()));
            words.ok_or_else(bad)?.split_off(1)
        }
        _ => value.split_whitespace().collect(),
    };
    match words[..] {
        [token] => bare(token),
        _ => Err(bad()),
    }
}

/// As `_decode_jwt_from_headers` of Flask-JWT-Extended 4.7.
fn of_extended_4(value: &str, config: &TokenConfig) -> Result<Found, Miss> {
    let name = &config.header;
    let value = value.trim().trim_matches(',');
    if value.is_empty() {
        return Err(Miss::Absent(format!("Missing {name} Header")));
    }
    let SchemeWord::Word(word) = &config.scheme else {
        let mut words = value.split_whitespace();
        return match (words.next(), words.next()) {
            (Some(token), None) => bare(token),
            _ => Err(Miss::Refused(Reason::Header(format!(
                "Bad {name} header. Expected '{name}: <JWT>'"
            )))),
        };
    };
    let expected = format!("Expected '{name}: {word} <JWT>'");
    let fields = fields(value).map(|field| field.split_whitespace().collect::<Vec<_>>());
    let of_scheme: Vec<Vec<&str>> = fields.filter(|words| words.first() == Some(&word.as_str())).collect();
    match &of_scheme[..] {
        [words] => match words[..] {
            [_, token] => bare(token),
            _ => Err(Miss::Refused(Reason::Header(format!("Bad {name} header. {expected}")))),
        },
        _ => Err(Miss::Absent(format!(
            "Missing '{word}' type in '{name}' header. {expected}"
        ))),
    }
}

/// As `_default_request_handler` of Flask-JWT 0.3.2, which crashes on blanks.
fn of_flask_jwt(value: &str, config: &TokenConfig) -> Result<Found, Miss> {
    let refused = |text: &str| Err(Miss::Refused(Reason::Header(text.to_owned())));
    let words: Vec<&str> = value.split_whitespace().collect();
    match (&config.scheme, &words[..]) {
        (_, []) => Err(Miss::Absent(String::new())),
        (SchemeWord::Word(scheme), [word, ..]) if word.to_lowercase() != scheme.to_lowercase() => {
            refused("Unsupported authorization type")
        }
        (_, [_]) => refused("Token missing"),
        (_, [_, token]) => bare(*token),
        _ => refused("Token contains spaces"),
    }
}

/// As decorators that are written by hand: the second word after any first one, or the whole header.
///
/// They crash on a scheme word alone, and on a token alone, which is taken here.
fn of_decorator(value: &str, config: &TokenConfig) -> Result<Found, Miss> {
    let mut words = value.split_whitespace();
    match (&config.scheme, words.next(), words.next()) {
        (_, None, _) => Err(Miss::Absent(String::new())),
        (SchemeWord::Nothing, ..) | (SchemeWord::Any, Some(_), None) => bare(value),
        (SchemeWord::Any, _, Some(token)) => bare(token),
        (SchemeWord::Word(scheme), Some(word), Some(token)) if word == scheme => bare(token),
        _ => Err(Miss::Refused(Reason::Header(String::new()))),
    }
}

fn in_query(request: &Request, config: &TokenConfig) -> Result<Found, Miss> {
    let name = &config.query;
    let query = request.uri().query().unwrap_or_default();
    let value = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    match value.filter(|(_, value)| !value.is_empty()) {
        Some((_, value)) => bare(value),
        None => Err(Miss::Absent(match config.dialect {
            TokenDialect::Extended3 => format!("Missing \"{name}\" query paramater"),
            _ => format!("Missing '{name}' query paramater"),
        })),
    }
}

/// Browsers send a cookie along whoever wrote the page, so a request that changes something must repeat what only the
/// site's own pages can read of the token.
fn in_cookie(request: &Request, config: &TokenConfig) -> Result<Found, Miss> {
    let name = config.cookie.as_str();
    let token = cookie_of(request, name).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Miss::Absent(format!("Missing cookie \"{name}\"")))?;
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let csrf = value_of(request, &config.csrf_header).filter(|value| !value.is_empty());
    match (is_safe, csrf) {
        (true, _) => bare(token),
        (false, Some(csrf)) => Ok(Found {
            token,
            csrf: Some(csrf),
        }),
        (false, None) => Err(Miss::Refused(Reason::Csrf("Missing CSRF token"))),
    }
}

/// The first cookie of this name.
fn cookie_of(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).iter();
    let mut pairs = headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|text| text.split(';'));
    let value = pairs.find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then_some(value.trim())
    })?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(quoted.unwrap_or(value).to_owned())
}
