"""Wins and losses that did not last."""

from datetime import datetime

import pytest

from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from tests.ingest.read import Read, read_file

at = datetime.fromisoformat

HISTORY = """
name = "history"
source = "crm"
grain = "event"
id = "deal"
stage = "stage"
at = "at"
[stage_values]
Open = "opportunity"
Won = "won"
Lost = "lost"
Renewed = "renewed"
Note = ""
"""


def read(*rows: str, mapping: str = HISTORY) -> Read:
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    return read_file("\n".join(["deal,stage,at", *rows]).encode(), sound)


def taken_back(batch: Read) -> list[tuple[str, str, datetime]]:
    events = batch.events
    found = events[events["withdrawn"]][["lead", "stage", "occurred_at"]]
    return sorted(found.itertuples(index=False, name=None))


def flagged(batch: Read) -> list[tuple[int | None, str | None]]:
    return [(issue.line, issue.value) for issue in batch.issues if issue.code == "stage_left"]


def test_a_win_that_was_lost_again_is_taken_back_at_the_line_of_the_loss() -> None:
    batch = read("A,Open,2026-01-05", "A,Won,2026-02-01", "A,Lost,2026-03-01")
    assert taken_back(batch) == [("A", "won", at("2026-03-01"))]
    assert flagged(batch) == [(4, "won → lost")]


def test_the_order_of_the_rows_does_not_matter() -> None:
    batch = read("A,Lost,2026-03-01", "B,Won,2026-02-01", "A,Won,2026-02-01")
    assert taken_back(batch) == [("A", "won", at("2026-03-01"))]
    assert flagged(batch) == [(2, "won → lost")]


def test_a_win_that_was_opened_again_is_taken_back() -> None:
    batch = read("A,Won,2026-02-01", "A,Open,2026-03-01")
    assert taken_back(batch) == [("A", "won", at("2026-03-01"))]


def test_a_win_after_all_stands_and_the_one_before_it_does_not() -> None:
    batch = read("A,Won,2026-02-01", "A,Lost,2026-03-01", "A,Won,2026-04-01")
    assert taken_back(batch) == [
        ("A", "lost", at("2026-04-01")),
        ("A", "won", at("2026-03-01")),
    ]


def test_a_win_that_was_renewed_or_noted_again_stands() -> None:
    batch = read(
        "A,Won,2026-02-01", "A,Renewed,2027-02-01", "B,Won,2026-02-01", "B,Won,2026-02-03",
        "C,Won,2026-02-01", "C,Note,2026-02-03",
    )  # fmt: skip
    assert taken_back(batch) == []
    assert flagged(batch) == []


@pytest.mark.parametrize(
    ("rows", "lost_last"),
    [
        (["A,Won,2026-02-01", "A,Lost,2026-02-01"], True),
        (["A,Open,2026-01-01", "A,Won,2026-02-01", "A,Lost,2026-02-01"], True),
        (["A,Lost,2026-02-01", "A,Won,2026-02-01", "A,Open,2026-01-01"], True),
        (["A,Won,2026-02-01", "A,Lost,2026-02-01", "A,Open,2026-01-01"], False),
        (["B,Lost,2026-02-02", "B,Open,2026-02-01", "A,Lost,2026-02-01", "A,Won,2026-02-01"], True),
    ],
    ids=["alone", "old first", "new first", "new first, won last", "as most of the file"],
)
def test_at_the_same_moment_the_direction_of_the_rows_tells_which_was_last(
    rows: list[str], lost_last: bool
) -> None:
    gone = "won" if lost_last else "lost"
    assert [(lead, stage) for lead, stage, _ in taken_back(read(*rows))] == [("A", gone)]


def test_a_win_at_the_moment_of_an_earlier_stage_is_the_later_of_the_two() -> None:
    assert taken_back(read("A,Won,2026-02-01", "A,Open,2026-02-01")) == []


def test_rows_without_ids_have_no_history() -> None:
    batch = read(
        "A,Won,2026-02-01", "A,Lost,2026-03-01", mapping=HISTORY.replace('id = "deal"\n', "")
    )
    assert taken_back(batch) == []
