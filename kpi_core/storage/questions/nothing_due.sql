-- Whether no day is due to be rolled up.
select not exists (select 1 from due_days);
