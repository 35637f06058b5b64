"""A share of leads: by event date, by cohort, or of each channel."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.stage import ORDER
from kpi_core.plans.condition_document import Where, conditions
from kpi_core.plans.document_values import Document, StageName, Whole
from kpi_core.plans.indicator import Basis, OnFacts, Reading


class Part(Document):
    """One side of a ratio: leads that first reached a stage."""

    stage: StageName
    where: tuple[Where, ...] = ()


class Ratio(OnFacts):
    """Sum over sum. `per = "channel"` gives each channel's share of the numerator instead."""

    kind: Literal["ratio"]
    numerator: Part
    denominator: Part | None = None
    basis: Basis = Basis.EVENT
    matures_after_days: Annotated[Whole, Field(ge=0, le=730)] = 0
    min_sample: Annotated[Whole, Field(ge=1)] = 30
    per: Literal["channel"] | None = None

    is_ratio: ClassVar[bool] = True
    is_zero_known: ClassVar[bool] = True

    @property
    def shown_basis(self) -> Basis:
        return self.basis

    @property
    def matures_after(self) -> timedelta | None:
        is_cohort = self.basis is Basis.COHORT
        return timedelta(days=self.matures_after_days) if is_cohort else None

    @property
    def least_by_channel(self) -> int | None:
        return None if self.per is None else self.min_sample

    @property
    def least_sample(self) -> int:
        return self.min_sample

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

    def evaluate(self, reading: Reading) -> float | None:
        """Divided once, at the end; None below the minimum sample, and for a share per channel.

        The sample is for a month: a period that is a part of one needs that part of it.
        """
        if self.per is not None:
            return None
        upper, lower = (reading.total(tally) for tally in self.tallies(reading.closing_day))
        enough = lower >= max(self.min_sample * reading.part_of_month, 1)
        return upper / lower if enough else None

    def _reached(self, part: Part) -> Tally:
        return Tally(
            TallyKind.REACHED,
            part.stage,
            conditions=conditions(part.where),
            source=self.source,
        )
