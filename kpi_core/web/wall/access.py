"""Who may see a wall: a screen by its key, or anyone where no key is asked for."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import HTTPConnection

from kpi_core.storage.displays import KEY, Display
from kpi_core.storage.store import Store

COOKIE = "kpi_display"
COOKIE_SECONDS = 5 * 365 * 24 * 3600


@dataclass(frozen=True)
class Visit:
    """What is known of whoever asks for a wall. `off`: it shows that it was switched off."""

    display: Display | None
    allowed: bool

    @property
    def off(self) -> bool:
        """The screen's key was taken back."""
        return self.display is not None and not self.display.stands


class Access:
    """Judges visits. `keys_needed`: without a key that stands nothing is shown."""

    def __init__(self, store: Store, now: Callable[[], datetime], *, keys_needed: bool) -> None:
        self._store = store
        self._now = now
        self._keys_needed = keys_needed

    def visit(self, connection: HTTPConnection) -> Visit:
        """By the key in the address, or else the one the screen was given as a cookie."""
        key = connection.query_params.get(KEY) or connection.cookies.get(COOKIE)
        display = self._store.find_display(key) if key else None
        if display is None:
            return Visit(None, allowed=not self._keys_needed)
        address = connection.client.host if connection.client else ""
        if not display.stands or not _inside(address, display.networks):
            return Visit(display, allowed=False)
        self._store.display_seen(display, address, now=self._now())
        return Visit(display, allowed=True)


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
