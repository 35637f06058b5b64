-- Up to when each source tells of a stage, an activity or a measure, and the weeks of its imports.
select what, name, source, through
from coverage
order by what, name, source
