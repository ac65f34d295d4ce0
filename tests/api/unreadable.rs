//! One stored value that cannot be read takes neither its row nor its list from anybody.

mod users;

use std::ops::ControlFlow;

use poem_scaffold::{
    db::{Db, FromRow, Row},
    error::Result,
    jsonapi::{
        attribute::{self, Attribute, Shown},
        values::{Boolean, Date, Timestamp},
    },
    testing::inside::{Column, DatabaseUrl, Decimal, List, Shape},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::on_each_engine;
use crate::support::sql::{Engine, run_sql};

/// A column's type, a value in SQL, and what is shown of it.
type Case = (&'static str, &'static str, Value);

/// The same value read from a list and into a type of its own.
struct Of<T>(T);

impl<T: Shown> Of<T> {
    const ATTRIBUTES: &'static [Attribute] = &[attribute::of::<T>("value")];
}

struct One {
    shown: Value,
}

struct OneOf<T>(One, std::marker::PhantomData<fn() -> T>);

impl<T: Shown + Column + Default> FromRow for OneOf<T> {
    fn from_row(row: &Row) -> Result<Self> {
        let value = Of(row.get::<T>("value")?);
        let unreadable = row.unreadable("things", row.id()?);
        let shown = match unreadable.first() {
            Some(unreadable) => Value::from(unreadable.text.clone()),
            None => {
                let mut out = Vec::new();
                value.0.show(&mut out);
                serde_json::from_slice(&out).unwrap()
            }
        };
        Ok(Self(One { shown }, std::marker::PhantomData))
    }
}

/// Stores each value between two rows, and reads all of them as a list and one by one.
async fn check<T: Shown + Default>(url: &str, cases: &[Case]) {
    for (column, value, expected) in cases {
        let mode = if Engine::of(url) == Engine::MySql {
            "set sql_mode = '';"
        } else {
            ""
        };
        let script = format!(
            "{mode} drop table if exists things;
             create table things (id integer primary key, value {column}, other integer);
             insert into things values (1, null, 7), (2, {value}, 8), (3, null, 9)"
        );
        tokio::task::block_in_place(|| run_sql(url, &script));
        let db = Db::connect(&DatabaseUrl::parse(url).unwrap()).await.unwrap();
        let case = format!("{url}: {column} {value}");
        let sql = "select id, value, other from things where id >= ? order by id limit ?";
        let list = List::new(
            Shape::Member("things"),
            "things",
            Of::<T>::ATTRIBUTES,
            db.pages(sql, Vec::new()),
        );
        let body = list.into_body().await.unwrap().into_string().await.unwrap();
        let listed: Value = serde_json::from_str(&body).unwrap();
        let rows = json!([{"value": null}, {"value": expected}, {"value": null}]);
        assert_eq!(listed["things"], rows, "{case}");
        let sql = "select id, value from things where id = 2";
        let one: OneOf<T> = db.fetch_optional(sql, Vec::new()).await.unwrap().unwrap();
        assert_eq!(one.0.shown, *expected, "{case}, alone");
        let mut others = Vec::new();
        let mut pages = db.pages(
            "select id, other, value from things where id >= ? order by id limit ?",
            Vec::new(),
        );
        pages
            .next(|id, row| {
                others.push((format!("{id:?}"), row.get::<i64>("other")?));
                Ok(ControlFlow::Continue(()))
            })
            .await
            .unwrap();
        let expected = [("1", 7), ("2", 8), ("3", 9)].map(|(id, other)| (id.to_owned(), other));
        assert_eq!(others, expected, "{case}");
        db.close().await;
    }
}

fn on(engine: Engine, test: impl AsyncFn(&str)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    on_each_engine(|_, _, url| {
        if Engine::of(url) == engine {
            runtime.block_on(test(url));
        }
    });
}

/// A value that is shown as it was stored.
fn stays(column: &'static str, text: &'static str) -> Case {
    (column, Box::leak(format!("'{text}'").into_boxed_str()), json!(text))
}

#[test]
fn values_of_postgres_are_shown_as_null_or_as_its_text() {
    on(Engine::Postgres, async |url| {
        check_times_of_postgres(url).await;
        let decimals = [
            stays("numeric", "NaN"),
            stays("numeric", "Infinity"),
            stays("numeric", "48.10"),
            ("numeric(10, 3)", "48.1", json!("48.100")),
            stays("text", "much"),
        ];
        check::<Decimal>(url, &decimals).await;
        let floats = [
            ("double precision", "'NaN'", json!(null)),
            ("double precision", "'-Infinity'", json!(null)),
            ("real", "0.1", json!(0.1)),
            ("numeric", "48.5", json!(48.5)),
            ("numeric", "'NaN'", json!(null)),
            ("text", "''", json!(null)),
        ];
        check::<f64>(url, &floats).await;
        let numbers = [
            ("bigint", "1099511627776", json!(null)),
            ("smallint", "-7", json!(-7)),
            ("text", "'12'", json!(12)),
            ("text", "'twelve'", json!(null)),
            ("text", "''", json!(null)),
            ("numeric", "'NaN'", json!(null)),
            ("boolean", "true", json!(1)),
        ];
        check::<i32>(url, &numbers).await;
        check::<Boolean>(url, &numbers).await;
        check::<bool>(
            url,
            &[("text", "'perhaps'", json!(null)), ("integer", "2", json!(true))],
        )
        .await;
        check::<Uuid>(
            url,
            &[
                stays("text", "none"),
                stays("uuid", "67e55044-10b1-426f-9247-bb680e5fe0c8"),
            ],
        )
        .await;
        check_texts_of_postgres(url).await;
    });
}

async fn check_times_of_postgres(url: &str) {
    let times = [
        stays("timestamp", "infinity"),
        stays("timestamp", "-infinity"),
        stays("timestamp", "0044-03-15 00:00:00 BC"),
        stays("timestamp", "4714-11-24 00:00:00 BC"),
        stays("timestamp", "294276-12-31 23:59:59.999999"),
        stays("timestamp", "10000-01-01 00:00:00"),
        stays("timestamptz", "infinity"),
        (
            "timestamptz",
            "'12000-02-29 01:02:03.5+00'",
            json!("12000-02-29 01:02:03.5+00"),
        ),
        (
            "timestamptz",
            "'2024-02-29 01:02:03+00'",
            json!("2024-02-29T01:02:03+00:00"),
        ),
        (
            "timestamp",
            "'2024-02-29 01:02:03.5'",
            json!("2024-02-29T01:02:03.500000+00:00"),
        ),
        ("timestamp", "'0001-01-01'", json!("0001-01-01T00:00:00+00:00")),
        (
            "timestamp",
            "'9999-12-31 23:59:59.999999'",
            json!("9999-12-31T23:59:59.999999+00:00"),
        ),
        ("date", "'2024-02-29'", json!("2024-02-29T00:00:00+00:00")),
        stays("text", "yesterday"),
        ("text", "''", json!(null)),
        ("bytea", r"'\xff'", json!(null)),
    ];
    check::<Timestamp>(url, &times).await;
    let dates = [
        stays("date", "infinity"),
        stays("date", "0044-03-15 BC"),
        stays("date", "5874897-12-31"),
        stays("date", "2024-02-29"),
        ("timestamp", "'2024-02-29 01:02:03'", json!("2024-02-29")),
        stays("text", "2024-02-30"),
        ("text", "''", json!(null)),
    ];
    check::<Date>(url, &dates).await;
}

async fn check_texts_of_postgres(url: &str) {
    let documents = [
        ("json", "'1e400'", serde_json::from_str("1e400").unwrap()),
        ("text", "'{'", json!(null)),
        ("jsonb", r#"'{"b": [1], "a": 2}'"#, json!({"a": 2, "b": [1]})),
        ("json", "'[\"\u{e9}\"]'", json!(["\u{e9}"])),
    ];
    check::<Value>(url, &documents).await;
    let texts = [
        ("bytea", r"'\xff'", json!(null)),
        ("integer", "5", json!("5")),
        (
            "uuid",
            "'67e55044-10b1-426f-9247-bb680e5fe0c8'",
            json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        ),
        ("char(3)", "'a'", json!("a  ")),
    ];
    check::<String>(url, &texts).await;
}

#[test]
fn values_of_mysql_are_shown_as_null_or_as_its_text() {
    on(Engine::MySql, async |url| {
        let times = [
            ("datetime", "'0000-00-00 00:00:00'", json!("0000-00-00 00:00:00")),
            ("datetime", "'2024-00-00 00:00:00'", json!("2024-00-00 00:00:00")),
            ("datetime(6)", "'0000-00-00 01:02:03'", json!("0000-00-00 01:02:03")),
            ("timestamp null", "'0000-00-00 00:00:00'", json!("0000-00-00 00:00:00")),
            (
                "datetime(6)",
                "'2024-02-29 01:02:03.5'",
                json!("2024-02-29T01:02:03.500000+00:00"),
            ),
            ("datetime", "'2024-02-29'", json!("2024-02-29T00:00:00+00:00")),
            ("varchar(99)", "'yesterday'", json!("yesterday")),
            (
                "varchar(99)",
                "'2024-02-29 01:02:03'",
                json!("2024-02-29T01:02:03+00:00"),
            ),
            ("varchar(99)", "''", json!(null)),
            ("varbinary(9)", "x'ff'", json!(null)),
        ];
        check::<Timestamp>(url, &times).await;
        let dates = [
            ("date", "'0000-00-00'", json!("0000-00-00")),
            ("date", "'2024-02-00'", json!("2024-02-00")),
            ("date", "'2024-02-29'", json!("2024-02-29")),
            ("varchar(99)", "''", json!(null)),
        ];
        check::<Date>(url, &dates).await;
        let decimals = [
            ("decimal(10, 2)", "48.1", json!("48.10")),
            ("text", "'much'", json!("much")),
            ("text", "''", json!(null)),
        ];
        check::<Decimal>(url, &decimals).await;
        let floats = [
            ("float", "0.1", json!(0.1)),
            ("double", "-48.5", json!(-48.5)),
            ("decimal(10, 2)", "48.5", json!(48.5)),
            ("text", "'nan'", json!(null)),
            ("text", "''", json!(null)),
        ];
        check::<f64>(url, &floats).await;
        let numbers = [
            ("bigint unsigned", "18446744073709551615", json!(null)),
            ("bigint", "1099511627776", json!(null)),
            ("int unsigned", "7", json!(7)),
            ("tinyint", "-7", json!(-7)),
            ("mediumint", "-70000", json!(-70000)),
            ("varchar(9)", "'twelve'", json!(null)),
            ("varchar(9)", "''", json!(null)),
        ];
        check::<i32>(url, &numbers).await;
        let beyond = [
            ("bigint unsigned", "18446744073709551615", json!(null)),
            ("bigint", "-9223372036854775808", json!(i64::MIN)),
        ];
        check::<i64>(url, &beyond).await;
        check::<bool>(
            url,
            &[
                ("varchar(9)", "'perhaps'", json!(null)),
                ("boolean", "true", json!(true)),
            ],
        )
        .await;
        check::<Uuid>(url, &[("varchar(99)", "'none'", json!("none"))]).await;
        check::<Value>(url, &[("longtext", "'{'", json!(null)), ("json", "'[1]'", json!([1]))]).await;
        let texts = [
            ("varbinary(9)", "x'ff'", json!(null)),
            ("varchar(9) character set latin1", "'\u{e9}'", json!("\u{e9}")),
            ("int", "5", json!("5")),
        ];
        check::<String>(url, &texts).await;
    });
}

#[test]
fn values_of_sqlite_are_shown_as_null_or_as_its_text() {
    on(Engine::Sqlite, async |url| {
        check_times_of_sqlite(url).await;
        let decimals = [
            ("text", "'much'", json!("much")),
            ("text", "'\u{e9}0.00000001'", json!("\u{e9}0.00000001")),
            ("text", "'48.10'", json!("48.10")),
            ("numeric", "'48.10'", json!("48.1")),
            ("numeric", "0.1 + 0.2", json!("0.3")),
            ("numeric", "48", json!("48")),
            ("text", "''", json!(null)),
        ];
        check::<Decimal>(url, &decimals).await;
        let floats = [
            ("real", "9e999", json!(null)),
            ("real", "'many'", json!(null)),
            ("real", "''", json!(null)),
            ("real", "'48.5'", json!(48.5)),
        ];
        check::<f64>(url, &floats).await;
        let numbers = [
            ("integer", "'twelve'", json!(null)),
            ("integer", "''", json!(null)),
            ("integer", "1.5", json!(null)),
            ("integer", "9e99", json!(null)),
            ("integer", "1099511627776", json!(null)),
            ("integer", "x'ff'", json!(null)),
            ("text", "'12'", json!(12)),
        ];
        check::<i32>(url, &numbers).await;
        check::<bool>(
            url,
            &[("integer", "'perhaps'", json!(null)), ("integer", "1", json!(true))],
        )
        .await;
        check::<Uuid>(url, &[("text", "'none'", json!("none")), ("text", "''", json!(null))]).await;
        let documents = [
            ("json", "'{'", json!(null)),
            ("json", "x'ff'", json!(null)),
            ("json", "'[1]'", json!([1])),
        ];
        check::<Value>(url, &documents).await;
        let texts = [
            ("text", "x'ff'", json!(null)),
            ("text", "cast(x'61ff' as text)", json!(null)),
            ("blob", "5", json!("5")),
        ];
        check::<String>(url, &texts).await;
        check::<i64>(url, &[("integer", "9e18", json!(9_000_000_000_000_000_000_i64))]).await;
        check::<Option<Timestamp>>(url, &[("datetime", "'yesterday'", json!("yesterday"))]).await;
    });
}

async fn check_times_of_sqlite(url: &str) {
    let times = [
        ("datetime", "'yesterday'", json!("yesterday")),
        ("datetime", "''", json!(null)),
        (
            "datetime",
            "'+262142-12-31 23:59:59+00:00'",
            json!("+262142-12-31 23:59:59+00:00"),
        ),
        (
            "datetime",
            "'-262143-01-01 00:00:00+23:59'",
            json!("-262143-01-01 00:00:00+23:59"),
        ),
        ("datetime", "'0000-00-00 00:00:00'", json!("0000-00-00 00:00:00")),
        ("datetime", "9223372036854775807", json!("9223372036854775807")),
        ("datetime", "1e300", json!("1e300")),
        ("datetime", "1700000000", json!("2023-11-14T22:13:20+00:00")),
        ("datetime", "2451544.5", json!("2000-01-01T00:00:00+00:00")),
        ("datetime", "x'ff'", json!(null)),
        (
            "datetime",
            "'2024-02-29 01:02:03.500000'",
            json!("2024-02-29T01:02:03.500000+00:00"),
        ),
    ];
    check::<Timestamp>(url, &times).await;
    let dates = [
        ("date", "'2024-02-30'", json!("2024-02-30")),
        ("date", "'2024-02-29'", json!("2024-02-29")),
        ("date", "''", json!(null)),
    ];
    check::<Date>(url, &dates).await;
}
