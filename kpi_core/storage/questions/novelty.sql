-- What an import says against what stood before: facts new, changed and unchanged, attributes that
-- differ, undated stages, leads unknown so far, and its newest fact that is not in the future.
with facts as (
    select news, occurred_at, cast(occurred_at as date) as day,
        stage is not null and occurred_at is null as is_undated
    from incoming_events
    union all
    select news, null, day, false from incoming_numbers
)
select
    count(case when news = 'new' then 1 end),
    count(case when news = 'changed' then 1 end),
    count(case when news = 'unchanged' then 1 end),
    (select count(*) from incoming_attributes where news <> 'unchanged'),
    count(case when is_undated then 1 end),
    (
        select count(*) from numbered_leads n
        where n.has_events
          and not exists (select 1 from known_events k where k.lead_id = n.lead_id)
    ),
    max(case when coalesce(occurred_at <= $now, day <= cast($now as date)) then day end)
from facts;
