"""What the columns of a file mean: declared, and the same for every file of its shape."""

import codecs
import datetime
import hashlib
import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    Strict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from kpi_core.documents.fields import Document, StageName
from kpi_core.domain.names import LONGEST, invisible_signs
from kpi_core.parsing.date_formats import Order, Unit
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


AS_WRITTEN = "as written"
"""Stands for a zone: instants are not moved."""
RESERVED = ("channel", "campaign", "owner", "account")
"""Names that conditions keep for an event's own columns; no attribute may have them."""
MOST_ATTRIBUTES = 500
"""Each is a column of the cache, in all its leads. Measures are bounded likewise."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PROBE = datetime.datetime(2026, 11, 25, 14, 5, 9, tzinfo=datetime.UTC)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PydanticCustomError("bad_name", "not a name")
    return name


def _source(name: str) -> str:
    if signs := invisible_signs(name):
        raise PydanticCustomError("invisible_sign", "signs that are not seen", {"value": signs})
    if len(name) > LONGEST:
        raise PydanticCustomError("name_too_long", "too long", {"bound": LONGEST})
    return name


def _attribute(name: str) -> str:
    if name in RESERVED:
        raise PydanticCustomError("reserved_name", "a field of every event")
    return name


def _zone(zone: str) -> str:
    if zone != AS_WRITTEN:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError("no_such_zone", "no such zone") from None
    return zone


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        raise PydanticCustomError("no_such_encoding", "no such encoding") from None
    return name


def _format(pattern: str) -> str:
    """A format that gives back the day it is given."""
    try:
        if len(pattern) > LONGEST:
            raise ValueError("longer than any date")
        day = datetime.datetime.strptime(_PROBE.strftime(pattern), pattern)  # noqa: DTZ007
        sound = day.date() == _PROBE.date()
    except (ValueError, re.error):  # the latter for a part that comes twice
        sound = False
    if not sound:
        raise PydanticCustomError("bad_date_format", "not a whole date")
    return pattern


def _or_none(stage: Any) -> Any:
    return None if stage == "" else stage


def _first_day(text: Any) -> datetime.date:
    if not isinstance(text, str):
        raise PydanticCustomError("not_text", "not text")
    try:
        return datetime.date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
    except ValueError:
        raise PydanticCustomError("bad_period", "not a period") from None


Column = Annotated[str, StringConstraints(pattern=r"\S")]
"""A text that is not blank."""
Name = Annotated[str, AfterValidator(_name)]
Source = Annotated[Column, AfterValidator(_source)]
"""Shown wherever its numbers are: bounded, and of signs that can be seen."""
Zone = Annotated[str, AfterValidator(_zone)]
Format = Annotated[str, AfterValidator(_format)]
StageOrNone = Annotated[StageName | None, BeforeValidator(_or_none)]
FirstDay = Annotated[datetime.date, BeforeValidator(_first_day)]
Values = dict[str, tuple[str, ...]]
"""By column."""


class StageDate(Document):
    """A column with the date at which each row's lead reached a stage.

    Without `date` each row says that its lead has reached the stage, at an unknown date;
    `blank` is then UNDATED. Several columns may date one stage: the earliest counts.
    `where` names columns and the values that each must have one of for the date to speak of
    this stage; all must hold. Texts are compared without regard to case and width.
    """

    stage: StageName
    blank: Blank = Blank.NOT_REACHED
    date: Annotated[Column | None, Field(validate_default=True)] = None
    where: Values = Field(default_factory=dict)
    amount: Column | None = None
    quality: Column | None = None

    @field_validator("date")
    @classmethod
    def _is_dated(cls, date: str | None, info: ValidationInfo) -> str | None:
        if date is None and info.data.get("blank") is Blank.NOT_REACHED:
            raise PydanticCustomError("missing", "a date is missing")
        return date


class CountColumn(Document):
    """A column with numbers per day: leads that reached `stage`, or values of `measure`.

    Without `column` the numbers stand in the columns of `Mapping.periods`. `where` is that of
    StageDate: only the rows it holds for are counted.
    """

    column: Column | None = None
    stage: StageName | None = None
    measure: Column | None = None
    where: Values = Field(default_factory=dict)


class File(Document):
    """How a file is read, as far as its bytes do not say."""

    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    table: Column | None = None
    header: Annotated[int, Strict(), Field(ge=0)] | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None


class Dates(Document):
    """How the dates of a column are read."""

    order: Order | None = None
    orders: dict[Literal["-", "/", ".", " "], Order] = Field(default_factory=dict)
    """By the sign between the numbers, where dates of a column are written in two orders."""
    unit: Unit | None = None
    format: Format | None = None


class Mapping(Document):
    """The columns of a file by what they mean. Which are set depends on the grain.

    `at` is when an event happened; of a snapshot, when the lead was created.
    Leads of the same `source` are joined by their ids. Without `id` each row is a lead of its
    own. Instants with an offset are moved to `zone`, without one to the zone of who imports;
    where it is AS_WRITTEN, they are taken as written.
    `optional` columns may be absent from a file; those of `keep` are kept though they look
    personal. What holds between keys is for `parse.py` to say.
    """

    name: Name
    source: Source
    grain: Grain
    thing: Name = "lead"
    """What a row is about: a lead, a deal. Ids of two things of a source never meet."""
    title: dict[str, Column] = Field(default_factory=dict)
    id: Column | None = None
    channel: Column | None = None
    campaign: Column | None = None
    owner: Column | None = None
    account: Column | None = None
    zone: Zone | None = None
    date_format: Format | None = None
    stages: Annotated[tuple[StageDate, ...], Field(min_length=1)] = ()
    passed_over: Values = Field(default_factory=dict)
    """The values that were seen in a column, and of which no stage is to be made."""
    stage: Column | None = None
    stage_values: dict[str, StageOrNone] = Field(default_factory=dict)
    """By value in the column `stage`; None where the value is skipped."""
    activity: Column | None = None
    """What each row is, as plans name it, where it is no stage."""
    where: Values = Field(default_factory=dict)
    """That of StageDate, for each row of an event log: the others are skipped."""
    at: Column | None = None
    corrects: Column | None = None
    """Where it is set, a file goes on from what is stored. A row with anything in this column takes
    back the earlier date of its stage, and sets the new one where it has a date."""
    amount: Column | None = None
    quality: Column | None = None
    date: Column | None = None
    counts: Annotated[tuple[CountColumn, ...], Field(min_length=1, max_length=MOST_ATTRIBUTES)] = ()
    attributes: Annotated[
        dict[Annotated[str, AfterValidator(_attribute)], Column], Field(max_length=MOST_ATTRIBUTES)
    ] = Field(default_factory=dict)
    """Column by name of the attribute."""
    optional: frozenset[str] = frozenset()
    read_as: File = Field(File(), alias="file")
    dates: dict[str, Dates] = Field(default_factory=dict)
    """By column: see `date_reading`."""
    numbers: dict[str, Decimal] = Field(default_factory=dict)
    """The decimal sign, by column."""
    per: Per = Per.DAY
    periods: dict[str, FirstDay] = Field(default_factory=dict)
    """Where each period has a column of its own: its first day, by column."""
    keep: frozenset[str] = frozenset()
    merge: Merge | None = None
    _text: str = PrivateAttr("")

    def model_post_init(self, context: Any) -> None:
        """The context of validation is the text that the document was read from."""
        self._text = context or ""

    @property
    def text(self) -> str:
        """The document as it was written."""
        return self._text

    @property
    def file(self) -> How:
        """How a file is opened."""
        return How(**self.read_as.model_dump())

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
        own = self.dates.get(column) or Dates.model_construct(format=self.date_format)
        zone = None if self.zone == AS_WRITTEN else self.zone or home
        by_mark = tuple(sorted(own.orders.items()))
        return DateReading(own.order, own.unit, own.format, zone, stated, first_day, by_mark)

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
        found = (*single, *self.where, *each, *numbers, *counted, *named, *self.attributes.values())
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
