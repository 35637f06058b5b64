"""Backups: records and facts of one moment in a zip file, and the way back."""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kpi_core.facts.log import FOLDER as FACTS
from kpi_core.records.errors import StoreError, of_database, of_system

RECORDS = "records.db"
ARCHIVE = "archive"
MANIFEST = "backup.json"
FORMAT = 1
TRIES = 5
"""How often a backup starts again while files of facts are replaced under it."""
SECRETS = ("tokens", "displays", "secret", "office_password")
"""The tables of the records that open something, or unlock hashed addresses."""
SHIPPED = frozenset({"inbox"})
"""What may be in a folder that counts as empty, beside names that begin with a dot."""
_BLOCK = 4 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    KeyError, TypeError, AttributeError,
)  # fmt: skip


@dataclass(frozen=True)
class Backup:
    """What is in a backup: how many imports, files of facts and bytes before packing."""

    imports: int
    files: int
    bytes: int
    has_secrets: bool


@dataclass(frozen=True)
class _Member:
    """A file of a backup. `path` is relative to the data folder."""

    path: str
    bytes: int
    sha256: str


class _Gone(Exception):
    """A file of facts that the snapshot names was replaced meanwhile."""


def back_up(
    data: Path,
    target: Path,
    *,
    now: datetime,
    records_url: str | None = None,
    secrets: bool = True,
    archive: bool = True,
) -> Backup:
    """Write records and facts as they are at one moment; others may go on meanwhile.

    Without `secrets` tokens, displays and the key of hashed addresses are left out. StoreError
    where the target exists, where records are in PostgreSQL, or where files are missing.
    """
    if records_url is not None:
        raise StoreError("backup_is_postgres", path=records_place(records_url), folder=str(data))
    if not (data / RECORDS).is_file():
        raise StoreError("not_a_store", path=str(data))
    if target.exists():
        raise StoreError("backup_exists", path=str(target))
    if not target.absolute().parent.is_dir():
        raise StoreError("no_folder", path=str(target), folder=str(target.absolute().parent))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as folder:
            for _ in range(TRIES):
                copy = Path(folder) / RECORDS
                copy.unlink(missing_ok=True)
                _copy_records(data / RECORDS, copy, secrets=secrets)
                try:
                    made = _write(data, copy, part, now, secrets=secrets, archive=archive)
                except _Gone:
                    continue
                part.chmod(0o600)
                _sync(part)
                part.replace(target)
                return made
        raise StoreError("backup_unstable", path=str(target))
    except OSError as error:
        raise of_system(error, str(target)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def restore(source: Path, data: Path) -> Backup:
    """Fill an empty data folder from a backup, once all of it is checked; StoreError if not."""
    if not is_empty(data):
        raise StoreError("folder_not_empty", path=str(data))
    if not data.absolute().parent.is_dir():
        raise StoreError("no_folder", path=str(data), folder=str(data.absolute().parent))
    try:
        data.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as folder:
            unpacked = Path(folder)
            with _reading(source) as packed:
                manifest, members = _manifest(packed, source)
                for member in members.values():
                    _unpack(packed, member, unpacked, source)
            found = _check_records(unpacked / RECORDS, members, source)
            # The records come last: without them there is no store, whatever else is there.
            for name in (FACTS, ARCHIVE, RECORDS):
                if (unpacked / name).exists():
                    (unpacked / name).rename(data / name)
        size = sum(member.bytes for member in members.values())
        return Backup(found, len(members) - 1, size, bool(manifest["secrets"]))
    except OSError as error:
        raise of_system(error, str(data)) from error


def is_empty(data: Path) -> bool:
    """Whether a data folder holds nothing that a store would have."""
    if not data.exists():
        return True
    return data.is_dir() and all(
        path.name in SHIPPED or path.name.startswith(".") for path in data.iterdir()
    )


def records_place(url: str) -> str:
    """Where records are, without the password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


# --- writing ---


def _copy_records(source: Path, copy: Path, *, secrets: bool) -> None:
    """One snapshot of the records as a file by itself."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(copy, isolation_level=None)) as made,
        ):
            original.backup(made)
            made.execute("pragma journal_mode = delete")
            if not secrets:
                for table in SECRETS:
                    made.execute(f"delete from {table}")
                made.execute("vacuum")  # what was deleted is not left in free pages
    except sqlite3.Error as error:
        raise of_database(error, str(source)) or error from error


