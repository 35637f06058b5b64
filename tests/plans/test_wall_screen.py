"""The plan's `[wall]`: how large the screen is, and when somebody is there to see it."""

from datetime import time

import pytest

from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan
from kpi_core.plans.wall_screen import Wall
from tests.reports.conftest import plan_text


def read(rest: str) -> Plan | tuple[Problem, ...]:
    return read_plan(plan_text(rest=rest))


def test_a_plan_that_says_nothing_hangs_at_five_metres_on_55_inches() -> None:
    plan = read("")
    assert isinstance(plan, Plan)
    assert (plan.wall.distance_m, plan.wall.screen_inches, plan.wall.sleeps) == (5, 55, True)


def test_a_plan_says_how_its_screen_hangs() -> None:
    plan = read(
        "[wall]\ndistance_m = 3.5\nscreen_inches = 43\nawake_from = 06:30:00\nawake_to = 23:00:00"
    )
    assert isinstance(plan, Plan)
    assert plan.wall == Wall(
        distance_m=3.5, screen_inches=43, awake_from=time(6, 30), awake_to=time(23)
    )


@pytest.mark.parametrize(
    "wrong",
    ["distance_m = 0", "distance_m = 31", "screen_inches = -1", "awake_from = '7'", "sleep = true"],
)
def test_what_makes_no_sense_is_refused_with_its_place(wrong: str) -> None:
    problems = read(f"[wall]\n{wrong}")
    assert not isinstance(problems, Plan)
    assert [each.path for each in problems] == [f"wall.{wrong.partition(' ')[0]}"]


@pytest.mark.parametrize(
    ("at", "working", "asleep"),
    [
        ("06:59", True, True),
        ("07:00", True, False),
        ("20:59", True, False),
        ("21:00", True, True),
        ("12:00", False, True),
    ],
)
def test_it_sleeps_outside_its_hours_and_on_days_off(
    at: str, *, working: bool, asleep: bool
) -> None:
    assert Wall().asleep(time.fromisoformat(at), working=working) is asleep


@pytest.mark.parametrize(
    ("at", "asleep"), [("21:59", True), ("22:00", False), ("03:00", False), ("05:00", True)]
)
def test_hours_may_reach_over_midnight(at: str, *, asleep: bool) -> None:
    night = Wall(awake_from=time(22), awake_to=time(5))
    assert night.asleep(time.fromisoformat(at), working=True) is asleep


def test_a_wall_that_does_not_sleep_never_does() -> None:
    assert not Wall(sleeps=False).asleep(time(3), working=False)
