"""The six kinds of indicator, declared over facts."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.chance import Spread
from kpi_core.domain.dispersion import Amounts, CountedPast, History
from kpi_core.domain.formula import Formula, FormulaError, parse_formula
from kpi_core.plans.condition_document import conditions
from kpi_core.plans.document_values import Slug, StageName, Whole
from kpi_core.plans.indicator import AnyIndicator, OnFacts, OnLeads, Past, Reading
from kpi_core.plans.ratio import Ratio


class Count(OnLeads):
    """Leads that first reached a stage."""

    kind: Literal["count"]
    stage: StageName

    is_whole: ClassVar[bool] = True
    is_count: ClassVar[bool] = True

    @property
    def grows(self) -> bool:
        return True

    @property
    def can_fall(self) -> bool:
        return False

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        met = conditions(self.where)
        return (Tally(TallyKind.REACHED, self.stage, conditions=met, source=self.source),)

    def counted(self, past: Past) -> CountedPast | None:
        """Its own days."""
        if past.seen is None:
            return None
        (tally,) = self.tallies(past.closing_day)
        return CountedPast(History(past.days.get(tally, {}), past.seen, past.calendar))

    def spread(self, past: Past) -> Spread:
        """By its own history; without one, as most counts scatter."""
        found = self.counted(past)
        return Spread(found.dispersion) if found else Spread()


class SumOf(StrEnum):
    """What of a lead is added up."""

    AMOUNT = "amount"
    QUALITY = "quality"


class Sum(OnLeads):
    """Amount or quality score of the leads that first reached a stage."""

    kind: Literal["sum"]
    stage: StageName
    of: SumOf

    @property
    def grows(self) -> bool:
        return True

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        kind = TallyKind.AMOUNT if self.of is SumOf.AMOUNT else TallyKind.QUALITY
        met = conditions(self.where)
        return (Tally(kind, self.stage, conditions=met, source=self.source),)

    def tallies_of_history(self, closing_day: int | None) -> tuple[Tally, ...]:
        """How many leads the amounts are of."""
        met = conditions(self.where)
        return (Tally(TallyKind.REACHED, self.stage, conditions=met, source=self.source),)

    def counted(self, past: Past) -> CountedPast | None:
        """The leads that its amounts are of; None with too few of them."""
        if past.seen is None:
            return None
        (tally,) = self.tallies(past.closing_day)
        (leads,) = self.tallies_of_history(past.closing_day)
        counted = {day: n for day, n in past.days.get(leads, {}).items() if day in past.seen}
        sums = past.days.get(tally, {})
        amounts = Amounts.of(sums, counted)
        if amounts is None:
            return None
        falls = any(amount < 0 for day, amount in sums.items() if day in past.seen)
        return CountedPast(History(counted, past.seen, past.calendar), amounts, falls)

    def spread(self, past: Past) -> Spread | None:
        """As its leads scatter, in units of their mean amount."""
        found = self.counted(past)
        return Spread(found.dispersion, found.amounts.mean) if found else None


class Active(OnLeads):
    """Entities with at least so many activities in the month."""

    kind: Literal["active"]
    activity: Slug
    at_least: Annotated[Whole, Field(ge=1, le=1000)] = 1

    is_whole: ClassVar[bool] = True
    months_add_up: ClassVar[bool] = False
    weeks_are_alike: ClassVar[bool] = False
    """Activity bunches late in the month."""

    @property
    def grows(self) -> bool:
        return True

    @property
    def can_fall(self) -> bool:
        return False

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        return (
            Tally(
                TallyKind.ACTIVE,
                name=self.activity,
                at_least=self.at_least,
                closing_day=closing_day,
                conditions=conditions(self.where),
                source=self.source,
            ),
        )

    def counted(self, past: Past) -> CountedPast | None:
        """Each entity on the day on which it has come to as many."""
        if past.seen is None:
            return None
        (tally,) = self.tallies(past.closing_day)
        return CountedPast(History(past.days.get(tally, {}), past.seen, past.calendar))

    def spread(self, past: Past) -> Spread:
        """Distinct entities scatter as a Poisson count does."""
        return Spread(dispersion=1.0)


class Aggregate(StrEnum):
    """How a measure's days make a month."""

    SUM = "sum"
    LAST = "last"


class Measure(OnFacts):
    """A number given per day: cost, page views, a survey's score."""

    kind: Literal["measure"]
    measure: Slug
    aggregate: Aggregate = Aggregate.SUM

    @property
    def grows(self) -> bool:
        return self.aggregate is Aggregate.SUM

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        kind = TallyKind.LEVEL if self.aggregate is Aggregate.LAST else TallyKind.MEASURE
        return (Tally(kind, name=self.measure, source=self.source),)

    def evaluate(self, reading: Reading) -> float | None:
        """None where no day of the period has a value: it is unknown, and no zero."""
        (tally,) = self.tallies(reading.closing_day)
        values = reading.days.get(tally, {})
        known = [day for day in reading.period.days() if day in values]
        if not known:
            return None
        if self.aggregate is Aggregate.LAST:
            return values[max(known)]
        return reading.total(tally)


def _readable(text: str) -> str:
    try:
        parse_formula(text)
    except FormulaError as error:
        raise PydanticCustomError("formula", "not a formula", error.said()) from None
    return text


class Derived(AnyIndicator):
    """Arithmetic on other indicators of the plan, by their ids."""

    kind: Literal["formula"]
    formula: Annotated[str, AfterValidator(_readable)]

    @cached_property
    def parsed(self) -> Formula:
        """The formula, ready to be worked out."""
        return parse_formula(self.formula)

    def evaluate(self, reading: Reading) -> float | None:
        """Worked out of the values of the indicators it names."""
        return self.parsed.value({name: reading.value_of(name) for name in self.parsed.names})


Indicator = Annotated[Count | Sum | Active | Ratio | Measure | Derived, Field(discriminator="kind")]
