"""After erasing no file of the store holds the id, and the numbers are as without the lead."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts import batch_importer
from kpi_core.facts import erase as erase_module
from kpi_core.facts.erase import erase, mark_of
from kpi_core.facts.store import Store, open_store
from kpi_core.records import changes, fact_files
from kpi_core.records.audit import AuditAction
from kpi_core.records.errors import StoreError
from tests.batches import NOW, Event, at, batch

LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
ID = "erase-me-7f3a"
FOURTH, FIFTH = date(2026, 5, 4), date(2026, 5, 5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


def put(
    store: Store, *leads: str, day: str = "2026-05-04", source: str = "crm", name: str = "a.csv"
) -> int:
    events = (Event(lead, "lead", at(day)) for lead in leads)
    issue = Issue("unreadable_date", 3, "lead_id", ID, Severity.FLAGGED)
    said = batch(
        *events, source=source, name=name, content_hash=f"{source} {name}", mapping_name=name,
        issues=(issue,),
    )  # fmt: skip
    number = store.commit(said, who="t", now=NOW).import_id
    assert number is not None
    return number


def in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports go into files, however small."""
    monkeypatch.setattr(batch_importer, "SMALL", 0)


def holding(store: Store) -> list[str]:
    """The files that have the id in them, in plain or in a column."""
    found = []
    for path in sorted(each for each in store.data.rglob("*") if each.is_file()):
        holds = ID.encode() in path.read_bytes()
        if path.suffix == ".parquet" and path.parent.name in ("events", "leads", "archive"):
            text = f"select 1 from read_parquet('{path}') t where cast(t as varchar) like '%{ID}%'"
            holds = holds or bool(duckdb.execute(text).fetchall())
        if holds:
            found.append(path.relative_to(store.data).as_posix())
    return found


def test_no_file_holds_the_id_and_the_numbers_are_as_without_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, ID, "other")  # small facts
    with monkeypatch.context() as large:
        in_files(large)
        put(store, ID, "third", day="2026-05-05", name="b.csv")
    assert store.daily([LEADS], MAY)[LEADS] == {FOURTH: 2.0, FIFTH: 1.0}
    assert holding(store) != []
    done = erase(store, [ID], who="sato", now=NOW)
    assert (done.sources, done.rows) == (("crm",), 2)
    assert store.daily([LEADS], MAY)[LEADS] == {FOURTH: 1.0, FIFTH: 1.0}
    assert store.leads() == 2
    store.close()
    assert holding(store) == []
    (store.data / "cache.duckdb").unlink()  # a cache made anew says the same
    with closing(open_store(store.data)) as again:
        assert again.daily([LEADS], MAY)[LEADS] == {FOURTH: 1.0, FIFTH: 1.0}


def test_what_was_undone_is_erased_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    in_files(monkeypatch)
    store.undo(put(store, ID), who="t", now=NOW)
    put(store, "other", name="b.csv")
    assert erase(store, [ID], who="sato", now=NOW).rows == 1
    store.close()
    assert holding(store) == []


def test_another_source_keeps_its_lead_of_the_same_id(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_files(monkeypatch)
    put(store, ID)
    put(store, ID, "b", source="shop")
    done = erase(store, [ID], source="shop", who="sato", now=NOW)
    assert (done.sources, done.rows) == (("shop",), 1)
    assert store.leads() == 2
    with store.records.reading() as conn:
        assert sum(file.rows for file in fact_files.files(conn)) == 2


def test_a_file_with_nothing_left_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    in_files(monkeypatch)
    put(store, ID)
    erase(store, [ID], who="sato", now=NOW)
    with store.records.reading() as conn:
        assert fact_files.files(conn) == ()
    assert list((store.data / "facts").rglob("*.parquet")) == []
    assert store.is_empty()


def test_the_audit_has_a_mark_and_no_id(store: Store) -> None:
    put(store, ID)
    erase(store, [ID], who="sato", now=NOW)
    entry = store.records.audit()[0]
    assert (entry.action, entry.who, entry.at) == (AuditAction.ERASED, "sato", NOW)
    assert (entry.subject, entry.detail) == (mark_of(store, ID), "crm")
    assert ID not in repr(store.records.audit())


def test_archived_tables_of_its_source_that_hold_the_id_are_removed(
    store: Store, tmp_path: Path
) -> None:
    archive = store.data / "archive"
    archive.mkdir()
    hashes = {"with": "a" * 64, "without": "b" * 64, "foreign": "c" * 64}
    for name, lead in (("with", f" {ID} "), ("without", "other"), ("foreign", ID)):
        path = archive / f"{hashes[name]}.parquet"
        duckdb.sql(f"copy (select 1 as line, '{lead}' as c0) to '{path}' (format parquet)")
    for name in ("with", "without"):
        said = batch(Event(ID, "lead", at("2026-05-04")), name=name, mapping_name=name)
        object.__setattr__(said, "file_hash", hashes[name])
        store.commit(said, who="t", now=NOW)
    assert erase(store, [ID], who="sato", now=NOW).tables == 1
    left = {path.stem for path in archive.iterdir()}
    assert left == {hashes["without"], hashes["foreign"]}


def test_an_unknown_id_changes_nothing(store: Store) -> None:
    put(store, "other")
    version = store.records.data_version()
    with pytest.raises(StoreError) as caught:
        erase(store, [ID], who="sato", now=NOW)
    assert caught.value.code == "unknown_lead"
    assert store.records.data_version() == version


def test_an_import_meanwhile_is_not_missed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    in_files(monkeypatch)
    put(store, ID, "other")
    rewrite: Callable[..., Any] = erase_module._rewrite
    calls: list[object] = []

    def slow(*args: object) -> Any:
        found = rewrite(*args)
        if not calls:
            put(store, ID, day="2026-05-05", name="late.csv")
        calls.append(args)
        return found

    monkeypatch.setattr(erase_module, "_rewrite", slow)
    assert erase(store, [ID], who="sato", now=NOW).rows == 2
    assert len(calls) == 2
    with store.records.reading() as conn:
        named = {store.data / file.path for file in fact_files.files(conn)}
        kinds = [change.kind for change in changes.changes_since(conn, 0)]
    assert set((store.data / "facts").rglob("*.parquet")) == named
    assert kinds.count(changes.ChangeKind.ERASE) == 1
    store.close()
    assert holding(store) == []
