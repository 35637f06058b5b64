-- How many leads have a field or an attribute, how many a number in it, and the smallest and largest.
-- Reads current_rows.
select
    count(distinct key) as leads,
    count(distinct case when number is not null then key end) as numbers,
    min(number) as least,
    max(number) as most
from (
    select key, {number} as number
    from current_rows
    where side = 1 and trim({column}) <> ''
) v
