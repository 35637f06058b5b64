"""Which days a month has, and which of them are worked."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from kpi_core.domain.period import Month, Period

SATURDAY, SUNDAY = 5, 6


@lru_cache(maxsize=256)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=1024)
def _working_days(calendar: "WorkCalendar", period: Period) -> tuple[date, ...]:
    return tuple(day for day in period.days() if calendar.is_working(day))


@dataclass(frozen=True)
class WorkCalendar:
    """The plan's calendar.

    `closing_day` is the last day of a business month (締め日); None means the calendar month's end.
    A month is named by the calendar month in which it closes: closing on the 20th,
    2026-11 runs from 21 October to 20 November.
    """

    country: str | None = "JP"
    zone: str = "Asia/Tokyo"
    closing_day: int | None = None
    fiscal_year_start: int = 4
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    days_off: frozenset[date] = frozenset()
    work_from: time = time(9)
    work_to: time = time(18)

    def __post_init__(self) -> None:
        if self.closing_day is not None and not 1 <= self.closing_day <= 28:
            raise ValueError(f"Closing day out of 1-28: {self.closing_day}")
        if not 1 <= self.fiscal_year_start <= 12:
            raise ValueError(f"Fiscal year starts in no such month: {self.fiscal_year_start}")
        if self.work_to <= self.work_from:
            raise ValueError(f"Work ends before it begins: {self.work_from} to {self.work_to}")

    def is_working(self, day: date) -> bool:
        """Neither weekend, public holiday nor one of our own days off."""
        if day.weekday() in self.weekend or day in self.days_off:
            return False
        return self.country is None or day not in _public_holidays(self.country, day.year)

    def month_of(self, day: date) -> Month:
        """The business month a day belongs to."""
        month = Month.of(day)
        return (
            month.plus(1) if self.closing_day is not None and day.day > self.closing_day else month
        )

    def period(self, month: Month) -> Period:
        """The days of a business month."""
        if self.closing_day is None:
            following = month.plus(1)
            last = date(following.year, following.number, 1) - timedelta(days=1)
            return Period(date(month.year, month.number, 1), last)
        before = month.plus(-1)
        return Period(
            date(before.year, before.number, self.closing_day) + timedelta(days=1),
            date(month.year, month.number, self.closing_day),
        )

    def working_days(self, period: Period) -> tuple[date, ...]:
        """The period's working days, in order; empty where it has none."""
        return _working_days(self, period)

    def days_worked(self, period: Period, moment: datetime) -> float:
        """The period's working days gone by a wall-clock moment; of the running one the part
        of its working hours that has passed."""
        today = moment.date()
        days = self.working_days(period)
        gone = sum(1 for day in days if day < today)
        if today not in days:
            return float(gone)
        begin, end = (datetime.combine(today, at) for at in (self.work_from, self.work_to))
        return gone + min(max((moment - begin) / (end - begin), 0.0), 1.0)

    def local(self, moment: datetime) -> datetime:
        """A moment as the wall clock of the plan's zone shows it, without zone."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


def moved(moment: datetime, home: str, zone: str) -> datetime:
    """A wall clock of the zone `home` as that of another zone shows it."""
    if home == zone:
        return moment
    return moment.replace(tzinfo=ZoneInfo(home)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def end_of(day: date) -> datetime:
    """The wall-clock moment at which a day is over: midnight of the next."""
    return datetime.combine(day + timedelta(days=1), time())
