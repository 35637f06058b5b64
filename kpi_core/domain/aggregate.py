"""What is added up per day: the bricks that every indicator is built from."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property

from kpi_core.domain.condition import Condition
from kpi_core.domain.stage import Stage


class TallyKind(StrEnum):
    """What one unit on a day stands for."""

    REACHED = "reached"
    """a lead that first reached the stage that day, or a count imported for that day"""
    AMOUNT = "amount"
    """the amount of the leads that first reached the stage that day"""
    QUALITY = "quality"
    """the quality score of the leads that first reached the stage that day"""
    CONVERTED = "converted"
    """a lead that first reached the stage that day and has come to `to_stage` by now, whenever"""
    ACTIVE = "active"
    """an entity whose `at_least`-th activity of the business month fell on that day"""
    MEASURE = "measure"
    """the value imported for the measure on that day"""
    LEVEL = "level"
    """the measure as it stood that day: of each channel and source the last value, together"""


_AT_HOME = ("zone", None)


@dataclass(frozen=True)
class Tally:
    """A number per day and channel that the store keeps rolled up.

    `stage` for all kinds but ACTIVE, MEASURE and LEVEL; `name` is the activity or the measure.
    `closing_day` matters to ACTIVE alone, which starts again each business month.
    """

    kind: TallyKind
    stage: Stage | None = None
    name: str | None = None
    to_stage: Stage | None = None
    at_least: int = 1
    closing_day: int | None = None
    conditions: tuple[Condition, ...] = ()
    source: str | None = None
    zone: str | None = None
    """In whose days it is added up; None is the workspace's zone."""

    def __post_init__(self) -> None:
        named = self.kind in (TallyKind.ACTIVE, TallyKind.MEASURE, TallyKind.LEVEL)
        if named != (self.name is not None) or named == (self.stage is not None):
            raise ValueError(f"A tally of kind {self.kind} needs a {'name' if named else 'stage'}")
        if (self.kind is TallyKind.CONVERTED) != (self.to_stage is not None):
            raise ValueError("to_stage goes with converted, and with nothing else")
        if self.at_least < 1:
            raise ValueError(f"at_least below 1: {self.at_least}")

    @cached_property
    def key(self) -> str:
        """A short name that is the same for equal tallies in every process."""
        said = {name: value for name, value in asdict(self).items() if (name, value) != _AT_HOME}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
