"""Tables as they were read from files, kept beside the database to be imported again.

One Parquet file each, named by the hash of the bytes it was read from.
"""

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.storage import ledger
from kpi_core.storage.errors import StoreError, of_system, translated
from kpi_core.storage.quoting import literal, one_file, quoted

KEPT_FOR = timedelta(days=90)
"""Before the newest import. What is older is corrected by a newer export, not read again."""

_HASH = re.compile(r"[0-9a-f]{64}")
_ENDING = ".parquet"
_FRESH = ".new"
_HEADER = "header"


@dataclass(frozen=True)
class KeptTables:
    """The folder of a database's tables; made with the first of them.

    A table is kept as long as an import of it stands that is not older than KEPT_FOR.
    """

    folder: Path

    @classmethod
    def of(cls, database: Path) -> "KeptTables":
        """Those of a database: beside it, by its name."""
        return cls(database.with_name(f"{database.name}.tables"))

    def path(self, file_hash: str) -> Path:
        """Where the table of a file is kept. The hash is a SHA-256 in hexadecimal."""
        if not _HASH.fullmatch(file_hash):
            raise ValueError(f"Not the SHA-256 of a file: {file_hash!r}")
        return self.folder / f"{file_hash}{_ENDING}"

    def keep(
        self, file_hash: str, scratch: DuckDBPyConnection, relation: str, header: tuple[str, ...]
    ) -> StoreError | None:
        """Keep a relation and the header of its file, in the place of what was kept of the file.

        It is written beside and then renamed. What went wrong is handed back: the table is kept
        for convenience, and no import fails for want of it.
        """
        path = self.path(file_hash)
        fresh = path.with_name(f".{path.name}.{os.getpid()}{_FRESH}")
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._remove_unneeded(scratch)
            scratch.execute(
                f"copy (select * from {quoted(relation)}) to {literal(str(fresh))}"  # noqa: S608
                " (format parquet, compression zstd,"
                f" kv_metadata {{{_HEADER}: {literal(json.dumps(header))}}})"
            )
            fresh.replace(path)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            return translated(error, str(path)) or StoreError("no_permission", path=str(path))
        except OSError as error:
            return of_system(error, str(path))
        finally:
            if self.folder.is_dir():
                fresh.unlink(missing_ok=True)
        return None

    def show(
        self, file_hash: str, scratch: DuckDBPyConnection, name: str
    ) -> tuple[str, ...] | None:
        """Make a temporary view of a kept table; its header, or None where it is not kept."""
        path = self.path(file_hash)
        if not path.is_file():
            return None
        try:
            rows = scratch.execute(
                "select decode(value) from parquet_kv_metadata($path) where decode(key) = $key",
                {"path": one_file(path), "key": _HEADER},
            ).fetchall()
            scratch.execute(
                f"create or replace temp view {quoted(name)} as"  # noqa: S608
                f" select * from read_parquet({literal(one_file(path))})"
            )
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise translated(error, str(path)) or StoreError("damaged", path=str(path)) from error
        return tuple(json.loads(rows[0][0])) if rows else None

    def tidy(self, cursor: DuckDBPyConnection) -> None:
        """Remove what nobody needs any more, and what a process that was killed left half written.

        For the one process that holds the database, before it writes. What cannot be removed stays.
        """
        former = self.folder.with_name(f"{Path(self.folder.stem).stem}.tables")
        with suppress(OSError):
            # Once it was called by the database's name without its ending, which others share.
            if former != self.folder and former.is_dir() and not self.folder.exists():
                former.rename(self.folder)
        if self.folder.is_dir():
            with suppress(OSError):
                self.folder.chmod(0o700)
            _remove(self.folder.glob(f"*{_ENDING}.*{_FRESH}"))
            self._remove_unneeded(cursor)

    def _remove_unneeded(self, cursor: DuckDBPyConnection) -> None:
        """Remove the tables of no import that stands, and of those too old.

        Files are listed before the ledger is read: an import writes its line, then its table.
        """
        files = list(self.folder.glob(f"*{_ENDING}"))
        imports = ledger.records(cursor)
        newest = max((record.imported_at for record in imports), default=None)
        needed = {
            f"{record.file_hash}{_ENDING}"
            for record in imports
            if record.stands and newest is not None and newest - record.imported_at <= KEPT_FOR
        }
        _remove(f for f in files if _HASH.fullmatch(f.stem) and f.name not in needed)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)
