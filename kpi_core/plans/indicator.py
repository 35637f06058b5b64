"""What every indicator declares and answers, whatever its kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import Spread
from kpi_core.domain.dispersion import Amounts, CountedPast, History
from kpi_core.domain.period import Period
from kpi_core.domain.status import Direction
from kpi_core.plans.condition_document import Where
from kpi_core.plans.document_values import Day, Document, NonEmpty, Slug, Text, Whole
from kpi_core.plans.targets import Targets, TeamKey, TeamTargets

Days = Mapping[Tally, Mapping[date, float]]
"""Per tally the days that have a value; a day without is zero, or for a measure unknown."""


class Basis(StrEnum):
    """Which leads a ratio compares."""

    EVENT = "event"
    """発生日基準: this month's events over this month's events"""
    COHORT = "cohort"
    """コホート基準: of this month's leads, those who have come so far by now"""


@dataclass(frozen=True)
class Reading:
    """Daily numbers over a period, of which an indicator makes its value.

    `part_of_month` is the part of a month that the period is. `value_of` gives the value of
    another indicator of the plan over the same period, by its id.
    """

    days: Days
    period: Period
    closing_day: int | None
    part_of_month: float
    value_of: Callable[[str], float | None]

    def total(self, tally: Tally) -> float:
        """The sum over the period."""
        values = self.days.get(tally, {})
        return sum(values.get(day, 0.0) for day in self.period.days())


@dataclass(frozen=True)
class Past:
    """Daily numbers of the days seen before a moment; `seen` None is no history.

    `value_on` gives the indicator's value of one day.
    """

    days: Days
    seen: Period | None
    calendar: WorkCalendar
    closing_day: int | None
    value_on: Callable[[date], float]


class Definition(Document):
    """What was agreed that the number means, by whom and when."""

    version: Annotated[Whole, Field(ge=1)] = 1
    text: Text | None = None
    agreed_by: tuple[Text, ...] = ()
    agreed_on: Day | None = None


class AnyIndicator(Document):
    """A number with a name, an owner and, where it has one, a target."""

    id: Slug
    name: Text
    unit: Text = ""
    owner: Text | None = None
    direction: Direction = Direction.UP
    why: Text | None = None
    """Why this number and no other."""
    decision: Text | None = None
    """Which decision it drives."""
    targets: Targets | None = None
    teams: TeamTargets | None = None
    definition: Definition = Definition()

    @property
    def grows(self) -> bool:
        """Adds up through the month; else it is compared with its target directly."""
        return False

    @property
    def can_fall(self) -> bool:
        """May be less again before the month ends: amounts are refunded, shares and levels move."""
        return True

    is_ratio: ClassVar[bool] = False
    """Shown as a share."""
    is_whole: ClassVar[bool] = False
    """Counts whole things."""
    is_count: ClassVar[bool] = False
    """Counts things that come one by one: by chance alone its days scatter as Poisson's do."""
    is_by_lead: ClassVar[bool] = False
    """Each lead that it counts has a channel and an owner: it can be divided among teams."""
    months_add_up: ClassVar[bool] = True
    """What grows through the month makes a sum of months, too: no entity is counted in two."""
    weeks_are_alike: ClassVar[bool] = True
    """Its weeks can be compared."""
    is_zero_known: ClassVar[bool] = False
    """Its value is known from the first week on; else zeros before its first value are not."""

    @property
    def shown_basis(self) -> Basis | None:
        """Which leads a ratio compares; None for every other kind."""
        return None

    @property
    def matures_after(self) -> timedelta | None:
        """How long after its last day a cohort's value still moves; None for what is no cohort."""
        return None

    @property
    def least_by_channel(self) -> int | None:
        """Where each channel has a share in place of one value: the fewest leads to show them."""
        return None

    @property
    def least_sample(self) -> int:
        """What a month's ratio must at least be a part of; 0 for every other kind."""
        return 0

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        """What the store must keep rolled up for this indicator."""
        return ()

    def tallies_of_history(self, closing_day: int | None) -> tuple[Tally, ...]:
        """What its history is made of, beside the tallies it stands on."""
        return ()

    def evaluate(self, reading: Reading) -> float | None:
        """The value over a period; None where it cannot be known."""
        (tally,) = self.tallies(reading.closing_day)
        return reading.total(tally)

    def counted(self, past: Past) -> CountedPast | None:
        """The days seen as counts of alike amounts; None where nothing is known of them.

        Of daily numbers the amount is the one in which their days scatter as a Poisson count does.
        """
        if past.seen is None:
            return None
        values = {day: past.value_on(day) for day in past.seen.days()}
        unit = History(values, past.seen, past.calendar).raw_dispersion
        if not unit:
            return None
        counts = {day: value / unit for day, value in values.items()}
        falls = any(value < 0 for value in values.values())
        history = History(counts, past.seen, past.calendar)
        return CountedPast(history, Amounts(unit, 0.0), falls, events=unit)

    def spread(self, past: Past) -> Spread | None:
        """How the month's sum scatters; None where nothing is known of it."""
        found = self.counted(past)
        return Spread(1.0, found.amounts.mean) if found else None


class OnFacts(AnyIndicator):
    """An indicator that is counted from facts, of one source or of all."""

    source: NonEmpty | None = None


class OnLeads(OnFacts):
    """An indicator that counts lead by lead, those that meet all conditions."""

    where: tuple[Where, ...] = ()

    is_by_lead: ClassVar[bool] = True

    def of_team(self, by: TeamKey, name: str) -> "OnLeads":
        """The same of the leads of one channel or owner."""
        own = Where.model_validate({"attribute": by.value, "in": [name]})
        return self.model_copy(update={"where": (*self.where, own), "teams": None})
