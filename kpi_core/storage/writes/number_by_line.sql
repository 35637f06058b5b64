-- New leads of a file of leads, where nothing of its source is known and no lead has two lines:
-- each is numbered by its line.
create or replace temp table last_lead as
select coalesce(max(lead_id), 0) as lead_id from leads;

create or replace temp view numbered_rows as
select b.*, l.lead_id + b.line as lead_id
from batch_lead_rows b
cross join last_lead l;

insert into leads
select lead_id, $source, lead from numbered_rows;

