-- The tables of the tutorial app as SQLAlchemy 1.0 and Alembic 0.7 make them on MySQL and MariaDB.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL
);

CREATE TABLE users (
	id INTEGER NOT NULL AUTO_INCREMENT,
	email VARCHAR(250) NOT NULL,
	name VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	is_enabled BOOL NOT NULL DEFAULT '0',
	PRIMARY KEY (id),
	UNIQUE (email),
	CHECK (is_enabled IN (0, 1))
);
