-- The attributes and numbers of a batch, as they came.
insert into attributes
select $import_id, b.line, n.lead_id, b.name, b.value
from batch_attributes b
join batch_leads n on n.lead = b.lead
where b.value is not null;

insert into counts
select $import_id, line, $source, stage, cast(day as date), channel, "count"
from batch_counts
where "count" is not null;

insert into measures
select $import_id, line, $source, measure, cast(day as date), channel, value
from batch_measures
where value is not null;
