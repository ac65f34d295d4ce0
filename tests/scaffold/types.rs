//! The types that Flask apps have beside those of the originals, on every engine and in columns that SQLAlchemy made.

use serde_json::{Value, json};

use super::{
    values::{Articles, attribute, exact, example, id},
    wide,
};
use crate::{
    api::{call, cheap, on_each_engine},
    support::{
        http::Response,
        sql::{Engine, query, run_sql},
    },
};

const SHOPS: &str = "/api/v1/shops.json";

struct Shops {
    articles: Articles,
    count: std::cell::Cell<u32>,
}

impl Shops {
    fn start(config: &crate::support::server::ServerConfig) -> Self {
        let articles = Articles::start(config);
        let count = std::cell::Cell::default();
        Self { articles, count }
    }

    /// The answer to a new shop with these attributes beside the example's.
    fn add(&self, attributes: &Value) -> Response {
        let mut shop = example("shops");
        let count = self.count.replace(self.count.get() + 1);
        let members = shop["data"]["attributes"].as_object_mut().unwrap();
        members.insert("code".to_owned(), json!(format!("Shop {count}")));
        members.insert("picture".to_owned(), Value::Null);
        members.insert("closes_at".to_owned(), Value::Null);
        members.extend(attributes.as_object().unwrap().clone());
        self.call("POST", SHOPS, Some(&shop))
    }

    fn get(&self, id: &Value) -> Response {
        self.call("GET", &format!("/api/v1/shops/{id}.json"), None)
    }

    fn patch(&self, id: &Value, attributes: &Value) -> Response {
        let body = json!({"data": {"type": "shops", "attributes": attributes}});
        self.call("PATCH", &format!("/api/v1/shops/{id}.json"), Some(&body))
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        call(&self.articles.server, method, path, Some(&self.articles.token), body)
    }
}

/// Attributes with JSON that is taken for them, and what is shown of it.
fn stored() -> Vec<(&'static str, Value, Value)> {
    let long = json!("é".repeat(2000));
    let odd = json!(["a", "b,c", "\"{}\\", "é\n", "NULL", " ", ""]);
    vec![
        ("price", exact("48.1"), json!("48.1000")),
        ("price", json!("1234567890.1234"), json!("1234567890.1234")),
        ("price", json!("-0.00010000"), json!("-0.0001")),
        ("share", json!(0), json!("0.00")),
        ("share", exact("-0.99"), json!("-0.99")),
        ("floors", json!("7.0"), json!("7")),
        ("huge", json!("1e-30"), json!("1E-30")),
        (
            "huge",
            json!("99999999999999999999999999999999999.999999999999999999999999999999"),
            json!("99999999999999999999999999999999999.999999999999999999999999999999"),
        ),
        ("opens_at", json!("9:30"), json!("09:30:00")),
        ("opens_at", json!("23:59:59.999999"), json!("23:59:59.999999")),
        ("closes_at", json!("00:00"), json!("00:00:00")),
        ("tags", json!([]), json!([])),
        ("tags", odd.clone(), odd),
        ("labels", json!(["x"]), json!(["x"])),
        ("labels", Value::Null, Value::Null),
        ("slogan", long.clone(), long),
        ("logo", json!("static/logo.png"), json!("static/logo.png")),
        (
            "picture",
            json!("https://example.com/a.png"),
            json!("https://example.com/a.png"),
        ),
        ("factor", exact("0.1"), json!(0.1)),
    ]
}

/// Attributes with JSON that does not fit them, and a part of what is said.
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let digits = "holds numbers of at most 10 digits before the point and 4 after it";
    vec![
        ("price", json!(12_345_678_901_i64), digits),
        ("price", json!("0.00001"), digits),
        ("price", json!("1e400"), digits),
        ("price", json!("x"), "Not a valid number."),
        ("share", json!(1), "at most 0 digits before the point and 2 after it"),
        (
            "floors",
            exact("1.5"),
            "at most 3 digits before the point and 0 after it",
        ),
        ("opens_at", json!("09:30Z"), "Not a valid time."),
        ("opens_at", json!("24:00"), "Not a valid time."),
        ("tags", json!([null]), "Field may not be null."),
        ("tags", json!(["a", 1]), "Not a valid string."),
        ("tags", json!(["a\u{0}"]), "holds texts without NUL"),
        ("labels", json!([]), "Shorter than minimum length 1."),
        ("labels", json!(["a", "b", "c", "d"]), "Longer than maximum length 3."),
        ("slogan", json!("s".repeat(2001)), "Longer than maximum length 2000."),
        ("motto", json!("short"), "Shorter than minimum length 260."),
        ("logo", json!("s".repeat(251)), "is longer than the 250 characters"),
        ("contract", json!("s".repeat(501)), "Longer than maximum length 500."),
    ]
}

