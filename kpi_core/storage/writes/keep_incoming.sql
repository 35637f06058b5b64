-- What stands of attributes and numbers after an import: its own take the place of those of the
-- same key.
delete from kept_attributes
using incoming_attributes i
where i.news = 'changed'
  and kept_attributes.lead_id = i.lead_id
  and kept_attributes.name = i.name;

insert into kept_attributes
select lead_id, name, value from incoming_attributes where news <> 'unchanged';

delete from kept_numbers
using incoming_numbers i
where i.news = 'changed'
  and kept_numbers.source = $source
  and kept_numbers.day = i.day
  and kept_numbers.stage is not distinct from i.stage
  and kept_numbers.measure is not distinct from i.measure
  and kept_numbers.channel is not distinct from i.channel;

insert into kept_numbers
select $source, stage, measure, day, channel, value
from incoming_numbers
where news <> 'unchanged';
