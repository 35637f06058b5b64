-- Whether each line of a file of leads is a lead of its own.
select
    count(*) > 0 and count(distinct line) = count(*) and count(distinct lead) = count(*)
from batch_lead_rows;
