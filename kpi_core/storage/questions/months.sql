-- What an import changed per month, in the order of the funnel.
select m.name, m.month, m.before, m.after
from import_months m
left join stages s on s.stage = m.name
where m.import_id = $import_id
order by coalesce(s.place, 99), m.name, m.month;
