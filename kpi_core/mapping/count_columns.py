"""Which column counts what, where a row is a day, a week or a month."""

import datetime
import itertools
from collections.abc import Iterable

import pandas as pd

from kpi_core.domain.question import Ask, Option
from kpi_core.domain.stage import Stage
from kpi_core.mapping import synonyms
from kpi_core.mapping.columns import PERIODS, Column, Layout
from kpi_core.mapping.document import Per
from kpi_core.mapping.questions import NONE, Asking, first, named
from kpi_core.mapping.row_grain import SEVERAL_MONTHS
from kpi_core.mapping.synonyms import Role
from kpi_core.parsing.dates import read_dates

COUNT = "count:"
MEASURE = "measure"
CHANNEL = "channel"
EVERY = tuple(f"{COUNT}{stage}" for stage in Stage)
PERIOD_OF = {Role.WEEK: Per.WEEK, Role.MONTH: Per.MONTH}
SHORTEST_MONTH = 28


def ask_date(asking: Asking) -> str | None:
    """Which column is the day; None where each month has a column of its own."""
    layout = asking.layout
    known = [column for column in layout.of(*PERIODS) if column.is_period]
    others = [column for column in layout.periods if Role.OTHER_DATE not in column.roles]
    candidates = list(dict.fromkeys([*known, *others]))
    options = [named(column) for column in candidates]
    if len(layout.months) >= SEVERAL_MONTHS:
        options = [Option("", examples=tuple(layout.months)[:3]), *options]
    sure = not candidates or len(options) == 1 or (bool(known) and not layout.months)
    return asking.ask(Ask.DATE, options, options[0].value if sure else None) or None


def ask_per(asking: Asking, column: str) -> str:
    """Whether its days stand for days, weeks or months."""
    likely = _per(asking.layout, asking.layout[column])
    return asking.ask(Ask.PER, first([likely], Per), likely)


def ask_counts(asking: Asking, columns: Iterable[Column]) -> dict[str, str]:
    """What each column of numbers counts. Measures that are known are concluded."""
    found = {}
    for column in columns:
        likely, sure = _likely(column)
        options = first(likely, (*EVERY, MEASURE, NONE))
        concluded = options[0] if sure else None
        answer = asking.ask(Ask.COLUMN, options, concluded, subject=column.header)
        if answer != NONE:
            found[column.header] = answer
    return found


def ask_months(asking: Asking) -> tuple[str, str]:
    """What the numbers are of which each month has a column: a name for all, and the answer."""
    header = common_name(asking.layout.months)
    measure = synonyms.measure(header)
    options = first([MEASURE], EVERY)
    return header, asking.ask(Ask.COLUMN, options, MEASURE if measure else None, subject=header)


def ask_channel(asking: Asking, taken: Iterable[str | None]) -> str | None:
    """The column by which the numbers are parted."""
    taken = set(taken)
    parted = [
        column
        for column in asking.layout.of(Role.CHANNEL, Role.CAMPAIGN)
        if column.header not in taken and not column.is_date and not column.is_personal
    ]
    for column in parted[:1]:
        options = (CHANNEL, NONE)
        answer = asking.ask(Ask.COLUMN, options, CHANNEL, subject=column.header)
        return column.header if answer == CHANNEL else None
    return None


def common_name(headers: Iterable[str]) -> str:
    """What the names of columns have in common at their beginning; all of the first otherwise."""
    names = list(headers)
    start = names[0]
    for name in names:
        while not name.startswith(start):
            start = start[:-1]
    shorter = start.rstrip(" :：-_/（(0123456789")
    return shorter or names[0]


def _likely(column: Column) -> tuple[list[str], bool]:
    if synonyms.perhaps_counted(column.header):
        return [f"{COUNT}{Stage.LEAD}", MEASURE], False
    if stages := synonyms.counted(column.header):
        return [f"{COUNT}{stage}" for stage in stages], True
    if synonyms.measure(column.header):
        return [MEASURE], True
    if not synonyms.adds_up(column.header):
        return [NONE, MEASURE], True
    return [MEASURE, NONE, f"{COUNT}{Stage.LEAD}"], False


def _per(layout: Layout, column: Column) -> Per:
    if column.profile.period is not None and not column.is_date:
        return column.profile.period
    for role, per in PERIOD_OF.items():
        if role in column.roles and Role.DAY not in column.roles:
            return per
    shown = column.profile.dates
    if shown is None:
        return Per.DAY
    values = pd.Series(column.profile.sample, dtype="str")
    days = read_dates(values, shown.reading(first_day=layout.first_day))["at"].dropna()
    return _by_gaps(sorted({moment.date() for moment in days}))


def _by_gaps(days: list[datetime.date]) -> Per:
    """By how far the days lie apart. Fewer than three show nothing."""
    gaps = [(later - day).days for day, later in itertools.pairwise(days)]
    if len(gaps) < 2:
        return Per.DAY
    if min(gaps) >= SHORTEST_MONTH and len({day.day for day in days}) == 1:
        return Per.MONTH
    return Per.WEEK if all(gap % 7 == 0 for gap in gaps) else Per.DAY
