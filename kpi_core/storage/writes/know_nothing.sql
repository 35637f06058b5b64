-- Nothing is known of the leads of the batch.
create or replace temp table known_leads (lead_id bigint);
