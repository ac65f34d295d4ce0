//! Compares the tables that somebody else made with what our statements need of them.
//!
//! What an engine takes was found out by trying; see `tests/api/adopted.rs`.

use super::steps::StepColumn;
use crate::db::{
    catalogue::{Catalogue, Class, TableColumn},
    engine::Engine,
};

/// A column that cannot be served as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What the table has.
    pub found: String,
    /// What is needed.
    pub needed: String,
    /// What to do about it.
    pub remedy: String,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            table,
            column,
            found,
            needed,
            remedy,
        } = self;
        write!(f, "{table}.{column} {found}; needed is {needed}: {remedy}")
    }
}

/// How tables that somebody else made suit our statements.
#[derive(Debug, Default, PartialEq)]
pub struct Fit {
    /// What cannot be served.
    pub misfits: Vec<Misfit>,
    /// What is served, with requests that will always be refused, a line each.
    pub notes: Vec<String>,
}

/// Compares the columns that our statements use with those that are there. Tables that are not there are left out.
pub(super) fn compare(engine: Engine, needed: &[&StepColumn], catalogue: &Catalogue) -> Fit {
    let mut fit = Fit::default();
    let mut tables: Vec<&str> = Vec::new();
    for column in needed.iter().filter(|column| catalogue.has_table(&column.table)) {
        if !tables.contains(&column.table.as_str()) {
            tables.push(&column.table);
        }
        match catalogue.column(&column.table, &column.name) {
            None => fit.misfits.push(missing(engine, column)),
            Some(found) => compare_column(engine, column, found, &mut fit),
        }
    }
    for table in tables {
        let others = catalogue.columns_of(table).filter(|found| {
            let is_ours = |column: &&&StepColumn| {
                column.table == table
                    && catalogue.column(table, &column.name).map(|ours| &ours.name) == Some(&found.name)
            };
            needed.iter().find(is_ours).is_none()
        });
        let unfilled = others.filter(|found| !(found.is_nullable || found.is_filled || found.is_generated));
        fit.notes.extend(unfilled.map(|found| {
            refusal(
                table,
                &found.name,
                &format!(
                    "{}, may not be null and has no default, and nothing here fills it",
                    found.type_text
                ),
                table,
            )
        }));
    }
    fit
}

fn compare_column(engine: Engine, needed: &StepColumn, found: &TableColumn, fit: &mut Fit) {
    let (table, name) = (&needed.table, &needed.name);
    let misfit = |found: String, remedy: &str| Misfit {
        table: table.clone(),
        column: name.clone(),
        found,
        needed: type_of(&needed.definition).to_owned(),
        remedy: remedy.to_owned(),
    };
    let has_other_class = !accepts(engine, needed.class, found.class) && !is_served_otherwise(needed, found);
    if has_other_class {
        let found = format!("is {}", shown(&found.type_text));
        fit.misfits
            .push(misfit(found, "change its type, or do not serve this table"));
    } else if found.is_generated {
        let found = "is computed by the database".to_owned();
        fit.misfits.push(misfit(found, "make it a column that can be written"));
    } else if name == "id" && !found.is_filled {
        // SQLite would store rows without an id.
        if engine == Engine::Sqlite {
            let found = format!("is {} and counts nothing", shown(&found.type_text));
            fit.misfits.push(misfit(found, "make it `integer primary key`"));
        } else {
            fit.notes
                .push(refusal(table, name, "not counted by the database", table));
        }
    } else if needed.is_nullable && !found.is_nullable && !found.is_filled {
        let without = format!("{table} without {name}");
        fit.notes.push(refusal(
            table,
            name,
            "not allowed to be null, and has no default",
            &without,
        ));
    }
}

fn missing(engine: Engine, column: &StepColumn) -> Misfit {
    let StepColumn {
        table,
        name,
        definition,
        ..
    } = column;
    let has_capital = table.contains(|c: char| c.is_ascii_uppercase());
    let quote = if has_capital && engine != Engine::MySql {
        "\""
    } else {
        ""
    };
    Misfit {
        table: table.clone(),
        column: name.clone(),
        found: "is missing".to_owned(),
        needed: type_of(definition).to_owned(),
        remedy: format!("alter table {quote}{table}{quote} add column {name} {definition}"),
    }
}

fn refusal(table: &str, column: &str, is: &str, what: &str) -> String {
    let sign_ups = if table == "users" { ", sign-ups too" } else { "" };
    format!("{table}.{column} is {is}: new {what} will be refused{sign_ups}")
}

