-- Every day on which anything counts.
create or replace temp table due_days as
select day from kept where day is not null
union
select day from kept_numbers;
