"""What a small file says, written row by row."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

CLOSING = ("won", "lost")
OUTCOMES = (*CLOSING, "churned")


def at(text: str) -> datetime:
    """A wall-clock moment; `05-01 09:00` is one of 2026."""
    return datetime.fromisoformat(text if text[:2] == "20" else f"2026-{text}")


NOW = at("07-01 09:00")
Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fields:
    """What a row says of its lead besides stages; None says nothing."""

    channel: str | None = None
    campaign: str | None = None
    owner: str | None = None
    account: str | None = None
    attributes: Named = ()

    def stated(self) -> dict[str, str]:
        """The fields and attributes that have a value."""
        own = {name: getattr(self, name) for name in ("channel", "campaign", "owner", "account")}
        return {name: text for name, text in own.items() if text is not None} | dict(
            self.attributes
        )


@dataclass(frozen=True)
class Event:
    """One row of a history or a push: one stage or one activity at one moment.

    `withdrawn` without a moment takes back what was said of the stage before.
    """

    lead: str
    stage: str | None = None
    occurred_at: datetime | None = None
    withdrawn: bool = False
    amount: float | None = None
    quality: float | None = None
    activity: str | None = None
    fields: Fields = Fields()


@dataclass(frozen=True)
class Row:
    """One row per lead: its stages and their moments, None where the moment is unknown."""

    lead: str
    reached: tuple[tuple[str, datetime | None], ...] = ()
    amount: float | None = None
    amount_of: str = "won"
    quality: float | None = None
    quality_of: str = "marketing_qualified"
    fields: Fields = Fields()

    def events(self, columns: Iterable[str]) -> Iterator[Event]:
        """Event by event; outcomes whose columns are all blank are withdrawn."""
        for stage, moment in self.reached:
            yield Event(
                self.lead,
                stage,
                moment,
                amount=self.amount if stage == self.amount_of else None,
                quality=self.quality if stage == self.quality_of else None,
            )
        for outcomes in (CLOSING, ("churned",)):
            asked = [stage for stage in outcomes if stage in columns]
            if asked and not {stage for stage, _ in self.reached} & set(outcomes):
                yield Event(self.lead, asked[0], withdrawn=True)


@dataclass(frozen=True)
class Number:
    """One number of a day: a measure, or leads counted elsewhere."""

    day: date
    value: float
    channel: str | None = None
    measure: str | None = None
    stage: str | None = None

    @property
    def what(self) -> tuple[str, str]:
        """What it is a number of."""
        return ("stage", self.stage) if self.stage else ("measure", self.measure or "")


Line = Event | Row | Number


@dataclass(frozen=True)
class File:
    """One file or push. `columns` are the stages that a file of leads has a column for."""

    lines: tuple[Line, ...]
    grain: str
    mapping: str
    source: str = "crm"
    thing: str = "lead"
    data_through: datetime = NOW
    columns: tuple[str, ...] = ()
    name: str = field(default="file.csv", compare=False)

    @property
    def content_hash(self) -> str:
        """Equal for equal bytes read by equal mappings."""
        said = repr((self.mapping, self.grain, self.thing, self.columns, self.lines))
        return hashlib.sha256(said.encode()).hexdigest()

    def events(self) -> list[tuple[int, Event]]:
        """Line and event, the header being line 1."""
        found: list[tuple[int, Event]] = []
        for line, row in enumerate(self.lines, start=2):
            if isinstance(row, Row):
                found += [(line, event) for event in row.events(self.columns)]
            elif isinstance(row, Event):
                found.append((line, row))
        return found

    def fields(self) -> list[tuple[int, str, Fields]]:
        """Line, lead and what the row says of the lead; of a history the attributes alone."""
        found = []
        for line, row in enumerate(self.lines, start=2):
            if isinstance(row, Row):
                found.append((line, row.lead, row.fields))
            elif isinstance(row, Event) and row.fields.attributes:
                found.append((line, row.lead, Fields(attributes=row.fields.attributes)))
        return found

    def numbers(self) -> list[tuple[int, Number]]:
        """Line and number."""
        lines = enumerate(self.lines, start=2)
        return [(line, row) for line, row in lines if isinstance(row, Number)]

    def covers(self) -> frozenset[tuple[str, str]]:
        """Every stage, activity and measure that the file has a column for or a row of."""
        events = [event for _, event in self.events()]
        return frozenset(
            {("stage", stage) for stage in self.columns}
            | {("stage", event.stage) for event in events if event.stage}
            | {("activity", event.activity) for event in events if event.activity}
            | {number.what for _, number in self.numbers()}
        )

    def through(self, moment: str) -> "File":
        """The same file with another data through."""
        return replace(self, data_through=at(moment))


def row(
    lead: str,
    /,
    *,
    amount: float | None = None,
    amount_of: str = "won",
    quality: float | None = None,
    channel: str | None = None,
    owner: str | None = None,
    attributes: dict[str, str] | None = None,
    **reached: str | None,
) -> Row:
    """A row of a file of leads: `row("1", lead="05-01", won="?")`; "?" is an unknown moment."""
    return Row(
        lead,
        tuple(
            (stage, None if moment == "?" else at(moment))
            for stage, moment in reached.items()
            if moment is not None
        ),
        amount,
        amount_of,
        quality,
        fields=Fields(channel, owner=owner, attributes=tuple((attributes or {}).items())),
    )


def event(
    lead: str,
    what: str,
    moment: str | None = None,
    *,
    withdrawn: bool = False,
    amount: float | None = None,
    quality: float | None = None,
    channel: str | None = None,
) -> Event:
    """A row of a history: `event("1", "won", "05-09")`; `login` is an activity."""
    return Event(
        lead,
        None if what == "login" else what,
        None if moment is None else at(moment),
        withdrawn,
        amount,
        quality,
        "login" if what == "login" else None,
        Fields(channel),
    )


def unnamed(text: str, ordinal: int) -> str:
    """The id of a row without one: a hash of its text, and its number among alike rows."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}#{ordinal}"


