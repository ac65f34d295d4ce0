//! What a table refuses is told with the attribute, on every engine in the same words, and without the engine's.

use std::future::Future;

use poem_scaffold::{
    args,
    db::Db,
    error::Result,
    testing::inside::{DatabaseUrl, Decimal},
};

use super::on_each_engine;
use crate::support::sql::{Engine, run_sql};

/// As a migrating team's can be: an index has another name than its column, and texts are short.
const TABLES: &str = "
    create table poets (id integer primary key, name varchar(250) not null unique);
    create table poems (
        id integer primary key, title varchar(5), note varchar(250) not null, code varchar(20), views integer,
        price numeric(5, 2), year integer, number integer, poet integer not null references poets (id),
        reader integer references poets (id) on delete set null
    );
    create unique index ix_codes on poems (code);
    create unique index ix_issues on poems (year, number);
    insert into poets (id, name) values (1, 'Li'), (2, 'Bo');
    insert into poems (id, note, code, year, number, poet) values (1, 'n', 'it''s', 2020, 1, 1);";

/// MySQL ignores what other engines take beside a column.
fn tables(engine: Engine) -> String {
    match engine {
        Engine::MySql => TABLES
            .replace(" references poets (id) on delete set null", "")
            .replace(" references poets (id),", ",")
            .replace(
                "reader integer\n    );",
                "reader integer, constraint its_poet foreign key (poet) references poets (id),
                 constraint its_reader foreign key (reader) references poets (id) on delete set null);",
            ),
        _ => TABLES.to_owned(),
    }
}

async fn text<T>(work: impl Future<Output = Result<T>>) -> String {
    work.await.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_a_table_refuses_is_told_with_the_attribute() {
    on_each_engine(|_, _, url| {
        let engine = Engine::of(url);
        run_sql(url, &tables(engine));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let db = Db::connect(&DatabaseUrl::parse(url).unwrap()).await.unwrap();
            let db = &db;
            let add = async |code: &str, year: i64, number: i64, poet: i64| {
                let sql = "insert into poems (id, note, code, year, number, poet) values (2, 'n', ?, ?, ?, ?)";
                text(db.execute(sql, args![code, year, number, poet])).await
            };
            let code = "`code` is taken already: it must be unique.";
            assert_eq!(add("it's", 2021, 1, 1).await, code, "{url}");
            let issue = "`year` and `number` are taken already: together they must be unique.";
            assert_eq!(add("b", 2020, 1, 1).await, issue, "{url}");

            let add = async |reader: Option<i64>, poet: i64| {
                let sql = "insert into poems (id, note, reader, poet) values (?, ?, ?, ?)";
                text(db.execute(sql, args![2_i64, "n", reader, poet])).await
            };
            let poet = "`poet` refers to a row that does not exist.";
            assert_eq!(add(None, 9).await, poet, "{url}");
            let reader = "`reader` refers to a row that does not exist.";
            assert_eq!(add(Some(-1), 1).await, reader, "{url}");
            let change = "update poems set note = coalesce(?, note), poet = coalesce(?, poet) where id = ?";
            assert_eq!(text(db.execute(change, args!["m", 9_i64, 1_i64])).await, poet, "{url}");

            let sql = "insert into poems (id, poet, year, note) values (?, ?, ?, ?) returning id";
            let note = "`note` needs a value: the table does not take null.";
            let values = args![2_i64, 1_i64, 2022_i64, None::<String>];
            assert_eq!(text(db.insert_returning::<i64>(sql, values)).await, note, "{url}");
            assert_eq!(
                text(db.execute("update poems set note = ? where id = 1", args![None::<String>])).await,
                note,
                "{url}"
            );

            let kept = "Rows of `poems` still refer to it. Delete or change them first.";
            let delete = "delete from poets where id = ?";
            assert_eq!(text(db.execute(delete, args![1_i64])).await, kept, "{url}");
            assert_eq!(text(db.execute(delete, args![2_i64])).await, "", "{url}");

            // SQLite's columns take what does not fit; PostgreSQL tells how long the column is, but not which it is.
            if engine != Engine::Sqlite {
                let sql = "update poems set note = ?, title = ? where id = ?";
                let long = "`title` is longer than its column holds.";
                let values = args!["short", "a long title", 1_i64];
                assert_eq!(text(db.execute(sql, values)).await, long, "{url}");
                let sql = "update poems set year = ?, views = coalesce(?, views) where id = ?";
                let range = "`views` is out of range or of another type than its column.";
                assert_eq!(
                    text(db.execute(sql, args![1_i64, 1_i64 << 31, 1_i64])).await,
                    range,
                    "{url}"
                );
                let sql = "update poems set price = ? where id = ?";
                let range = "`price` is out of range or of another type than its column.";
                let values = args![Decimal("1000.00".to_owned()), 1_i64];
                assert_eq!(text(db.execute(sql, values)).await, range, "{url}");
            }

            // Of an index over an expression nobody knows a column.
            if engine != Engine::MySql {
                let index = "create unique index ix_lower on poets (lower(name))";
                db.execute(index, args![]).await.unwrap();
                let sql = "insert into poets (id, name) values (?, ?)";
                let general = "A value that must be unique is taken already.";
                assert_eq!(text(db.execute(sql, args![5_i64, "LI"])).await, general, "{url}");
            }
            db.close().await;
        });
    });
}
