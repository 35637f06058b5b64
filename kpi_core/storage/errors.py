"""What can go wrong with the store: a code and blanks that the catalogs word."""

import errno
import re

import duckdb


class StoreError(Exception):
    """Something the user can mend. Nothing was changed and nothing was lost."""

    def __init__(self, code: str, **blanks: object) -> None:
        super().__init__(" ".join([code, *(f"{name}={value}" for name, value in blanks.items())]))
        self.code = code
        self.blanks = blanks


class Interrupted(StoreError):
    """Stopped on request in the middle: as if it had never begun."""

    def __init__(self, path: str) -> None:
        super().__init__("interrupted", path=path)


_SIGNS: tuple[tuple[str, str], ...] = (
    ("could not set lock", "locked"),
    ("used by another process", "locked"),
    ("no space left", "disk_full"),
    ("not enough space", "disk_full"),
    ("disk full", "disk_full"),
    ("file too large", "disk_full"),
    ("failed to offload", "disk_full"),
    ("newer version of duckdb", "newer_schema"),
    ("newer duckdb version", "newer_schema"),
    ("permission denied", "no_permission"),
    ("access is denied", "no_permission"),
    ("read-only mode", "read_only"),
    ("not a valid duckdb database", "damaged"),
    ("corrupt", "damaged"),
    ("enough bytes", "damaged"),
    ("checksum", "damaged"),
    ("failure while replaying wal", "damaged"),
    ("sqlite_scanner", "damaged"),
)
"""What DuckDB's sentences give away, first match first."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def of_system(error: OSError, path: str) -> StoreError:
    """What the system refused when something was written, in our words."""
    return StoreError("disk_full" if error.errno in _FULL else "no_permission", path=path)


def invalidates(error: duckdb.Error) -> bool:
    """Whether the connection is of no more use and has to be opened anew."""
    return isinstance(error, (duckdb.FatalException, duckdb.InternalException)) or (
        "has been invalidated" in str(error)
    )


def translated(error: duckdb.Error, path: str) -> StoreError | None:
    """The error in our words; None for what is a mistake of ours."""
    if isinstance(error, duckdb.InterruptException):
        return Interrupted(path)
    text = str(error).lower()
    if isinstance(error, duckdb.OutOfMemoryException) and "offload" not in text:
        return StoreError("out_of_memory", path=path)
    code = next((code for sign, code in _SIGNS if sign in text), None)
    if code is None and isinstance(error, duckdb.SerializationException):
        code = "damaged"
    if code is None:
        return None
    if code == "locked":
        holder = re.search(r"\(PID (\d+)\)", str(error))
        return StoreError("locked", path=path, pid=holder[1] if holder else "?")
    return StoreError(code, path=path)
