-- It has happened.
insert into once values ($what, $done_at);
