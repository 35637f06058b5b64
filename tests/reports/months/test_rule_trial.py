"""Rules tried on months worked out by hand, and against the board as it was on each day.

October 2026 in Japan: Monday the 12th (Sports Day) is a holiday. Working days: 1 2 | 5 6 7 8 9 |
13 14 15 16 | 19 20 21 22 23 | 26 27 28 29 30, twenty-one of them. Quarters of 21, rounded up: 6,
11, 16, so the checkpoints are Thursday 8, Friday 16 and Friday 23. November has nineteen, see
`test_board`: its checkpoints are 9, 16 and 24. With a target of 50 both ask for 10, 20 and 30.
"""

import itertools
import time
from datetime import date, timedelta

import pytest

from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Status
from kpi_core.facts.store import Store
from kpi_core.plans.actions import Occasion
from kpi_core.reports.board import board_report
from kpi_core.reports.months.rule_trial import RuleTrial, tried_rules
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text
from tests.reports.test_board import RULES

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
SLOW_DAYS = (1, 2, 5, 6, 7, 8)
OTHER_DAYS = (9, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30)
ALL = RULES + "".join(f'[[rules]]\nwhen = "week_{number}"\ndo = ["talk"]\n' for number in (2, 3))


def counts() -> dict[str, int]:
    """One MQL on each of the first six working days of October, then three; none in November."""
    slow = {f"2026-10-{day:02}": 1 for day in SLOW_DAYS}
    return slow | {f"2026-10-{day:02}": 3 for day in OTHER_DAYS}


def tried(scene: Scene, now: str = "2026-12-01 09:00") -> RuleTrial:
    return tried_rules(scene.store, "p", now=in_tokyo(now))


@pytest.fixture
def two_months(scene: Scene) -> Scene:
    scene.plan(plan_text(rest=ALL))
    scene.leads(mqls(counts()), through="2026-12-01")
    return scene


def test_two_months_by_hand(two_months: Scene) -> None:
    found = tried(two_months)
    assert found.months == (OCTOBER, NOVEMBER)
    fired = {each.when: each.fired for each in found.rules}
    # October: 6 by the 8th of 10 needed; 21 by the 16th of 20; 36 by the 23rd of 30; 51 in all.
    assert fired[Occasion.WEEK_1] == (OCTOBER, NOVEMBER)
    assert fired[Occasion.WEEK_2] == fired[Occasion.WEEK_3] == (NOVEMBER,)
    assert fired[Occasion.MONTH_END] == (NOVEMBER,)
    # Behind from the first day on in both; November, without one MQL, is a crisis.
    assert fired[Occasion.ATTENTION] == (OCTOBER, NOVEMBER)
    assert NOVEMBER in fired[Occasion.WARNING]
    assert fired[Occasion.CRISIS] == (NOVEMBER,)
    assert fired[Occasion.TWO_MONTHS] == ()


def test_months_without_target_or_whole_data_are_left_out(scene: Scene) -> None:
    scene.plan(plan_text(targets='targets = { "2026-11" = 50 }', rest=ALL))
    scene.leads(mqls(counts()), through="2026-12-01")
    assert tried(scene).months == (NOVEMBER,)
    scene.plan(plan_text(rest=ALL), now="2026-11-01")
    assert tried(scene).months == (OCTOBER, NOVEMBER)


def test_a_month_that_began_before_the_data_is_left_out(scene: Scene) -> None:
    scene.plan(plan_text(rest=ALL))
    late = {day: count for day, count in counts().items() if day > "2026-10-14"}
    scene.leads(mqls(late), through="2026-12-01")
    assert tried(scene).months == (NOVEMBER,)


def test_the_odds_are_those_of_the_running_month(two_months: Scene) -> None:
    found = tried(two_months)
    stamps = board_report(two_months.store, "p", now=in_tokyo("2026-12-01 09:00")).kpi.stamps
    assert [stamp.odds for stamp in stamps[:3]] == [
        rule.odds for number in (1, 2, 3) if (rule := found.of(Occasion.of_checkpoint(number)))
    ]
    month_end = found.of(Occasion.MONTH_END)
    assert month_end is not None
    assert month_end.odds is None


def test_two_months_in_crisis_are_followed_by_a_month_of_the_rule(scene: Scene) -> None:
    scene.plan(plan_text(rest=ALL))
    scene.leads(mqls({"2026-09-01": 1}), through="2026-12-01")
    found = tried(scene).of(Occasion.TWO_MONTHS)
    assert found is not None
    assert found.fired == (NOVEMBER,)


def test_where_less_is_better_there_is_no_checkpoint(scene: Scene) -> None:
    text = plan_text(rest=ALL).replace('kind = "count"', 'kind = "count"\ndirection = "down"')
    scene.plan(text)
    scene.leads(mqls(counts()), through="2026-12-01")
    found = tried(scene)
    assert found.of(Occasion.WEEK_1) is None
    assert found.of(Occasion.ATTENTION) is not None


def status_at_the_close_of(scene: Scene, day: date) -> Status:
    """What the board said when the day was over, had it known that day and no more."""
    after = f"{day + timedelta(days=1)} 00:00"
    store: Store = scene.store
    return board_report(store, "p", now=in_tokyo(after)).kpi.status


def test_levels_are_those_that_the_board_showed(two_months: Scene) -> None:
    """By another route: the board of every working day, one after the other."""
    plan = two_months.plan(plan_text(rest=ALL))
    found = tried(two_months)
    at = {
        Occasion.ATTENTION: (Status.ATTENTION, Status.WARNING, Status.CRISIS),
        Occasion.WARNING: (Status.WARNING, Status.CRISIS),
        Occasion.CRISIS: (Status.CRISIS,),
    }
    for month in (OCTOBER, NOVEMBER):
        period: Period = plan.work_calendar.period(month)
        days = [day for day in plan.work_calendar.working_days(period) if day < period.last]
        shown = [status_at_the_close_of(two_months, day) for day in days]
        for level, statuses in at.items():
            running = any(
                one in statuses and other in statuses for one, other in itertools.pairwise(shown)
            )
            rule = found.of(level)
            assert rule is not None
            assert (month in rule.fired) is running, (month, level, shown)


def test_two_years_are_tried_within_a_second(scene: Scene) -> None:
    scene.plan(plan_text(rest=ALL))
    first = date(2024, 12, 1)
    daily = {str(first + timedelta(days=n)): 1 for n in range(730)}
    scene.leads(mqls(daily), through="2026-12-01")
    tried(scene)
    start = time.perf_counter()
    assert len(tried(scene).months) == 24
    assert time.perf_counter() - start < 5  # a busy machine; alone it takes a third of a second
