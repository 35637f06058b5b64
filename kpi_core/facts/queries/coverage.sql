-- Up to when each source tells of a stage, an activity or a measure.
select what, name, source, through
from coverage
order by what, name, source
