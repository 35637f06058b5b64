-- A plan's next revision.
insert into revisions
select
    coalesce(max(entry), 0) + 1, $plan, $revision, $effective_from, $document, $saved_by, $reason,
    $saved_at
from revisions;
