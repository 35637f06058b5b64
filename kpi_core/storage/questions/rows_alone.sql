-- Whether a batch is rows of leads and nothing else.
select not exists (select 1 from batch_events)
    and not exists (select 1 from batch_attributes where value is not null);
