-- How many numbers an import states that are new, changed and unchanged. Reads new_numbers and
-- current_numbers.
with stated as (
    select distinct is_stage, name, day, channel from new_numbers
),
judged as (
    select
        case
            when b.name is null then 'new'
            when a.name is null or a.value <> b.value then 'changed'
            else 'unchanged'
        end as news
    from stated s
    left join current_numbers b
        on b.side = 0 and b.is_stage = s.is_stage and b.name = s.name and b.day = s.day
        and b.channel = s.channel
    left join current_numbers a
        on a.side = 1 and a.is_stage = s.is_stage and a.name = s.name and a.day = s.day
        and a.channel = s.channel
)
select
    coalesce(sum(case when news = 'new' then 1 else 0 end), 0) as new,
    coalesce(sum(case when news = 'changed' then 1 else 0 end), 0) as changed,
    coalesce(sum(case when news = 'unchanged' then 1 else 0 end), 0) as unchanged
from judged
