-- Up to when the standing imports of each source tell everything, per stage, activity and measure.
select c.what, c.name, i.source, max(i.data_through)
from coverage c
join imports i on i.import_id = c.import_id
where i.undone_at is null and i.data_through is not null
group by c.what, c.name, i.source
order by c.what, c.name, i.source;
