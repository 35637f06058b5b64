"""Made-up numbers per day: page views, cost of advertising, white papers published."""

import csv
import io
from datetime import date, timedelta

from kpi_core.demo.season import CALENDAR, activity, dice, window
from kpi_core.domain.period import Period

COLUMNS = ("day", "page_views", "cost", "whitepapers")
_COST_PER_DAY = 62_000
_PAGE_VIEWS_PER_DAY = 1_450


def measures_csv(today: date) -> bytes:
    """A row per day of the window."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for day in window(today).days():
        rows.writerow((day.isoformat(), _page_views(day), _cost(day), _whitepapers(day)))
    return text.getvalue().encode()


def _cost(day: date) -> int:
    """Advertising runs every day; its budget changes each quarter, up and down in turn."""
    quarter = (day.year * 12 + day.month - 1) // 3
    budget = 1.16 if quarter % 2 else 0.86
    noise = dice("cost", day).uniform(0.96, 1.04)
    return 100 * round(_COST_PER_DAY * budget * noise * (1.0 if day.weekday() < 5 else 0.7) / 100)


def _page_views(day: date) -> int:
    """Visits follow the search ranking, which changes in the middle of each quarter."""
    shifted = day - timedelta(days=45)
    quarter = (shifted.year * 12 + shifted.month - 1) // 3
    ranking = 1.18 if quarter % 2 else 0.84
    noise = dice("page views", day).uniform(0.95, 1.05)
    return round(_PAGE_VIEWS_PER_DAY * ranking * noise * (0.6 + 0.4 * min(activity(day), 1.0)))


def _whitepapers(day: date) -> int:
    """One a week on a Tuesday or Wednesday that is worked, now and then none or two."""
    monday = day - timedelta(days=day.weekday())
    week = Period(monday + timedelta(days=1), monday + timedelta(days=2))
    worked = CALENDAR.working_days(week)
    chance = dice("white papers", monday)
    if not worked or day != chance.choice(worked):
        return 0
    return chance.choices((0, 1, 2), (8, 72, 20))[0]
