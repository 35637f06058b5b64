"""What the store can count: the numbers that a plan can be made of, each with its months."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.editing.declared import id_of
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.work_done import counts_work

MONTHS = 24
"""Closed months that are looked at."""
OFTEN = 3
"""Activities of one user in a month that make the user one who stays."""
MOST_CHANNELS = 200

_UNITS = {
    Stage.LEAD: "lead",
    Stage.MARKETING_QUALIFIED: "lead",
    Stage.SALES_QUALIFIED: "lead",
    Stage.OPPORTUNITY: "deal",
    Stage.WON: "order",
    Stage.LOST: "deal",
    Stage.RENEWED: "contract",
    Stage.CHURNED: "contract",
}


@dataclass(frozen=True)
class MonthValue:
    """A closed month; `value` is None before the first data of it."""

    month: Month
    value: float | None


@dataclass(frozen=True)
class Countable:
    """A number that the store can count. `indicator` declares it in a plan, but for id and name.

    `key` names it among the others: it is the same as long as the data have it. `months` are
    closed months, oldest first. `is_work`: it counts work done, and `instead` is the key of the
    outcome to use in its stead. `covers` are the names of the facts it is counted from.
    """

    key: str
    name: Text
    unit: Text
    indicator: Mapping[str, Any]
    months: tuple[MonthValue, ...]
    covers: tuple[str, ...]
    is_work: bool = False
    instead: str | None = None
    stage: Stage | None = None

    @property
    def values(self) -> tuple[float | None, ...]:
        """The months' values, oldest first."""
        return tuple(each.value for each in self.months)

    def newest(self, count: int) -> tuple[MonthValue, ...]:
        """The newest closed months of which there are data, oldest first."""
        known = [each for each in self.months if each.value is not None]
        return tuple(known[-count:])


def countables(
    store: Store, *, now: datetime, calendar: WorkCalendar | None = None
) -> tuple[Countable, ...]:
    """All that the store can count at a moment with a zone: stages, then activities, measures.

    Months are those of the calendar, closed as far as the data of any number reach. What never had
    a value is left out.
    """
    calendar = calendar or WorkCalendar(zone=store.zone)
    declared = list(_declared(store))
    outcomes = list(_outcomes(declared, _channels(store)))
    every = tuple(dict.fromkeys((*declared, *outcomes)))
    months = _closed_months(store, [each.tally for each in every], now, calendar)
    return tuple(each.countable(months[each.tally]) for each in every if months[each.tally])


def countable_of(
    store: Store, indicator: Indicator, *, now: datetime, calendar: WorkCalendar | None = None
) -> Countable | None:
    """A number of a plan with its months, whatever its conditions; None for what is not counted.

    Rates, formulas and levels are not: their months do not add up.
    """
    calendar = calendar or WorkCalendar(zone=store.zone)
    tallies = indicator.tallies(calendar.closing_day)
    if len(tallies) != 1 or not indicator.grows:
        return None
    months = _closed_months(store, tallies, now, calendar)[tallies[0]]
    return Countable(indicator.id, indicator.name, indicator.unit, {}, months, ())


@dataclass(frozen=True)
class Preview:
    """What a plan's first KPI counts, and what that comes to in the data at hand.

    `needs` are what its definition asks the data for, `lacks` those that they have nothing of:
    stages, activities, measures and attributes by their names. `months` are the two newest closed
    months with data, the newest first; none where nothing meets the definition.
    """

    name: Text
    counts: Text
    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    months: tuple[MonthValue, ...]
    unit: Text = ""


