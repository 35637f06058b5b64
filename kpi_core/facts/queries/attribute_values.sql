-- How many leads have each value of a field or an attribute, the most frequent first.
-- Reads current_rows.
select value, count(*) as leads
from (
    select distinct key, {column} as value
    from current_rows
    where side = 1 and trim({column}) <> ''
) v
group by value
order by leads desc, value
limit 1000
