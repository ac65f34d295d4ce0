-- The tables of Flask-Scaffold 1.0 and of the recorded resources, as SQLAlchemy makes them on SQLite.
-- NUMERIC holds about 15 digits here and drops zeros at the end: it turns numbers into floats, as SQLAlchemy does.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL
);

CREATE TABLE roles (
	id INTEGER NOT NULL,
	name VARCHAR(250),
	description VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (name)
);

CREATE TABLE users (
	id INTEGER NOT NULL,
	email VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	name VARCHAR(250) NOT NULL,
	active INTEGER NOT NULL,
	creation_time DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
	role VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (email),
	FOREIGN KEY(role) REFERENCES roles (name)
);

CREATE TABLE posts (
	id INTEGER NOT NULL,
	tittle VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author VARCHAR(250) NOT NULL,
	creation_date DATE NOT NULL,
	published INTEGER NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE comments (
	id INTEGER NOT NULL,
	author VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author_url VARCHAR(250) NOT NULL,
	created_on DATE NOT NULL,
	approved INTEGER NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE authors (
	id INTEGER NOT NULL,
	name VARCHAR(250) NOT NULL,
	profile TEXT NOT NULL,
	url VARCHAR(250) NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE specimens (
	id INTEGER NOT NULL,
	a_string VARCHAR(250) NOT NULL,
	a_text TEXT NOT NULL,
	an_integer INTEGER NOT NULL,
	a_big BIGINT NOT NULL,
	a_bool INTEGER NOT NULL,
	an_email VARCHAR(250) NOT NULL,
	a_url VARCHAR(250) NOT NULL,
	a_datetime DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
	a_date DATE NOT NULL,
	a_decimal NUMERIC NOT NULL,
	PRIMARY KEY (id)
);
