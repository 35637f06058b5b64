"""Who asks: the bearer of a token.

No cookie opens the API and no other site is allowed to read it (no CORS), so a page elsewhere
can do nothing in a visitor's name.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from hashlib import sha256
from math import ceil
from threading import Lock
from typing import TypeVar

from kpi_core.web.refusal import Refusal

ATTEMPTS = 10
PER_SECONDS = 60.0
"""An address that gave so many wrong tokens within this time waits until it has passed."""
REMEMBERED = 1000
"""Addresses, and tokens that have opened before, kept in memory at most."""
MISSING = {"www-authenticate": 'Bearer realm="kpi-board"'}
WRONG = {"www-authenticate": 'Bearer realm="kpi-board", error="invalid_token"'}

V = TypeVar("V")


def bearer_of(authorization: str | None) -> str:
    """The token in an `Authorization` header; Refusal where there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(401, "token_missing", headers=MISSING)
    return token.strip()


def digest(token: str) -> str:
    """What is kept of a token: it is too random to be found from it."""
    return sha256(token.encode()).hexdigest()


class Door:
    """Lets in whoever `find` knows by name, and slows down who guesses. Safe in any thread.

    `clock` counts seconds.
    """

    def __init__(self, find: Callable[[str], str | None], clock: Callable[[], float]) -> None:
        self._find = find
        self._clock = clock
        self._lock = Lock()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()

    def let_in(self, token: str, address: str) -> str:
        """The name of the caller. Refusal for a wrong token; after many, for any unknown one."""
        hashed = digest(token)
        with self._lock:
            if hashed not in self._known:
                self._check(address)
        name = self._find(token)
        with self._lock:
            if name is None:
                self._known.pop(hashed, None)
                failures = self._failures.get(address) or deque(maxlen=ATTEMPTS)
                failures.append(self._clock())
                _keep(self._failures, address, failures)
                raise Refusal(401, "token_wrong", headers=WRONG)
            _keep(self._known, hashed, None)
        return name

    def _check(self, address: str) -> None:
        failures = self._failures.get(address, deque())
        if len(failures) == ATTEMPTS:
            left = PER_SECONDS - (self._clock() - failures[0])
            if left > 0:
                raise Refusal(429, "too_many_attempts", headers={"retry-after": str(ceil(left))})


def _keep(known: OrderedDict[str, V], key: str, value: V) -> None:
    """Remember it as the newest, and forget the oldest beyond what is remembered."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
