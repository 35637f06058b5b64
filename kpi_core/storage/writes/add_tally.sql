-- A tally to be rolled up from now on.
insert into tallies values (
    $tally, $kind, $stage, $name, $to_stage, $at_least, $closing_day, $source, $lead_conditions,
    $on_channel, $on_campaign, $on_owner, $on_account, $document
);
