-- What is current of each lead: one row per stage reached, renewal and activity.
-- Reads said_events (what imports say), imports (how each is to be read) and stages. Rows of
-- different `side` are states that are compared; they never meet.
with said as (
    select
        e.side, e.key, e.import_id, e.line, e.stage, e.occurred_at, e.withdrawn, e.amount,
        e.quality, e.channel, e.campaign, e.owner, e.account,
        i.sequence, i.mapping, i.only_mapping, i.continues, i.history, i.follows, i.first_event,
        s.kind, s.slot,
        case when s.kind in ('repeating', 'activity')
            then coalesce(e.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment,
        case when i.continues and e.occurred_at is not null then e.occurred_at else i.through end
            as said_at,
        e.withdrawn and e.occurred_at is null and i.continues and not i.history as takes_back,
        row_number() over (
            partition by e.side, e.key
            order by
                i.sequence,
                case when i.continues and e.occurred_at is not null then e.occurred_at
                    else timestamp '1900-01-01 00:00:00'
                end,
                e.line
        ) as said_order
    from said_events e
    join imports i on i.import_id = e.import_id
    join stages s on s.stage = e.stage
),
-- A correction takes back all that was said of a stage before it.
taken_back as (
    select side, key, stage, max(sequence) as sequence
    from said
    where takes_back
    group by side, key, stage
),
dated_anew as (
    select distinct side, key, stage, import_id
    from said
    where not withdrawn and continues and not history
),
-- A history replaces what older ones of its mapping say of the stages that it names, from its
-- first event on.
newer_histories as (
    select distinct side, key, stage, mapping, sequence, first_event
    from said
    where follows
),
valid as (
    select a.*
    from said a
    left join taken_back t on t.side = a.side and t.key = a.key and t.stage = a.stage
    left join dated_anew d
        on a.takes_back
        and d.side = a.side
        and d.key = a.key
        and d.stage = a.stage
        and d.import_id = a.import_id
    where (t.sequence is null or a.sequence >= t.sequence)
      and (not a.takes_back or a.kind = 'outcome')
      and d.import_id is null
      and not exists (
        select 1
        from newer_histories h
        where a.history
          and a.kind <> 'activity'
          and h.side = a.side
          and h.key = a.key
          and h.stage = a.stage
          and h.mapping = a.mapping
          and h.sequence > a.sequence
          and (a.occurred_at is null or h.first_event <= a.occurred_at)
    )
),
-- Within a mapping the newest import's date of a stage counts, of one import the earliest; events
-- carry their own time, and the first counts.
by_import as (
    select
        side, key, stage, moment, mapping, only_mapping, min(occurred_at) as occurred_at,
        case when continues then 0 else sequence end as sequence
    from valid
    where kind <> 'outcome' and not withdrawn
    group by
        side, key, stage, moment, mapping, only_mapping,
        case when continues then 0 else sequence end
),
dated as (
    select
        side, key, stage, moment, mapping, only_mapping,
        max_by(occurred_at, case when occurred_at is not null then sequence end) as occurred_at
    from by_import
    group by side, key, stage, moment, mapping, only_mapping
),
-- Across mappings the earliest. A renewal without a date counts where none is known.
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
dated_stages as (
    select side, key, stage, max(moment) as newest
    from reached
    where occurred_at is not null
    group by side, key, stage
),
counted as (
    select r.*
    from reached r
    left join dated_stages d on d.side = r.side and d.key = r.key and d.stage = r.stage
    where r.occurred_at is not null or d.newest is null
),
-- An outcome is what the newest statement says, unless an earlier stage is dated after it.
outcomes as (
    select
        *,
        row_number() over (
            partition by side, key, slot
            order by
                said_at desc, sequence desc, case when continues then line else 0 end desc,
                case when withdrawn then 0 else 1 end desc,
                coalesce(occurred_at, timestamp '1900-01-01 00:00:00') desc, line desc, stage desc
        ) as place,
        row_number() over (
            partition by side, key, stage, case when withdrawn or occurred_at is null then 0 else 1 end
            order by
                said_at desc, sequence desc, case when continues then line else 0 end desc,
                coalesce(occurred_at, timestamp '1900-01-01 00:00:00') desc, line desc
        ) as place_of_date
    from valid
    where kind = 'outcome'
),
last_stages as (
    select side, key, max(occurred_at) as occurred_at
    from valid
    where kind = 'lead' and continues and not withdrawn
    group by side, key
),
ended as (
    select
        o.side, o.key, o.stage, o.moment, coalesce(o.occurred_at, d.occurred_at) as occurred_at
    from outcomes o
    left join outcomes d
        on d.side = o.side
        and d.key = o.key
        and d.stage = o.stage
        and d.place_of_date = 1
        and not d.withdrawn
        and d.occurred_at is not null
    left join last_stages l on l.side = o.side and l.key = o.key
    where o.place = 1
      and not o.withdrawn
      and (l.occurred_at is null or l.occurred_at <= o.said_at)
),
-- The newest that was stated beside a stage: blanks say nothing.
stated as (
    select
        side, key, stage, moment,
        max_by(amount, case when amount is not null then said_order end) as amount,
        max_by(quality, case when quality is not null then said_order end) as quality,
        max_by(channel, case when channel is not null then said_order end) as channel,
        max_by(campaign, case when campaign is not null then said_order end) as campaign,
        max_by(owner, case when owner is not null then said_order end) as owner,
        max_by(account, case when account is not null then said_order end) as account
    from said
    where not withdrawn
      and (
        amount is not null or quality is not null or channel is not null
        or campaign is not null or owner is not null or account is not null
      )
    group by side, key, stage, moment
),
facts as (
    select side, key, stage, moment, occurred_at from counted
    union all
    select side, key, stage, moment, occurred_at from ended
)
select
    f.side, f.key, f.stage, f.occurred_at, s.amount, s.quality, s.channel, s.campaign, s.owner,
    s.account
from facts f
left join stated s
    on s.side = f.side and s.key = f.key and s.stage = f.stage and s.moment = f.moment
