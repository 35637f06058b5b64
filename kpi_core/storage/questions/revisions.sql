-- A plan's revisions, oldest first.
select revision, effective_from, document, saved_by, reason, saved_at
from revisions
where plan = $plan
order by revision;
