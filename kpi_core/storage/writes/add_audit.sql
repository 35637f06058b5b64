-- One deed, numbered after the last.
insert into audit
select coalesce(max(entry), 0) + 1, $done_at, $done_by, $action, $subject, $detail
from audit;
