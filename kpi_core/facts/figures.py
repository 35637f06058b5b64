"""What screens and commands ask of the aggregates: in the cache, or in what was published of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.calendar import moved
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts import aggregate_sql, cache
from kpi_core.facts.queries import query


def daily(
    cursor: DuckDBPyConnection, tallies: Sequence[Tally], period: Period, known: date
) -> dict[Tally, dict[date, float]]:
    """What each tally adds up to on each day of the period; days without a value are left out.

    Of a cohort those count who came so far by the day `known`.
    """
    found: dict[str, dict[date, float]] = {tally.key: {} for tally in tallies}
    levels = [tally for tally in tallies if tally.kind is TallyKind.LEVEL]
    sums = [tally for tally in tallies if tally.kind is not TallyKind.LEVEL]
    if sums:
        for key, day, value in _per_day(cursor, _keys(sums), period, known):
            found[key][day] = float(value)
    if levels:
        keys = _keys(levels)
        rows = cursor.execute(_listed("levels", keys), {**keys, "last": period.last}).fetchall()
        stands: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
        for key, day, *part, value in rows:
            stands[key][part[0], part[1]] = float(value)
            if day in period:
                found[key][day] = sum(stands[key].values())
    return {tally: found[tally.key] for tally in tallies}


def by_channel(
    cursor: DuckDBPyConnection, tallies: Sequence[Tally], period: Period
) -> dict[Tally, dict[str, float]]:
    """What each tally adds up to per channel over the period; '' where no channel is known."""
    found: dict[str, dict[str, float]] = {tally.key: {} for tally in tallies}
    if tallies:
        keys = _keys(tallies)
        days = {"first": period.first, "last": period.last}
        rows = cursor.execute(_listed("by_channel", keys), {**keys, **days}).fetchall()
        for key, channel, value in rows:
            found[key][channel] = float(value)
    return {tally: found[tally.key] for tally in tallies}


def first_day(cursor: DuckDBPyConnection, tallies: Sequence[Tally]) -> date | None:
    """The oldest day with a value; None where there is none."""
    if not tallies:
        return None
    keys = _keys(tallies)
    day: date | None = cursor.execute(_listed("first_day", keys), keys).fetchall()[0][0]
    return day


def undated(cursor: DuckDBPyConnection, stage: Stage) -> int:
    """Leads that reached the stage, date unknown."""
    prefix = aggregate_sql.UNDATED + stage.value
    return sum(value for name, value in _totals(cursor, prefix) if name == prefix)


def leads(cursor: DuckDBPyConnection) -> int:
    """Leads of which any event is current; the same id in two sources is two leads."""
    return sum(value for _, value in _totals(cursor, aggregate_sql.LEADS))


def has_facts(cursor: DuckDBPyConnection) -> bool:
    """Whether any fact is current."""
    return bool(_totals(cursor, aggregate_sql.LEADS)) or bool(
        cursor.execute(
            "select 1 from daily where day is not null "
            "group by aggregate, day having sum(facts) <> 0 limit 1"
        ).fetchall()
    )


def recorded(
    cursor: DuckDBPyConnection, source: str, period: Period, *, with_outcomes: bool
) -> dict[date, int]:
    """How many events of a source were recorded on each day of the period that has any."""
    kinds = (aggregate_sql.RECORDED, *((aggregate_sql.OUTCOMES,) if with_outcomes else ()))
    names = {f"a{place}": kind + source for place, kind in enumerate(kinds)}
    found: dict[date, int] = defaultdict(int)
    for _, day, value in _per_day(cursor, names, period, date.max):
        found[day] += int(value)
    return found


@dataclass(frozen=True)
class SourceReach:
    """Up to when the facts of a source are known."""

    source: str
    through: datetime


@dataclass(frozen=True)
class Coverage:
    """Up to when the facts are known, by what they are facts of and by source.

    A source is regular once it was imported in three different weeks. `ended`: no number waits
    for these any more.
    """

    known: Mapping[tuple[str, str], Mapping[str, datetime]]
    regular: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()

    def read_in(self, zone: str, home: str) -> "Coverage":
        """The same moments as the clock of a zone shows them; they are on that of `home`."""
        if zone == home:
            return self
        known = {
            facts: {source: moved(through, home, zone) for source, through in by_source.items()}
            for facts, by_source in self.known.items()
        }
        return replace(self, known=known)

    def through(self, tallies: Iterable[Tally]) -> datetime | None:
        """Up to when the facts of all the tallies are known; None where none has facts.

        Facts are known as far as the regular source furthest behind tells of them; where none is
        regular, as far as the newest. Of several tallies the earliest counts.
        """
        reach = self._reach(tallies)
        return None if reach is None else reach.through

    def behind(self, tallies: Iterable[Tally]) -> SourceReach | None:
        """The regular source that holds the tallies back; None where none does."""
        reach = self._reach(tallies)
        return reach if reach is not None and reach.source in self.regular - self.ended else None

    def held_by(self, tallies: Iterable[Tally]) -> str | None:
        """The regular source that holds the tallies back while another one tells of more."""
        tallies = tuple(tallies)
        behind = self.behind(tallies)
        if behind is None:
            return None
        others = (
            through
            for facts, only in _covered_by(tallies)
            for source, through in self.known.get(facts, {}).items()
            if only in (None, source) and source not in self.ended
        )
        return behind.source if any(through > behind.through for through in others) else None

    def sources(self) -> tuple[SourceReach, ...]:
        """Every source, and the furthest that it tells of anything; by name."""
        newest: dict[str, datetime] = {}
        for by_source in self.known.values():
            for source, through in by_source.items():
                newest[source] = max(through, newest.get(source, through))
        return tuple(SourceReach(*each) for each in sorted(newest.items()))

    def _reach(self, tallies: Iterable[Tally]) -> SourceReach | None:
        found = []
        for facts, only in _covered_by(tallies):
            told = [
                SourceReach(source, through)
                for source, through in self.known.get(facts, {}).items()
                if only in (None, source)
            ]
            going = [each for each in told if each.source not in self.ended] or told
            regular = [each for each in going if each.source in self.regular - self.ended]
            if regular:
                found.append(min(regular, key=_by_time))
            elif going:
                found.append(max(going, key=_by_time))
        return min(found, key=_by_time, default=None)


REGULAR_WEEKS = 3
"""A source that was imported in so many different weeks is regular."""


def coverage(cursor: DuckDBPyConnection, ended: frozenset[str]) -> Coverage:
    """What the current imports cover; `ended` are the sources that have ended."""
    known: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    weeks: dict[str, int] = defaultdict(int)
    for what, name, source, through in cursor.execute(query("coverage")).fetchall():
        if what == cache.WEEK:
            weeks[source] += 1
        else:
            known[what, name][source] = through
    regular = frozenset(source for source, count in weeks.items() if count >= REGULAR_WEEKS)
    return Coverage(known, regular, ended)


def _by_time(reach: SourceReach) -> tuple[datetime, str]:
    return reach.through, reach.source


def _covered_by(tallies: Iterable[Tally]) -> Iterator[tuple[tuple[str, str], str | None]]:
    for tally in tallies:
        for stage in (tally.stage, tally.to_stage):
            if stage is not None:
                yield ("stage", stage.value), tally.source
        if tally.name is not None:
            what = "activity" if tally.kind is TallyKind.ACTIVE else "measure"
            yield (what, tally.name), tally.source


def _per_day(
    cursor: DuckDBPyConnection, keys: Mapping[str, str], period: Period, known: date
) -> list[tuple[Any, ...]]:
    bounds = {"first": period.first, "last": period.last, "known": known.isoformat()}
    return cursor.execute(_listed("daily", keys), {**keys, **bounds}).fetchall()


def _keys(tallies: Iterable[Tally]) -> dict[str, str]:
    """The tallies' aggregates as parameters."""
    return {f"a{place}": tally.key for place, tally in enumerate(tallies)}


def _listed(name: str, keys: Mapping[str, str]) -> str:
    """The text of a question about these aggregates."""
    return query(name).replace("{aggregates}", ", ".join(f"${each}" for each in keys))


def _totals(cursor: DuckDBPyConnection, prefix: str) -> list[tuple[str, int]]:
    rows = cursor.execute(query("totals"), {"prefix": prefix}).fetchall()
    return [(name, int(value)) for name, value in rows]
