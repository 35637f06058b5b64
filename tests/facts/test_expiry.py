"""Facts of an undone import are there for 90 days more, then they go for good."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.facts import batch_importer
from kpi_core.facts.store import Store, open_store
from tests.facts.batches import batch
from tests.facts.files import File, leads, row

MAY = datetime.fromisoformat("2026-05-20T12:00")
LATER = MAY + timedelta(days=90, minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "data")) as store:
        yield store


def put(store: Store, file: File, now: datetime = MAY, replaces: int | None = None) -> int:
    receipt = store.commit(batch(file), who="t", now=now, replaces=replaces)
    assert receipt.import_id is not None
    return receipt.import_id


def one(lead: str) -> File:
    return leads(row(lead, lead="05-01"), source=f"source of {lead}")


def reopened(store: Store) -> Store:
    """The store as the next process finds it, which looks after its files first."""
    store.close()
    return open_store(store.data)


def stated(store: Store) -> set[str]:
    """The leads of which any file or any row of records still has a fact."""
    with store.scratch() as cursor:
        imports = store.imports()
        found = store.cache.reader.statements(cursor, imports)
        selects = [f"select distinct lead from {each.relation}" for each in found]
        return {lead for (lead,) in cursor.execute(" union ".join(selects)).fetchall()}


@pytest.mark.parametrize("small", [0, 1000])
def test_facts_of_an_undone_import_go_after_90_days(
    store: Store, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_importer, "SMALL", small)
    undone, kept = put(store, one("undone")), put(store, one("kept"))
    store.undo(undone, who="t", now=MAY)
    put(store, one("a day less"), MAY + timedelta(days=90))
    with closing(reopened(store)) as again:
        assert stated(again) == {"undone", "kept", "a day less"}
        put(again, one("new"), LATER)
        with closing(reopened(again)) as last:
            assert stated(last) == {"kept", "a day less", "new"}
            assert [each.import_id for each in last.imports() if not each.is_current] == [undone]
            assert last.problems == ()
            assert last.leads() == 3
            assert kept in {each.import_id for each in last.imports()}


def test_of_a_file_of_many_imports_those_that_stand_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone = put(store, one("undone"))
    put(store, one("kept"))
    assert store.cache.maintainer is not None
    store.cache.maintainer.compact()
    store.undo(undone, who="t", now=MAY)
    put(store, one("new"), LATER)
    with closing(reopened(store)) as again:
        assert stated(again) == {"kept", "new"}
        assert again.problems == ()
        (again.data / "cache.duckdb").unlink(missing_ok=True)
        with closing(reopened(again)) as anew:
            assert anew.leads() == 2


def test_what_would_come_back_is_kept(store: Store) -> None:
    first = put(store, leads(row("old", lead="05-01"), source="crm"))
    second = put(store, leads(row("new", lead="05-02"), source="crm"), replaces=first)
    put(store, one("later"), LATER)
    with closing(reopened(store)) as again:
        assert stated(again) == {"old", "new", "later"}
        again.undo(second, who="t", now=LATER)
        assert again.leads() == 2


def test_what_takes_the_place_of_one_whose_facts_are_gone_brings_nothing_back(
    store: Store,
) -> None:
    first = put(store, leads(row("old", lead="05-01"), source="crm"))
    second = put(store, leads(row("new", lead="05-02"), source="crm"), replaces=first)
    third = put(store, leads(row("newest", lead="05-03"), source="crm"), replaces=second)
    put(store, one("later"), LATER)
    with closing(reopened(store)) as again:
        assert stated(again) == {"new", "newest", "later"}
        again.undo(third, who="t", now=LATER)
        again.undo(second, who="t", now=LATER)
        assert [each.import_id for each in again.imports() if each.is_current] == [4]
        assert again.leads() == 1


def test_facts_that_a_current_import_says_again_are_kept(store: Store) -> None:
    first = put(store, one("twice"))
    same = replace(batch(one("twice")), data_through=MAY + timedelta(days=60))
    assert store.commit(same, who="t", now=MAY + timedelta(hours=1)).repeats == first
    store.undo(first, who="t", now=MAY)
    put(store, one("later"), LATER)
    with closing(reopened(store)) as last:
        assert stated(last) == {"twice", "later"}
