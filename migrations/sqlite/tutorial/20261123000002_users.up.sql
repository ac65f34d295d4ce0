-- The users table of the tutorial app (app/users/models.py).
create table users (
    id integer primary key autoincrement,
    email text not null unique,
    name text not null,
    password text not null,
    is_enabled boolean not null default false check (is_enabled in (0, 1))
);
