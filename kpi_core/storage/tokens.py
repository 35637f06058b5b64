"""Tokens: who may use the API for what, without a password to tell."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from duckdb import DuckDBPyConnection

from kpi_core.storage import audit
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.errors import StoreError
from kpi_core.storage.scripts import ask, ask_one, run

PREFIX = "kpi_"
"""Tells a token from other secrets where one is found."""
USE_NOTED_EVERY = timedelta(minutes=1)


class TokenScope(StrEnum):
    """What a token is good for."""

    IMPORTS = "imports"
    READ = "read"


@dataclass(frozen=True)
class Token:
    """A token as it is kept: its text is not known any more."""

    token_id: int
    name: str
    scope: TokenScope
    made_at: datetime
    made_by: str
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def stands(self) -> bool:
        """Not revoked."""
        return self.revoked_at is None


def add_token(
    cursor: DuckDBPyConnection, name: str, scope: TokenScope, *, who: str, now: datetime
) -> tuple[Token, str]:
    """A new token and its text, which is known here and now only."""
    text = PREFIX + secrets.token_urlsafe(32)
    token_id = int(ask_one(cursor, "questions/next_token")[0])
    run(
        cursor,
        "writes/add_token",
        token_id=token_id,
        name=name,
        scope=scope.value,
        digest=_digest(text),
        made_at=now,
        made_by=who,
    )
    audit.record(cursor, AuditEntry(now, who, AuditAction.TOKEN_MADE, str(token_id), name))
    return _only(cursor, token_id), text


def tokens(cursor: DuckDBPyConnection) -> tuple[Token, ...]:
    """All tokens, newest first; revoked ones too."""
    return tuple(
        Token(token_id, name, TokenScope(scope), *rest)
        for token_id, name, scope, *rest in ask(cursor, "questions/tokens")
    )


def find_token(cursor: DuckDBPyConnection, text: str, scope: TokenScope) -> Token | None:
    """The standing token of this text and scope; None where there is none."""
    found = ask(cursor, "questions/find_token", digest=_digest(text), scope=TokenScope(scope).value)
    return _only(cursor, found[0][0]) if found else None


def is_use_due(token: Token, now: datetime) -> bool:
    """Whether a use is to be noted: not more than once a minute."""
    return token.used_at is None or now - token.used_at >= USE_NOTED_EVERY


def note_use(cursor: DuckDBPyConnection, token: Token, now: datetime) -> None:
    """Write down when a token was last used."""
    run(cursor, "writes/note_token_use", token_id=token.token_id, now=now)


def revoke_token(cursor: DuckDBPyConnection, token_id: int, *, who: str, now: datetime) -> None:
    """Let nobody in by a token any more; StoreError for an unknown one.

    One that is revoked already stays revoked by whoever did.
    """
    token = _only(cursor, token_id)
    if token.stands:
        run(cursor, "writes/revoke_token", token_id=token_id, who=who, now=now)
        entry = AuditEntry(now, who, AuditAction.TOKEN_REVOKED, str(token_id), token.name)
        audit.record(cursor, entry)


def _only(cursor: DuckDBPyConnection, token_id: int) -> Token:
    for token in tokens(cursor):
        if token.token_id == token_id:
            return token
    raise StoreError("unknown_token", token_id=token_id)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
