-- How many leads are known.
update state set leads = leads + $change;
