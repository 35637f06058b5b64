-- The conditions of the due tallies; the values that meet them are looked for where there are any.
create or replace temp table due_conditions as
select c.*
from tally_conditions c
join due_tallies u on u.tally = c.tally;

create or replace temp table met_values (
    tally varchar, of_event boolean, attribute varchar, value varchar
);
