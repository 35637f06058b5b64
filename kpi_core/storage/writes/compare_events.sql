-- What the import says of the open leads, one row per lead and stage and per activity and moment,
-- and how it differs from what stands: new, changed or unchanged.
create or replace temp table open_events as
select e.*
from events e
where (e.stands or e.import_id = $import_id) and e.lead_id in (select lead_id from open_leads);

create or replace temp table said_events as
select * from open_events where import_id = $import_id;

create or replace temp table known_events as
select * from open_events where import_id <> $import_id;

drop table open_events;

-- Up to when the import takes a stage back; without a moment, all that it says of it.
create or replace temp table taken_back as
select
    lead_id, stage, max(occurred_at) as until,
    max(case when occurred_at is null then 1 else 0 end) = 1 as wholly
from said_events
where withdrawn
group by lead_id, stage;

-- Of a lead's events of one stage the earliest counts, an undated one only where none has a date.
-- An undated one does not displace one with a date.
create or replace temp table compared_events as
with ranked as (
    select s.*, row_number() over (
        partition by
            s.lead_id, s.stage, s.activity,
            case when s.activity is not null then s.occurred_at end
        order by s.withdrawn, s.occurred_at nulls last, s.line
    ) as place
    from said_events s
    left join taken_back t on t.lead_id = s.lead_id and t.stage = s.stage
    where s.withdrawn
       or t.lead_id is null
       or (not t.wholly and s.occurred_at > t.until)
)
select
    i.line, i.source, i.lead_id, i.stage, i.activity, i.bit, i.occurred_at, i.channel, i.campaign,
    i.owner, i.account, i.amount, i.quality, i.withdrawn,
    not i.withdrawn
        and (i.occurred_at is not null or i.stage is null or k.occurred_at is null) as counts,
    case
        when i.withdrawn then case when k.lead_id is null then 'unchanged' else 'changed' end
        when k.lead_id is null then 'new'
        when i.occurred_at is null and k.occurred_at is not null then 'unchanged'
        when k.occurred_at is not distinct from i.occurred_at
            and k.channel is not distinct from i.channel
            and k.campaign is not distinct from i.campaign
            and k.owner is not distinct from i.owner
            and k.account is not distinct from i.account
            and k.amount is not distinct from i.amount
            and k.quality is not distinct from i.quality then 'unchanged'
        else 'changed'
    end as news
from ranked i
left join known_events k
    on k.lead_id = i.lead_id
    and k.stage is not distinct from i.stage
    and k.activity is not distinct from i.activity
    and (i.activity is null or k.occurred_at is not distinct from i.occurred_at)
where i.place = 1;

-- What stood of the open leads, and what the import says instead, if anything.
create or replace temp table answered_events as
select k.*, i.news, coalesce(i.counts or i.withdrawn, false) as is_answered
from known_events k
left join compared_events i
    on i.lead_id = k.lead_id
    and i.stage is not distinct from k.stage
    and i.activity is not distinct from k.activity
    and (i.activity is null or i.occurred_at is not distinct from k.occurred_at);

-- Leads of which one row of the file states anew all that stands: that row is to stand by itself.
create or replace temp table restated_leads as
select lead_id
from compared_events
where lead_id not in (select lead_id from answered_events where not is_answered)
group by lead_id
having count(bit) = count(*) and min(line) = max(line);

create or replace temp table incoming_events as
select
    i.*,
    i.counts and (i.news <> 'unchanged' or r.lead_id is not null) as stands
from compared_events i
left join restated_leads r on r.lead_id = i.lead_id;

-- What no longer stands after the import, or stands by its row.
create or replace temp table lost_events as
select *
from answered_events
where news = 'changed' or lead_id in (select lead_id from restated_leads);

-- What stands after the import of the open leads; `line` where the import says so.
create or replace temp table standing_events as
select line, lead_id, stage, activity, occurred_at, channel
from incoming_events
where counts
union all
select null, lead_id, stage, activity, occurred_at, channel
from answered_events
where not is_answered;

create or replace temp table touched as
select lead_id from incoming_events where news <> 'unchanged' group by lead_id;
