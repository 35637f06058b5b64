-- The standing token of a digest and a scope.
select token_id
from tokens
where digest = $digest and scope = $scope and revoked_at is null;
