-- The roles and users tables of Flask-Scaffold 1.0 (app/roles/models.py, app/users/models.py).
create table roles (
    id serial primary key,
    name varchar(250) unique,
    description varchar(250)
);

create table users (
    id serial primary key,
    email varchar(250) not null unique,
    password varchar(250) not null,
    name varchar(250) not null,
    active integer not null,
    creation_time timestamp not null default current_timestamp,
    role varchar(250) references roles (name)
);