def preview(store: Store, plan: Plan, *, now: datetime) -> Preview:
    """What a plan would count before it is chosen."""
    kpi = plan.kpi[0]
    tallies = plan.tallies_of(kpi)
    facts = {name for _, name in store.coverage().known}
    known = store.attributes()
    needs: dict[str, bool] = {}
    for tally in tallies:
        for fact in (tally.stage, tally.to_stage, tally.name):
            if fact:
                needs[str(fact)] = str(fact) in facts
        for condition in tally.conditions:
            needs[condition.attribute] = known is None or condition.attribute in known
    found = countable_of(store, kpi, now=now, calendar=plan.work_calendar)
    months = () if found is None else tuple(reversed(found.newest(2)))
    return Preview(
        kpi.name,
        kpi.definition.text or "",
        tuple(needs),
        tuple(name for name, has in needs.items() if not has),
        months,
        kpi.unit,
    )


def _closed_months(
    store: Store, tallies: Sequence[Tally], now: datetime, calendar: WorkCalendar
) -> dict[Tally, tuple[MonthValue, ...]]:
    """The closed months of each, oldest first; none of one that never had a value."""
    asked = tuple(dict.fromkeys(tallies))
    store.register(asked)
    local = calendar.local(now)
    through = [moment for tally in asked if (moment := store.data_through((tally,)))]
    newest = min(local, max(through, default=local))
    running = calendar.month_of(newest.date())
    months = [running.plus(-n) for n in range(MONTHS, 0, -1)]
    period = Period(calendar.period(months[0]).first, calendar.period(months[-1]).last)
    days = store.daily(asked, period)
    firsts = {tally: store.first_day((tally,)) for tally in asked}
    return {
        tally: () if first is None else _months(days[tally], first, months, calendar)
        for tally, first in firsts.items()
    }


@dataclass(frozen=True)
class _Declared:
    """A number before its months are known."""

    key: str
    tally: Tally
    name: Text = field(hash=False)
    unit: Text = field(hash=False)
    indicator: Mapping[str, Any] = field(hash=False)
    covers: str
    sources: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def is_work(self) -> bool:
        """Its name says so, or the names of all its sources do."""
        if self.tally.name is None:
            return False
        by_sources = bool(self.sources) and all(counts_work(name) for name in self.sources)
        return counts_work(self.covers) or by_sources

    @property
    def stage(self) -> Stage | None:
        """The stage whose leads are counted."""
        return self.tally.stage if self.tally.kind is TallyKind.REACHED else None

    def countable(self, months: tuple[MonthValue, ...]) -> Countable:
        return Countable(
            self.key,
            self.name,
            self.unit,
            self.indicator,
            months,
            (self.covers,),
            is_work=self.is_work,
            instead=self.instead,
            stage=self.stage,
        )


def _declared(store: Store) -> Iterator[_Declared]:
    known = store.coverage().known
    stages = sorted((name for what, name in known if what == "stage" and name in set(Stage)))
    for stage in sorted(map(Stage, stages), key=lambda stage: (ORDER[stage], stage.value)):
        yield _Declared(
            f"stage:{stage}",
            Tally(TallyKind.REACHED, stage),
            _both(f"funnel.stage_{stage}"),
            _both(f"funnel.unit_{_UNITS[stage]}"),
            {"kind": "count", "stage": stage.value},
            stage.value,
        )
        if stage is Stage.WON:
            yield _Declared(
                f"amount:{stage}",
                Tally(TallyKind.AMOUNT, stage),
                _both("funnel.amount_won"),
                "",
                {"kind": "sum", "stage": stage.value, "of": "amount"},
                stage.value,
            )
    for name in sorted(name for what, name in known if what == "activity"):
        for at_least, key in ((1, "funnel.active_once"), (OFTEN, "funnel.active_often")):
            yield _Declared(
                f"activity:{name}:{at_least}",
                Tally(TallyKind.ACTIVE, name=name, at_least=at_least),
                _both(key, activity=_spaced(name), count=at_least),
                _both("funnel.unit_user"),
                {"kind": "active", "activity": name, "at_least": at_least},
                name,
                tuple(known["activity", name]),
            )
    for name in sorted(name for what, name in known if what == "measure"):
        yield _Declared(
            f"measure:{name}",
            Tally(TallyKind.MEASURE, name=name),
            _spaced(name),
            "",
            {"kind": "measure", "measure": name},
            name,
            tuple(known["measure", name]),
        )


