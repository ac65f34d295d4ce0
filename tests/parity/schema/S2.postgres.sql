-- The tables of Flask-Scaffold 2.0 and of the recorded resources, as SQLAlchemy makes them on PostgreSQL.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE users (
	id SERIAL NOT NULL,
	email VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	name VARCHAR(250),
	createddate TIMESTAMP WITHOUT TIME ZONE,
	createdby VARCHAR(250) NOT NULL,
	updateddate TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	updatedby VARCHAR(250) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (email),
	UNIQUE (name)
);

CREATE TABLE posts (
	id SERIAL NOT NULL,
	tittle VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author VARCHAR(250) NOT NULL,
	creation_date TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	published INTEGER NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE comments (
	id SERIAL NOT NULL,
	author VARCHAR(250) NOT NULL,
	body TEXT NOT NULL,
	author_url VARCHAR(250) NOT NULL,
	created_on DATE NOT NULL,
	approved INTEGER NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE authors (
	id SERIAL NOT NULL,
	name VARCHAR(250) NOT NULL,
	profile TEXT NOT NULL,
	url VARCHAR(250) NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE specimens (
	id SERIAL NOT NULL,
	a_string VARCHAR(250) NOT NULL,
	a_text TEXT NOT NULL,
	an_integer INTEGER NOT NULL,
	a_bool INTEGER NOT NULL,
	an_email VARCHAR(250) NOT NULL,
	a_url VARCHAR(250) NOT NULL,
	a_datetime TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	a_date DATE NOT NULL,
	a_decimal NUMERIC NOT NULL,
	PRIMARY KEY (id)
);