/// A type without its constraints.
fn type_of(definition: &str) -> &str {
    let words = [
        " not null",
        " primary key",
        " unique",
        " references",
        " default",
        " check",
        " auto_increment",
    ];
    let end = words.iter().filter_map(|word| definition.find(word)).min();
    &definition[..end.unwrap_or(definition.len())]
}

fn shown(type_text: &str) -> &str {
    if type_text.is_empty() { "of no type" } else { type_text }
}

/// The one place for columns that are served as an older version of an original had them.
///
/// Flask-Scaffold 0.6 had `users.active` as a boolean (`app/users/models.py` of its tag 0.6.2).
fn is_served_otherwise(needed: &StepColumn, found: &TableColumn) -> bool {
    (needed.table.as_str(), needed.name.as_str()) == ("users", "active") && found.class == Class::Boolean
}

/// Whether statements that read and write values of the class `needed` can be run on a column of the class `found`.
///
/// PostgreSQL refuses other classes, but for a few that it converts by itself; `coalesce(?, column)` is the strictest
/// of our statements. The others take nearly everything, and would store some of it otherwise than it was sent: an
/// integer column makes 7 of `007`.
fn accepts(engine: Engine, needed: Class, found: Class) -> bool {
    use Class::{Any, Boolean, Date, DateTime, Decimal, Float, Integer, Json, Text, Uuid};
    if needed == found || needed == Any {
        return true;
    }
    let is_number = matches!((needed, found), (Decimal, Float) | (Float, Decimal));
    let is_converted = is_number || (needed, found) == (Date, DateTime);
    match engine {
        Engine::Postgres => is_converted,
        Engine::MySql => {
            is_converted
                || matches!(
                    (needed, found),
                    (Integer, Boolean) | (Boolean, Integer) | (Decimal | Json | Uuid, Text)
                )
        }
        // Its columns hold anything, and a declared type says what is converted on the way in.
        Engine::Sqlite => {
            is_converted
                || found == Any
                || matches!(
                    (needed, found),
                    (Integer, Boolean)
                        | (Boolean, Integer)
                        | (Decimal | DateTime | Date | Json | Uuid, Text)
                        | (Date, DateTime)
                        | (Text, Json | Uuid)
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(name: &str, class: Class, is_nullable: bool) -> StepColumn {
        StepColumn {
            table: "posts".to_owned(),
            name: name.to_owned(),
            class,
            is_nullable,
            is_added: false,
            definition: "varchar(250) not null unique".to_owned(),
        }
    }

    fn found(table: &str, name: &str, class: Class) -> TableColumn {
        TableColumn {
            table: table.to_owned(),
            name: name.to_owned(),
            class,
            type_text: format!("{class:?}").to_lowercase(),
            is_nullable: false,
            is_filled: false,
            is_generated: false,
            max_chars: None,
        }
    }

    fn compared(engine: Engine, needed: &StepColumn, found: &[TableColumn]) -> (Vec<String>, Vec<String>) {
        let fit = compare(engine, &[needed], &Catalogue::new(engine, found.to_vec()));
        (fit.misfits.iter().map(Misfit::to_string).collect(), fit.notes)
    }

    const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::MySql];

    #[test]
    fn the_same_class_suits_everywhere_and_others_where_the_engine_takes_them() {
        use Class::{Any, Boolean, Date, DateTime, Decimal, Float, Integer, Json, Other, Text, Uuid};
        let classes = [
            Integer, Boolean, Text, DateTime, Date, Decimal, Float, Json, Uuid, Any, Other,
        ];
        let everywhere = [(Decimal, Float), (Float, Decimal), (Date, DateTime)];
        let numbers = [(Integer, Boolean), (Boolean, Integer)];
        let texts = [(Decimal, Text), (Json, Text), (Uuid, Text)];
        let of_sqlite = [(DateTime, Text), (Date, Text), (Text, Json), (Text, Uuid)];
        for engine in ENGINES {
            for (need, have) in classes
                .iter()
                .flat_map(|need| classes.iter().map(move |have| (*need, *have)))
            {
                let pair = (need, have);
                let expected = need == have
                    || need == Any
                    || everywhere.contains(&pair)
                    || engine != Engine::Postgres && (numbers.contains(&pair) || texts.contains(&pair))
                    || engine == Engine::Sqlite && (have == Any || of_sqlite.contains(&pair));
                assert_eq!(
                    accepts(engine, need, have),
                    expected,
                    "{engine:?}: {need:?} in {have:?}"
                );
                let (misfits, _) = compared(engine, &needed("title", need, false), &[found("posts", "title", have)]);
                assert_eq!(misfits.is_empty(), expected, "{engine:?}: {misfits:?}");
            }
        }
    }

    #[test]
    fn a_misfit_says_what_is_there_what_is_needed_and_what_to_do() {
        for engine in ENGINES {
            let title = needed("title", Class::Text, false);
            let (misfits, notes) = compared(engine, &title, &[found("posts", "headline", Class::Text)]);
            assert_eq!(
                misfits,
                [
                    "posts.title is missing; needed is varchar(250): alter table posts add column title varchar(250) not \
                  null unique"
                ]
            );
            assert_eq!(
                notes,
                [
                    "posts.headline is text, may not be null and has no default, and nothing here fills it: new posts \
                  will be refused"
                ]
            );
            let of_songs = StepColumn {
                table: "mp3S".to_owned(),
                ..title.clone()
            };
            let (misfits, _) = compared(engine, &of_songs, &[found("mp3S", "id", Class::Integer)]);
            let table = if engine == Engine::MySql { "mp3S" } else { "\"mp3S\"" };
            assert!(misfits[0].ends_with(&format!(
                "alter table {table} add column title varchar(250) not null unique"
            )));
            let (misfits, notes) = compared(engine, &title, &[found("posts", "title", Class::Integer)]);
            assert_eq!(
                misfits,
                ["posts.title is integer; needed is varchar(250): change its type, or do not serve this table"]
            );
            assert!(notes.is_empty());
            let mut computed = found("posts", "title", Class::Text);
            computed.is_generated = true;
            let (misfits, _) = compared(engine, &title, &[computed]);
            assert!(misfits[0].contains("is computed by the database"), "{misfits:?}");
        }
    }

    #[test]
    fn what_always_refuses_a_request_is_noted() {
        for engine in ENGINES {
            let note = needed("note", Class::Text, true);
            let mut column = found("posts", "note", Class::Text);
            let (misfits, notes) = compared(engine, &note, &[column.clone()]);
            assert_eq!(
                (misfits.len(), notes),
                (
                    0,
                    vec![
                        "posts.note is not allowed to be null, and has no default: new posts without note will be \
                         refused"
                            .to_owned()
                    ]
                )
            );
            column.is_filled = true;
            assert_eq!(compared(engine, &note, &[column.clone()]), (vec![], vec![]));
            (column.is_filled, column.is_nullable) = (false, true);
            assert_eq!(compared(engine, &note, &[column]), (vec![], vec![]));
        }
    }

    #[test]
    fn what_reads_null_where_we_never_wrote_it_is_served() {
        let mut column = found("posts", "title", Class::Text);
        column.is_nullable = true;
        for engine in ENGINES {
            let fit = compared(engine, &needed("title", Class::Text, false), &[column.clone()]);
            assert_eq!(fit, (vec![], vec![]));
        }
    }

    #[test]
    fn an_id_that_nobody_counts_adds_no_rows() {
        for engine in ENGINES {
            let (misfits, notes) = compared(
                engine,
                &needed("id", Class::Integer, false),
                &[found("posts", "id", Class::Integer)],
            );
            assert_eq!(
                (misfits.len(), notes.len()),
                if engine == Engine::Sqlite { (1, 0) } else { (0, 1) }
            );
            let mut counted = found("posts", "id", Class::Integer);
            counted.is_filled = true;
            assert_eq!(
                compared(engine, &needed("id", Class::Integer, false), &[counted]),
                (vec![], vec![])
            );
        }
    }

    #[test]
    fn the_boolean_of_an_older_version_is_served() {
        let active = StepColumn {
            table: "users".to_owned(),
            ..needed("active", Class::Integer, false)
        };
        for engine in ENGINES {
            assert_eq!(
                compared(engine, &active, &[found("users", "active", Class::Boolean)]),
                (vec![], vec![])
            );
            let (misfits, _) = compared(engine, &active, &[found("users", "active", Class::Text)]);
            assert_eq!(misfits.len(), 1);
        }
    }

    #[test]
    fn a_table_that_is_not_there_is_not_compared() {
        let others = [found("comments", "title", Class::Integer)];
        assert_eq!(
            compared(Engine::Postgres, &needed("title", Class::Text, false), &others),
            (vec![], vec![])
        );
    }

    #[test]
    fn types_are_named_without_their_constraints() {
        for (definition, named) in [
            ("varchar(250) not null unique", "varchar(250)"),
            ("serial primary key", "serial"),
            ("double precision", "double precision"),
            ("integer references users (id) on delete set null", "integer"),
            ("datetime(6) not null default current_timestamp(6)", "datetime(6)"),
            ("integer not null auto_increment primary key", "integer"),
        ] {
            assert_eq!(type_of(definition), named);
        }
    }
}
