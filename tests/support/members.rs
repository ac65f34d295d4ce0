//! Tables of apps whose users have the further columns of `users_app.rs`, in the words of each engine and profile.

pub use super::program::members;
use super::sql::{Engine, run_sql};

/// Half of the columns may be null, a few have a default, and some have neither.
const FURTHER: &str = "
    phone_number VARCHAR(250),
    company VARCHAR(40) NOT NULL,
    badge INTEGER NOT NULL UNIQUE,
    website VARCHAR(250),
    'isAdmin' BOOL DEFAULT FALSE NOT NULL,
    'lastSeen' TIMESTAMP_,
    birthday DATE,
    'order' INTEGER NOT NULL,
    plan VARCHAR(20) NOT NULL,
    pin VARCHAR(250),
    bio TEXT,
    backup_email VARCHAR(250),
    balance NUMERIC(20, 4),
    score DOUBLE PRECISION,
    visits BIGINT DEFAULT 0 NOT NULL,
    prefs JSON,
    'externalId' UUID,
    newsletter INTEGER,
    age INTEGER,
    note TEXT,
    invited_with VARCHAR(250),
    locale VARCHAR(10) DEFAULT ~en~ NOT NULL,
    city VARCHAR(250),
    title VARCHAR(250)";

/// Makes the tables of a profile's app, with the further columns.
pub fn create(url: &str, profile: &str) {
    create_with(url, profile, "active INTEGER NOT NULL");
}

/// As [`create`], with another column in place of Flask-Scaffold 1.0's `active`.
pub fn create_with(url: &str, profile: &str, active: &str) {
    let core = match profile {
        "tutorial" => "is_enabled BOOL NOT NULL",
        "scaffold-1.0" => {
            "ACTIVE_, creation_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
             role VARCHAR(250) REFERENCES roles (name)"
        }
        _ => {
            "createddate TIMESTAMP_, createdby VARCHAR(250) NOT NULL, updateddate TIMESTAMP_ NOT NULL,
             updatedby VARCHAR(250) NOT NULL"
        }
    };
    let roles = "CREATE TABLE roles (id SERIAL, name VARCHAR(250) UNIQUE, description VARCHAR(250));";
    let tables = format!(
        "{}CREATE TABLE users (id SERIAL, email VARCHAR(250) NOT NULL UNIQUE, password VARCHAR(250) NOT NULL,
         name VARCHAR(250) NOT NULL, {core}, {});",
        if profile == "scaffold-1.0" { roles } else { "" },
        FURTHER.replace('\'', "\"").replace('~', "'")
    );
    let [serial, moment, uuid] = match Engine::of(url) {
        Engine::Sqlite => ["INTEGER NOT NULL PRIMARY KEY", "DATETIME", "CHAR(36)"],
        Engine::Postgres => ["SERIAL PRIMARY KEY", "TIMESTAMP", "UUID"],
        Engine::MySql => ["INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY", "DATETIME(6)", "CHAR(36)"],
    };
    let tables = tables
        .replace("ACTIVE_", active)
        .replace("SERIAL", serial)
        .replace("TIMESTAMP_", moment)
        .replace(" UUID", &format!(" {uuid}"));
    run_sql(
        url,
        &match Engine::of(url) {
            Engine::MySql => tables.replace('"', "`"),
            Engine::Sqlite | Engine::Postgres => tables,
        },
    );
}
