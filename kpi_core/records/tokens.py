"""Tokens: who may use the API for what, without a password to share."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.errors import StoreError

PREFIX = "kpi_"
"""Tells a token from other secrets where one is found."""
USE_NOTED_EVERY = timedelta(minutes=1)


class TokenScope(StrEnum):
    """What a token allows."""

    IMPORTS = "imports"
    READ = "read"
    PLANS = "plans"


@dataclass(frozen=True)
class Token:
    """A token without its text, which is stored nowhere."""

    token_id: int
    name: str
    scope: TokenScope
    made_at: datetime
    made_by: str
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def is_current(self) -> bool:
        """Not revoked."""
        return self.revoked_at is None

    def is_use_due(self, now: datetime) -> bool:
        """Whether a use is to be noted: once a minute at most."""
        return self.used_at is None or now - self.used_at >= USE_NOTED_EVERY


def add_token(
    conn: Connection, name: str, scope: TokenScope, *, who: str, now: datetime
) -> tuple[Token, str]:
    """A new token and its text, which is shown here and now only."""
    text = PREFIX + secrets.token_urlsafe(32)
    table = schema.tokens
    row = insert(table).values(
        name=name, scope=scope.value, digest=_digest(text), made_at=now, made_by=who
    )
    token_id = int(conn.execute(row.returning(table.c.token_id)).scalar_one())
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.TOKEN_MADE, str(token_id), name))
    return _only(conn, token_id), text


def tokens(conn: Connection) -> tuple[Token, ...]:
    """All tokens, newest first; revoked ones too."""
    query = select(*_COLUMNS).order_by(schema.tokens.c.token_id.desc())
    return tuple(_token(row) for row in conn.execute(query))


def find_token(conn: Connection, text: str, scope: TokenScope) -> Token | None:
    """The current token of this text and scope; None where there is none."""
    table = schema.tokens
    query = select(*_COLUMNS).where(
        table.c.digest == _digest(text),
        table.c.scope == TokenScope(scope).value,
        table.c.revoked_at.is_(None),
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _token(row)


def note_use(conn: Connection, token: Token, now: datetime) -> None:
    """Note when a token was last used."""
    table = schema.tokens
    conn.execute(update(table).where(table.c.token_id == token.token_id).values(used_at=now))


def revoke_token(conn: Connection, token_id: int, *, who: str, now: datetime) -> None:
    """Refuse a token from now on; StoreError for an unknown one.

    A second revocation keeps the actor and time of the first.
    """
    token = _only(conn, token_id)
    if token.is_current:
        table = schema.tokens
        conn.execute(
            update(table).where(table.c.token_id == token_id).values(revoked_at=now, revoked_by=who)
        )
        entry = AuditEntry(now, who, AuditAction.TOKEN_REVOKED, str(token_id), token.name)
        audit.add_entry(conn, entry)


_COLUMNS = (
    schema.tokens.c.token_id,
    schema.tokens.c.name,
    schema.tokens.c.scope,
    schema.tokens.c.made_at,
    schema.tokens.c.made_by,
    schema.tokens.c.used_at,
    schema.tokens.c.revoked_at,
    schema.tokens.c.revoked_by,
)
"""In the order of Token's fields."""


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    token_id, name, scope, *rest = row
    return Token(token_id, name, TokenScope(scope), *rest)


def _only(conn: Connection, token_id: int) -> Token:
    row = conn.execute(select(*_COLUMNS).where(schema.tokens.c.token_id == token_id)).one_or_none()
    if row is None:
        raise StoreError("unknown_token", token_id=token_id)
    return _token(row)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
