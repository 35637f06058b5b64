-- Who did what, newest first.
select done_at, done_by, action, subject, detail
from audit
order by entry desc
limit $limit;
