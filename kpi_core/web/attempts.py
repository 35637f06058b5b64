"""Wrong attempts at a secret, by address: after too many of them each one costs a longer wait."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from math import ceil
from threading import Lock
from typing import TypeVar

ATTEMPTS = 10
"""So many wrong attempts are free; the next waits are 1, 2, 4, … seconds."""
LONGEST_WAIT = 60.0
FORGOTTEN_SECONDS = 3600.0
"""After so long without a wrong attempt an address starts again."""
REMEMBERED = 1000
"""Addresses, and secrets that have opened before, kept in memory at most."""
IPV6_PREFIX = 64
"""One household or office has as many IPv6 addresses as it likes: its network counts as one."""

V = TypeVar("V")


class Attempts:
    """Counts the wrong attempts of each address. `clock` counts seconds. Safe in any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()

    def wait_seconds(self, address: str, secret: str | None = None) -> int:
        """How long the address has to wait; 0 where it may try.

        A secret that has opened before is always tried: others behind the same address guess.
        """
        with self._lock:
            if secret is not None and _digest(secret) in self._known:
                return 0
            count, last = self._counted(_network(address))
            if count < ATTEMPTS:
                return 0
            wait = min(2.0 ** min(count - ATTEMPTS, 30), LONGEST_WAIT)
            return max(0, ceil(wait - (self._clock() - last)))

    def failed(self, address: str, secret: str | None = None) -> None:
        """The attempt was wrong; a secret that opened before is forgotten."""
        network = _network(address)
        with self._lock:
            if secret is not None:
                self._known.pop(_digest(secret), None)
            count, _ = self._counted(network)
            _keep(self._failures, network, (count + 1, self._clock()))

    def opened(self, secret: str) -> None:
        """The secret was right. For random ones only: a digest of it is kept in memory."""
        with self._lock:
            _keep(self._known, _digest(secret), None)

    def _counted(self, network: str) -> tuple[int, float]:
        """How many attempts from there were wrong, and when the last one was."""
        count, last = self._failures.get(network, (0, 0.0))
        return (0, 0.0) if self._clock() - last >= FORGOTTEN_SECONDS else (count, last)


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), IPV6_PREFIX), strict=False))


def _keep(known: OrderedDict[str, V], key: str, value: V) -> None:
    """Remember it as the newest, and forget the oldest beyond what is remembered."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
