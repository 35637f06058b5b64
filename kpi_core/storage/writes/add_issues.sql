-- What was found wrong while the file was read.
insert into import_issues
select $import_id, code, line, "column", "value", severity
from batch_issues;
