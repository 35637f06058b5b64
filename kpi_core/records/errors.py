"""What can go wrong with the store: a code and params that the catalogs word."""

import errno
import re
from pathlib import PurePath


class StoreError(Exception):
    """Something the user can repair. Nothing was changed and nothing was lost."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(" ".join([code, *(f"{name}={value}" for name, value in params.items())]))
        self.code = code
        self.params = params

    @property
    def public_params(self) -> dict[str, object]:
        """The params as a visitor may read them: without the folders of the server's files."""
        return {
            name: PurePath(value).name
            if isinstance(value, str) and PurePath(value).is_absolute()
            else value
            for name, value in self.params.items()
        }


class Interrupted(StoreError):
    """Stopped on request in the middle: as if it had never started."""

    def __init__(self, path: str) -> None:
        super().__init__("interrupted", path=path)


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def of_system(error: OSError, path: str) -> StoreError:
    """What the system refused when something was written, in our words."""
    return StoreError("disk_full" if error.errno in _FULL else "no_permission", path=path)


# --- DuckDB, whose exceptions are known by name: this module imports no engine ---

_DUCKDB_SIGNS: tuple[tuple[str, str], ...] = (
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


def invalidates(error: Exception) -> bool:
    """Whether DuckDB's connection is of no more use and has to be opened again."""
    names = _names(error)
    fatal = "FatalException" in names or "InternalException" in names
    return fatal or "has been invalidated" in str(error)


def translated(error: Exception, path: str) -> StoreError | None:
    """DuckDB's error in our words; None for what is a mistake of ours."""
    names = _names(error)
    if "InterruptException" in names:
        return Interrupted(path)
    text = str(error).lower()
    if "OutOfMemoryException" in names and "offload" not in text:
        return StoreError("out_of_memory", path=path)
    code = next((code for sign, code in _DUCKDB_SIGNS if sign in text), None)
    if code is None and "SerializationException" in names:
        code = "damaged"
    if code is None:
        return None
    if code == "locked":
        holder = re.search(r"\(PID (\d+)\)", str(error))
        return StoreError("locked", path=path, pid=holder[1] if holder else "?")
    return StoreError(code, path=path)


def _names(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


# --- SQLite and PostgreSQL, through SQLAlchemy ---

_SQLITE: tuple[tuple[str, str], ...] = (
    ("SQLITE_BUSY", "locked"),
    ("SQLITE_LOCKED", "locked"),
    ("SQLITE_FULL", "disk_full"),
    ("SQLITE_IOERR_WRITE", "disk_full"),
    ("SQLITE_IOERR_FSYNC", "disk_full"),
    ("SQLITE_IOERR_TRUNCATE", "disk_full"),
    ("SQLITE_IOERR_SHM", "disk_full"),
    ("SQLITE_IOERR", "damaged"),
    ("SQLITE_CORRUPT", "damaged"),
    ("SQLITE_NOTADB", "damaged"),
    ("SQLITE_READONLY", "no_permission"),
    ("SQLITE_PERM", "no_permission"),
    ("SQLITE_CANTOPEN", "no_permission"),
    ("SQLITE_NOMEM", "out_of_memory"),
    ("SQLITE_INTERRUPT", "interrupted"),
)
"""The beginning of SQLite's name of an error, first match first."""

_POSTGRES: tuple[tuple[str, str], ...] = (
    ("55P03", "locked"),
    ("53100", "disk_full"),
    ("53200", "out_of_memory"),
    ("25006", "read_only"),
    ("42501", "no_permission"),
    ("XX001", "damaged"),
    ("XX002", "damaged"),
    ("08", "server_unreachable"),
    ("28", "server_unreachable"),
    ("3D", "server_unreachable"),
    ("57P", "server_unreachable"),
    ("53300", "server_unreachable"),
)
"""The beginning of PostgreSQL's SQLSTATE, first match first."""


def of_database(cause: BaseException | None, path: str) -> StoreError | None:
    """SQLite's or PostgreSQL's error in our words; None for what is a mistake of ours."""
    name = getattr(cause, "sqlite_errorname", None)
    state = getattr(cause, "sqlstate", None)
    if name is not None:
        code = next((code for sign, code in _SQLITE if name.startswith(sign)), None)
    elif state is not None:
        code = next((code for sign, code in _POSTGRES if state.startswith(sign)), None)
    else:  # libpq gives no state to a connection that failed
        code = "server_unreachable" if type(cause).__name__ == "OperationalError" else None
    if code is None:
        return None
    if code == "locked":
        return StoreError("locked", path=path, pid="?")
    if code == "interrupted":
        return Interrupted(path)
    if code == "server_unreachable":
        reason = str(cause).strip().splitlines()[0] if str(cause).strip() else ""
        return StoreError(code, path=path, reason=reason)
    return StoreError(code, path=path)
