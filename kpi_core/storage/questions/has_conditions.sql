-- Whether any due tally has a condition.
select exists (select 1 from due_conditions);
