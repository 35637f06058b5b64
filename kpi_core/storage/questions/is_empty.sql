-- Whether no fact stands.
select not exists (select 1 from kept) and not exists (select 1 from kept_numbers);
