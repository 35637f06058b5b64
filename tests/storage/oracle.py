"""The store's answers by another route: plain Python over the facts of the standing imports."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.domain.tally import Tally, TallyKind
from tests.storage.batches import Attribute, Count, Event, Fact, LeadRow, Measure, at

Lead = tuple[str, str]
LATER = at("9999-12-31")
Cells = dict[tuple[date, str], float]


@dataclass
class Recount:
    """What stands of (source, facts) pairs, oldest first."""

    standing: Sequence[tuple[str, Sequence[Fact]]]
    events: dict[tuple[object, ...], tuple[str, Event]] = field(default_factory=dict)
    attributes: dict[tuple[Lead, str], str] = field(default_factory=dict)
    numbers: dict[tuple[object, ...], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source, facts in self.standing:
            self._say(_told(source, facts))
            numbers: defaultdict[tuple[object, ...], float] = defaultdict(float)
            for fact in facts:
                if isinstance(fact, Attribute):
                    self.attributes[(source, fact.lead), fact.name] = fact.value
                elif isinstance(fact, Count):
                    numbers[source, "stage", fact.stage, fact.day, fact.channel] += fact.count
                elif isinstance(fact, Measure):
                    numbers[source, "measure", fact.measure, fact.day, fact.channel] += fact.value
            self.numbers |= numbers

    def _say(self, told: dict[tuple[object, ...], tuple[str, Event]]) -> None:
        """The newest counts; a withdrawal ends it, and no date does not displace a date."""
        for key, (source, event) in told.items():
            if event.withdrawn:
                self.events.pop(key, None)
            elif event.occurred_at is None and key in self.events:
                if self.events[key][1].occurred_at is None:
                    self.events[key] = (source, event)
            else:
                self.events[key] = (source, event)

    def leads(self) -> int:
        return len({(source, event.lead) for source, event in self.events.values()})

    def undated(self, stage: Stage) -> int:
        return sum(
            event.stage == stage and event.occurred_at is None for _, event in self.events.values()
        )

    def cells(self, tally: Tally) -> Cells:
        """Value per day and channel ('' where none is known)."""
        found: dict[tuple[date, str], float] = defaultdict(float)
        for day, channel, value in self._units(tally):
            found[day, channel] += value
        return dict(found)

    def _units(self, tally: Tally) -> Iterable[tuple[date, str, float]]:
        if tally.kind is TallyKind.ACTIVE:
            yield from self._active(tally)
            return
        if tally.kind in (TallyKind.REACHED, TallyKind.MEASURE):
            yield from self._counted_elsewhere(tally)
        for source, event in self._counting(tally):
            if event.occurred_at is None:
                continue
            value: float | None = 1.0
            if tally.kind is TallyKind.AMOUNT:
                value = event.amount
            elif tally.kind is TallyKind.QUALITY:
                value = event.quality
            elif tally.kind is TallyKind.CONVERTED:
                value = 1.0 if (source, event.lead, tally.to_stage) in self.events else None
            if value is not None:
                yield event.occurred_at.date(), self._channel(source, event) or "", value

    def _active(self, tally: Tally) -> Iterable[tuple[date, str, float]]:
        calendar = WorkCalendar(closing_day=tally.closing_day)
        by_month: dict[tuple[object, ...], list[tuple[datetime, str]]] = defaultdict(list)
        for source, event in self._counting(tally):
            if event.occurred_at is not None:
                month = calendar.month_of(event.occurred_at.date())
                by_month[source, event.lead, month].append(
                    (event.occurred_at, self._channel(source, event) or "")
                )
        for moments in by_month.values():
            if len(moments) >= tally.at_least:
                moment, channel = sorted(moments)[tally.at_least - 1]
                yield moment.date(), channel, 1.0

    def _counted_elsewhere(self, tally: Tally) -> Iterable[tuple[date, str, float]]:
        what = "stage" if tally.stage else "measure"
        for (source, kind, name, day, channel), value in self.numbers.items():
            assert isinstance(day, date)
            if (kind, name) != (what, tally.stage or tally.name):
                continue
            if tally.source not in (None, source):
                continue
            known = {"channel": None if channel is None else str(channel)}
            if all(_meets(known.get(c.attribute), c) for c in tally.conditions):
                yield day, str(channel or ""), value

    def _counting(self, tally: Tally) -> Iterable[tuple[str, Event]]:
        for source, event in self.events.values():
            if tally.kind is TallyKind.MEASURE:
                continue
            if (event.stage, event.activity) != (tally.stage, tally.name):
                continue
            if tally.source not in (None, source):
                continue
            if all(_meets(self._value(source, event, c.attribute), c) for c in tally.conditions):
                yield source, event

    def _value(self, source: str, event: Event, attribute: str) -> str | None:
        if attribute == "channel":
            return self._channel(source, event)
        if attribute in ("campaign", "owner", "account"):
            own: str | None = getattr(event, attribute)
            return own
        return self.attributes.get(((source, event.lead), attribute))

    def _channel(self, source: str, event: Event) -> str | None:
        if event.channel is not None:
            return event.channel
        others = [
            (
                other.occurred_at or LATER,
                ORDER[Stage(other.stage)] if other.stage else 99,
                other.stage or "~",
                other.activity or "~",
                other.channel,
            )
            for other_source, other in self.events.values()
            if (other_source, other.lead) == (source, event.lead) and other.channel is not None
        ]
        return min(others)[-1] if others else None


def _told(source: str, facts: Sequence[Fact]) -> dict[tuple[object, ...], tuple[str, Event]]:
    """The one thing that a file says of each stage of a lead, and of each activity and moment."""
    found: dict[tuple[object, ...], list[Event]] = defaultdict(list)
    for fact in facts:
        for event in fact.events() if isinstance(fact, LeadRow) else [fact]:
            if isinstance(event, Event):
                key: tuple[object, ...] = (source, event.lead, event.stage)
                if event.activity is not None:
                    key = (source, event.lead, "activity", event.activity, event.occurred_at)
                found[key].append(event)
    return {key: (source, _one_of(events)) for key, events in found.items()}


def _one_of(events: list[Event]) -> Event:
    """The earliest of those that come after the last withdrawal, or else the withdrawal."""
    withdrawals = [event for event in events if event.withdrawn]
    until = max((event.occurred_at or LATER for event in withdrawals), default=None)
    left = [
        event
        for event in events
        if not event.withdrawn
        and (until is None or (event.occurred_at is not None and event.occurred_at > until))
    ]
    return min(left or withdrawals, key=lambda event: event.occurred_at or LATER)


def _meets(value: str | None, condition: Condition) -> bool:
    if value is None:
        return False
    if condition.operator in (Operator.IN, Operator.NOT_IN):
        listed = _folded(value) in {_folded(other) for other in condition.values}
        return listed == (condition.operator is Operator.IN)
    try:
        number = float(_folded(value).replace(",", ""))
    except ValueError:
        return False
    assert condition.number is not None
    if condition.operator is Operator.AT_LEAST:
        return number >= condition.number
    return number <= condition.number


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
