-- The days on which a tally may count otherwise than before.
create or replace temp table tally_days as
select day from due_days;
