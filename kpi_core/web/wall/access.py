"""Who may see a wall: a screen by its key, or anyone where no key is asked for."""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.records.displays import KEY, Display
from kpi_core.web.attempts import Attempts

LOGGER = logging.getLogger(__name__)
COOKIE = "kpi_display"
COOKIE_SECONDS = 400 * 24 * 3600
"""No browser stores one for longer; each page load renews it."""
NOTED_SECONDS = 60.0
"""How often it is written down which screens are there."""


@dataclass(frozen=True)
class Visit:
    """The visitor of a wall, and whether they may see it."""

    display: Display | None
    address: str
    allowed: bool
    wait_seconds: int = 0
    """How long this address has to wait: too many wrong keys came from it."""

    @property
    def off(self) -> bool:
        """The screen's key was taken back."""
        return self.display is not None and not self.display.is_current

    @property
    def elsewhere(self) -> bool:
        """The key is current, and not valid from this address."""
        return self.display is not None and self.display.is_current and not self.allowed

    def refusal(self, words: Words) -> str:
        """The sentence for a visitor who may not see the wall."""
        if self.wait_seconds:
            return words("wall.too_many_attempts")
        if self.elsewhere:
            return words("wall.elsewhere", address=self.address)
        return words("wall.off" if self.off else "wall.no_key")


def key_of(connection: HTTPConnection) -> str | None:
    """The key in the address, or else the one the screen was given as a cookie."""
    return connection.query_params.get(KEY) or connection.cookies.get(COOKIE)


class Access:
    """Judges visits, and slows down who guesses keys.

    `keys_needed`: nothing is shown without a current key.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        keys_needed: bool,
        attempts: Attempts | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._keys_needed = keys_needed
        self._attempts = Attempts(monotonic) if attempts is None else attempts

    def visit(self, connection: HTTPConnection) -> Visit:
        """By its key, which is looked up in the store. Without one nothing is."""
        key = key_of(connection)
        address = connection.client.host if connection.client else ""
        if not key:
            return Visit(None, address, allowed=not self._keys_needed)
        if wait := self._attempts.wait_seconds(address, key):
            return Visit(None, address, allowed=not self._keys_needed, wait_seconds=wait)
        display = self._store.records.find_display(key)
        if display is None:
            self._attempts.failed(address, key)
            return Visit(None, address, allowed=not self._keys_needed)
        self._attempts.opened(key)
        allowed = display.is_current and _inside(address, display.networks)
        return Visit(display, address, allowed)

    def off(self) -> frozenset[int]:
        """The numbers of the screens that were switched off."""
        return frozenset(
            each.display_id for each in self._store.records.displays() if not each.is_current
        )

    def note(self, visit: Visit) -> None:
        """Note that a screen was shown the wall: once a minute; a failure is only logged."""
        if visit.display is not None and visit.allowed:
            try:
                self._store.records.display_seen(visit.display, visit.address, now=self._now())
            except Exception:
                LOGGER.exception("A screen could not be noted")

    def note_all(self, visits: Sequence[Visit]) -> None:
        """The same for screens that hang there all the time."""
        there = {each.display.display_id: each.address for each in visits if each.display}
        try:
            self._store.records.displays_seen(there, now=self._now())
        except Exception:
            LOGGER.exception("Screens could not be noted")


class Presence:
    """The connected screens, noted once a minute while there are any.

    Lives on the event loop.
    """

    def __init__(self, access: Callable[[], Access]) -> None:
        self._access = access
        self._there: dict[object, Visit] = {}
        self._noting: asyncio.Task[None] | None = None

    @contextmanager
    def of(self, visit: Visit) -> Iterator[None]:
        """While this lasts, the screen is there."""
        if visit.display is None:
            yield
            return
        mark = object()
        self._there[mark] = visit
        if self._noting is None:
            self._noting = asyncio.create_task(self._note())
        try:
            yield
        finally:
            del self._there[mark]
            if not self._there:
                self._noting.cancel()
                self._noting = None

    async def _note(self) -> None:
        while True:
            await asyncio.sleep(NOTED_SECONDS)
            await run_in_threadpool(self._access().note_all, tuple(self._there.values()))


def _inside(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of the networks; in any where none is named."""
    if not networks:
        return True
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped:
        at = at.ipv4_mapped
    return any(at in ipaddress.ip_network(network, strict=False) for network in networks)
