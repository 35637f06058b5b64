-- The days and the stages, activities and measures of `due_facts`.
create or replace temp table due_days as
select day from due_facts where day is not null group by day;

create or replace temp table due_names as
select name from due_facts group by name;
