//! Values of attributes on every engine: what is stored and shown is what was sent, or is refused by name.

use serde_json::{Value, json};

use super::wide;
use crate::{
    api::{call, cheap, on_each_engine, serve},
    support::{
        http::{self, Response},
        server::{Server, ServerConfig},
        sql::{Engine, run_sql},
    },
};

const ARTICLES: &str = "/api/v1/articles.json";

pub struct Articles {
    pub server: Server,
    pub token: String,
    category: Value,
    count: std::cell::Cell<u32>,
}

impl Articles {
    pub fn start(config: &ServerConfig) -> Self {
        let (server, token) = serve(config);
        let mut category = example("categories");
        category["data"]["attributes"]["parent"] = Value::Null;
        let category = call(
            &server,
            "POST",
            "/api/v1/categories.json",
            Some(&token),
            Some(&category),
        );
        Self {
            category: id(&category),
            server,
            token,
            count: std::cell::Cell::default(),
        }
    }

    /// The answer to a new article with these attributes beside the example's.
    fn add(&self, attributes: &Value) -> Response {
        let mut article = example("articles");
        let count = self.count.replace(self.count.get() + 1);
        let members = article["data"]["attributes"].as_object_mut().unwrap();
        members.insert("title".to_owned(), json!(format!("Article {count}")));
        members.insert("slug".to_owned(), Value::Null);
        members.insert(
            "token".to_owned(),
            json!(format!("67e55044-10b1-426f-9247-bb680e5f{count:04}")),
        );
        members.insert("category".to_owned(), self.category.clone());
        members.insert("reviewer".to_owned(), Value::Null);
        members.extend(attributes.as_object().unwrap().clone());
        call(&self.server, "POST", ARTICLES, Some(&self.token), Some(&article))
    }

    /// The answer to a change of these attributes, and of those that each change has to have.
    fn patch(&self, id: &Value, attributes: &Value) -> Response {
        let mut body = example("articles");
        let members = body["data"]["attributes"].as_object_mut().unwrap();
        members.retain(|name, _| ["begins_at", "size", "stock"].contains(&name.as_str()));
        members.extend(attributes.as_object().unwrap().clone());
        call(
            &self.server,
            "PATCH",
            &format!("/api/v1/articles/{id}.json"),
            Some(&self.token),
            Some(&body),
        )
    }

    fn get(&self, id: &Value) -> Response {
        call(&self.server, "GET", &format!("/api/v1/articles/{id}.json"), None, None)
    }
}

pub fn example(plural: &str) -> Value {
    let project = wide::binary().ancestors().nth(3).unwrap();
    let example = project.join(format!("src/app/{plural}/example.json"));
    serde_json::from_str(&std::fs::read_to_string(example).unwrap()).unwrap()
}

/// A value as it stands in a text, digits and order too.
pub fn exact(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub fn id(answer: &Response) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()["data"]["id"].clone()
}

pub fn attribute(answer: &Response, name: &str) -> Value {
    answer.json().unwrap()["data"]["attributes"][name].clone()
}

const DOCUMENT: &str = r#"{"z":{"y":1,"x":[18446744073709551617,0.10,-1.5e-400]},"a":null,"é":"\\"}"#;

#[test]
fn json_keeps_its_order_and_its_digits() {
    on_each_engine(|config, _, url| {
        let articles = Articles::start(&config.binary(wide::binary()));
        let added =
            articles.add(&json!({"meta_data": exact(DOCUMENT), "extra": exact("123456789012345678901234567890")}));
        let id = id(&added);
        let patched = articles.patch(&id, &json!({"extra": null}));
        let again = articles.patch(&id, &json!({"meta_data": exact(DOCUMENT), "extra": exact("[1.0,1]")}));
        let listed = call(&articles.server, "GET", ARTICLES, None, None);
        let meta_data = format!("\"meta_data\":{DOCUMENT},");
        for (answer, extra) in [
            (&added, "123456789012345678901234567890"),
            (&patched, "null"),
            (&again, "[1.0,1]"),
            (&listed, "[1.0,1]"),
            (&articles.get(&id), "[1.0,1]"),
        ] {
            let text = answer.text();
            assert!(text.contains(&meta_data), "{url}: {text}");
            assert!(text.contains(&format!("\"extra\":{extra},")), "{url}: {text}");
            let data = &answer.json().unwrap()["data"];
            let one = data.get(0).unwrap_or(data);
            for members in [one, &one["attributes"]] {
                let members = members.as_object().unwrap();
                assert!(members.keys().is_sorted(), "{url}: {text}");
            }
        }
        // Keys that the parser has a use of its own for are refused.
        for key in ["$serde_json::private::Number", "\\u0024serde_json::private::RawValue"] {
            let text =
                format!("{{\"data\":{{\"type\":\"articles\",\"attributes\":{{\"extra\":{{\"{key}\":\"1\"}}}}}}}}");
            let answer = http::send(
                &articles.server.base,
                "POST",
                ARTICLES,
                &[("Authorization", format!("Bearer {}", articles.token))],
                Some(text.as_bytes()),
            );
            assert_eq!(answer.status, 400, "{url}: {}", answer.text());
            assert!(
                answer.text().contains("begins with $serde_json::private::"),
                "{}",
                answer.text()
            );
        }
    });
}

