-- The plans, in the order in which they were first saved.
select plan
from revisions
group by plan
order by min(entry), plan;
