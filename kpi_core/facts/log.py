"""The log of facts: a Parquet file per import and kind, never changed in place."""

import hashlib
import os
import uuid
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kpi_core.facts.batch import ATTRIBUTE, COLUMNS, KINDS, NEEDED
from kpi_core.records.errors import StoreError, of_system
from kpi_core.records.fact_files import FactFile
from kpi_core.sql_text import literal, one_file, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

FOLDER = "facts"
INCOMING = "incoming"
ENDING = ".parquet"
ORPHAN_AFTER = timedelta(days=1)
"""A file without a row in the ledger may belong to an import under way; not after a day."""
SMALL = 1_000
"""Imports of up to so many rows go into records, and are compacted into Parquet later."""
_BLOCK = 4 << 20


@dataclass(frozen=True)
class Log:
    """The Parquet files below a data folder. Paths in records are relative to that folder."""

    data: Path
    _sound: dict[str, tuple[int, int, int]] = field(default_factory=dict, compare=False)
    """The files whose checksum was right, as they were then."""

    @property
    def folder(self) -> Path:
        """Where the files are: a folder for each kind, and `incoming`."""
        return self.data / FOLDER

    def write(
        self,
        scratch: "DuckDBPyConnection",
        selects: dict[str, str],
        name: str,
    ) -> tuple[FactFile, ...]:
        """Write one file per kind from a select each; synced and in their place when it returns.

        A kind without rows has no file. StoreError where the disk refuses, and nothing stays.
        """
        written: list[Path] = []
        try:
            with self._incoming() as incoming:
                files = []
                for kind, select in selects.items():
                    path = incoming / f"{kind}{ENDING}"
                    (count,) = scratch.execute(
                        f"copy ({select}) to {literal(str(path))} "
                        "(format parquet, compression zstd)"
                    ).fetchall()[0]
                    if not count:
                        path.unlink()
                        continue
                    place = self.folder / kind / f"{name}-{uuid.uuid4().hex[:8]}{ENDING}"
                    place.parent.mkdir(mode=0o700, exist_ok=True)
                    path.chmod(0o600)
                    _sync(path)
                    digest = _digest(path)
                    path.rename(place)
                    written.append(place)
                    _sync(place.parent)
                    relative = place.relative_to(self.data).as_posix()
                    self._sound[relative] = _state(place)
                    files.append(FactFile(relative, kind, count, place.stat().st_size, digest))
                return tuple(files)
        except OSError as error:
            self.remove(written)
            raise of_system(error, str(self.folder)) from error
        except BaseException:
            self.remove(written)
            raise

    @contextmanager
    def _incoming(self) -> "Iterator[Path]":
        """A folder of this process and moment, locked while it is written in."""
        folder = self.folder / INCOMING / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        if not self.data.is_dir():
            raise StoreError("folder_gone", path=str(self.data))
        folder.mkdir(mode=0o700, parents=True)
        try:
            with FileLock(folder.with_suffix(".lock"), timeout=0):
                yield folder
        finally:
            _remove_folder(folder)

    @contextmanager
    def recording(
        self, files: Sequence[FactFile], is_recorded: "Callable[[str], bool]"
    ) -> "Iterator[None]":
        """Remove files again where records do not take them; where that is unknown, they stay."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):
                if files and not is_recorded(files[0].path):
                    self.remove(self.data / file.path for file in files)
            raise

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files; one that is gone already is no matter."""
        for path in paths:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def sweep(self, known: frozenset[str], last: int) -> None:
        """Remove what no import names and is a day old, and what ended processes left half written.

        `known` are the paths in records, `last` is the last number they gave an import: what bears
        a later one is of other records, and stays.
        """
        if not self.folder.is_dir():
            return
        with self._incoming() as fresh:
            now = fresh.stat().st_mtime  # by the clock that dates the files
        for kind in KINDS:
            for path in (self.folder / kind).glob(f"*{ENDING}"):
                is_known = path.relative_to(self.data).as_posix() in known
                if not is_known and _number(path) <= last and _is_old(path, now):
                    self.remove([path])
        for lock in (self.folder / INCOMING).glob("*.lock"):
            folder = lock.with_suffix("")
            if folder.is_dir() and not _is_old(folder, now):
                continue
            with suppress(Timeout, OSError), FileLock(lock, timeout=0):
                _remove_folder(folder)

    def problem(self, file: FactFile, *, thorough: bool = False) -> StoreError | None:
        """What is wrong with a file that records name; None where it is as it was written.

        Its size is compared; its checksum too where `thorough`, once while it stays as it is.
        """
        path = self.data / file.path
        try:
            state = _state(path)
            if state[0] != file.bytes:
                return StoreError("facts_damaged", path=file.path)
            if thorough and self._sound.get(file.path) != state:
                if _digest(path) != file.sha256:
                    return StoreError("facts_damaged", path=file.path)
                self._sound[file.path] = state
        except FileNotFoundError:
            return StoreError("facts_missing", path=file.path)
        except OSError as error:
            return of_system(error, str(path))
        return None

    def scan(self, files: Sequence[FactFile]) -> str:
        """SQL, to follow `from`, for all rows of the files; null where one lacks a column."""
        paths = ", ".join(literal(one_file(self.data / file.path)) for file in files)
        return f"read_parquet([{paths}], union_by_name = true)"


def columns_of(kind: str, present: Iterable[str]) -> dict[str, str]:
    """The columns of a kind that are present, attributes included, with their types."""
    present = list(present)
    known = {name: sort for name, sort in COLUMNS[kind].items() if name in present}
    attributes = {name: "varchar" for name in present if name.startswith(ATTRIBUTE)}
    if missing := NEEDED.intersection(COLUMNS[kind]) - set(present):
        raise ValueError(f"A relation of {kind} lacks {sorted(missing)}")
    return known | attributes


def select_of(kind: str, relation: str, present: Iterable[str], import_id: int | None) -> str:
    """SQL for a batch's relation as it is logged: typed, blanks null, under its import's id."""
    chosen = [] if import_id is None else [f"cast({import_id} as integer) as import_id"]
    for name, sort in columns_of(kind, present).items():
        cell = quoted(name)
        if sort == "varchar" and name != "lead":
            cell = f"nullif({cell}, '')"
        elif sort == "double":
            cell = f"case when isnan({cell}) then null else {cell} end"
        chosen.append(f"cast({cell} as {sort}) as {quoted(name)}")
    return f"select {', '.join(chosen)} from {quoted(relation)}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Have the disk write a file or a folder down."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _state(path: Path) -> tuple[int, int, int]:
    """Size, time of the last change and number of a file: alike, it was not written."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _number(path: Path) -> int:
    """The number of the import, or of the first one, for which a file was written."""
    first = path.name.partition("-")[0]
    return int(first) if first.isdecimal() else 0


def _is_old(path: Path, now: float) -> bool:
    try:
        return now - path.stat().st_mtime > ORPHAN_AFTER.total_seconds()
    except OSError:
        return False


def _remove_folder(folder: Path) -> None:
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()
    with suppress(OSError):
        folder.with_suffix(".lock").unlink(missing_ok=True)