/// As Flask apps have them, and as older versions of this program made them.
#[test]
fn json_is_written_to_columns_of_either_type_of_postgres() {
    on_each_engine(|config, _, url| {
        if Engine::of(url) != Engine::Postgres {
            return;
        }
        let config = config.binary(wide::binary());
        drop(Articles::start(&config));
        run_sql(
            url,
            "delete from categories; delete from users; delete from poem_scaffold_accounts",
        );
        run_sql(
            url,
            "alter table articles alter column meta_data type jsonb, alter column extra type jsonb",
        );
        let articles = Articles::start(&config);
        let id = id(&articles.add(&json!({"meta_data": exact(DOCUMENT), "extra": {"a": 1}})));
        for (sent, expected) in [
            (json!({"meta_data": [1]}), [json!([1]), json!({"a": 1})]),
            (json!({"extra": null}), [json!([1]), json!(null)]),
        ] {
            let answer = articles.patch(&id, &sent);
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(["meta_data", "extra"].map(|name| attribute(&answer, name)), expected);
        }
    });
}

/// As SQLAlchemy's `Enum` makes them.
#[test]
fn texts_are_written_to_columns_of_enumerations() {
    on_each_engine(|config, _, url| {
        let alter = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => {
                "create type mood as enum ('Good', 'Bad'); create domain language as mood;
                 alter table articles alter column mood type mood using mood::mood,
                     alter column language type language using 'Good', alter column title type mood using title::mood"
            }
            Engine::MySql => {
                "alter table articles modify mood enum('Good','Bad'), modify language enum('Good','Bad') not null,
                     modify title enum('Good','Bad') not null"
            }
        };
        let config = config.binary(wide::binary());
        drop(Articles::start(&config));
        run_sql(
            url,
            "delete from categories; delete from users; delete from poem_scaffold_accounts",
        );
        run_sql(url, alter);
        let articles = Articles::start(&config);
        let sent = json!({"title": "Good", "mood": "Bad", "language": "Bad"});
        let id = id(&articles.add(&sent));
        for (name, value) in [
            ("mood", json!("Good")),
            ("mood", Value::Null),
            ("language", json!("Good")),
        ] {
            let answer = articles.patch(&id, &json!({name: value}));
            assert_eq!(answer.status, 200, "{url}: {}", answer.text());
            assert_eq!(attribute(&answer, name), value, "{url}");
        }
        let taken = articles.add(&sent);
        assert!(
            taken.text().contains("`title` is taken already"),
            "{url}: {}",
            taken.text()
        );
        let refused = articles.patch(&id, &json!({"language": "Fair"}));
        assert_eq!(refused.status, 401, "{url}: {}", refused.text());
        assert!(
            refused.text().contains("of another type than its column"),
            "{url}: {}",
            refused.text()
        );
    });
}

