-- What is current of each lead: one row per stage reached, renewal and activity.
-- Reads said_events (what imports say), imports (how each is to be read) and stages. Rows of
-- different `side` are states that are compared; they never meet.
with said as (
    select
        e.side, e.key, e.import_id, e.line, e.stage, e.occurred_at, e.withdrawn, e.amount,
        e.quality, e.channel, e.campaign, e.owner, e.account,
        i.sequence, i.mapping, i.only_mapping, i.continues, i.follows, i.first_event,
        s.kind, s.slot, s.position,
        case when s.kind in ('repeating', 'activity')
            then coalesce(e.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment,
        case when i.continues and e.occurred_at is not null then e.occurred_at else i.through end
            as said_at,
        cast(i.sequence as decimal(38, 0)) * 4294967296 - e.line as said_order,
        e.withdrawn and (s.kind <> 'outcome' or (i.continues and e.occurred_at is null))
            as takes_back
    from said_events e
    join imports i on i.import_id = e.import_id
    join stages s on s.stage = e.stage
),
-- A correction takes back all that was said of a stage before it.
taken_back as (
    select side, key, stage, moment, max(sequence) as sequence
    from said
    where takes_back
    group by side, key, stage, moment
),
-- A history replaces what older ones of its mapping say of the stages that it names, from its
-- first event on.
renewed_histories as (
    select distinct side, key, stage, mapping, sequence, first_event
    from said
    where follows
),
valid as (
    select a.*
    from said a
    left join taken_back t
        on t.side = a.side and t.key = a.key and t.stage = a.stage and t.moment = a.moment
    left join renewed_histories h
        on a.continues
        and h.side = a.side
        and h.key = a.key
        and h.stage = a.stage
        and h.mapping = a.mapping
        and h.sequence > a.sequence
        and h.first_event <= a.occurred_at
    where not a.takes_back
      and (t.sequence is null or a.sequence >= t.sequence)
      and h.sequence is null
),
-- Within a mapping the newest date of a stage counts; of events that carry their own time the first.
dated as (
    select
        side, key, stage, moment, mapping, only_mapping,
        case when max(case when continues then 1 else 0 end) = 1 then min(occurred_at)
            else max_by(occurred_at, case when occurred_at is not null then sequence end)
        end as occurred_at
    from valid
    where kind <> 'outcome'
    group by side, key, stage, moment, mapping, only_mapping
),
-- Across mappings the earliest.
reached as (
    select side, key, stage, moment, occurred_at
    from dated
    where only_mapping
    union all
    select side, key, stage, moment, min(occurred_at)
    from dated
    where not only_mapping
    group by side, key, stage, moment
),
closed as (
    select side, key, slot, min(said_at) as since, min(position) as position
    from valid
    where kind = 'outcome'
    group by side, key, slot
),
-- An outcome is what the newest statement says; an earlier stage dated after it reopens the deal.
outcomes as (
    select
        side, key, slot, stage, withdrawn, occurred_at, amount, quality, said_at, sequence,
        position, line
    from valid
    where kind = 'outcome'
    union all
    select
        v.side, v.key, c.slot, v.stage, true, v.occurred_at, null, null, v.said_at, v.sequence,
        v.position, v.line
    from valid v
    join closed c on c.side = v.side and c.key = v.key
    where v.kind = 'lead'
      and c.position = (select min(position) from stages where kind = 'outcome')
      and v.continues
      and v.occurred_at > c.since
),
ranked as (
    select
        *,
        row_number() over (
            partition by side, key, slot
            order by
                said_at desc nulls last, sequence desc, position desc, withdrawn,
                occurred_at nulls last, line desc
        ) as place
    from outcomes
),
ended as (
    select side, key, stage, timestamp '1900-01-01 00:00:00' as moment, occurred_at, amount, quality
    from ranked
    where place = 1 and not withdrawn
),
-- The newest that was stated beside a stage: blanks say nothing. Of one import the first line.
stated as (
    select
        side, key, stage, moment,
        max_by(amount, case when amount is not null then said_order end) as amount,
        max_by(quality, case when quality is not null then said_order end) as quality,
        max_by(channel, case when channel is not null then said_order end) as channel,
        max_by(campaign, case when campaign is not null then said_order end) as campaign,
        max_by(owner, case when owner is not null then said_order end) as owner,
        max_by(account, case when account is not null then said_order end)
            as account,
        max_by(
            occurred_at,
            case when kind = 'outcome' and occurred_at is not null then said_order end
        ) as occurred_at
    from valid
    where not withdrawn
      and (
        amount is not null or quality is not null or channel is not null
        or campaign is not null or owner is not null or account is not null
        or kind = 'outcome'
      )
    group by side, key, stage, moment
)
select
    r.side, r.key, r.stage, r.occurred_at, s.amount, s.quality, s.channel, s.campaign, s.owner,
    s.account
from reached r
left join stated s
    on s.side = r.side and s.key = r.key and s.stage = r.stage and s.moment = r.moment
union all
select
    e.side, e.key, e.stage, coalesce(e.occurred_at, s.occurred_at),
    coalesce(e.amount, s.amount), coalesce(e.quality, s.quality),
    s.channel, s.campaign, s.owner, s.account
from ended e
left join stated s
    on s.side = e.side and s.key = e.key and s.stage = e.stage and s.moment = e.moment
