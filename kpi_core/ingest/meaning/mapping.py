"""What the columns of a file mean: declared, and the same for every file of its shape."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from kpi_core.domain.stage import Stage


class Grain(StrEnum):
    """What one row is."""

    LEAD = "lead"
    """a lead, with a date for each stage it has reached"""
    EVENT = "event"
    """one event: a stage reached, or one activity"""
    DAY = "day"
    """one day, with counts or measures"""


class Blank(StrEnum):
    """What an empty date says of its stage."""

    NOT_REACHED = "not_reached"
    UNDATED = "undated"
    """the row itself says that the stage was reached; nobody knows when"""


@dataclass(frozen=True)
class StageDate:
    """A column with the date at which each row's lead reached a stage.

    `where` names columns and the values that each must have one of for the date to speak of
    this stage; all must hold. Texts are compared without regard to case and width.
    """

    stage: Stage
    date: str
    blank: Blank = Blank.NOT_REACHED
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    amount: str | None = None
    quality: str | None = None


@dataclass(frozen=True)
class CountColumn:
    """A column with numbers per day: leads that reached `stage`, or values of `measure`."""

    column: str
    stage: Stage | None = None
    measure: str | None = None

    def __post_init__(self) -> None:
        if (self.stage is None) == (self.measure is None):
            raise ValueError(f"{self.column} needs either a stage or a measure")


@dataclass(frozen=True)
class Mapping:
    """The columns of a file by what they mean. Which are set depends on the grain.

    Leads of the same `source` are joined by their ids. Without `id` each row is a lead of its
    own. Instants with an offset are moved to `zone`; without it a date is taken as written.
    `optional` columns may be absent from a file. `text` is the document this was read from.
    """

    name: str
    source: str
    grain: Grain
    text: str
    title: dict[str, str] = field(default_factory=dict)
    id: str | None = None
    channel: str | None = None
    campaign: str | None = None
    owner: str | None = None
    account: str | None = None
    zone: str | None = None
    date_format: str | None = None
    stages: tuple[StageDate, ...] = ()
    stage: str | None = None
    stage_values: dict[str, Stage | None] = field(default_factory=dict)
    """By value in the column `stage`; None where the value is to be passed over."""
    activity: str | None = None
    at: str | None = None
    amount: str | None = None
    quality: str | None = None
    date: str | None = None
    counts: tuple[CountColumn, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    """Column by name of the attribute."""
    optional: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once. No other is ever taken from a file."""
        single = (self.id, self.date, self.at, self.stage)
        each = [part for stage in self.stages for part in (stage.date, *stage.where)]
        numbers = [part for stage in self.stages for part in (stage.amount, stage.quality)]
        named = (self.channel, self.campaign, self.owner, self.account, self.amount, self.quality)
        counted = [count.column for count in self.counts]
        found = (*single, *each, *numbers, *counted, *named, *self.attributes.values())
        return tuple(dict.fromkeys(column for column in found if column is not None))

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a file cannot be read by this mapping."""
        return tuple(column for column in self.columns if column not in self.optional)

    def fits(self, header: Collection[str]) -> bool:
        """Whether all columns are there that must be."""
        return set(self.required) <= set(header)
