-- One condition of a tally; the values it lists are rows of `tally_values`.
insert into tally_conditions values (
    $tally, $position, $of_event, $attribute, $operator, $number
);
