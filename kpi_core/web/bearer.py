"""Who asks: the bearer of a token.

No cookie opens the API and no other site is allowed to read it (no CORS), so a page elsewhere
can do nothing in a visitor's name.
"""

from __future__ import annotations

from collections.abc import Callable

from kpi_core.web.attempts import Attempts
from kpi_core.web.refusal import Refusal

MISSING = {"www-authenticate": 'Bearer realm="kpi-board"'}
WRONG = {"www-authenticate": 'Bearer realm="kpi-board", error="invalid_token"'}


def bearer_of(authorization: str | None) -> str:
    """The token in an `Authorization` header; Refusal where there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(401, "token_missing", headers=MISSING)
    return token.strip()


class Door:
    """Lets in whoever `find` knows by name, and slows down who guesses. Safe in any thread.

    `clock` counts seconds.
    """

    def __init__(self, find: Callable[[str], str | None], clock: Callable[[], float]) -> None:
        self._find = find
        self._attempts = Attempts(clock)

    def let_in(self, token: str, address: str) -> str:
        """The name of the caller. Refusal for a wrong token; after many, for any unknown one."""
        if wait := self._attempts.wait_seconds(address, token):
            raise Refusal(429, "too_many_attempts", headers={"retry-after": str(wait)})
        name = self._find(token)
        if name is None:
            self._attempts.failed(address, token)
            raise Refusal(401, "token_wrong", headers=WRONG)
        self._attempts.opened(token)
        return name
