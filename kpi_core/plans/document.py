"""The plan: one KGI, its KPI, and everything that was agreed beforehand."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.checkpoint import checkpoints
from kpi_core.domain.pace import Lines
from kpi_core.domain.period import Month
from kpi_core.domain.status import Levels
from kpi_core.plans.actions import Action, Rule
from kpi_core.plans.document_values import (
    Day,
    Document,
    NonEmpty,
    Number,
    PlanId,
    Slug,
    Text,
    Whole,
)
from kpi_core.plans.formulas import reached_from
from kpi_core.plans.indicators import Derived, Indicator
from kpi_core.plans.targets import LARGEST
from kpi_core.plans.thresholds import AlertLevels, Checkpoints, Kind
from kpi_core.plans.wall_screen import Wall
from kpi_core.plans.working_days import Calendar


class GoalPer(StrEnum):
    """What the goal's number is for."""

    MONTH = "month"
    """each month"""
    YEAR = "year"
    """the twelve months up to the deadline, together"""


class Kgi(Document):
    """The destination: a result with a number and a deadline.

    `indicator` is the id of the plan's number that shows how the goal stands.
    """

    name: Text
    target: Annotated[Number, Field(gt=0, le=LARGEST)]
    unit: Text = ""
    deadline: Day
    per: GoalPer | None = None
    indicator: Slug | None = None


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class Plan(Document):
    """One plan. Its KPI is one; a second needs a written reason.

    What holds between its tables is for `check.py` to say: read a plan by `read_plan`.
    """

    id: PlanId
    name: Text
    kgi: Kgi
    csf: Text
    kpi: Annotated[tuple[Indicator, ...], BeforeValidator(_as_list), Field(min_length=1)]
    reason_for_second_kpi: NonEmpty | None = None
    indicators: Annotated[tuple[Indicator, ...], Field(max_length=200)] = ()
    actions: Annotated[tuple[Action, ...], Field(max_length=50)] = ()
    rules: Annotated[tuple[Rule, ...], Field(max_length=50)] = ()
    calendar: Calendar = Calendar()
    checkpoints: Checkpoints = Checkpoints()
    levels: AlertLevels = AlertLevels()
    wall: Wall = Wall()
    review_on: Day | None = None
    """From this day on the plan is due for a review."""
    not_ours: Annotated[tuple[NonEmpty, ...], Field(max_length=500)] = ()
    """What the data count and this plan leaves aside: names of stages, activities and measures."""
    stale_after_working_days: Annotated[Whole, Field(ge=0, le=60)] = 2

    def measured(self) -> Iterator[Indicator]:
        """KPI and management indicators, in the plan's order."""
        yield from self.kpi
        yield from self.indicators

    @cached_property
    def by_id(self) -> dict[str, Indicator]:
        """KPI and management indicators by their ids."""
        return {each.id: each for each in self.measured()}

    def indicator(self, name: str) -> Indicator | None:
        """The KPI or indicator of that id; None where the plan has none."""
        return self.by_id.get(name)

    def tallies_of(self, indicator: Indicator) -> tuple[Tally, ...]:
        """Every tally that the indicator stands on, through formulas down to the facts."""
        return self._tallies_by_id[indicator.id]

    @cached_property
    def _tallies_by_id(self) -> dict[str, tuple[Tally, ...]]:
        closing = self.calendar.closing_day
        found = {}
        for indicator in self.measured():
            parts = (indicator, *reached_from(indicator, self.by_id))
            own = (tally for part in parts for tally in part.tallies(closing))
            found[indicator.id] = tuple(dict.fromkeys(own))
        return found

    def tallies(self) -> tuple[Tally, ...]:
        """All that the store must keep rolled up for this plan."""
        own = [tally for each in self.measured() for tally in self.tallies_of(each)]
        closing = self.calendar.closing_day
        own += [tally for each in self.measured() for tally in each.tallies_of_history(closing)]
        actions = (Tally(TallyKind.MEASURE, name=action.measure) for action in self.actions)
        return tuple(dict.fromkeys((*own, *actions)))

    @cached_property
    def work_calendar(self) -> WorkCalendar:
        """The plan's calendar as a value of the domain."""
        return self.calendar.work_calendar()

    @cached_property
    def alert_levels(self) -> Levels:
        """The alert levels as a value of the domain."""
        return Levels(self.levels.attention, self.levels.warning)

    def lines_of(self, month: Month) -> Lines:
        """The month's floor and plan line, with its checkpoints.

        The last checkpoint, at the month's end, is the attention level.
        """
        period = self.work_calendar.period(month)
        working = self.work_calendar.working_days(period)
        stated, attention = self.checkpoints, self.levels.attention
        factor = attention if stated.kind is Kind.PLAN else 1.0
        shares = (*(share * factor for share in stated.shares), attention)
        due = checkpoints(stated.weeks, shares, period, working)
        return Lines(due, len(working), bent=stated.kind is not None)

    def grows(self, indicator: Indicator) -> bool:
        """Whether it adds up through the month; a formula where it is a sum of what does."""
        if not isinstance(indicator, Derived):
            return indicator.grows
        names = indicator.parsed.names
        return indicator.parsed.grows([name for name in names if self.grows(self.by_id[name])])

    def months_add_up(self, indicator: Indicator) -> bool:
        """Whether its months make a quarter's sum: no shares, levels or distinct entities."""
        parts = (indicator, *reached_from(indicator, self.by_id))
        return self.grows(indicator) and all(each.months_add_up for each in parts)

    def can_fall(self, indicator: Indicator) -> bool:
        """Whether what it has come to may be less again before the month ends."""
        if not isinstance(indicator, Derived):
            return indicator.can_fall
        return any(self.can_fall(self.by_id[name]) for name in indicator.parsed.names)
