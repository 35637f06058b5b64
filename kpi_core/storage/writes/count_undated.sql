-- Leads that reached a stage nobody knows when, by stage.
delete from undated;

insert into undated
select stage, count(*)
from kept
where occurred_at is null and stage is not null
group by stage;