def _write(
    data: Path, records: Path, part: Path, now: datetime, *, secrets: bool, archive: bool
) -> Backup:
    """Pack the snapshot and the files it names; _Gone where one of them was replaced."""
    with closing(sqlite3.connect(records)) as copy:
        named = [
            _Member(*row) for row in copy.execute("select path, bytes, sha256 from fact_files")
        ]
        (imports,) = copy.execute("select count(*) from imports").fetchone()
    members = []
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        members.append(_pack(packed, records, RECORDS, zipfile.ZIP_DEFLATED))
        for file in named:
            try:
                member = _pack(packed, data / file.path, file.path, zipfile.ZIP_STORED)
            except FileNotFoundError as error:
                if _is_named(data / RECORDS, file.path):
                    raise StoreError("facts_missing", path=file.path) from error
                raise _Gone from error
            if member != file:
                raise StoreError("facts_damaged", path=file.path)
            members.append(member)
        for path in sorted((data / ARCHIVE).rglob("*")) if archive else ():
            if path.is_file() and not path.name.startswith("."):
                with suppress(FileNotFoundError):  # its days were over
                    name = path.relative_to(data).as_posix()
                    members.append(_pack(packed, path, name, zipfile.ZIP_STORED))
        document = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "secrets": secrets,
            "files": [vars(member) for member in members],
        }
        packed.writestr(MANIFEST, json.dumps(document, indent=1))
    return Backup(imports, len(members) - 1, sum(each.bytes for each in members), secrets)


def _pack(packed: zipfile.ZipFile, path: Path, name: str, method: int) -> _Member:
    with path.open("rb") as file:
        info = zipfile.ZipInfo(name)
        info.compress_type = method
        info.external_attr = 0o600 << 16
        with packed.open(info, "w", force_zip64=True) as into:
            size, digest = _copied(file, into)
    return _Member(name, size, digest)


def _is_named(records: Path, path: str) -> bool:
    """Whether the records, as they are now, name a file of facts."""
    with closing(sqlite3.connect(records)) as conn:
        found = conn.execute("select 1 from fact_files where path = ?", [path])
        return found.fetchone() is not None


# --- reading ---


@contextmanager
def _reading(source: Path) -> Iterator[zipfile.ZipFile]:
    """A backup's file; what is damaged in it becomes StoreError."""
    try:
        with zipfile.ZipFile(source) as packed:
            yield packed
    except _DAMAGED as error:
        raise _unreadable(source) from error


def _manifest(packed: zipfile.ZipFile, source: Path) -> tuple[dict[str, Any], dict[str, _Member]]:
    """What a backup says of itself, and its files by path."""
    document = json.loads(packed.read(MANIFEST))
    members = {
        member.path: member
        for member in (_Member(**each) for each in document["files"])
        if _is_ours(member.path)
    }
    names = [name for name in packed.namelist() if name != MANIFEST]
    is_whole = sorted(names) == sorted(members) and len(members) == len(document["files"])
    if document["format"] != FORMAT or RECORDS not in members or not is_whole:
        raise _unreadable(source)
    return document, members


def _is_ours(path: str) -> bool:
    """Whether a path is one that a backup writes: below facts or archive, or the records."""
    parts = PurePosixPath(path).parts
    if path == RECORDS:
        return True
    is_plain = path == "/".join(parts) and not {"..", "."} & set(parts)
    return is_plain and "\\" not in path and ":" not in path and parts[0] in (FACTS, ARCHIVE)


def _unpack(packed: zipfile.ZipFile, member: _Member, folder: Path, source: Path) -> None:
    path = folder / member.path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if packed.getinfo(member.path).file_size != member.bytes:
        raise _unreadable(source, member.path)
    with packed.open(member.path) as file, path.open("xb") as into:
        try:
            size, digest = _copied(file, into, most=member.bytes)
        except _DAMAGED as error:
            raise _unreadable(source, member.path) from error
        into.flush()
        os.fsync(into.fileno())
    path.chmod(0o600)
    if (size, digest) != (member.bytes, member.sha256):
        raise _unreadable(source, member.path)


def _check_records(records: Path, members: Mapping[str, _Member], source: Path) -> int:
    """How many imports there are; StoreError where a file that the records name is not there."""
    try:
        with closing(sqlite3.connect(records)) as conn:
            (verdict,) = conn.execute("pragma quick_check").fetchone()
            named = [
                _Member(*row) for row in conn.execute("select path, bytes, sha256 from fact_files")
            ]
            (imports,) = conn.execute("select count(*) from imports").fetchone()
    except sqlite3.Error as error:
        raise _unreadable(source, RECORDS) from error
    lacking = next((each.path for each in named if members.get(each.path) != each), None)
    if verdict != "ok" or lacking is not None:
        raise _unreadable(source, lacking or RECORDS)
    return int(imports)


def _unreadable(source: Path, name: str = MANIFEST) -> StoreError:
    return StoreError("backup_unreadable", path=str(source), name=name)


def _copied(file: IO[bytes], into: IO[bytes], most: int | None = None) -> tuple[int, str]:
    """Copy to the end, or to a byte beyond `most`; how many bytes, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        into.write(block)
        size += len(block)
        if most is not None and size > most:
            break
    return size, digest.hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
