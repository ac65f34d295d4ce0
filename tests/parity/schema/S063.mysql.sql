-- The tables of Flask-Scaffold 0.6.3, as its db.create_all() makes them on MySQL and MariaDB.
-- Times have six digits here, as in the recording on PostgreSQL; those of SQLAlchemy's tables have none.

CREATE TABLE roles (
	id INTEGER NOT NULL AUTO_INCREMENT,
	name VARCHAR(250),
	description VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (name)
);

CREATE TABLE users (
	id INTEGER NOT NULL AUTO_INCREMENT,
	email VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	name VARCHAR(250) NOT NULL,
	active INTEGER NOT NULL,
	creation_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	modification_time TIMESTAMP(6) NULL,
	role VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (email),
	FOREIGN KEY(role) REFERENCES roles (name)
);
