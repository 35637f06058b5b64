-- How many leads reached a stage nobody knows when, by stage: as it was, and what has changed.
create or replace temp table undated_now as
select stage, sum(leads) as leads
from (
    select stage, leads from undated
    union all
    select stage, change from undated_changes
) u
group by stage
having sum(leads) <> 0;

delete from undated;

insert into undated
select stage, leads from undated_now;
