-- A token, of which nobody knows the text but whom it was shown to.
insert into tokens values (
    $token_id, $name, $scope, $digest, $made_at, $made_by, null, null, null
);
