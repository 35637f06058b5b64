"""Batches that lie in a scratch cursor of the store."""

import threading
import time
from datetime import date
from typing import Any

import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.errors import Interrupted
from kpi_core.storage.facts import STAGE_BITS, Batch, Issue, MonthChange, Severity
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Event, LeadRow, at, batch, staged

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
WON = Tally(TallyKind.REACHED, stage=Stage.WON)


def rows_batch(scratch_relation: str, **others: Any) -> Batch:
    return Batch("crm", "f.csv", scratch_relation, "m", "", 0, lead_rows=scratch_relation, **others)


def test_a_relation_need_not_have_every_column(store: Store) -> None:
    with store.scratch() as scratch:
        scratch.execute(
            "create temp table said as select 2 as line, 'A' as lead, '' as channel,"
            " timestamp '2026-05-01' as lead_at, timestamp '2026-05-09 10:00' as won_at"
        )
        receipt = store.commit(rows_batch("said", scratch=scratch), who="me", now=NOW)
    assert (receipt.new, receipt.new_leads) == (2, 1)
    assert store.by_channel([WON], MAY)[WON] == {"": 1.0}
    assert receipt.months == (
        MonthChange("lead", date(2026, 5, 1), 0.0, 1.0),
        MonthChange("won", date(2026, 5, 1), 0.0, 1.0),
    )
    assert store.receipt(1) == receipt


def test_a_batch_is_previewed_and_then_taken_in_from_the_same_scratch(store: Store) -> None:
    said = batch(
        LeadRow("A", (("lead", at("2026-05-01")), ("won", None))),
        Event("B", "lead", at("2026-05-02")),
        issues=(Issue("bad_date", 9, "won", "x"), Issue("odd", 4, severity=Severity.FLAGGED)),
    )
    with store.scratch() as scratch:
        told = staged(said, scratch)
        preview = store.preview(told, now=NOW)
        receipt = store.commit(told, who="me", now=NOW)
    assert vars(preview) | {"import_id": 1} == vars(receipt)
    assert (receipt.new, receipt.undated, receipt.rejected_rows, receipt.flagged) == (3, 1, 1, 1)


def test_the_bits_of_the_stages_are_those_of_the_schema(store: Store) -> None:
    with store.scratch() as scratch:
        for stage, bit in STAGE_BITS.items():
            scratch.execute(
                f"create or replace temp table said as select {bit} as line, '{stage}' as lead,"
                f" {bit} as undated"
            )
            store.commit(rows_batch("said", scratch=scratch), who="me", now=NOW)
            assert store.undated(stage) == 1


def test_a_row_that_says_less_leaves_the_rest_standing(store: Store) -> None:
    full = LeadRow("A", (("lead", at("2026-05-01")), ("won", at("2026-05-09"))))
    store.commit(batch(full), who="me", now=NOW)
    receipt = store.commit(batch(LeadRow("A", (("lead", at("2026-05-02")),))), who="me", now=NOW)
    assert (receipt.new, receipt.changed, receipt.unchanged) == (0, 1, 0)
    days = store.daily([LEADS, WON], MAY)
    assert days == {LEADS: {date(2026, 5, 2): 1.0}, WON: {date(2026, 5, 9): 1.0}}
    store.undo(2, who="me", now=NOW)
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0}


def test_a_stage_without_a_date_does_not_displace_one_with_a_date(store: Store) -> None:
    store.commit(batch(LeadRow("A", (("won", at("2026-05-09")),))), who="me", now=NOW)
    receipt = store.commit(batch(LeadRow("A", (("won", None),))), who="me", now=NOW)
    assert (receipt.new, receipt.changed, receipt.unchanged) == (0, 0, 1)
    assert store.daily([WON], MAY)[WON] == {date(2026, 5, 9): 1.0}
    assert store.undated(Stage.WON) == 0
    store.undo(1, who="me", now=NOW)
    assert store.undated(Stage.WON) == 1


def test_a_win_that_is_withdrawn_is_no_win(store: Store) -> None:
    store.commit(
        batch(Event("A", "lead", at("2026-05-01")), Event("A", "won", at("2026-05-09"))),
        who="me",
        now=NOW,
    )
    reverted = batch(Event("A", "won", at("2026-05-12"), withdrawn=True))
    receipt = store.commit(reverted, who="me", now=NOW)
    assert (receipt.new, receipt.changed, receipt.unchanged) == (0, 1, 0)
    assert receipt.months == (MonthChange("won", date(2026, 5, 1), 1.0, 0.0),)
    assert store.daily([WON], MAY)[WON] == {}
    store.undo(2, who="me", now=NOW)
    assert store.daily([WON], MAY)[WON] == {date(2026, 5, 9): 1.0}


def test_of_a_file_that_wins_loses_and_wins_again_the_last_win_counts(store: Store) -> None:
    history = batch(
        Event("A", "won", at("2026-05-09")),
        Event("A", "won", at("2026-05-12"), withdrawn=True),
        Event("A", "won", at("2026-05-20")),
    )
    assert store.commit(history, who="me", now=NOW).new == 1
    assert store.daily([WON], MAY)[WON] == {date(2026, 5, 20): 1.0}


def test_contradicting_dates_are_flagged_in_rows_as_in_events(store: Store) -> None:
    reached = (
        ("lead", at("2026-05-10")),
        ("marketing_qualified", at("2026-05-09")),
        ("opportunity", at("2026-05-08")),
        ("won", at("2026-05-12")),
        ("lost", at("2026-05-11")),
    )
    receipt = store.commit(batch(LeadRow("1", reached)), who="me", now=NOW)
    assert [(issue.line, issue.column, issue.value) for issue in receipt.issues] == [
        (2, "marketing_qualified", "2026-05-09 < 2026-05-10"),
        (2, "opportunity", "2026-05-08 < 2026-05-10"),
    ]


def test_an_import_that_is_interrupted_leaves_nothing_behind(store: Store) -> None:
    with store.scratch() as scratch:
        scratch.execute(
            "create temp table said as select range + 2 as line, 'L' || range as lead,"
            " timestamp '2026-05-01' as lead_at from range(300000)"
        )
        told = rows_batch("said", scratch=scratch)
        done = threading.Event()

        def interrupt() -> None:
            while not done.wait(0.01):
                scratch.interrupt()

        nagging = threading.Thread(target=interrupt)
        nagging.start()
        try:
            with pytest.raises(Interrupted):
                store.commit(told, who="me", now=NOW)
        finally:
            done.set()
            nagging.join()
        assert (store.is_empty(), store.imports(), store.leads()) == (True, (), 0)
        time.sleep(0.05)
        assert store.commit(told, who="me", now=NOW).new == 300_000
