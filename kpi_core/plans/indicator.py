"""What every indicator declares, whatever its kind."""

from typing import Annotated

from pydantic import Field

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.status import Direction
from kpi_core.plans.document_values import Day, Document, NonEmpty, Slug, Text, Whole
from kpi_core.plans.targets import Targets


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
    targets: Targets | None = None
    definition: Definition = Definition()

    @property
    def grows(self) -> bool:
        """Adds up through the month; else it is compared with its target directly."""
        return False

    @property
    def can_fall(self) -> bool:
        """May be less again before the month ends: amounts are refunded, shares and levels move."""
        return True

    def tallies(self, closing_day: int | None) -> tuple[Tally, ...]:
        """What the store must keep rolled up for this indicator."""
        return ()


class OnFacts(AnyIndicator):
    """An indicator that is counted from facts, of one source or of all."""

    source: NonEmpty | None = None
