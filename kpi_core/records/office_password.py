"""The office password: one for everybody, until each person signs in. Only its hash is stored."""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.changes import ChangeKind, add_change
from kpi_core.records.errors import StoreError

SHORTEST, LONGEST = 8, 200
"""Characters."""
SALT_BYTES = 16
N, R, P = 2**15, 8, 1
"""What scrypt costs: 32 MB of memory and about a tenth of a second."""
MAX_MEMORY = 256 * 1024 * 1024
"""What a hash that is stored may take: a row that was tampered with takes no more."""


@dataclass(frozen=True)
class OfficePassword:
    """A password as it is stored: its scrypt hash, and what that was made with."""

    salt: bytes
    hash: bytes
    n: int = N
    r: int = R
    p: int = P

    @classmethod
    def of(cls, text: str) -> "OfficePassword":
        """The hash of a new password with a salt of its own; StoreError for a bad length."""
        if not SHORTEST <= len(text) <= LONGEST:
            raise StoreError("password_length", least=SHORTEST, most=LONGEST)
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(salt, _scrypt(text, salt, N, R, P))

    def matches(self, text: str) -> bool:
        """Whether this is the password. It takes a tenth of a second, as a guess does."""
        if len(text) > LONGEST:
            return False
        return hmac.compare_digest(_scrypt(text, self.salt, self.n, self.r, self.p), self.hash)

    def sign(self, message: str) -> str:
        """A signature that holds until the password is changed or removed."""
        return hmac.new(self.hash, message.encode(), "sha256").hexdigest()


def set_password(conn: Connection, password: OfficePassword, *, who: str, now: datetime) -> None:
    """Set it in the place of the one before."""
    table = schema.office_password
    conn.execute(delete(table))
    conn.execute(
        insert(table).values(
            id=1,
            salt=password.salt,
            hash=password.hash,
            n=password.n,
            r=password.r,
            p=password.p,
            set_at=now,
            set_by=who,
        )
    )
    add_change(conn, ChangeKind.PASSWORD)
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.PASSWORD_SET, "", ""))


def remove_password(conn: Connection, *, who: str, now: datetime) -> None:
    """Remove it; StoreError where none is set."""
    if conn.execute(delete(schema.office_password)).rowcount == 0:
        raise StoreError("no_password")
    add_change(conn, ChangeKind.PASSWORD)
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.PASSWORD_REMOVED, "", ""))


def find_password(conn: Connection) -> OfficePassword | None:
    """The password as it is stored; None where none is set."""
    table = schema.office_password
    columns = (table.c.salt, table.c.hash, table.c.n, table.c.r, table.c.p)
    row = conn.execute(select(*columns)).one_or_none()
    return None if row is None else OfficePassword(*row)


def _scrypt(text: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    """The hash of what was typed, however an input method composed or widened it."""
    typed = unicodedata.normalize("NFKC", text).encode(errors="surrogatepass")
    return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=MAX_MEMORY)
