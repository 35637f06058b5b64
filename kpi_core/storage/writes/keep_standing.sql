-- The touched leads' rows of `kept`, as `standing_events` has them. An event without a channel of
-- its own has its lead's: that of the earliest event that has one.
create or replace temp table lead_channels as
with needy as (
    select distinct lead_id
    from standing_events
    where channel is null and lead_id in (select lead_id from touched)
),
ranked as (
    select e.lead_id, e.channel, row_number() over (
        partition by e.lead_id
        order by e.occurred_at nulls last, s.place nulls last, e.stage, e.activity, e.channel
    ) as place
    from standing_events e
    left join stages s on s.stage = e.stage
    where e.channel is not null and e.lead_id in (select lead_id from needy)
)
select lead_id, channel from ranked where place = 1;

-- The days on which anything may count otherwise than before.
insert into due_days
select d.day
from (
    select day from known_events where lead_id in (select lead_id from touched)
    union
    select cast(occurred_at as date)
    from standing_events where lead_id in (select lead_id from touched)
) d
where d.day is not null and d.day not in (select day from due_days);

-- The stages, activities and measures that it is about.
create or replace temp table due_names as
select coalesce(stage, activity) as name
from known_events where lead_id in (select lead_id from touched)
union
select coalesce(stage, activity)
from standing_events where lead_id in (select lead_id from touched)
union
select name from due_numbers;

delete from kept using touched t where t.lead_id = kept.lead_id;

insert into kept
select
    e.source, e.lead_id, e.stage, e.activity, e.occurred_at, cast(e.occurred_at as date),
    coalesce(e.channel, c.channel), e.channel, e.campaign, e.owner, e.account, e.amount, e.quality
from standing_events e
left join lead_channels c on c.lead_id = e.lead_id
where e.lead_id in (select lead_id from touched);
