-- No lead is open: what else is worked out event by event is nothing.
create or replace temp table said_events (
    stage varchar, occurred_at timestamp, withdrawn boolean
);

create or replace temp table known_events (
    lead_id bigint, stage varchar, activity varchar, occurred_at timestamp
);

create or replace temp table incoming_events (
    stage varchar, occurred_at timestamp, withdrawn boolean, stands boolean, news varchar
);

create or replace temp table lost_events (
    stage varchar, activity varchar, occurred_at timestamp
);

create or replace temp table standing_events (
    line bigint, lead_id bigint, stage varchar, activity varchar, occurred_at timestamp,
    channel varchar
);

create or replace temp table touched (lead_id bigint);
