"""The demo in a store: on the board at once, and gone with the first real import."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.demo.course import qualification_days
from kpi_core.demo.load import demo_files, load_demo
from kpi_core.domain.period import Month
from kpi_core.domain.stage import Stage
from kpi_core.domain.status import Status
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.shipped import load_mapping
from kpi_core.reports.board import board_report
from tests.ingest.read import read_file

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Noon in Tokyo."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("demo") / "data")
    load_demo(opened, now=NOW)
    yield opened
    opened.close()


def test_nothing_in_it_is_rejected_or_flagged() -> None:
    leads, measures = (
        read_file(content, mapping, now=NOW.replace(tzinfo=None))
        for _, content, mapping in demo_files(date(2026, 11, 22))
    )
    assert leads.issues == measures.issues == ()
    assert len(leads.events) > 5_000
    assert len(measures.measures) == measures.rows * 3


def test_the_board_shows_it_at_once(loaded: Store) -> None:
    board = board_report(loaded, "saas", now=NOW)
    so_far = [day for day in qualification_days(Month(2026, 11)) if day < date(2026, 11, 22)]
    assert board.is_demo
    assert board.kpi.value == len(so_far)
    assert board.kpi.status is Status.ATTENTION
    assert [stamp.passed for stamp in board.kpi.stamps] == [False, True, None, None]
    assert len(board.months) == 14
    assert board.actions[0].done


def test_some_months_were_reached_and_some_missed(loaded: Store) -> None:
    shown = [Month(2025, 10).plus(n) for n in range(13)]
    ended = Counter(
        board_report(loaded, "saas", now=NOW, month=month).kpi.status is Status.ACHIEVED
        for month in shown
    )
    assert 4 <= ended[True] <= 10


def test_a_management_indicator_is_abnormal_now(loaded: Store) -> None:
    board = board_report(loaded, "saas", now=NOW)
    assert 1 <= len(board.abnormal) <= 3


def test_loading_twice_is_loading_once(store: Store) -> None:
    load_demo(store, now=NOW)
    version, imports = store.data_version(), store.imports()
    again = load_demo(store, now=NOW)
    assert [receipt.new + receipt.changed for receipt in again] == [0, 0]
    assert store.data_version() == version
    assert store.imports() == imports


def test_a_day_later_it_goes_on(store: Store) -> None:
    load_demo(store, now=NOW)
    later = load_demo(store, now=NOW + timedelta(days=2))
    assert [receipt.changed for receipt in later] == [0, 0]
    assert all(receipt.new > 0 for receipt in later)
    board = board_report(store, "saas", now=NOW + timedelta(days=2))
    so_far = [day for day in qualification_days(Month(2026, 11)) if day < date(2026, 11, 24)]
    assert board.kpi.value == len(so_far)


def test_it_is_gone_with_the_first_real_import(store: Store) -> None:
    load_demo(store, now=NOW)
    _import_own(store)
    assert not store.holds_demo()
    assert store.leads() == 1
    assert store.undated(Stage.LEAD) == 0
    assert load_demo(store, now=NOW) == ()
    assert not store.holds_demo()


def test_data_of_ones_own_are_left_alone(store: Store) -> None:
    _import_own(store)
    version = store.data_version()
    assert load_demo(store, now=NOW) == ()
    assert store.data_version() == version
    assert store.records.plan_ids() == ()


def _import_own(store: Store) -> None:
    mapping = load_mapping("funnel-template")
    assert isinstance(mapping, Mapping)
    content = b"lead_id,lead_date\nA1,2026-11-20\n"
    now = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - the store's wall clock
    import_file(store, content, "own.csv", mapping, who="test", now=now)
