-- The values that meet all of a due tally's conditions on one attribute.
create or replace temp table met_values as
with candidates as (
    select distinct name as attribute, false as of_event, value
    from kept_attributes
    where name in (select attribute from due_conditions where not of_event)
    union all
    select 'channel', true, v.value
    from (select channel as value from kept union select channel from kept_numbers) v
    where exists (select 1 from due_conditions where of_event and attribute = 'channel')
    union all
    select 'campaign', true, v.value from (select distinct campaign as value from kept) v
    where exists (select 1 from due_conditions where of_event and attribute = 'campaign')
    union all
    select 'owner', true, v.value from (select distinct owner as value from kept) v
    where exists (select 1 from due_conditions where of_event and attribute = 'owner')
    union all
    select 'account', true, v.value from (select distinct account as value from kept) v
    where exists (select 1 from due_conditions where of_event and attribute = 'account')
),
met as (
    select c.tally, c.of_event, c.attribute, v.value
    from due_conditions c
    join candidates v on v.attribute = c.attribute and v.of_event = c.of_event
    where v.value is not null
      and case c.operator
        when 'at_least' then as_number(v.value) >= c.number
        when 'at_most' then as_number(v.value) <= c.number
        else (c.operator = 'in') = (folded(v.value) in (
            select folded(w.value) from tally_values w
            where w.tally = c.tally and w.position = c.position
        ))
    end
),
asked as (
    select tally, of_event, attribute, count(*) as conditions
    from due_conditions
    group by tally, of_event, attribute
)
select m.tally, m.of_event, m.attribute, m.value
from met m
join asked a
    on a.tally = m.tally and a.of_event = m.of_event and a.attribute = m.attribute
group by m.tally, m.of_event, m.attribute, m.value, a.conditions
having count(*) = a.conditions;
