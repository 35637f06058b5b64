-- What the import speaks of: stages, activities and measures, with the newest day of each.
insert into coverage
select
    $import_id,
    case when stage is not null then 'stage' else 'activity' end,
    coalesce(stage, activity),
    max(day),
    sum(said)
from import_cells
group by case when stage is not null then 'stage' else 'activity' end, coalesce(stage, activity)
union all
select
    $import_id,
    case when stage is not null then 'stage' else 'measure' end,
    coalesce(stage, measure),
    max(day),
    count(*)
from incoming_numbers
group by case when stage is not null then 'stage' else 'measure' end, coalesce(stage, measure);
