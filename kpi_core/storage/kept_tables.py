"""Tables as they were read from files, kept beside the database to be imported again.

One Parquet file each, named by the hash of the bytes it was read from.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.storage.errors import StoreError, translated

_HASH = re.compile(r"[0-9a-f]{64}")
_HEADER = "header"


@dataclass(frozen=True)
class KeptTables:
    """The folder of a database's tables; made with the first of them."""

    folder: Path

    @classmethod
    def of(cls, database: Path) -> "KeptTables":
        """Those of a database: beside it, by its name."""
        return cls(database.with_name(f"{database.stem}.tables"))

    def path(self, file_hash: str) -> Path:
        """Where the table of a file is kept. The hash is a SHA-256 in hexadecimal."""
        if not _HASH.fullmatch(file_hash):
            raise ValueError(f"Not the SHA-256 of a file: {file_hash!r}")
        return self.folder / f"{file_hash}.parquet"

    def keep(
        self, file_hash: str, scratch: DuckDBPyConnection, relation: str, header: tuple[str, ...]
    ) -> StoreError | None:
        """Keep a relation and the header of its file, in the place of what was kept of the file.

        It is written beside and then renamed. What went wrong is handed back: the table is kept
        for convenience, and no import fails for want of it.
        """
        path = self.path(file_hash)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            self.folder.mkdir(exist_ok=True)
            scratch.execute(
                f"copy (select * from {_quoted(relation)}) to {_text(str(fresh))}"  # noqa: S608
                " (format parquet, compression zstd,"
                f" kv_metadata {{{_HEADER}: {_text(json.dumps(header))}}})"
            )
            fresh.replace(path)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            return translated(error, str(path)) or StoreError("no_permission", path=str(path))
        except OSError:
            return StoreError("no_permission", path=str(path))
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
                {"path": str(path), "key": _HEADER},
            ).fetchall()
            scratch.execute(
                f"create or replace temp view {_quoted(name)} as"  # noqa: S608
                f" select * from read_parquet({_text(str(path))})"
            )
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise translated(error, str(path)) or StoreError("damaged", path=str(path)) from error
        return tuple(json.loads(rows[0][0])) if rows else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
