"""The course of a month's KPI: how far it has come by the end of each week."""

from bisect import bisect_left
from datetime import date, timedelta
from itertools import accumulate, pairwise

from kpi_core.demo.season import CALENDAR, activity, dice
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.period import Month, Period

TARGET = 50
"""The starter's KPI target, about which the months are drawn."""

COURSES = (
    (0.18, 0.43, 0.74, 1.10),  # a slow start, caught up
    (0.18, 0.42, 0.68, 0.95),  # a slow start, narrowly missed
    (0.26, 0.50, 0.77, 1.12),  # even, reached
    (0.22, 0.38, 0.67, 1.04),  # the second week missed, caught up
    (0.22, 0.42, 0.58, 0.93),  # the third week missed
    (0.23, 0.44, 0.65, 0.89),  # behind from the second week on
    (0.18, 0.45, 0.75, 1.15),  # a slow start, a strong end
)
"""Shares of the target reached by the end of weeks 1, 2, 3 and of the month."""

MOST = 60
_SEASON = {1: -2, 3: 4, 6: 1, 8: -3, 9: 2, 12: -1}
"""So many more or less by month's end: fiscal year's end, Obon, New Year."""


def qualification_days(month: Month) -> list[date]:
    """The day on which each lead that counts is qualified, in order.

    They are spread evenly over each week by how busy its days are, so that the course is kept.
    """
    chance = dice("course", month)
    course = chance.choice(COURSES)
    due = [round(share * TARGET) for share in course]
    due[-1] = min(due[-1] + _SEASON.get(month.number, 0) + chance.randint(-1, 1), MOST)
    found = []
    for week, (before, by_then) in zip(_weeks(month), pairwise([0, *due]), strict=True):
        days = list(week.days())
        busy = list(accumulate(activity(day) for day in days))
        step = busy[-1] / (by_then - before)
        points = ((n + chance.uniform(0.2, 0.8)) * step for n in range(by_then - before))
        found += [days[bisect_left(busy, point)] for point in points]
    return found


def _weeks(month: Month) -> list[Period]:
    """The four quarters of the month's working days, weekends joined to the week after."""
    period = CALENDAR.period(month)
    working = CALENDAR.working_days(period)
    due = checkpoints(WeekRule.QUARTERS, (0.2, 0.4, 0.6, 0.8), period, working)
    ends = [period.first - timedelta(days=1), *(checkpoint.on for checkpoint in due)]
    return [Period(before + timedelta(days=1), end) for before, end in pairwise(ends)]
