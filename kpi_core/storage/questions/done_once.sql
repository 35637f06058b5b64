-- Whether it has happened already.
select count(*) > 0
from once
where what = $what;
