-- Whether what stands of any lead has to be worked out event by event.
select exists (from open_leads);
