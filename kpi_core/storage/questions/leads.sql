-- Leads that any event is known of.
select leads from state;