def leads(
    *rows: Row,
    through: str = "06-01",
    columns: Iterable[str] = (),
    mapping: str = "deals",
    source: str = "crm",
    thing: str = "lead",
) -> File:
    """A file with one row per lead; it has a column for each stage that a row names."""
    named = dict.fromkeys([*columns, *(stage for each in rows for stage, _ in each.reached)])
    return File(rows, "lead", mapping, source, thing, at(through), tuple(named))


def snapshot(*rows: tuple[str, str], through: str = "06-01", source: str = "crm") -> File:
    """A file of leads and the stage in which each is now, without any date."""
    said = tuple(Row(lead, ((stage, None),)) for lead, stage in rows)
    return File(said, "snapshot", "snapshot", source, "lead", at(through), CLOSING)


def history(
    *events: Event, through: str = "06-01", mapping: str = "history", source: str = "crm"
) -> File:
    """A file with one row per change."""
    return File(events, "event", mapping, source, "lead", at(through))


def push(*events: Event, through: str = "06-01", source: str = "crm") -> File:
    """A few events sent by a program."""
    return File(events, "push", "push", source, "lead", at(through))


def corrected(lead: str, stage: str, moment: str, amount: float | None = None) -> tuple[Event, ...]:
    """What a push says that dates a stage anew."""
    return event(lead, stage, withdrawn=True), event(lead, stage, moment, amount=amount)


def numbers(*said: Number, through: str = "06-01", source: str = "ads") -> File:
    """A file of daily numbers."""
    return File(said, "day", "daily", source, "lead", at(through))


def cost(day: str, value: float, channel: str | None = None) -> Number:
    """What was spent on a day."""
    return Number(at(day).date(), value, channel, measure="cost")
