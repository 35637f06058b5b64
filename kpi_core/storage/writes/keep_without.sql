-- What stands without an import that is marked undone: the newest statements of the others.
create or replace temp table touched as
select lead_id from lead_rows where import_id = $import_id and standing <> 0
union
select lead_id from event_rows where import_id = $import_id and (stands or withdrawn)
union
select lead_id from attributes where import_id = $import_id;

create or replace temp table known_facts as
select lead_id, stage, activity, day
from kept
where lead_id in (select lead_id from touched);

-- Of leads of which nothing else is said it is enough that the import's marks go.
create or replace temp table shared_leads as
select lead_id
from lead_rows
where lead_id in (select lead_id from touched)
  and import_id not in (select import_id from imports where undone_at is not null)
union
select lead_id
from event_rows
where lead_id in (select lead_id from touched)
  and import_id not in (select import_id from imports where undone_at is not null);

-- The masks of what counts in the rows of leads that are known by rows only.
create or replace temp table row_marks as
with said as (
    select
        import_id, line, lead_id,
        stages_said(
            lead_at, marketing_qualified_at, sales_qualified_at, opportunity_at, won_at, lost_at,
            renewed_at, churned_at, 0
        ) as dated,
        undated
    from lead_rows
    where lead_id in (select lead_id from shared_leads)
      and import_id not in (select import_id from imports where undone_at is not null)
      and lead_id not in (
        select lead_id from event_rows
        where lead_id in (select lead_id from shared_leads)
          and import_id not in (select import_id from imports where undone_at is not null)
    )
),
with_newer as (
    select
        s.*,
        count(*) over (partition by lead_id, import_id) as rows_of_import,
        bit_or(dated) over (partition by lead_id) as ever_dated,
        coalesce(bit_or(dated) over (
            partition by lead_id order by import_id desc
            rows between unbounded preceding and 1 preceding
        ), 0) as dated_since,
        coalesce(bit_or(undated) over (
            partition by lead_id order by import_id desc
            rows between unbounded preceding and 1 preceding
        ), 0) as undated_since
    from said s
)
select
    import_id, line, lead_id, rows_of_import,
    (dated & ~dated_since) | (undated & ~ever_dated & ~undated_since) as standing
from with_newer;

-- Leads of which one row is to stand alone; what stands of all others is found event by event.
create or replace temp table plain_leads as
select lead_id
from row_marks
group by lead_id
having max(rows_of_import) = 1 and count(case when standing <> 0 then 1 end) = 1;

create or replace temp table restored_rows as
select
    r.import_id, r.line, r.source, r.lead_id, r.channel, r.campaign, r.owner, r.account, r.lead_at,
    r.marketing_qualified_at, r.sales_qualified_at, r.opportunity_at, r.won_at, r.lost_at,
    r.renewed_at, r.churned_at, r.undated, r.amount, r.amount_stages, r.quality, r.quality_stages,
    m.standing, cast(null as varchar) as inherited
from row_marks m
join lead_rows r on r.import_id = m.import_id and r.line = m.line and r.lead_id = m.lead_id
where m.standing <> 0 and m.lead_id in (select lead_id from plain_leads);

create or replace temp table mixed_leads as
select lead_id
from shared_leads
where lead_id not in (select lead_id from plain_leads);

create or replace temp table statements as
select e.*
from events e
where e.lead_id in (select lead_id from mixed_leads)
  and e.import_id not in (select import_id from imports where undone_at is not null);

-- A withdrawal takes back what older imports say of the stage, and what its own says up to its
-- moment; without a moment, all of it. The newest import that has one counts.
create or replace temp table taken_back as
with ranked as (
    select
        lead_id, stage, import_id, max(occurred_at) as until,
        max(case when occurred_at is null then 1 else 0 end) = 1 as wholly,
        row_number() over (partition by lead_id, stage order by import_id desc) as place
    from statements
    where withdrawn
    group by lead_id, stage, import_id
)
select lead_id, stage, import_id, until, wholly from ranked where place = 1;

-- Of what is left the newest import counts, those with a date before those without, and in one
-- import the earliest.
create or replace temp table restored_events as
with ranked as (
    select e.*, row_number() over (
        partition by
            e.lead_id, e.stage, e.activity,
            case when e.activity is not null then e.occurred_at end
        order by
            case when e.stage is not null and e.occurred_at is null then 1 else 0 end,
            e.import_id desc, e.occurred_at nulls last, e.line
    ) as place
    from statements e
    left join taken_back t on t.lead_id = e.lead_id and t.stage = e.stage
    where not e.withdrawn
      and (
        t.lead_id is null
        or e.import_id > t.import_id
        or (e.import_id = t.import_id and not t.wholly and e.occurred_at > t.until)
    )
)
select * from ranked where place = 1;

