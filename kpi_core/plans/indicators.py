"""The six kinds of indicator, declared over facts."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.formula import Formula, FormulaError, parse_formula
from kpi_core.plans.condition_document import Where, conditions
from kpi_core.plans.document_values import Slug, StageName, Whole
from kpi_core.plans.indicator import AnyIndicator, OnFacts
from kpi_core.plans.ratio import Ratio


class Count(OnFacts):
    """Leads that first reached a stage."""

    kind: Literal["count"]
    stage: StageName
    where: tuple[Where, ...] = ()

    @property
    def grows(self) -> bool:
        return True

    @property
    def can_fall(self) -> bool:
        return False

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        met = conditions(self.where)
        return (Tally(TallyKind.REACHED, self.stage, conditions=met, source=self.source),)


class SumOf(StrEnum):
    """What of a lead is added up."""

    AMOUNT = "amount"
    QUALITY = "quality"


class Sum(OnFacts):
    """Amount or quality score of the leads that first reached a stage."""

    kind: Literal["sum"]
    stage: StageName
    of: SumOf
    where: tuple[Where, ...] = ()

    @property
    def grows(self) -> bool:
        return True

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        kind = TallyKind.AMOUNT if self.of is SumOf.AMOUNT else TallyKind.QUALITY
        met = conditions(self.where)
        return (Tally(kind, self.stage, conditions=met, source=self.source),)

    def counted(self) -> Tally:
        """How many leads the amounts are of."""
        met = conditions(self.where)
        return Tally(TallyKind.REACHED, self.stage, conditions=met, source=self.source)


class Active(OnFacts):
    """Entities with at least so many activities in the month."""

    kind: Literal["active"]
    activity: Slug
    at_least: Annotated[Whole, Field(ge=1, le=1000)] = 1
    where: tuple[Where, ...] = ()

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


Indicator = Annotated[Count | Sum | Active | Ratio | Measure | Derived, Field(discriminator="kind")]
