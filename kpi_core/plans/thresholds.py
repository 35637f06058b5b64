"""The borders a month is judged by: its checkpoints and its alert levels."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from kpi_core.domain.checkpoint import WeekRule
from kpi_core.plans.document_values import Document, Number

Share = Annotated[Number, Field(gt=0, lt=1)]


USUAL = (0.2, 0.4, 0.6)
"""The shares that go with an even plan line."""
MOST_SHARES = 10


class Kind(StrEnum):
    """Which line the shares of the plan's own lie on."""

    FLOOR = "floor"
    """the least that is due; the plan line is the floor over the attention level"""
    PLAN = "plan"
    """the plan line; the floor is the attention level of it"""


class Checkpoints(Document):
    """Where the checkpoints fall, and the share of the target at each before the month's end."""

    weeks: WeekRule = WeekRule.QUARTERS
    shares: Annotated[tuple[Share, ...], Field(min_length=1, max_length=MOST_SHARES)] = USUAL
    kind: Kind | None = None


class AlertLevels(Document):
    """Borders of attention and warning, as shares of what an even pace asks."""

    attention: Share = 0.8
    warning: Share = 0.7
