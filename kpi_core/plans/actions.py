"""The work that moves the KPI, and what was agreed to do when it falls short."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from kpi_core.plans.document_values import Document, Number, Slug, Text


class Per(StrEnum):
    """How often an action's minimum is due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Action(Document):
    """A KAI: work that moves the KPI, with the least that is done of it."""

    id: Slug
    name: Text
    measure: Slug
    minimum: Annotated[Number, Field(gt=0)]
    per: Per = Per.WEEK
    unit: Text = ""
    owner: Text | None = None


class Occasion(StrEnum):
    """When a response rule comes into force. `week_3` stands for the third checkpoint."""

    WEEK_1 = "week_1"
    WEEK_2 = "week_2"
    WEEK_3 = "week_3"
    WEEK_4 = "week_4"
    WEEK_5 = "week_5"
    WEEK_6 = "week_6"
    WEEK_7 = "week_7"
    WEEK_8 = "week_8"
    WEEK_9 = "week_9"
    WEEK_10 = "week_10"
    MONTH_END = "month_end"
    ATTENTION = "attention"
    WARNING = "warning"
    CRISIS = "crisis"
    TWO_MONTHS = "two_months_in_crisis"

    @classmethod
    def of_checkpoint(cls, number: int) -> "Occasion":
        """That a checkpoint before the month's end was missed."""
        return cls(f"week_{number}")

    @property
    def checkpoint(self) -> int | None:
        """The number of the checkpoint that was missed; None for every other occasion."""
        return int(self.removeprefix("week_")) if self.startswith("week_") else None


class Rule(Document):
    """What was agreed to do, and who sees to it."""

    when: Occasion
    do: Annotated[tuple[Text, ...], Field(min_length=1)]
    owner: Text | None = None
