"""The targets of a plan by fiscal year, with the sums of quarters and years."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import plan_for
from kpi_core.plans.targets import Targets, target_on
from kpi_core.records.planning.revisions import Revision

MONTHS = 12
"""From the running one on: the fiscal years that hold any of them are shown whole."""


class CellKind(StrEnum):
    """What a column of the targets holds."""

    PAST = "past"
    RUNNING = "running"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Cell:
    """One target, or the sum of several; empty where its number has no sums."""

    text: str
    kind: CellKind


@dataclass(frozen=True)
class YearRow:
    """The targets of one fiscal year."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TeamRow:
    """A team's target in the running month, and the sum of the running fiscal year."""

    name: str
    month: str
    year: str


class TargetTable:
    """The targets of a plan around a day, month by month as its revisions have them.

    `saved` is the newest of the revisions where the plan is it; else the plan is a draft, which
    holds from the running month on.
    """

    def __init__(
        self, plan: Plan, words: Words, today: date, revisions: Sequence[Revision]
    ) -> None:
        self._plan, self._words, self._formats = plan, words, Formats(words.language)
        self._revisions = revisions
        is_saved = bool(revisions) and read_plan(revisions[-1].text) == plan
        self.saved = revisions[-1] if is_saved else None
        self.month = plan.work_calendar.month_of(today)
        shift = (self.month.number - plan.calendar.fiscal_year_start) % MONTHS
        self.year = tuple(self.month.plus(n - shift) for n in range(MONTHS))
        self._sums = any(plan.months_add_up(kpi) for kpi in plan.kpi)

    def target(self, indicator: Indicator, month: Month) -> float | None:
        """As it is at the month's end, whatever changes on a day before."""
        plan = self._in_force(month)
        then = plan.indicator(indicator.id)
        return None if then is None else _at_end(then.targets, month, plan)

    def figure(self, indicator: Indicator, value: float | None) -> str:
        """A target as it was stated."""
        if indicator.is_ratio:
            return self._formats.stated_percent(value)
        return self._formats.stated(value)

    def label(self, months: Sequence[Month]) -> str:
        """The first and the last month of a year."""
        first, last = self._formats.month(months[0]), self._formats.month(months[-1])
        return self._words("sheet.years", first=first, last=last)

    def heads(self) -> Iterator[str]:
        """The months, and the sums where any KPI has them."""
        for number, month in enumerate(self.year, start=1):
            yield self._formats.month_name(month)
            if self._sums and number % 3 == 0:
                yield self._words("sheet.quarter", number=number // 3)
        if self._sums:
            yield self._words("sheet.year_sum")

    def years(self, kpi: Indicator) -> Iterator[YearRow]:
        """The running fiscal year; the next one where the twelve months reach it."""
        yield self._row(kpi, self.year)
        following = tuple(month.plus(MONTHS) for month in self.year)
        has_targets = any(self.target(kpi, month) is not None for month in following)
        if self.month != self.year[0] and has_targets:
            yield self._row(kpi, following)

    def teams(self, kpi: Indicator) -> Iterator[TeamRow]:
        """The teams that the KPI is divided among."""
        if kpi.teams is None:
            return
        adds_up = self._plan.months_add_up(kpi)
        for name, targets in kpi.teams.targets.items():
            values = [_at_end(targets, month, self._plan) for month in self.year]
            running = self.figure(kpi, values[self.year.index(self.month)])
            yield TeamRow(name, running, self.figure(kpi, _sum(values)) if adds_up else "")

    def _row(self, kpi: Indicator, months: Sequence[Month]) -> YearRow:
        values = [self.target(kpi, month) for month in months]
        return YearRow(self.label(months), tuple(self._cells(kpi, months, values)))

    def _cells(
        self, kpi: Indicator, months: Sequence[Month], values: Sequence[float | None]
    ) -> Iterator[Cell]:
        adds_up = self._plan.months_add_up(kpi)

        def total(part: Sequence[float | None], kind: CellKind) -> Cell:
            return Cell(self.figure(kpi, _sum(part)) if adds_up else "", kind)

        for at, (month, value) in enumerate(zip(months, values, strict=True), start=1):
            yield Cell(self.figure(kpi, value), self._kind(month))
            if self._sums and at % 3 == 0:
                yield total(values[at - 3 : at], CellKind.QUARTER)
        if self._sums:
            yield total(values, CellKind.YEAR)

    def _kind(self, month: Month) -> CellKind:
        if month == self.month:
            return CellKind.RUNNING
        return CellKind.PAST if month < self.month else CellKind.MONTH

    def _in_force(self, month: Month) -> Plan:
        """The plan that a month has; the table's own where another cannot be read."""
        if not self._revisions or (self.saved is None and month >= self.month):
            return self._plan
        found = plan_for(self._revisions, month)
        return found if isinstance(found, Plan) else self._plan


def _at_end(targets: Targets | None, month: Month, plan: Plan) -> float | None:
    period = plan.work_calendar.period(month)
    return target_on(targets, month, period, period.last)


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum of the targets that there are; None without any."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
