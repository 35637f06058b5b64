-- The tallies of the stages, activities and measures that were touched.
create or replace temp table due_tallies as
select tally
from tallies
where coalesce(stage, name) in (select name from due_names);
