"""The screens on walls: each has a key of its own, and can be switched off."""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from kpi_core.storage import audit
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.errors import StoreError
from kpi_core.storage.scripts import ask, run

WALL, KEY = "/wall", "key"
"""Where walls are, under the board's address, and what the key is called in a link."""
KEY_BYTES = 24
SEEN_ANEW = timedelta(minutes=1)
"""A screen that is there all the time is written down this often."""


@dataclass(frozen=True)
class Display:
    """A screen. `networks` limit from where it may be opened; none: from anywhere."""

    display_id: int
    name: str
    networks: tuple[str, ...]
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    seen_from: str | None
    revoked_at: datetime | None

    @property
    def stands(self) -> bool:
        """Not switched off."""
        return self.revoked_at is None


def add(
    cursor: DuckDBPyConnection, name: str, networks: tuple[str, ...], *, who: str, now: datetime
) -> tuple[Display, str]:
    """A new screen and its key, which is kept nowhere: the store has its hash.

    StoreError for what is no network.
    """
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise StoreError("bad_network", value=network) from None
    key = secrets.token_urlsafe(KEY_BYTES)
    display_id = max((each.display_id for each in displays(cursor)), default=0) + 1
    run(
        cursor,
        "writes/add_display",
        display_id=display_id,
        name=name,
        key_hash=_hash(key),
        networks=" ".join(networks),
        made_at=now,
        made_by=who,
    )
    audit.record(cursor, AuditEntry(now, who, AuditAction.DISPLAY, str(display_id), name))
    return find(cursor, display_id), key


def link(key: str, plan_id: str = "") -> str:
    """A screen's link under the board's address; without a plan it shows the first there is."""
    return f"{WALL}/{plan_id}?{KEY}={key}" if plan_id else f"{WALL}?{KEY}={key}"


def displays(cursor: DuckDBPyConnection) -> tuple[Display, ...]:
    """Every screen there ever was, oldest first."""
    return tuple(_display(*row) for row in ask(cursor, "questions/displays"))


def find(cursor: DuckDBPyConnection, display_id: int) -> Display:
    """The screen of that number; StoreError for none."""
    for display in displays(cursor):
        if display.display_id == display_id:
            return display
    raise StoreError("no_such_display", display_id=display_id)


def by_key(cursor: DuckDBPyConnection, key: str) -> Display | None:
    """The screen that a key was made for, switched off or not; None for a key of nobody's."""
    rows = ask(cursor, "questions/display_by_key", key_hash=_hash(key))
    return _display(*rows[0]) if rows else None


def is_news(display: Display, address: str, now: datetime) -> bool:
    """Whether a screen has not been written down a moment ago, from the same place."""
    if display.seen_at is None or display.seen_from != address:
        return True
    return not timedelta() <= now - display.seen_at < SEEN_ANEW


def seen(cursor: DuckDBPyConnection, there: Mapping[int, str], now: datetime) -> None:
    """Write down which screens are there, by their numbers, and at which addresses."""
    run(cursor, "writes/see_displays", ids=[*there], addresses=[*there.values()], now=now)


def revoke(cursor: DuckDBPyConnection, display_id: int, *, who: str, now: datetime) -> Display:
    """Switch a screen off for good; StoreError for one that is unknown or off already."""
    display = find(cursor, display_id)
    if not display.stands:
        raise StoreError("display_already_off", display_id=display_id)
    run(cursor, "writes/revoke_display", display_id=display_id, now=now)
    deed = AuditEntry(now, who, AuditAction.DISPLAY_OFF, str(display_id), display.name)
    audit.record(cursor, deed)
    return find(cursor, display_id)


def _display(
    display_id: int,
    name: str,
    networks: str,
    made_at: datetime,
    made_by: str,
    seen_at: datetime | None,
    seen_from: str | None,
    revoked_at: datetime | None,
) -> Display:
    return Display(
        display_id, name, tuple(networks.split()), made_at, made_by, seen_at, seen_from, revoked_at
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