/// Attributes with JSON that is taken for them, and what is shown of it.
fn stored() -> [(&'static str, &'static str, Value); 19] {
    [
        ("views", "9223372036854775807", json!(i64::MAX)),
        ("views", "-9223372036854775808", json!(i64::MIN)),
        ("views", "\"9223372036854775807\"", json!(i64::MAX)),
        ("views", "1.5e1", json!(15)),
        ("words", "2147483647", json!(i32::MAX)),
        ("words", "-0", json!(0)),
        ("weight", "1e308", exact("1e308")),
        ("weight", "1e-400", exact("0.0")),
        ("weight", "0.1000000000000000000001", json!(0.1)),
        (
            "price",
            "123456789012345678901234567890",
            json!("123456789012345678901234567890"),
        ),
        (
            "price",
            "\"0.1234567890123456789012345\"",
            json!("0.1234567890123456789012345"),
        ),
        ("price", "0.1234567890123456789", json!("0.12345678901234568")),
        ("price", "48.10", json!("48.1")),
        ("price", "\"48.10\"", json!("48.10")),
        ("price", "1e30", json!("1000000000000000000000000000000")),
        (
            "begins_at",
            "\"2026-01-02T03:04:05.25+05:30\"",
            json!("2026-01-01T21:34:05.250000+00:00"),
        ),
        (
            "begins_at",
            "\"2026-01-02T03:04:05\"",
            json!("2026-01-02T03:04:05+00:00"),
        ),
        (
            "ends_at",
            "\"2026-12-31T23:30:00-01:00\"",
            json!("2027-01-01T00:30:00+00:00"),
        ),
        ("day", "\"2026-01-02T03:04:05+05:30\"", json!("2026-01-02")),
    ]
}

/// Attributes with JSON that does not fit them.
const REFUSED: [(&str, &str); 14] = [
    ("views", "9223372036854775808"),
    ("views", "-9223372036854775809"),
    ("views", "18446744073709551616"),
    ("views", "1e400"),
    ("words", "2147483648"),
    ("words", "123456789012345678901234567890"),
    ("rating", "6"),
    ("weight", "1e400"),
    ("weight", "-1e400"),
    ("score", "1e400"),
    ("price", "1e400"),
    ("price", "\"1e131073\""),
    ("category", "123456789012345678901234567890"),
    ("begins_at", "\"9999-12-31T23:30:00-01:00\""),
];

#[test]
fn numbers_are_stored_as_they_were_sent_or_refused() {
    on_each_engine(|config, _, url| {
        let articles = Articles::start(&config.binary(wide::binary()));
        for (name, sent, stored) in stored() {
            let answer = articles.add(&json!({name: exact(sent)}));
            assert_eq!(answer.status, 201, "{url}: {name} {sent}: {}", answer.text());
            assert_eq!(attribute(&answer, name), stored, "{url}: {name} {sent}");
            assert_eq!(
                attribute(&articles.get(&id(&answer)), name),
                stored,
                "{url}: {name} {sent}"
            );
        }
        let huge = attribute(&articles.add(&json!({"price": "1e400"})), "price");
        assert_eq!(huge.as_str().map(str::len), Some(401), "{url}: {huge}");
        for (name, sent) in REFUSED {
            let answer = articles.add(&json!({name: exact(sent)}));
            assert_eq!(answer.status, 403, "{url}: {name} {sent}: {}", answer.text());
            assert!(answer.text().contains(name), "{url}: {name} {sent}: {}", answer.text());
        }
        let beyond = articles.add(&json!({"views": exact("9223372036854775808")}));
        let text = "`views` does not fit its column, which holds whole numbers from -9223372036854775808 to \
                    9223372036854775807.";
        assert_eq!(beyond.json(), Some(json!({"error": text})), "{url}");
    });
}

#[test]
fn values_are_read_under_flask_as_marshmallow_did() {
    let config = cheap().binary(wide::binary()).env("FLASK_FIDELITY", "flask");
    let articles = Articles::start(&config.env("SECRET_KEY", "s0me random string"));
    for (name, sent, stored) in [
        (
            "begins_at",
            json!("2026-01-02T03:04:05+05:30"),
            json!("2026-01-02T03:04:05+00:00"),
        ),
        (
            "price",
            exact("123456789012345678901234567890"),
            json!("123456789012345678901234567890"),
        ),
        ("is_old", json!("t"), json!(true)),
        ("weight", json!("1.5"), json!(1.5)),
        ("weight", json!(true), json!(1.0)),
        (
            "trace",
            json!("{67e5504410b1426f9247bb680e5fe0c8}"),
            json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        ),
    ] {
        let answer = articles.add(&json!({name: sent}));
        assert_eq!(answer.status, 201, "{name} {sent}: {}", answer.text());
        assert_eq!(attribute(&answer, name), stored, "{name} {sent}");
    }
    for (name, sent) in [
        ("price", exact("1e400")),
        ("weight", exact("1e400")),
        ("weight", json!("nan")),
        ("views", exact("1e400")),
    ] {
        let answer = articles.add(&json!({name: sent}));
        assert_eq!(answer.status, 403, "{name} {sent}: {}", answer.text());
    }
}
