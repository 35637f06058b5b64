"""Made-up numbers per day: page views, cost of advertising, white papers published."""

import csv
import io
from datetime import date, timedelta

from kpi_core.demo.season import CALENDAR, activity, dice, window
from kpi_core.domain.period import Period

COLUMNS = ("day", "page_views", "cost", "whitepapers")
_COST_PER_DAY = 62_000
_PAGE_VIEWS_PER_DAY = 1_450
_SWING_WEEKS = 52
_SWING = 0.24


def measures_csv(today: date) -> bytes:
    """A row per day of the window."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for day in window(today).days():
        rows.writerow((day.isoformat(), _page_views(day), _cost(day), _whitepapers(day)))
    return text.getvalue().encode()


def _cost(day: date) -> int:
    """Advertising runs every day; its budget is raised week by week for half a year, then cut."""
    noise = dice("cost", day).uniform(0.97, 1.03)
    budget = _COST_PER_DAY * swing(day, 0)
    return 100 * round(budget * noise * (1.0 if day.weekday() < 5 else 0.7) / 100)


def _page_views(day: date) -> int:
    """Visits follow the search ranking, which climbs and falls a quarter after the budget."""
    noise = dice("page views", day).uniform(0.97, 1.03)
    views = _PAGE_VIEWS_PER_DAY * swing(day, _SWING_WEEKS // 4)
    return round(views * noise * (0.85 + 0.15 * min(activity(day), 1.0)))


def swing(day: date, weeks_late: int) -> float:
    """What a level is multiplied by: up for half of 52 weeks, then down, never level.

    A step would stay outside the limits of the weeks before while the line is flat again.
    """
    week = ((day.toordinal() - 1) // 7 - weeks_late) % _SWING_WEEKS
    half = _SWING_WEEKS // 2
    return 1 - _SWING + 2 * _SWING * (week if week <= half else _SWING_WEEKS - week) / half


def _whitepapers(day: date) -> int:
    """One a week on a Tuesday or Wednesday that is worked, now and then none or two."""
    monday = day - timedelta(days=day.weekday())
    week = Period(monday + timedelta(days=1), monday + timedelta(days=2))
    worked = CALENDAR.working_days(week)
    chance = dice("white papers", monday)
    if not worked or day != chance.choice(worked):
        return 0
    return chance.choices((0, 1, 2), (8, 72, 20))[0]
