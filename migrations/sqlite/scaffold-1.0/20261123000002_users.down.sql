drop table users;
drop table roles;
