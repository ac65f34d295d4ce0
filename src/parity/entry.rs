//! The entry of a deviations file that names a difference.

/// A request whose answer differs, and the new server's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The request's name.
    pub name: String,
    /// The new server's status.
    pub status: u16,
    /// Its body, where that is JSON.
    pub json: Option<String>,
}

/// The entry for a difference on a route, without the reason, which only people know.
pub fn entry(route: &str, what: &str, cases: &[Case]) -> String {
    let name = short_name(&format!("{route} {what}"));
    let mut text = format!("[[deviation]]\nname = {}\nreason = \"\"\n", quoted(&name));
    for case in cases {
        let (name, status) = (quoted(&case.name), case.status);
        text.push_str(&format!("\n[[deviation.cases]]\ncase = {name}\nstatus = {status}\n"));
        if let Some(json) = &case.json {
            text.push_str(&format!("json = {}\n", literal(json)));
        }
    }
    text
}

/// Lower-case words with hyphens.
fn short_name(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Without escapes where that is possible: JSON has its own.
fn literal(json: &str) -> String {
    match json.contains("'''") || json.ends_with('\'') || json.contains(char::is_control) {
        true => quoted(json),
        false => format!("'''{json}'''"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::deviations::Deviations;

    #[test]
    fn an_entry_can_be_read_back() {
        let case = |name: &str, json: Option<&str>| Case {
            name: name.to_owned(),
            status: 401,
            json: json.map(str::to_owned),
        };
        let cases = [
            case("GET /a?b=\"c\"\\", None),
            case("GET /it's", Some(r#"{"a": "'''", "b": "\n"}"#)),
            case("GET /x", Some(r#"{"a": "it's"}"#)),
        ];
        let text = entry("GET /api/v1/users.json", "status 200 became 401", &cases);
        let read = Deviations::parse(&text).unwrap();
        let entry = &read.entries[0];
        assert_eq!(entry.name, "get-api-v1-users-json-status-200-became-401");
        for (stated, case) in entry.cases.iter().zip(&cases) {
            assert_eq!((&stated.case, stated.status), (&case.name, case.status));
            let json = case.json.as_deref().map(|json| serde_json::from_str(json).unwrap());
            assert_eq!(stated.json, json);
        }
        assert_eq!(read.mistakes().len(), 1, "the reason is missing");
    }
}
