"""How busy a day is at a Japanese office: weekday, holidays, Obon, New Year, month's end."""

from datetime import date, timedelta
from functools import lru_cache
from random import Random

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month, Period

SEED = 20263554
MONTHS = 14
"""How many months the demo shows, the running one included."""

_YEAR_ENDS = (date(year, 12, day) for year in range(2015, 2046) for day in (29, 30, 31))
CALENDAR = WorkCalendar(days_off=frozenset(_YEAR_ENDS))
"""The starter's calendar, with its days off in every year."""

_WEEKDAYS = (1.0, 1.15, 1.15, 1.1, 0.9, 0.1, 0.08)
_HOLIDAY = 0.1


def dice(*key: object) -> Random:
    """Chance that is the same for the same key in every process, whatever was drawn before."""
    return Random(f"{SEED}:{':'.join(str(part) for part in key)}")  # noqa: S311 - made-up data


def window(today: date) -> Period:
    """The days of the demo: fourteen months, the last one up to yesterday.

    On the first of a month the running month has no day yet and thirteen full ones are shown.
    """
    first = CALENDAR.period(Month.of(today).plus(1 - MONTHS)).first
    return Period(first, today - timedelta(days=1))


@lru_cache(maxsize=4096)
def activity(day: date) -> float:
    """How much happens, 1 being an ordinary Monday."""
    if not CALENDAR.is_working(day):
        return min(_WEEKDAYS[day.weekday()], _HOLIDAY)
    busy = _WEEKDAYS[day.weekday()]
    if (day.month, day.day) >= (12, 28) or (day.month, day.day) <= (1, 4):
        return busy * 0.15
    if day.month == 8 and 12 <= day.day <= 16:
        return busy * 0.35
    last_days = CALENDAR.working_days(CALENDAR.period(Month.of(day)))[-3:]
    return busy * 1.2 if day in last_days else busy


def next_working_day(day: date) -> date:
    """The day itself where it is worked, else the next that is."""
    while not CALENDAR.is_working(day):
        day += timedelta(days=1)
    return day
