"""Tables in the archive: whose they are, and until when they are there."""

import errno
import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.archive import Archive
from kpi_core.ingest.extract.staging import Staged
from kpi_core.ingest.import_file import import_file
from kpi_core.records.errors import StoreError
from tests.ingest.read import LEADS, NOW, mapping_of

HASH, OTHER = "0123456789abcdef" * 4, "f" * 64
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows knows no such modes")


def take_in(store: Store, lead: str, now: datetime = NOW, mapping: str = LEADS) -> int:
    """An import of a file of its own, with its table; its number."""
    receipt = import_file(store, content(lead), "leads.csv", mapping_of(mapping), who="me", now=now)
    assert receipt.import_id is not None
    return receipt.import_id


def content(lead: str) -> bytes:
    return f"id,created\n{lead},2026-05-01\n".encode()


def hash_of(lead: str) -> str:
    return hashlib.sha256(content(lead)).hexdigest()


def add(archive: Archive, file_hash: str, said: str = "五月") -> StoreError | None:
    with duckdb.connect() as scratch:
        scratch.execute("create or replace temp table said as select 2 as line, ? as c0", [said])
        return archive.add(file_hash, Staged(scratch, "said", ("月",)))


def shown(archive: Archive, file_hash: str) -> str | None:
    """The first cell of a table; None where it is not in the archive."""
    with duckdb.connect() as scratch:
        if archive.show(file_hash, scratch, "again") is None:
            return None
        ((cell,),) = scratch.execute("select c0 from again").fetchall()
        return str(cell)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.of(tmp_path)


def test_a_table_is_shown_with_its_header(archive: Archive) -> None:
    header = ("日付", 'it\'s "quoted"')
    with duckdb.connect() as scratch:
        scratch.execute("create temp table said as select 2 as line, '五月' as c0, null as c1")
        assert archive.add(HASH, Staged(scratch, "said", header)) is None
    with duckdb.connect() as scratch:
        assert archive.show(HASH, scratch, "again") == header
        assert scratch.execute("from again").fetchall() == [(2, "五月", None)]
        assert archive.show(OTHER, scratch, "none") is None


@pytest.mark.parametrize("name", ["../kpi", "", "F" * 64, "a" * 63])
def test_only_the_hash_of_a_file_names_a_table(archive: Archive, name: str) -> None:
    with duckdb.connect() as scratch, pytest.raises(ValueError, match="SHA-256"):
        archive.show(name, scratch, "again")


def test_a_table_that_cannot_be_stored_is_reported_and_nothing_is_left(archive: Archive) -> None:
    archive.folder.write_text("in the way")
    reason = add(archive, HASH)
    assert reason is not None
    assert reason.code == "no_permission"
    archive.folder.unlink()
    with duckdb.connect() as scratch:
        assert archive.add(HASH, Staged(scratch, "unknown", ("a",))) is not None
    assert list(archive.folder.iterdir()) == []


def test_an_import_without_its_table_is_committed(store: Store) -> None:
    Archive.of(store.data).folder.write_text("in the way")
    take_in(store, "A")
    assert store.leads() == 1


def test_a_folder_whose_name_looks_like_a_pattern_is_no_other(tmp_path: Path) -> None:
    for name in ("d1", "d[1]"):
        (tmp_path / name).mkdir()
        add(Archive.of(tmp_path / name), HASH, name)
    assert shown(Archive.of(tmp_path / "d[1]"), HASH) == "d[1]"


@POSIX
def test_tables_are_for_the_eyes_of_their_owner(store: Store) -> None:
    take_in(store, "A")
    archive = Archive.of(store.data)
    assert archive.folder.stat().st_mode & 0o777 == 0o700
    assert archive.path(hash_of("A")).stat().st_mode & 0o777 == 0o600
    archive.folder.chmod(0o755)
    archive.tidy(store)
    assert archive.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EACCES, "no_permission"),
        (errno.EROFS, "no_permission"),
    ],
)
def test_why_a_table_cannot_be_stored_is_reported(
    archive: Archive, number: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refused)
    reason = add(archive, HASH)
    assert reason is not None
    assert reason.code == code


def test_a_table_goes_once_its_import_is_undone(store: Store) -> None:
    archive = Archive.of(store.data)
    undone = take_in(store, "A")
    take_in(store, "B")
    store.undo(undone, who="me", now=NOW)
    archive.tidy(store)
    assert (shown(archive, hash_of("A")), shown(archive, hash_of("B"))) == (None, "B")


def test_an_import_tidies_where_that_was_not_done_for_an_hour(store: Store) -> None:
    archive = Archive.of(store.data)
    store.undo(take_in(store, "A"), who="me", now=NOW)
    take_in(store, "B")
    assert shown(archive, hash_of("A")) == "A"
    tidied = archive.folder / ".tidied"
    hour_ago = tidied.stat().st_mtime - 3700
    os.utime(tidied, (hour_ago, hour_ago))
    take_in(store, "C")
    assert shown(archive, hash_of("A")) is None


def test_a_table_stays_as_long_as_any_import_of_it_is_current(store: Store) -> None:
    archive = Archive.of(store.data)
    first = take_in(store, "A")
    take_in(store, "A", mapping=f"{LEADS}# read otherwise\n")
    store.undo(first, who="me", now=NOW)
    archive.tidy(store)
    assert shown(archive, hash_of("A")) == "A"


@pytest.mark.parametrize(("days", "found"), [(90, "A"), (91, None)])
def test_a_table_stays_for_ninety_days_up_to_the_newest_import(
    store: Store, days: int, found: str | None
) -> None:
    archive = Archive.of(store.data)
    take_in(store, "A")
    take_in(store, "B", NOW + timedelta(days=days))
    archive.tidy(store)
    assert shown(archive, hash_of("A")) == found


def test_what_a_killed_process_left_goes_after_a_day(store: Store) -> None:
    archive = Archive.of(store.data)
    take_in(store, "A")
    half = archive.folder / f".{OTHER}.parquet.1.new"
    half.write_text("half")
    (archive.folder / "notes.txt").write_text("a user's")
    archive.tidy(store)
    assert half.exists()
    day_ago = half.stat().st_mtime - 90_000
    os.utime(half, (day_ago, day_ago))
    archive.tidy(store)
    assert names(archive.folder) == [".tidied", f"{hash_of('A')}.parquet", "notes.txt"]


def test_a_data_folder_that_is_opened_again_has_its_tables(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    take_in(store, "A")
    store.close()
    assert shown(Archive.of(tmp_path / "data"), hash_of("A")) == "A"
