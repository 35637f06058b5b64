"""The day on which a number for a week or a month stands: the last of its period."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kpi_core.ingest.extract.column_types import Moment
from kpi_core.mapping.document import Per
from kpi_core.parsing.dates import read_dates
from kpi_core.parsing.periods import read_months, read_weeks


@dataclass(frozen=True)
class DayOf(Moment):
    """A date, or a month or a week by its name: 2024-03, 2024年3月, 2026-W05. Gives a day of it."""

    per: Per = Per.DAY

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        read = {Per.DAY: read_dates, Per.WEEK: read_weeks, Per.MONTH: read_months}[self.per]
        return read(values, self.reading).rename(columns={"at": "value"})


def last_day_sql(moment: str, per: Per, *, same_weekday: bool) -> str:
    """SQL for the day on which a number for the period with this moment in it stands.

    A week is the seven days from the one that is written, where all of them are the same
    weekday, and else one from Monday to Sunday.
    """
    if per is Per.MONTH:
        return f"last_day(cast({moment} as date))"
    if per is Per.WEEK:
        first = moment if same_weekday else f"date_trunc('week', {moment})"
        return f"cast({first} as date) + 6"
    return f"cast({moment} as date)"


def last_days(periods: dict[str, date], per: Per) -> dict[str, date]:
    """The last day of each period, given its first: of a month where all begin with one."""
    if per is Per.WEEK:
        return {column: first + timedelta(days=6) for column, first in periods.items()}
    if per is Per.MONTH or all(first.day == 1 for first in periods.values()):
        return {column: _end_of_month(first) for column, first in periods.items()}
    return dict(periods)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
