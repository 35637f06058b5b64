-- Whether the batch has no events and nothing is known of its source.
select
    not exists (select 1 from batch_events)
    and not exists (select 1 from leads where source = $source);
