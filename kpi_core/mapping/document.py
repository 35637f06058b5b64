"""What the columns of a file mean: declared, and the same for every file of its shape."""

import datetime
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kpi_core.domain.stage import Stage
from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.numbers import Decimal, NumberReading
from kpi_core.parsing.text_column import folded
from kpi_core.tabular.opened_file import How


class Grain(StrEnum):
    """What one row is."""

    LEAD = "lead"
    """a lead, with a date for each stage it has reached"""
    EVENT = "event"
    """one event: a stage reached, or one activity"""
    SNAPSHOT = "snapshot"
    """a lead with its current stage, without the date at which it reached that"""
    DAY = "day"
    """one day, week or month, with counts or measures"""


class Per(StrEnum):
    """What a row of counts is for; its date is the first day of it, or any day in it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Merge(StrEnum):
    """How rows tell that they belong to the lead of the row above."""

    KINTONE = "kintone"
    """a record begins where the first column holds "*"; the rows after it are its table's"""
    CONTINUATION = "continuation"
    """a row without an id goes on with the lead above"""


class Blank(StrEnum):
    """What an empty date says of its stage."""

    NOT_REACHED = "not_reached"
    UNDATED = "undated"
    """the row itself says that the stage was reached, at an unknown date"""


@dataclass(frozen=True)
class StageDate:
    """A column with the date at which each row's lead reached a stage.

    Without `date` each row says that its lead has reached the stage, at an unknown date;
    `blank` is then UNDATED. Several columns may date one stage: the earliest counts.
    `where` names columns and the values that each must have one of for the date to speak of
    this stage; all must hold. Texts are compared without regard to case and width.
    """

    stage: Stage
    date: str | None
    blank: Blank = Blank.NOT_REACHED
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    amount: str | None = None
    quality: str | None = None

    def __post_init__(self) -> None:
        if self.date is None and self.blank is not Blank.UNDATED:
            raise ValueError(f"{self.stage} has no date, so it is undated")


@dataclass(frozen=True)
class CountColumn:
    """A column with numbers per day: leads that reached `stage`, or values of `measure`.

    Without `column` the numbers stand in the columns of `Mapping.periods`. `where` is that of
    StageDate: only the rows it holds for are counted.
    """

    column: str | None
    stage: Stage | None = None
    measure: str | None = None
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.stage is None) == (self.measure is None):
            raise ValueError(f"{self.column} needs either a stage or a measure")


AS_WRITTEN = "as written"
"""Stands for a zone: instants are not moved."""


@dataclass(frozen=True)
class Mapping:
    """The columns of a file by what they mean. Which are set depends on the grain.

    `at` is when an event happened; of a snapshot, when the lead was created.
    Leads of the same `source` are joined by their ids. Without `id` each row is a lead of its
    own. Instants with an offset are moved to `zone`, without one to the zone of who imports;
    where it is AS_WRITTEN, they are taken as written.
    `optional` columns may be absent from a file; those of `keep` are kept though they look
    personal. `file` says what the bytes do not. `text` is the document this was read from.
    """

    name: str
    source: str
    grain: Grain
    text: str
    thing: str = "lead"
    """What a row is about: a lead, a deal. Ids of two things of a source never meet."""
    title: dict[str, str] = field(default_factory=dict)
    id: str | None = None
    channel: str | None = None
    campaign: str | None = None
    owner: str | None = None
    account: str | None = None
    zone: str | None = None
    date_format: str | None = None
    stages: tuple[StageDate, ...] = ()
    passed_over: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By column: the values that were seen there, and of which no stage is to be made."""
    stage: str | None = None
    stage_values: dict[str, Stage | None] = field(default_factory=dict)
    """By value in the column `stage`; None where the value is skipped."""
    activity: str | None = None
    at: str | None = None
    corrects: str | None = None
    """Where it is set, a file goes on from what is stored. A row with anything in this column takes
    back the earlier date of its stage, and sets the new one where it has a date."""
    amount: str | None = None
    quality: str | None = None
    date: str | None = None
    counts: tuple[CountColumn, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    """Column by name of the attribute."""
    optional: frozenset[str] = frozenset()
    file: How = field(default_factory=How)
    dates: dict[str, DateReading] = field(default_factory=dict)
    """How the dates of a column are to be read, without zone: see `date_reading`."""
    numbers: dict[str, Decimal] = field(default_factory=dict)
    """The decimal sign, by column."""
    per: Per = Per.DAY
    periods: dict[str, datetime.date] = field(default_factory=dict)
    """Where each period has a column of its own: its first day, by column."""
    keep: frozenset[str] = frozenset()
    merge: Merge | None = None

    def date_reading(
        self,
        column: str,
        first_day: datetime.date | None = None,
        *,
        home: str | None = None,
        stated: str | None = None,
    ) -> DateReading:
        """How the dates of a column are to be read. `first_day` is that of the file's period.

        `home` is the zone of who imports, `stated` what the file says of its times.
        """
        reading = self.dates.get(column) or DateReading(format=self.date_format)
        zone = None if self.zone == AS_WRITTEN else self.zone or home
        return replace(reading, zone=zone, stated=stated, first_day=first_day)

    def number_reading(self, column: str) -> NumberReading:
        """How the numbers of a column are to be read."""
        return NumberReading(self.numbers.get(column))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once. No other is ever taken from a file."""
        single = (self.id, self.date, self.at, self.stage, self.corrects)
        each = [part for stage in self.stages for part in (stage.date, *stage.where)]
        numbers = [part for stage in self.stages for part in (stage.amount, stage.quality)]
        named = (self.channel, self.campaign, self.owner, self.account, self.amount, self.quality)
        counted = [part for count in self.counts for part in (count.column, *count.where)]
        counted += self.periods
        found = (*single, *each, *numbers, *counted, *named, *self.attributes.values())
        return tuple(dict.fromkeys(column for column in found if column is not None))

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a file cannot be read by this mapping."""
        return tuple(column for column in self.columns if column not in self.optional)

    def fits(self, header: Collection[str]) -> bool:
        """Whether all columns are there that must be."""
        return set(self.required) <= set(header)


LENGTH = 32


def fingerprint(header: Iterable[str]) -> str:
    """The names of the columns as one short text. Order, case and width do not matter."""
    names = "\0".join(sorted(folded(name) for name in header))
    return hashlib.sha256(names.encode()).hexdigest()[:LENGTH]
