-- The tables of Flask-Scaffold 1.0 and of the recorded resources, as SQLAlchemy makes them on MySQL and MariaDB.
-- Two types are wider than SQLAlchemy's, as of a team that wants its rows to survive: DATETIME drops microseconds and
-- NUMERIC all digits after the point. DECIMAL(65, 30) still fills up with zeros; no number type of MySQL keeps a scale.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE roles (
	id INTEGER NOT NULL AUTO_INCREMENT,
	name VARCHAR(250),
	description VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (name)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE users (
	id INTEGER NOT NULL AUTO_INCREMENT,
	email VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	name VARCHAR(250) NOT NULL,
	active INTEGER NOT NULL,
	creation_time DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	role VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (email),
	FOREIGN KEY(role) REFERENCES roles (name)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE posts (
	id INTEGER NOT NULL AUTO_INCREMENT,
	tittle VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author VARCHAR(250) NOT NULL,
	creation_date DATE NOT NULL,
	published INTEGER NOT NULL,
	PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE comments (
	id INTEGER NOT NULL AUTO_INCREMENT,
	author VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author_url VARCHAR(250) NOT NULL,
	created_on DATE NOT NULL,
	approved INTEGER NOT NULL,
	PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE authors (
	id INTEGER NOT NULL AUTO_INCREMENT,
	name VARCHAR(250) NOT NULL,
	profile TEXT NOT NULL,
	url VARCHAR(250) NOT NULL,
	PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE specimens (
	id INTEGER NOT NULL AUTO_INCREMENT,
	a_string VARCHAR(250) NOT NULL,
	a_text TEXT NOT NULL,
	an_integer INTEGER NOT NULL,
	a_big BIGINT NOT NULL,
	a_bool INTEGER NOT NULL,
	an_email VARCHAR(250) NOT NULL,
	a_url VARCHAR(250) NOT NULL,
	a_datetime DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	a_date DATE NOT NULL,
	a_decimal DECIMAL(65, 30) NOT NULL,
	PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
