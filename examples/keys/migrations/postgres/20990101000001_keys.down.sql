-- Drops all.
drop table notes;
drop table people;
drop table gadgets;
drop table tags;
