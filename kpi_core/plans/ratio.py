"""A share of leads: by event date, by cohort, or of each channel."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.stage import ORDER
from kpi_core.plans.condition_document import Where, conditions
from kpi_core.plans.document_values import Document, StageName, Whole
from kpi_core.plans.indicator import OnFacts


class Part(Document):
    """One side of a ratio: leads that first reached a stage."""

    stage: StageName
    where: tuple[Where, ...] = ()


class Basis(StrEnum):
    """Which leads a ratio compares."""

    EVENT = "event"
    """発生日基準: this month's events over this month's events"""
    COHORT = "cohort"
    """コホート基準: of this month's leads, those who have come so far by now"""


class Ratio(OnFacts):
    """Sum over sum. `per = "channel"` gives each channel's share of the numerator instead."""

    kind: Literal["ratio"]
    numerator: Part
    denominator: Part | None = None
    basis: Basis = Basis.EVENT
    matures_after_days: Annotated[Whole, Field(ge=0, le=730)] = 0
    min_sample: Annotated[Whole, Field(ge=1)] = 30
    per: Literal["channel"] | None = None

    @model_validator(mode="after")
    def _sides(self) -> "Ratio":
        if (self.per is None) == (self.denominator is None):
            raise PydanticCustomError("ratio_sides", "denominator or per, not both")
        return self

    @model_validator(mode="after")
    def _cohort(self) -> "Ratio":
        if self.basis is Basis.EVENT:
            if self.matures_after_days:
                raise PydanticCustomError("ratio_matures", "only a cohort matures")
        elif self.denominator is None:
            raise PydanticCustomError("ratio_cohort_per", "a share per channel is by event date")
        elif self.numerator.where:
            raise PydanticCustomError("ratio_cohort_where", "conditions belong to the cohort")
        elif ORDER[self.numerator.stage] <= ORDER[self.denominator.stage]:
            raise PydanticCustomError("ratio_cohort_order", "a cohort goes forward")
        return self

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        """Numerator, then denominator; the numerator alone for a share per channel."""
        if self.denominator is None:
            return (self._reached(self.numerator),)
        lower = self._reached(self.denominator)
        if self.basis is Basis.EVENT:
            return self._reached(self.numerator), lower
        upper = Tally(
            TallyKind.CONVERTED,
            lower.stage,
            to_stage=self.numerator.stage,
            conditions=lower.conditions,
            source=self.source,
        )
        return upper, lower

    def _reached(self, part: Part) -> Tally:
        return Tally(
            TallyKind.REACHED,
            part.stage,
            conditions=conditions(part.where),
            source=self.source,
        )
