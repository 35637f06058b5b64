-- Leads that reached a stage nobody knows when.
select coalesce(sum(leads), 0)
from undated
where stage = $stage;
