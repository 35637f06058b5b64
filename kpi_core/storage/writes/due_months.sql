-- The days on which someone may have become active: those of the business months of the due days.
create or replace temp table tally_days as
select k.day
from kept k
where k.activity = $name
  and business_month(k.day, $closing_day) in (
    select business_month(day, $closing_day) from due_days
)
group by k.day;

delete from rollup
where tally = $tally
  and business_month(day, $closing_day) in (
    select business_month(day, $closing_day) from due_days
);
