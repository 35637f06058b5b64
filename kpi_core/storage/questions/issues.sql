-- What was wrong in an import, by line.
select code, line, column_name, cell, severity
from import_issues
where import_id = $import_id
order by line nulls first, code, column_name, cell
limit $limit;
