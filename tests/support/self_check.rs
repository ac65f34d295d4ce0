//! What the tests stand on, checked itself.

use super::{
    program,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{self, Engine},
};

#[test]
fn a_server_has_a_folder_of_its_own_and_leaves_nothing_behind() {
    let server = Server::start(&ServerConfig::of(program()));
    let (base, dir) = (server.base.clone(), server.dir().to_owned());
    assert!(dir.is_dir());
    assert!(server.output().contains(&base));
    drop(server);
    assert!(!dir.exists(), "{} is still there", dir.display());
    let address = base.trim_start_matches("http://");
    assert!(std::net::TcpStream::connect(address).is_err());
}

const TEST_TABLE: &str = "create table things (id integer primary key, name varchar(9) not null)";

fn check_schema_dump(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = fresh_database(engine, folder.path()) else {
        return;
    };
    assert_eq!(sql::schema_of(&url).trim(), "");
    sql::run_sql(
        &url,
        &format!("{TEST_TABLE}; {}", TEST_TABLE.replace("things", "other")),
    );
    let before = sql::schema_of(&url);
    assert!(before.contains("things") && before.contains("other"), "{before}");

    sql::run_sql(&url, "insert into things (id, name) values (7, 'Zoë 😀'), (8, '')");
    sql::run_sql(&url, "create table poem_scaffold_things (id integer primary key)");
    assert_eq!(sql::schema_of(&url), before, "rows and our tables do not count");
    assert_eq!(
        sql::query(&url, "select id, name, null from things order by id"),
        "7|Zoë 😀|NULL\n8||NULL"
    );

    sql::run_sql(&url, "create index things_name on things (name)");
    assert_ne!(sql::schema_of(&url), before, "an index counts");
}

#[test]
fn a_sqlite_schema_dump_shows_foreign_tables_only() {
    check_schema_dump(Engine::Sqlite);
}

#[test]
fn a_postgres_schema_dump_shows_foreign_tables_only() {
    check_schema_dump(Engine::Postgres);
}

#[test]
fn a_mysql_schema_dump_shows_foreign_tables_only() {
    check_schema_dump(Engine::MySql);
}
