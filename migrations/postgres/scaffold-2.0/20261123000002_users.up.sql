-- The users table of Flask-Scaffold 2.0 (app/users/models.py).
create table users (
    id serial primary key,
    email varchar(250) not null unique,
    password varchar(250) not null,
    name varchar(250) unique,
    createddate timestamp,
    createdby varchar(250) not null,
    updateddate timestamp not null,
    updatedby varchar(250) not null
);
