"""How many leads reached a stage, as it is known by a moment."""

from datetime import date

import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.reports.board import board_report
from kpi_core.reports.counts import By, CountRow, counts_report
from tests.batches import at
from tests.reports.conftest import Scene, in_tokyo, plan_text

WINS = [("1", "won", "2026-11-02"), ("2", "won", "2026-11-20"), ("3", "won", "2031-01-05")]


@pytest.mark.parametrize(
    ("now", "through", "total"),
    [
        ("2026-11-22 09:00", "2026-11-22", 2),
        ("2026-11-22 09:00", "2026-11-20", 2),
        ("2026-11-10 09:00", "2026-11-22", 1),
    ],
)
@pytest.mark.parametrize("by", By)
def test_what_is_dated_later_does_not_count_yet(
    scene: Scene, by: By, now: str, through: str, total: int
) -> None:
    scene.leads(WINS, through=through)
    report = counts_report(scene.store, Stage.WON, by, now=at(now))
    assert (report.total, report.as_of) == (total, min(at(now), at(through)))


def test_what_counts_hold_beyond_the_board_is_named(scene: Scene) -> None:
    scene.plan(plan_text())
    told = [(f"{day}", "marketing_qualified", f"2026-11-{day}") for day in (10, 13, 20)]
    scene.leads(told, through="2026-11-16")
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-22 09:00"))
    report = counts_report(
        scene.store, Stage.MARKETING_QUALIFIED, By.MONTH, now=at("2026-11-22 09:00")
    )
    assert (report.total, report.later) == (3, 1)
    assert (board.kpi.value, board.kpi.moment.as_of) == (report.total - 1, report.as_of)


def test_days_that_are_all_to_come_have_no_row(scene: Scene) -> None:
    scene.leads(WINS, through="2026-11-22")
    coming = Period(date(2030, 1, 1), date(2031, 12, 31))
    now = at("2026-11-22 09:00")
    report = counts_report(scene.store, Stage.WON, By.MONTH, now=now, period=coming)
    assert (report.rows, report.total) == ((), 0)
    known = counts_report(scene.store, Stage.WON, By.MONTH, now=now)
    assert known.rows == (CountRow("2026-11", 2),)
