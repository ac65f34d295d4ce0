//! What the users of a program must have beyond an address and a password: read from its own API docs.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::{Map, Value, json};

use super::server::ServerConfig;

/// What all users have.
const CORE: [&str; 5] = ["email", "password", "name", "active", "role"];

/// Attributes that a new user must have, each with an example.
#[derive(Clone, Debug, Default)]
pub struct Needed(Map<String, Value>);

impl Needed {
    /// Those of this program.
    ///
    /// # Panics
    /// If its API docs do not have an example of each.
    pub fn of(config: &ServerConfig) -> Self {
        static KNOWN: Mutex<BTreeMap<String, Needed>> = Mutex::new(BTreeMap::new());
        let program = config.program().display().to_string();
        let mut known = KNOWN.lock().expect("no other test has failed here");
        if let Some(needed) = known.get(&program) {
            return needed.clone();
        }
        let needed = Self::read(config);
        known.insert(program, needed.clone());
        needed
    }

    fn read(config: &ServerConfig) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder must be made");
        let printed = config.command(folder.path(), &["openapi"]);
        let said = String::from_utf8_lossy(&printed.stderr).into_owned();
        assert!(printed.status.success(), "{said}");
        let text = std::fs::read_to_string(folder.path().join("openapi/scaffold-1.0.json"));
        let docs: Value = serde_json::from_str(&text.expect("`openapi` writes the docs")).expect("the docs are JSON");
        let body = &docs["paths"]["/api/v1/users.json"]["post"]["requestBody"]["content"]["application/json"];
        let example = body["schema"]["example"]["data"]["attributes"].as_object();
        let example = example.expect("adding a user has an example").clone();
        // It has what must be sent, and nothing else.
        Self(
            example
                .into_iter()
                .filter(|(name, _)| !CORE.contains(&name.as_str()))
                .collect(),
        )
    }

    /// The attributes of the user of this number, from 1; each has values of its own where the type has as many.
    pub fn attributes(&self, number: u32) -> impl Iterator<Item = (String, Value)> {
        self.0
            .iter()
            .map(move |(name, value)| (name.clone(), another(value, number)))
    }

    /// As options of the command line.
    pub fn options(&self, number: u32) -> Vec<String> {
        let options = self.attributes(number).flat_map(|(name, value)| {
            let value = match value {
                Value::String(text) => text,
                value => value.to_string(),
            };
            ["--set".to_owned(), format!("{name}={value}")]
        });
        options.collect()
    }
}

/// A value like the example that differs for each number.
fn another(example: &Value, number: u32) -> Value {
    match example {
        // Its example is 1 unless its bounds rule that out.
        Value::Number(whole) if whole.as_i64().is_some_and(|whole| whole < 1) => {
            json!(whole.as_i64().unwrap_or_default() - i64::from(number) + 1)
        }
        Value::Number(whole) if whole.is_i64() => {
            json!(whole.as_i64().unwrap_or_default() + i64::from(number) - 1)
        }
        Value::String(text) => json!(another_text(text, number)),
        other => other.clone(),
    }
}

fn another_text(text: &str, number: u32) -> String {
    let is_date = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let is_uuid = text.len() == 36 && text.matches('-').count() == 4;
    if text.contains("://") {
        return format!("{text}{number}");
    }
    if let Some((_, domain)) = text.split_once('@') {
        return format!("user{number}@{domain}");
    }
    if is_date && text[..4].parse::<u32>().is_ok() {
        return format!("{}{}", 2000 + number, &text[4..]);
    }
    if is_uuid || text.ends_with(|last: char| last.is_ascii_digit()) && text.contains(':') {
        return format!("{}{number}", &text[..text.len() - 1]);
    }
    // A text of ours, and not one of a list.
    match text.ends_with('.') || text.contains(' ') {
        true => text
            .chars()
            .skip(1)
            .fold(number.to_string(), |all, next| all + &next.to_string()),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_gets_values_of_its_own() {
        for (example, second) in [
            (json!(1), json!(2)),
            (json!(-7), json!(-8)),
            (json!("A text."), json!("2 text.")),
            (json!("ann@example.com"), json!("user2@example.com")),
            (json!("https://example.com/"), json!("https://example.com/2")),
            (json!("2026-01-02"), json!("2002-01-02")),
            (json!("03:04:05"), json!("03:04:02")),
            (
                json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
                json!("67e55044-10b1-426f-9247-bb680e5fe0c2"),
            ),
            (json!("free"), json!("free")),
            (json!(true), json!(true)),
            (json!(0.5), json!(0.5)),
        ] {
            assert_eq!(another(&example, 2), second);
        }
    }
}
