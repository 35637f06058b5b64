"""The moment a report is judged at: never one for which there is no data yet."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_core.domain.calendar import WorkCalendar, end_of
from kpi_core.domain.period import Month, Period


@dataclass(frozen=True)
class Moment:
    """A month seen at a moment; all times are wall-clock times of the plan's zone.

    `as_of` is the earliest of now, data through and the month's end. Events are counted
    through `counted_through`, the day that `as_of` falls in; a working day counts as
    elapsed through `last_closed`, the newest day that is over. `is_live`: the month is the
    one that the data have come to, not one that was picked. `is_old`: more working days have
    closed without data than the plan allows. `later_through`: of a cohort, up to when its later
    stage is known. `held_by` is the source that data reach no further for, while others do.
    """

    month: Month
    period: Period
    now: datetime
    as_of: datetime
    data_through: datetime | None
    is_live: bool
    is_old: bool
    later_through: datetime | None = None
    held_by: str | None = None

    def cohorts_known(self) -> datetime:
        """Up to when it is known what became of a cohort, whichever month is shown."""
        return min(self.now, self.later_through or self.now)

    @property
    def counted_through(self) -> date:
        """The last day whose events count; midnight belongs to the day it ends."""
        return (self.as_of - timedelta(microseconds=1)).date()

    @property
    def last_closed(self) -> date:
        """The newest day that is over."""
        return self.as_of.date() - timedelta(days=1)

    @property
    def is_over(self) -> bool:
        """The month has ended and the data reach its end."""
        return self.data_through is not None and self.as_of >= end_of(self.period.last)

    @property
    def awaits_month(self) -> bool:
        """The month is over, and nothing is known yet of the one that runs by now."""
        return self.is_live and self.is_over and self.now.date() > self.period.last

    @property
    def stale(self) -> bool:
        """Too old to be judged. Only a month that was picked, and covered to its end, never is."""
        return self.is_old and (self.is_live or not self.is_over)


def moment_of(
    calendar: WorkCalendar,
    *,
    now: datetime,
    data_through: datetime | None,
    month: Month | None,
    is_live: bool,
    allowed_days: int,
    later_through: datetime | None = None,
    held_by: str | None = None,
) -> Moment:
    """The moment in a month; None is the month that the data have come to.

    `now` is a wall-clock time of the calendar's zone.
    """
    latest = min(now, data_through or now)
    shown = month or calendar.month_of((latest - timedelta(microseconds=1)).date())
    period = calendar.period(shown)
    as_of = min(latest, end_of(period.last))
    is_old = _is_old(calendar, now, data_through, allowed_days)
    return Moment(shown, period, now, as_of, data_through, is_live, is_old, later_through, held_by)


def _is_old(
    calendar: WorkCalendar, now: datetime, data_through: datetime | None, allowed_days: int
) -> bool:
    if data_through is None:
        return True
    covered = (data_through - timedelta(microseconds=1)).date()
    newest_closed = now.date() - timedelta(days=1)
    if newest_closed <= covered:
        return False
    missed = Period(covered + timedelta(days=1), newest_closed)
    if len(missed) > allowed_days * 7 + 31:
        return True
    return len(calendar.working_days(missed)) > allowed_days
