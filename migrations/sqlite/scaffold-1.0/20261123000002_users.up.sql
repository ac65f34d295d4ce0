-- The roles and users tables of Flask-Scaffold 1.0 (app/roles/models.py, app/users/models.py).
create table roles (
    id integer primary key autoincrement,
    name text unique,
    description text
);

create table users (
    id integer primary key autoincrement,
    email text not null unique,
    password text not null,
    name text not null,
    active integer not null,
    creation_time timestamp not null default current_timestamp,
    role text references roles (name)
);
