"""The borders a month is judged by: its checkpoints and its alert levels."""

from typing import Annotated

from pydantic import Field

from kpi_core.domain.checkpoint import WeekRule
from kpi_core.plans.values import Document, Number

Share = Annotated[Number, Field(gt=0, lt=1)]


class Checkpoints(Document):
    """Where the weeks end, and the least share of the target due at weeks 1, 2 and 3."""

    weeks: WeekRule = WeekRule.QUARTERS
    shares: tuple[Share, Share, Share] = (0.2, 0.4, 0.6)


class AlertLevels(Document):
    """Borders of attention and warning, as shares of what an even pace asks."""

    attention: Share = 0.8
    warning: Share = 0.7
