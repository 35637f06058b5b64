"""What is current, by another route: plain Python over everything that the imports say.

Where the rules leave a choice, this is the reading:

1. An import without data through and rank comes before all others.
2. A repeat has the place of the file it repeats and speaks only where that one is undone.
3. A push adds: of its own mapping's pushes the earliest date of a lead stage counts.
4. A push takes a stage back by a withdrawal without a moment: dates said of that stage by
   imports before it, of any mapping, no longer count; a date in the same push is said after it.
5. A withdrawal of a lead stage says something in a push alone.
6. A withdrawal of won or lost says that the deal is open, whichever of the two it was.
7. Rows, and events without a moment, speak at the rank of their import. At one moment an
   outcome is newer than the lead stage that would reopen it; else the later import and line.
8. Of several rows about a deal in one file of leads an outcome is newer than a blank, and the
   outcome with the later date newer than the other.
9. Any lead-stage event reopens a churned account too.
10. What a history replaces are dates. Amounts, quality and fields are the newest stated, by
    import and then by the event's moment and line, whether or not their date still counts.
11. Histories replace stages; activities are never replaced.
12. Every import of a renewal date adds it, and an unknown one counts only without any date.
13. An event's own fields win over its lead's. Only a channel is also found at the earliest
    current event that has one of its own.
14. A lead is counted while it has a current stage or activity.
15. Numbers of one file, day and channel add up. An import that replaces other breakdowns ends
    those of earlier imports for its measures and days.
16. A receipt's fact without anything current before and after is unchanged.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import ORDER, Stage
from tests.facts.files import CLOSING, OUTCOMES, Event, File, at

Lead = tuple[str, str, str]
"""Source, thing, id."""
Key = tuple[Lead, str, datetime | None]
"""A lead's stage or activity; with the moment where each is one of its own."""
NumberKey = tuple[str, tuple[str, str], date, str | None]
Place = tuple[datetime, int]
EARLIEST, LATEST = at("2000-01-01"), at("2099-12-31")
STAGES = frozenset(stage.value for stage in Stage)
LEAD_STAGES = STAGES - {*OUTCOMES, "renewed"}


@dataclass(frozen=True)
class Import:
    """An import that is current: its file and its line in the ledger."""

    import_id: int
    file: File
    data_through: datetime | None
    ranks_at: datetime | None = None
    repeats: int | None = None
    replaces_breakdown: bool = False

    @property
    def place(self) -> Place:
        """Where it stands in the order; a repeat has the place of the first."""
        rank = self.ranks_at or self.data_through or EARLIEST
        return rank, self.repeats or self.import_id


@dataclass(frozen=True)
class _Said:
    """One event as one import says it."""

    place: Place
    line: int
    event: Event
    file: File

    @property
    def moment(self) -> datetime:
        """When it was said: events carry their own time."""
        own = self.event.occurred_at if self.is_event else None
        return own or self.place[0]

    @property
    def is_event(self) -> bool:
        return self.file.grain in ("event", "push")

    @property
    def takes_back(self) -> bool:
        event = self.event
        return self.file.grain == "push" and event.withdrawn and event.occurred_at is None

    def newest(self) -> tuple[object, ...]:
        """Rises with how new a statement of the same stage is, by import."""
        own = self.event.occurred_at if self.is_event else None
        return self.place, own or EARLIEST, self.line


@dataclass(frozen=True)
class Fact:
    """What is current of a stage or an activity; `at` is None where its moment is unknown."""

    at: datetime | None
    amount: float | None = None
    quality: float | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass
