-- How many leads are known.
update state set leads = leads + $new_leads;