create or replace temp table standing_events as
select line, lead_id, stage, activity, occurred_at, channel from restored_events;

update state set leads = leads
    - (select count(distinct lead_id) from known_facts)
    + (select count(distinct lead_id) from restored_events)
    + (select count(*) from restored_rows);

update lead_rows
set standing = 0
where standing <> 0
  and (import_id = $import_id or lead_id in (select lead_id from shared_leads));

update event_rows
set stands = false
where stands
  and (import_id = $import_id or lead_id in (select lead_id from shared_leads));

update lead_rows
set standing = m.standing, inherited = null
from (
    select import_id, line, lead_id, cast(sum(bit) as integer) as standing
    from restored_events
    where bit is not null
    group by import_id, line, lead_id
    union all
    select import_id, line, lead_id, standing from restored_rows
) m
where lead_rows.import_id = m.import_id
  and lead_rows.line = m.line
  and lead_rows.lead_id = m.lead_id;

update event_rows
set stands = true, inherited = null
from restored_events r
where r.bit is null
  and event_rows.import_id = r.import_id
  and event_rows.line = r.line
  and event_rows.lead_id = r.lead_id
  and event_rows.stage is not distinct from r.stage
  and event_rows.activity is not distinct from r.activity
  and event_rows.occurred_at is not distinct from r.occurred_at;

create or replace temp table restored_cells as
select stage, activity, day, count(*) as facts
from (
    select stage, activity, cast(occurred_at as date) as day from restored_events
    union all
    select stage, null, cast(occurred_at as date) from events_of('restored_rows') where stands
) r
group by stage, activity, day;

create or replace temp view undated_changes as
select stage, -1 as change from known_facts where stage is not null and day is null
union all
select stage, facts from restored_cells where stage is not null and day is null;

delete from kept_attributes
using touched t where t.lead_id = kept_attributes.lead_id;

insert into kept_attributes
with ranked as (
    select a.*, row_number() over (
        partition by a.lead_id, a.name order by a.import_id desc, a.line desc, a.value
    ) as place
    from attributes a
    where a.lead_id in (select lead_id from touched)
      and a.import_id not in (select import_id from imports where undone_at is not null)
)
select lead_id, name, value from ranked where place = 1;

create or replace temp table touched_numbers as
select source, stage, cast(null as varchar) as measure, day, channel
from counts where import_id = $import_id
group by source, stage, day, channel
union all
select source, cast(null as varchar), measure, day, channel
from measures where import_id = $import_id
group by source, measure, day, channel;

create or replace temp table due_facts as
select coalesce(stage, activity) as name, day from known_facts
union
select coalesce(stage, activity), day from restored_cells
union
select coalesce(stage, measure), day from touched_numbers;

delete from kept_numbers
using touched_numbers t
where t.source = kept_numbers.source
  and t.day = kept_numbers.day
  and t.stage is not distinct from kept_numbers.stage
  and t.measure is not distinct from kept_numbers.measure
  and t.channel is not distinct from kept_numbers.channel;

insert into kept_numbers
with numbers as (
    select import_id, source, stage, cast(null as varchar) as measure, day, channel, leads as value
    from counts
    union all
    select import_id, source, cast(null as varchar), measure, day, channel, value from measures
),
added_up as (
    select
        n.source, n.stage, n.measure, n.day, n.channel, sum(n.value) as value,
        row_number() over (
            partition by n.source, n.stage, n.measure, n.day, n.channel
            order by n.import_id desc
        ) as place
    from numbers n
    join touched_numbers t
        on t.source = n.source
        and t.day = n.day
        and t.stage is not distinct from n.stage
        and t.measure is not distinct from n.measure
        and t.channel is not distinct from n.channel
    where n.import_id not in (select import_id from imports where undone_at is not null)
    group by n.import_id, n.source, n.stage, n.measure, n.day, n.channel
)
select source, stage, measure, day, channel, value from added_up where place = 1;

-- Whose channels have to be looked at again.
create or replace temp table touched as
select lead_id from mixed_leads;
