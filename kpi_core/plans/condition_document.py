"""Which leads count: conditions on their attributes."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.domain.condition import Condition, Operator
from kpi_core.plans.document_values import Document, NonEmpty, Number

_Values = Annotated[tuple[NonEmpty, ...], Field(min_length=1)]


class Where(Document):
    """A condition on an attribute: exactly one of the four comparisons."""

    attribute: NonEmpty
    is_in: Annotated[_Values | None, Field(alias="in")] = None
    not_in: _Values | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> "Where":
        given = [v for v in (self.is_in, self.not_in, self.at_least, self.at_most) if v is not None]
        if len(given) != 1:
            raise PydanticCustomError("one_comparison", "exactly one comparison")
        return self

    def condition(self) -> Condition:
        """The comparison as the store takes it."""
        if self.is_in is not None:
            return Condition(self.attribute, Operator.IN, self.is_in)
        if self.not_in is not None:
            return Condition(self.attribute, Operator.NOT_IN, self.not_in)
        if self.at_least is not None:
            return Condition(self.attribute, Operator.AT_LEAST, number=self.at_least)
        return Condition(self.attribute, Operator.AT_MOST, number=self.at_most)


def conditions(where: tuple[Where, ...]) -> tuple[Condition, ...]:
    """All of them must hold."""
    return tuple(each.condition() for each in where)