#[test]
fn they_are_stored_as_they_were_sent_or_refused() {
    on_each_engine(|config, _, url| {
        let shops = Shops::start(&config.binary(wide::binary()));
        for (name, sent, stored) in stored() {
            let answer = shops.add(&json!({name: sent}));
            assert_eq!(answer.status, 201, "{url}: {name} {sent}: {}", answer.text());
            let id = id(&answer);
            let changed = shops.patch(
                &id,
                &json!({name: sent, "floors": answer.json().unwrap()["data"]["attributes"]["floors"]}),
            );
            for answer in [answer, shops.get(&id), changed] {
                assert_eq!(
                    attribute(&answer, name),
                    stored,
                    "{url}: {name} {sent}: {}",
                    answer.text()
                );
            }
        }
        for (name, sent, said) in refused() {
            let answer = shops.add(&json!({name: sent}));
            assert_eq!(answer.status, 403, "{url}: {name} {sent}: {}", answer.text());
            let text = answer.text();
            assert!(
                text.contains(name) && text.contains(said),
                "{url}: {name} {sent}: {text}"
            );
        }
        let listed = shops.call("GET", SHOPS, None).text();
        assert!(
            listed.contains("\"price\":\"48.1000\"") && listed.contains("\"tags\":[]"),
            "{listed}"
        );
    });
}

/// Their columns as SQLAlchemy declares them, with rows that it wrote.
#[test]
fn they_are_read_and_written_in_tables_of_flask_apps() {
    on_each_engine(|config, _, url| {
        let engine = Engine::of(url);
        let alter = match engine {
            Engine::Sqlite => {
                "alter table shops drop column price; alter table shops add column price NUMERIC(14, 4) not null default 0;
                 alter table shops drop column opens_at; alter table shops add column opens_at TIME not null default ''"
            }
            Engine::Postgres => {
                "alter table shops alter column tags type varchar(20)[], alter column price type numeric,
                     alter column slogan type varchar(100)"
            }
            Engine::MySql => {
                "alter table shops modify tags json not null, modify price double not null, modify opens_at time not null"
            }
        };
        let config = config.binary(wide::binary());
        drop(Shops::start(&config));
        run_sql(
            url,
            "delete from categories; delete from users; delete from poem_scaffold_accounts",
        );
        run_sql(url, alter);
        let shops = Shops::start(&config);
        let id = id(&shops.add(&json!({"price": "48.1", "opens_at": "09:30", "tags": ["a", "b"]})));
        for (sql, name, shown) in [
            ("update shops set price = 12.5", "price", json!("12.5000")),
            ("update shops set price = 7", "price", json!("7.0000")),
            ("update shops set opens_at = '17:00:00'", "opens_at", json!("17:00:00")),
        ] {
            run_sql(url, sql);
            assert_eq!(attribute(&shops.get(&id), name), shown, "{url}: {sql}");
        }
        let changed = shops.patch(&id, &json!({"tags": ["c"], "opens_at": "18:15", "price": "1.25"}));
        let expected = [
            ("tags", json!(["c"])),
            ("opens_at", json!("18:15:00")),
            ("price", json!("1.2500")),
        ];
        for (name, value) in expected {
            assert_eq!(attribute(&changed, name), value, "{url}: {}", changed.text());
        }
        if engine == Engine::Postgres {
            assert_eq!(query(url, "select tags[1] from shops"), "c");
            let long = shops.add(&json!({"slogan": "s".repeat(101)}));
            assert_eq!(long.status, 403, "{}", long.text());
            assert!(
                long.text().contains("is longer than its column holds"),
                "{}",
                long.text()
            );
            // What no list of texts is, is null, and named.
            run_sql(url, "update shops set tags = array['a', null]");
            assert_eq!(attribute(&shops.get(&id), "tags"), Value::Null);
        }
    });
}

#[test]
fn times_are_read_under_flask_as_marshmallow_did() {
    let config = cheap().binary(wide::binary()).env("FLASK_FIDELITY", "flask");
    let shops = Shops::start(&config.env("SECRET_KEY", "s0me random string"));
    for sent in ["09:30+02:00", "2026-01-02T09:30", "9:30 am"] {
        let answer = shops.add(&json!({"opens_at": sent}));
        assert_eq!(answer.status, 201, "{sent}: {}", answer.text());
        assert_eq!(attribute(&answer, "opens_at"), json!("09:30:00"), "{sent}");
    }
    assert_eq!(shops.add(&json!({"price": "0.00001"})).status, 403);
}
