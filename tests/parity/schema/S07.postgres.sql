-- The tables of Flask-Scaffold 0.7, as its db.create_all() makes them on PostgreSQL.

CREATE TABLE roles (
	id SERIAL NOT NULL,
	name VARCHAR(250),
	description VARCHAR(250),
	PRIMARY KEY (id),
	UNIQUE (name)
);

CREATE TABLE users (
	id SERIAL NOT NULL,
	email VARCHAR(250) NOT NULL,
	password VARCHAR(250) NOT NULL,
	name VARCHAR(250) NOT NULL,
	active INTEGER NOT NULL,
	creation_time TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
	role VARCHAR(250),
	PRIMARY KEY (id),
	FOREIGN KEY(role) REFERENCES roles (name)
);
