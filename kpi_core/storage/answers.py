"""The questions the store answers. Each is one query: it sees one state of the store."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from duckdb import DuckDBPyConnection

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.scripts import ask, ask_one


def daily(
    cursor: DuckDBPyConnection, tallies: Sequence[Tally], period: Period
) -> dict[Tally, dict[date, float]]:
    """What each tally adds up to on each day of the period; days without a value are left out."""
    found: dict[str, dict[date, float]] = {tally.key: {} for tally in tallies}
    rows = ask(cursor, "questions/daily", tallies=list(found), first=period.first, last=period.last)
    for key, day, value in rows:
        found[key][day] = value
    return {tally: found[tally.key] for tally in tallies}


def by_channel(
    cursor: DuckDBPyConnection, tallies: Sequence[Tally], period: Period
) -> dict[Tally, dict[str, float]]:
    """What each tally adds up to per channel over the period; '' where no channel is known."""
    found: dict[str, dict[str, float]] = {tally.key: {} for tally in tallies}
    rows = ask(
        cursor, "questions/by_channel", tallies=list(found), first=period.first, last=period.last
    )
    for key, channel, value in rows:
        found[key][channel] = value
    return {tally: found[tally.key] for tally in tallies}


def first_day(cursor: DuckDBPyConnection, tallies: Sequence[Tally]) -> date | None:
    """The oldest day with a value; None where there is none."""
    keys = [tally.key for tally in tallies]
    day: date | None = ask_one(cursor, "questions/first_day", tallies=keys)[0]
    return day


@dataclass(frozen=True)
class Coverage:
    """Up to when the facts are told, by what they are facts of and by source."""

    known: Mapping[tuple[str, str], Mapping[str, datetime]]

    def through(self, tallies: Iterable[Tally]) -> datetime | None:
        """Up to when the facts of all the tallies tell everything; None where none has facts.

        Of the imports that speak of a tally's facts the latest counts, of several tallies the
        earliest.
        """
        found = []
        for facts, source in _spoken_of(tallies):
            by_source = self.known.get(facts, {})
            through = by_source.get(source) if source else max(by_source.values(), default=None)
            if through is not None:
                found.append(through)
        return min(found, default=None)


def coverage(cursor: DuckDBPyConnection) -> Coverage:
    """What the standing imports speak of."""
    known: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    for what, name, source, through in ask(cursor, "questions/data_through"):
        known[what, name][source] = through
    return Coverage(known)


def undated(cursor: DuckDBPyConnection, stage: Stage) -> int:
    """Leads that reached the stage nobody knows when."""
    return int(ask_one(cursor, "questions/undated", stage=stage.value)[0])


def leads(cursor: DuckDBPyConnection) -> int:
    """Leads that any event is known of; the same id in two sources is two leads."""
    return int(ask_one(cursor, "questions/leads")[0])


def is_empty(cursor: DuckDBPyConnection) -> bool:
    """No fact stands."""
    return bool(ask_one(cursor, "questions/is_empty")[0])


def _spoken_of(tallies: Iterable[Tally]) -> Iterator[tuple[tuple[str, str], str | None]]:
    for tally in tallies:
        for stage in (tally.stage, tally.to_stage):
            if stage is not None:
                yield ("stage", stage.value), tally.source
        if tally.name is not None:
            what = "measure" if tally.kind is TallyKind.MEASURE else "activity"
            yield (what, tally.name), tally.source
