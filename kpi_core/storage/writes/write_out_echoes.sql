-- Before an import is undone: of the echoes of one of its rows the oldest that stands becomes a row
-- of its own, and the others echo that one.
create or replace temp table first_echoes as
select of_line, import_id, line
from (
    select *, row_number() over (partition by of_line order by import_id) as place
    from echoes
    where of_import = $import_id
      and import_id not in (select import_id from imports where undone_at is not null)
) e
where place = 1;

insert into lead_rows
select
    e.import_id, e.line, r.source, r.lead_id, r.channel, r.campaign, r.owner, r.account, r.lead_at,
    r.marketing_qualified_at, r.sales_qualified_at, r.opportunity_at, r.won_at, r.lost_at,
    r.renewed_at, r.churned_at, r.undated, r.amount, r.amount_stages, r.quality, r.quality_stages,
    0, null
from first_echoes e
join lead_rows r on r.import_id = $import_id and r.line = e.of_line;

delete from echoes
using first_echoes e
where echoes.import_id = e.import_id and echoes.line = e.line;

update echoes
set of_import = e.import_id, of_line = e.line
from first_echoes e
where echoes.of_import = $import_id and echoes.of_line = e.of_line;