class Current:
    """What is current, and what it adds up to."""

    facts: dict[Key, Fact] = field(default_factory=dict)
    fields: dict[Lead, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[NumberKey, float] = field(default_factory=dict)

    def leads(self) -> int:
        return len({lead for lead, *_ in self.facts})

    def undated(self, stage: str) -> int:
        return sum(name == stage and fact.at is None for (_, name, _), fact in self.facts.items())

    def days(self, tally: Tally) -> dict[date, float]:
        """Value per day."""
        found: defaultdict[date, float] = defaultdict(float)
        for day, _, value in self.units(tally):
            found[day] += value
        return dict(found)

    def channels(self, tally: Tally) -> dict[str, float]:
        """Value per channel, "" where none is known."""
        found: defaultdict[str, float] = defaultdict(float)
        for _, channel, value in self.units(tally):
            found[channel or ""] += value
        return dict(found)

    def units(self, tally: Tally) -> Iterable[tuple[date, str | None, float]]:
        """Day, channel and value of each thing that a tally counts."""
        if tally.kind is TallyKind.ACTIVE:
            yield from self._active(tally)
            return
        if tally.kind in (TallyKind.REACHED, TallyKind.MEASURE):
            yield from self._counted_elsewhere(tally)
        for (lead, name, _), fact in self.facts.items():
            if fact.at is None or name != tally.stage or not self._counts(tally, lead, fact):
                continue
            value: float | None = 1.0
            if tally.kind is TallyKind.AMOUNT:
                value = fact.amount
            elif tally.kind is TallyKind.QUALITY:
                value = fact.quality
            elif tally.kind is TallyKind.CONVERTED:
                value = 1.0 if self._has(lead, tally.to_stage or "") else None
            if value is not None:
                yield fact.at.date(), self.channel(lead, fact), value

    def _has(self, lead: Lead, stage: str) -> bool:
        return any((key[0], key[1]) == (lead, stage) for key in self.facts)

    def _active(self, tally: Tally) -> Iterable[tuple[date, str | None, float]]:
        calendar = WorkCalendar(closing_day=tally.closing_day)
        months: defaultdict[object, list[tuple[datetime, str]]] = defaultdict(list)
        for (lead, name, _), fact in self.facts.items():
            if fact.at is not None and name == tally.name and self._counts(tally, lead, fact):
                month = lead, calendar.month_of(fact.at.date())
                months[month].append((fact.at, self.channel(lead, fact) or ""))
        for moments in months.values():
            if len(moments) >= tally.at_least:
                moment, channel = sorted(moments)[tally.at_least - 1]
                yield moment.date(), channel, 1.0

    def _counted_elsewhere(self, tally: Tally) -> Iterable[tuple[date, str | None, float]]:
        what = ("stage", tally.stage.value) if tally.stage else ("measure", tally.name)
        for (source, about, day, channel), value in self.numbers.items():
            if about == what and tally.source in (None, source):
                known = {"channel": channel}
                if all(_meets(known.get(c.attribute), c) for c in tally.conditions):
                    yield day, channel, value

    def _counts(self, tally: Tally, lead: Lead, fact: Fact) -> bool:
        if tally.source not in (None, lead[0]):
            return False
        stated = {**self.fields.get(lead, {}), **dict(fact.fields)}
        if channel := self.channel(lead, fact):
            stated["channel"] = channel
        return all(_meets(stated.get(c.attribute), c) for c in tally.conditions)

    def channel(self, lead: Lead, fact: Fact) -> str | None:
        """The event's own, else its lead's, else that of the lead's earliest event with one."""
        own = dict(fact.fields).get("channel") or self.fields.get(lead, {}).get("channel")
        if own:
            return own
        others = [
            (
                other.at or LATEST,
                ORDER[Stage(name)] if name in STAGES else 99,
                name,
                dict(other.fields)["channel"],
            )
            for (whose, name, _), other in self.facts.items()
            if whose == lead and "channel" in dict(other.fields)
        ]
        return min(others)[-1] if others else None

    def months(self) -> dict[tuple[str, date], float]:
        """Leads, times or the measure's sum per stage, activity or measure and month."""
        found: defaultdict[tuple[str, date], float] = defaultdict(float)
        for (_, name, _), fact in self.facts.items():
            if fact.at is not None:
                found[name, fact.at.date().replace(day=1)] += 1
        for (_, (_, name), day, _), value in self.numbers.items():
            found[name, day.replace(day=1)] += value
        return dict(found)


def current(imports: Iterable[Import]) -> Current:
    """What the current imports say together."""
    found = Current()
    speaking = {each.place[1]: each for each in sorted(imports, key=lambda each: -each.import_id)}
    ordered = sorted(speaking.values(), key=lambda each: each.place)
    said: defaultdict[tuple[Lead, str], list[_Said]] = defaultdict(list)
    for each in ordered:
        file = each.file
        for line, event in file.events():
            lead = file.source, file.thing, event.lead
            name = event.stage or event.activity or ""
            said[lead, name].append(_Said(each.place, line, event, file))
        for _, lead_id, fields in file.fields():
            found.fields[file.source, file.thing, lead_id].update(fields.stated())
        _add_numbers(found.numbers, each)
    for lead in {lead for lead, _ in said}:
        alive = {name: _alive(those) for (whose, name), those in said.items() if whose == lead}
        for name, moments in _reached(alive).items():
            apart = name == "renewed" or name not in STAGES
            for moment in moments:
                key = lead, name, moment if apart else None
                stated = [s for s in said[lead, name] if not apart or s.event.occurred_at == moment]
                found.facts[key] = _fact(moment, stated)
    return found


def _add_numbers(known: dict[NumberKey, float], each: Import) -> None:
    said: defaultdict[NumberKey, float] = defaultdict(float)
    for _, number in each.file.numbers():
        said[each.file.source, number.what, number.day, number.channel] += number.value
    if each.replaces_breakdown:
        broken = {(*key[:3], key[3] is None) for key in said}
        for key in [key for key in known if (*key[:3], key[3] is not None) in broken]:
            del known[key]
    known |= said


def _alive(said: list[_Said]) -> list[_Said]:
    """What is left of the statements of one stage, oldest import first."""
    left: list[_Said] = []
    for place in dict.fromkeys(each.place for each in said):
        own = [each for each in said if each.place == place]
        file = own[0].file
        if any(each.takes_back for each in own):
            left = []
            if dated := [each for each in own if not each.event.withdrawn]:
                own = dated
        if file.grain == "event":
            first = min((e.occurred_at for _, e in file.events() if e.occurred_at), default=None)
            left = [each for each in left if not _is_replaced(each, file, first)]
        left += own
    return left


def _is_replaced(older: _Said, newer: File, first: datetime | None) -> bool:
    """Whether a newer history, which begins at `first`, speaks for what an older one says."""
    if older.file.grain != "event" or older.file.mapping != newer.mapping:
        return False
    moment = older.event.occurred_at
    return older.event.activity is None and (
        moment is None or (first is not None and moment >= first)
    )


def _reached(alive: dict[str, list[_Said]]) -> dict[str, list[datetime | None]]:
    """The moments of each stage and activity of one lead; None for an unknown one."""
    found: dict[str, list[datetime | None]] = {}
    for name, said in alive.items():
        reached = [each for each in said if not each.event.withdrawn]
        if name in OUTCOMES or not reached:
            continue
        moments = {each.event.occurred_at for each in reached if each.event.occurred_at}
        if name == "renewed" or name not in STAGES:
            found[name] = [*moments] or [None]
        else:
            found[name] = [_lead_stage(reached)]
    for outcomes in (CLOSING, ("churned",)):
        if (newest := _outcome(alive, outcomes)) and not newest.event.withdrawn:
            stage = newest.event.stage or ""
            dates = [e for e in alive[stage] if not e.event.withdrawn and e.event.occurred_at]
            last = max(dates, key=_newest_outcome, default=newest)
            found[stage] = [newest.event.occurred_at or last.event.occurred_at]
    return found


def _lead_stage(reached: list[_Said]) -> datetime | None:
    """Per mapping the newest import that dates it, across mappings the earliest."""
    by_mapping: dict[str, tuple[Place, datetime]] = {}
    for each in reached:
        moment, mapping = each.event.occurred_at, each.file.mapping
        if moment is None:
            continue
        place, known = by_mapping.get(mapping, (each.place, moment))
        anew = place != each.place and not each.is_event
        by_mapping[mapping] = each.place, moment if anew else min(known, moment)
    return min((moment for _, moment in by_mapping.values()), default=None)


def _outcome(alive: dict[str, list[_Said]], outcomes: Iterable[str]) -> _Said | None:
    """The newest statement on an outcome; one that is withdrawn where the deal is open."""
    said = [each for stage in outcomes for each in alive.get(stage, [])]
    newest = max(said, key=_newest_outcome, default=None)
    if newest is None:
        return None
    reopened = any(
        each.is_event and not each.event.withdrawn and each.moment > newest.moment
        for stage in LEAD_STAGES
        for each in alive.get(stage, [])
        if each.event.occurred_at
    )
    return None if reopened else newest


def _newest_outcome(each: _Said) -> tuple[object, ...]:
    event = each.event
    in_file = (
        (each.line, EARLIEST)
        if each.is_event
        else (not event.withdrawn, event.occurred_at or EARLIEST)
    )
    return each.moment, each.place, in_file, each.line


def _fact(moment: datetime | None, said: list[_Said]) -> Fact:
    amount = quality = None
    fields: dict[str, str] = {}
    for each in sorted(said, key=_Said.newest):
        if not each.event.withdrawn:
            amount = amount if each.event.amount is None else each.event.amount
            quality = quality if each.event.quality is None else each.event.quality
            if each.is_event:
                fields |= {
                    name: text
                    for name, text in each.event.fields.stated().items()
                    if name in ("channel", "campaign", "owner", "account")
                }
    return Fact(moment, amount, quality, tuple(sorted(fields.items())))


def counts(file: File, before: Current, after: Current) -> tuple[int, int, int]:
    """New, changed and unchanged facts of a file."""
    keys: set[Key | NumberKey] = {
        (file.source, number.what, number.day, number.channel) for _, number in file.numbers()
    }
    for _, event in file.events():
        if not event.withdrawn:
            name = event.stage or event.activity or ""
            apart = name == "renewed" or event.activity is not None
            lead = file.source, file.thing, event.lead
            keys.add((lead, name, event.occurred_at if apart else None))
    new = changed = 0
    for key in keys:
        was, now = _stated(before, key), _stated(after, key)
        new += was is None and now is not None
        changed += was is not None and was != now
    return new, changed, len(keys) - new - changed


def _stated(state: Current, key: Key | NumberKey) -> object:
    if len(key) == 4:
        return state.numbers.get(key)
    fact = state.facts.get(key)
    return None if fact is None else (fact.at, fact.amount, fact.quality)


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