def _months(
    days: Mapping[date, float], first: date, months: Sequence[Month], calendar: WorkCalendar
) -> tuple[MonthValue, ...]:
    found = []
    for month in months:
        period = calendar.period(month)
        total = sum(days.get(day, 0.0) for day in period.days())
        found.append(MonthValue(month, total if first <= period.last else None))
    return tuple(found)


def _channels(store: Store) -> dict[Stage, tuple[str, ...]]:
    tallies = tuple(Tally(TallyKind.REACHED, stage) for stage in _OUTCOMES_OF_WORK)
    found = store.by_channel(tallies, Period(date.min, date.max))
    return {
        tally.stage: tuple(sorted(name for name in found[tally] if name))[:MOST_CHANNELS]
        for tally in tallies
        if tally.stage is not None
    }


_OUTCOMES_OF_WORK = (Stage.MARKETING_QUALIFIED, Stage.SALES_QUALIFIED, Stage.LEAD)
"""What marketing's work brings, the likeliest KPI first."""


def _outcomes(
    declared: list[_Declared], channels: Mapping[Stage, Sequence[str]]
) -> Iterator[_Declared]:
    """What to use in place of work done; `declared` learns of it.

    Of seminars held it is the MQLs whose channel is the seminar; without such a channel it is
    all MQLs. Where the data have no MQLs, it is the stage that they have.
    """
    stages = [each for each in declared if each.stage in _OUTCOMES_OF_WORK]
    by_stage = {each.stage: each for each in stages}
    best = next((by_stage[stage] for stage in _OUTCOMES_OF_WORK if stage in by_stage), None)
    if best is None or best.stage is None:
        return
    for place, each in enumerate(declared):
        if not each.is_work:
            continue
        channel = _channel_of(each.covers, channels[best.stage])
        outcome = best if channel is None else _from_channel(best, channel)
        declared[place] = replace(each, instead=outcome.key)
        if outcome is not best:
            yield outcome


def _from_channel(best: _Declared, channel: str) -> _Declared:
    names = {
        language.value: Words(language)(
            "funnel.from_channel", name=Words(language).localize(best.name), channel=channel
        )
        for language in Language
    }
    condition = Condition("channel", Operator.IN, (channel,))
    where = [{"attribute": "channel", "in": [channel]}]
    return replace(
        best,
        key=f"{best.key}:{channel}",
        tally=replace(best.tally, conditions=(condition,)),
        name=names,
        indicator={**best.indicator, "where": where},
    )


def _channel_of(work: str, channels: Sequence[str]) -> str | None:
    """The channel that a name of work speaks of: `seminars_held` and `Seminar`."""
    stems = {word.removesuffix("s") for word in _spaced(work).casefold().split()}
    for channel in channels:
        words = {word.removesuffix("s") for word in _spaced(channel).casefold().split()}
        if words & stems or (not channel.isascii() and channel in work):
            return channel
    return None


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _both(key: str, **params: object) -> dict[str, str]:
    return {language.value: Words(language)(key, **params) for language in Language}


def uncounted(
    found: Sequence[Countable], document: Mapping[str, Any], not_ours: Sequence[str]
) -> tuple[Countable, ...]:
    """The numbers that a plan's document neither counts as they are nor leaves aside."""
    work = {each.get("measure") for each in document.get("actions", [])}
    return tuple(
        each
        for each in found
        if id_of(document, each.indicator) is None
        and each.key not in not_ours
        and each.indicator.get("measure") not in work - {None}
    )


def unsorted(
    found: Sequence[Countable], covered: Sequence[Tally], not_ours: Sequence[str]
) -> tuple[Countable, ...]:
    """The numbers that a plan says nothing of: none of its tallies stands on the same facts."""
    used = {name for tally in covered for name in (tally.stage, tally.to_stage, tally.name) if name}
    return tuple(each for each in found if not used & {*each.covers} and each.key not in not_ours)
