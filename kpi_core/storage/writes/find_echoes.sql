-- Echoes: rows that say of their lead, and are alone in that, what stands of it in one row already.
-- They are kept by the place of that row. `other_leads` are those the batch says anything else of.
create or replace temp table scattered_leads as
select lead_id
from (
    select lead_id from lead_rows where standing <> 0
    union all
    select lead_id from event_rows where stands
) s
where lead_id in (select lead_id from row_contents)
group by lead_id
having count(*) > 1;

create or replace temp table echoing_rows as
select c.line, c.lead_id, k.import_id as of_import, k.line as of_line
from row_contents c
join lead_rows k on k.lead_id = c.lead_id
where k.standing = stages_said(
    k.lead_at, k.marketing_qualified_at, k.sales_qualified_at, k.opportunity_at, k.won_at,
    k.lost_at, k.renewed_at, k.churned_at, k.undated
  )
  and c.content = hash(
    k.channel, k.campaign, k.owner, k.account, k.lead_at, k.marketing_qualified_at,
    k.sales_qualified_at, k.opportunity_at, k.won_at, k.lost_at, k.renewed_at, k.churned_at,
    k.undated, k.amount, k.amount_stages, k.quality, k.quality_stages
  )
  and c.lead_id not in (select lead_id from scattered_leads)
  and c.lead_id not in (select lead_id from repeated_leads)
  and c.lead_id not in (select lead_id from batch_leads where has_events);

insert into echoes
select $import_id, line, of_import, of_line from echoing_rows;

create or replace temp table other_leads as
select lead_id, has_events, is_new
from batch_leads
where lead_id not in (select lead_id from echoing_rows);
