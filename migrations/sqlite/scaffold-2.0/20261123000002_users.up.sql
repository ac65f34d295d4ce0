-- The users table of Flask-Scaffold 2.0 (app/users/models.py).
create table users (
    id integer primary key autoincrement,
    email text not null unique,
    password text not null,
    name text unique,
    createddate timestamp,
    createdby text not null,
    updateddate timestamp not null,
    updatedby text not null
);
