"""Wins and losses that did not last."""

from datetime import date

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import NOW, Read, read_file

on = date.fromisoformat
ALWAYS = Period(date(2000, 1, 1), date(2030, 12, 31))

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


def current(store: Store, *rows: str, mapping: str = HISTORY) -> dict[Stage, dict[date, float]]:
    """The wins and losses that are current of a history, by day."""
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    content = "\n".join(["deal,stage,at", *rows]).encode()
    import_file(store, content, "history.csv", sound, who="test", now=NOW)
    tallies = {stage: Tally(TallyKind.REACHED, stage=stage) for stage in (Stage.WON, Stage.LOST)}
    found = store.daily(list(tallies.values()), ALWAYS)
    return {stage: found[tally] for stage, tally in tallies.items() if found.get(tally)}


def flagged(batch: Read) -> list[tuple[int | None, str | None]]:
    return [(issue.line, issue.value) for issue in batch.issues if issue.code == "stage_left"]


def test_a_win_that_was_lost_again_is_flagged_at_the_line_of_the_loss(store: Store) -> None:
    rows = ("A,Open,2026-01-05", "A,Won,2026-02-01", "A,Lost,2026-03-01")
    assert current(store, *rows) == {Stage.LOST: {on("2026-03-01"): 1}}
    assert flagged(read(*rows)) == [(4, "won → lost")]


def test_the_order_of_the_rows_does_not_matter(store: Store) -> None:
    rows = ("A,Lost,2026-03-01", "B,Won,2026-02-01", "A,Won,2026-02-01")
    assert current(store, *rows) == {
        Stage.WON: {on("2026-02-01"): 1},
        Stage.LOST: {on("2026-03-01"): 1},
    }
    assert flagged(read(*rows)) == [(2, "won → lost")]


def test_a_win_that_was_opened_again_is_none(store: Store) -> None:
    assert current(store, "A,Won,2026-02-01", "A,Open,2026-03-01") == {}


def test_a_win_after_all_stands_and_the_one_before_it_does_not(store: Store) -> None:
    rows = ("A,Won,2026-02-01", "A,Lost,2026-03-01", "A,Won,2026-04-01")
    assert current(store, *rows) == {Stage.WON: {on("2026-04-01"): 1}}


def test_a_win_that_was_renewed_or_noted_again_stands(store: Store) -> None:
    rows = (
        "A,Won,2026-02-01", "A,Renewed,2027-02-01", "B,Won,2026-02-01", "B,Won,2026-02-03",
        "C,Won,2026-02-01", "C,Note,2026-02-03",
    )  # fmt: skip
    assert sum(current(store, *rows)[Stage.WON].values()) == 3
    assert flagged(read(*rows)) == []


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
    store: Store, rows: list[str], lost_last: bool
) -> None:
    ends = [s for s, days in current(store, *rows).items() if on("2026-02-01") in days]
    assert ends == [Stage.LOST if lost_last else Stage.WON]
    assert [value for _, value in flagged(read(*rows))] == [
        "won → lost" if lost_last else "lost → won"
    ]


def test_a_win_at_the_moment_of_an_earlier_stage_is_the_later_of_the_two(store: Store) -> None:
    rows = ("A,Won,2026-02-01", "A,Open,2026-02-01")
    assert current(store, *rows) == {Stage.WON: {on("2026-02-01"): 1}}
    assert flagged(read(*rows)) == []


def test_rows_without_ids_have_no_history(store: Store) -> None:
    rows, mapping = ("A,Won,2026-02-01", "A,Lost,2026-03-01"), HISTORY.replace('id = "deal"\n', "")
    assert list(current(store, *rows, mapping=mapping)) == [Stage.WON, Stage.LOST]
    assert flagged(read(*rows, mapping=mapping)) == []
