"""The displays on walls: each has a key of its own, and can be switched off."""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.changes import ChangeKind, add_change
from kpi_core.records.errors import StoreError

WALL, KEY = "/wall", "key"
"""Where walls are, under the board's address, and what the key is called in a link."""
KEY_BYTES = 24
SEEN_AGAIN = timedelta(minutes=1)
"""A display that is there all the time is noted this often."""


@dataclass(frozen=True)
class Display:
    """A display. `networks` limit from where it may be opened; none: from anywhere."""

    display_id: int
    name: str
    networks: tuple[str, ...]
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    seen_from: str | None
    revoked_at: datetime | None

    @property
    def is_current(self) -> bool:
        """Not switched off."""
        return self.revoked_at is None

    def is_news(self, address: str, now: datetime) -> bool:
        """Whether it was last noted a minute ago or earlier, or elsewhere."""
        if self.seen_at is None or self.seen_from != address:
            return True
        return not timedelta() <= now - self.seen_at < SEEN_AGAIN


def add_display(
    conn: Connection, name: str, networks: tuple[str, ...], *, who: str, now: datetime
) -> tuple[Display, str]:
    """A new display and its key, of which the records have the hash alone.

    StoreError for what is no network.
    """
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise StoreError("bad_network", value=network) from None
    key = secrets.token_urlsafe(KEY_BYTES)
    table = schema.displays
    row = insert(table).values(
        name=name, key_hash=_hash(key), networks=" ".join(networks), made_at=now, made_by=who
    )
    display_id = int(conn.execute(row.returning(table.c.display_id)).scalar_one())
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.DISPLAY, str(display_id), name))
    return _only(conn, display_id), key


def link(key: str, plan_id: str = "") -> str:
    """A display's link under the board's address; without a plan it shows the first there is."""
    return f"{WALL}/{plan_id}?{KEY}={key}" if plan_id else f"{WALL}?{KEY}={key}"


def displays(conn: Connection) -> tuple[Display, ...]:
    """Every display there ever was, oldest first."""
    query = select(*_COLUMNS).order_by(schema.displays.c.display_id)
    return tuple(_display(row) for row in conn.execute(query))


def find_display(conn: Connection, key: str) -> Display | None:
    """The display that a key was made for, switched off or not; None for an unknown key."""
    query = select(*_COLUMNS).where(schema.displays.c.key_hash == _hash(key))
    row = conn.execute(query).one_or_none()
    return None if row is None else _display(row)


def note_seen(conn: Connection, there: Mapping[int, str], now: datetime) -> None:
    """Note which displays are there, by their numbers, and at which addresses."""
    table = schema.displays
    for display_id, address in there.items():
        conn.execute(
            update(table)
            .where(table.c.display_id == display_id)
            .values(seen_at=now, seen_from=address)
        )


def revoke_display(conn: Connection, display_id: int, *, who: str, now: datetime) -> Display:
    """Switch a display off for good; StoreError for one that is unknown or off already."""
    display = _only(conn, display_id)
    if not display.is_current:
        raise StoreError("display_already_off", display_id=display_id)
    table = schema.displays
    conn.execute(update(table).where(table.c.display_id == display_id).values(revoked_at=now))
    add_change(conn, ChangeKind.DISPLAY_OFF)
    entry = AuditEntry(now, who, AuditAction.DISPLAY_OFF, str(display_id), display.name)
    audit.add_entry(conn, entry)
    return _only(conn, display_id)


_COLUMNS = (
    schema.displays.c.display_id,
    schema.displays.c.name,
    schema.displays.c.networks,
    schema.displays.c.made_at,
    schema.displays.c.made_by,
    schema.displays.c.seen_at,
    schema.displays.c.seen_from,
    schema.displays.c.revoked_at,
)
"""In the order of Display's fields."""


def _display(row: Row[*tuple[Any, ...]]) -> Display:
    display_id, name, networks, *rest = row
    return Display(display_id, name, tuple(networks.split()), *rest)


def _only(conn: Connection, display_id: int) -> Display:
    row = conn.execute(
        select(*_COLUMNS).where(schema.displays.c.display_id == display_id)
    ).one_or_none()
    if row is None:
        raise StoreError("no_such_display", display_id=display_id)
    return _display(row)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
