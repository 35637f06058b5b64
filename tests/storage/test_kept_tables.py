"""Tables kept beside the store: whose they are, what is left out of them, and until when."""

import errno
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.storage.errors import StoreError
from kpi_core.storage.store import Store, open_store
from tests.storage.batches import NOW, Event, at, batch

HASH, OTHER = "0123456789abcdef" * 4, "f" * 64
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows knows no such modes")


def take_in(store: Store, file_hash: str, now: datetime = NOW) -> int:
    """An import of a file of its own, and its table; its number."""
    said = batch(Event(f"{file_hash[0]}{now}", "lead", at("2026-05-01")))
    receipt = store.commit(replace(said, file_hash=file_hash), who="me", now=now)
    keep(store, file_hash)
    assert receipt.import_id is not None
    return receipt.import_id


def keep(store: Store, file_hash: str, said: str = "五月") -> StoreError | None:
    with store.scratch() as scratch:
        scratch.execute("create or replace temp table said as select 2 as line, ? as c0", [said])
        return store.keep_table(file_hash, scratch, "said", ("月",))


def shown(store: Store, file_hash: str) -> str | None:
    """The only cell of a kept table; None where it is not kept."""
    with store.scratch() as scratch:
        if store.kept_table(file_hash, scratch, "again") is None:
            return None
        ((cell,),) = scratch.execute("select c0 from again").fetchall()
        return str(cell)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_kept_table_is_shown_with_its_header(store: Store) -> None:
    header = ("日付", 'it\'s "quoted"')
    with store.scratch() as scratch:
        scratch.execute("create temp table said as select 2 as line, '五月' as c0, null as c1")
        assert store.keep_table(HASH, scratch, "said", header) is None
    with store.scratch() as scratch:
        assert store.kept_table(HASH, scratch, "again") == header
        assert scratch.execute("from again").fetchall() == [(2, "五月", None)]
        assert store.kept_table("f" * 64, scratch, "none") is None


@pytest.mark.parametrize("name", ["../kpi", "", "F" * 64, "a" * 63])
def test_only_the_hash_of_a_file_names_a_kept_table(store: Store, name: str) -> None:
    with store.scratch() as scratch, pytest.raises(ValueError, match="SHA-256"):
        store.kept_table(name, scratch, "again")


def test_a_table_that_cannot_be_kept_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    (tmp_path / "kpi.duckdb.tables").write_text("in the way")
    with store.scratch() as scratch:
        scratch.execute("create temp table said as select 2 as line")
        reason = store.keep_table(HASH, scratch, "said", ("a",))
        assert reason is not None
        assert reason.code == "no_permission"
        (tmp_path / "kpi.duckdb.tables").unlink()
        assert store.keep_table(HASH, scratch, "unknown", ("a",)) is not None
    assert list((tmp_path / "kpi.duckdb.tables").iterdir()) == []
    store.close()


def test_a_folder_whose_name_looks_like_a_pattern_is_no_other(tmp_path: Path) -> None:
    stores = {}
    for name in ("d1", "d[1]"):
        (tmp_path / name).mkdir()
        stores[name] = open_store(tmp_path / name / "kpi.duckdb")
        keep(stores[name], HASH, name)
    assert shown(stores["d[1]"], HASH) == "d[1]"
    for store in stores.values():
        store.close()


def test_stores_whose_names_differ_in_their_ending_share_no_table(tmp_path: Path) -> None:
    one, other = open_store(tmp_path / "kpi.duckdb"), open_store(tmp_path / "kpi.bak")
    keep(one, HASH)
    assert (shown(one, HASH), shown(other, HASH)) == ("五月", None)
    one.close()
    other.close()


@POSIX
def test_tables_are_for_the_eyes_of_their_owner(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    take_in(store, HASH)
    store.close()
    folder = tmp_path / "kpi.duckdb.tables"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    open_store(tmp_path / "kpi.duckdb").close()
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EACCES, "no_permission"),
        (errno.EROFS, "no_permission"),
    ],
)
def test_why_a_table_cannot_be_kept_is_told(
    store: Store, number: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refused)
    reason = keep(store, HASH)
    assert reason is not None
    assert reason.code == code


def test_a_table_goes_once_its_import_is_undone(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    undone, stands = take_in(store, HASH), take_in(store, OTHER)
    store.undo(undone, who="me", now=NOW)
    store.close()
    store = open_store(tmp_path / "kpi.duckdb")
    assert (shown(store, HASH), shown(store, OTHER)) == (None, "五月")
    store.undo(stands, who="me", now=NOW)
    take_in(store, HASH)
    assert (shown(store, HASH), shown(store, OTHER)) == ("五月", None)
    store.close()


def test_a_table_stays_as_long_as_any_import_of_it_stands(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    first = take_in(store, HASH)
    take_in(store, HASH, NOW + timedelta(days=1))
    store.undo(first, who="me", now=NOW)
    store.close()
    store = open_store(tmp_path / "kpi.duckdb")
    assert shown(store, HASH) == "五月"
    store.close()


@pytest.mark.parametrize(("days", "found"), [(90, "五月"), (91, None)])
def test_a_table_is_kept_for_ninety_days_up_to_the_newest_import(
    store: Store, days: int, found: str | None
) -> None:
    take_in(store, HASH)
    take_in(store, OTHER, NOW + timedelta(days=days))
    assert shown(store, HASH) == found


def test_what_a_killed_process_left_goes_when_the_store_is_opened(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    take_in(store, HASH)
    store.close()
    folder = tmp_path / "kpi.duckdb.tables"
    (folder / f".{OTHER}.parquet.{os.getpid()}.new").write_text("half")
    (folder / "notes.txt").write_text("somebody's")
    open_store(tmp_path / "kpi.duckdb", read_only=True).close()
    assert len(names(folder)) == 3
    open_store(tmp_path / "kpi.duckdb").close()
    assert names(folder) == [f"{HASH}.parquet", "notes.txt"]


def test_tables_in_the_folder_of_the_former_name_are_still_there(tmp_path: Path) -> None:
    store = open_store(tmp_path / "kpi.duckdb")
    take_in(store, HASH)
    store.close()
    (tmp_path / "kpi.duckdb.tables").rename(tmp_path / "kpi.tables")
    store = open_store(tmp_path / "kpi.duckdb")
    assert shown(store, HASH) == "五月"
    assert not (tmp_path / "kpi.tables").exists()
    store.close()
