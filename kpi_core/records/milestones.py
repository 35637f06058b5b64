"""What happens once in the life of the records: firsts, and the secret."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from kpi_core.records import schema

SECRET_BYTES = 32


def is_done(conn: Connection, what: str) -> bool:
    """Whether `first_time` was asked about it before."""
    table = schema.milestones
    return conn.scalar(select(table.c.what).where(table.c.what == what)) is not None


def first_time(conn: Connection, what: str, *, now: datetime) -> bool:
    """True once for each `what`; it is remembered as done."""
    if is_done(conn, what):
        return False
    conn.execute(insert(schema.milestones).values(what=what, done_at=now))
    return True


def find_secret(conn: Connection) -> bytes | None:
    """The key of hashed mail addresses; None before it is made."""
    key = conn.scalar(select(schema.secret.c.key))
    return None if key is None else bytes(key)


def make_secret(conn: Connection) -> bytes:
    """The key of hashed mail addresses: random bytes, made if they are not there yet."""
    key = find_secret(conn)
    if key is None:
        key = secrets.token_bytes(SECRET_BYTES)
        conn.execute(insert(schema.secret).values(id=1, key=key))
    return key
