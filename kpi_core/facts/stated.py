"""What a batch states: its rows as they are logged, the time it spans, and its issues."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import nsmallest
from itertools import pairwise
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.domain.calendar import end_of
from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.period import Period
from kpi_core.facts.batch import EVENTS, KINDS, NUMBERS, Batch
from kpi_core.facts.change import Statements
from kpi_core.facts.log import select_of
from kpi_core.facts.zones import on_clock
from kpi_core.records import import_receipts
from kpi_core.sql_text import literal, quoted

QUIET_DAYS = 7
"""How long a source may be quiet of which too little is known."""
FEW_EVENTS = 20
WINDOW = timedelta(weeks=8)

Days = Mapping[date, int]
"""How many events were recorded on each day that has any."""


@dataclass(frozen=True)
class Span:
    """The first moment that a batch states, what it states, and when that was recorded.

    `days` has of each day how many events were recorded on it, none after the import, and
    `newest` the newest of them. `by_outcomes`: outcomes and renewals are among them.
    """

    first: datetime | None
    newest: datetime | None
    has_facts: bool
    covers: frozenset[tuple[str, str]]
    days: Days
    by_outcomes: bool

    def reach(
        self, moment: datetime, known: Callable[[Period, bool], Days]
    ) -> tuple[datetime | None, datetime | None]:
        """Up to when a batch written at `moment` tells everything, and where it stands by that.

        None for nothing. `known` says of a period how many events of the source were recorded
        on each day, with outcomes or without. A batch that reaches the running day stands at
        its moment in the order of its source, however early that day's newest event is.
        """
        if not self.has_facts:
            return None, None
        if self.newest is None:
            return moment, None
        last = self.newest.date()
        if last == moment.date():
            has_time = self.newest.time() != time.min
            return (self.newest if has_time else moment), moment
        age = moment.date() - last
        if age >= WINDOW:  # no source was quiet for so long within it
            return end_of(last), None
        if age > timedelta(days=1):
            window = Period(last - WINDOW + timedelta(days=1), last)
            before = known(window, self.by_outcomes)
            own = {day: count for day, count in self.days.items() if day in window}
            together = {day: max(own.get(day, 0), before.get(day, 0)) for day in own | {**before}}
            if age.days > longest_quiet(together):
                return end_of(last), None
        return datetime.combine(moment.date(), time.min), moment


def longest_quiet(days: Days) -> int:
    """The most days from one day with events to the next; 7 where there are few events."""
    ordered = sorted(days)
    if sum(days.values()) < FEW_EVENTS or len(ordered) < 2:
        return QUIET_DAYS
    return max((after - before).days for before, after in pairwise(ordered))


def selects_of(batch: Batch, import_id: int | None) -> dict[str, str]:
    """SQL for the rows of each kind that the batch has, as they are logged."""
    assert batch.scratch is not None
    selects = {}
    for kind in KINDS:
        relation = batch.relation(kind)
        if isinstance(relation, str):
            columns = batch.scratch.execute(f"describe {quoted(relation)}").fetchall()
            selects[kind] = select_of(kind, relation, [name for name, *_ in columns], import_id)
    return selects


def statements_of(cursor: DuckDBPyConnection, selects: Mapping[str, str]) -> list[Statements]:
    return [
        Statements(
            kind,
            f"({select})",
            tuple(name for name, *_ in cursor.execute(f"describe {select}").fetchall()),
        )
        for kind, select in selects.items()
    ]


def span_of(
    batch: Batch,
    selects: Mapping[str, str],
    moment: datetime,
    recording: Collection[str],
    zone: str,
) -> Span:
    """What a batch written at `moment` spans, on the clock of a zone.

    `recording` are the stages whose dates record. The dates of other stages are closing dates,
    which may be typed in advance: they count where events carry their own time, and in a file
    without other dates.
    """
    assert batch.scratch is not None
    first = None
    count = 0
    covers: set[tuple[str, str]] = set()
    by_outcomes = batch.grain.continues
    days: dict[date, tuple[int, datetime]] = {}
    if EVENTS in selects:
        at = (
            on_clock("occurred_at", "zone", zone)
            if ' as "zone"' in selects[EVENTS]
            else "occurred_at"
        )
        found = _event_days(batch.scratch, selects[EVENTS], at, recording, moment)
        count = sum(row[1] for row in found)
        first = min((row[2] for row in found if row[2] is not None), default=None)
        by_outcomes = by_outcomes or not any(row[3] for row in found)
        for day, *_, of_all, newest, of_records, newest_record in found:
            events, latest = (of_all, newest) if by_outcomes else (of_records, newest_record)
            if events:
                days[day] = events, latest
    if NUMBERS in selects:
        of_days, low = batch.scratch.execute(
            f"select count(*), min(cast(day as timestamp)) from ({selects[NUMBERS]}) s"
        ).fetchall()[0]
        count += of_days
        first = low if first is None else min(first, low or first)
        for day, (more, newest) in _number_days(batch.scratch, selects[NUMBERS], moment).items():
            events, latest = days.get(day, (0, newest))
            days[day] = events + more, max(latest, newest)
        broken_down = (
            "channel" in selects[NUMBERS]
            and batch.scratch.execute(
                f"select 1 from ({selects[NUMBERS]}) s where channel is not null limit 1"
            ).fetchall()
        )
        covers.add(("breakdown", "channel" if broken_down else ""))
    return Span(
        first=first,
        newest=days[max(days)][1] if days else None,
        has_facts=count > 0,
        covers=frozenset(covers),
        days={day: events for day, (events, _) in days.items()},
        by_outcomes=by_outcomes,
    )


def _number_days(
    cursor: DuckDBPyConnection, select: str, moment: datetime
) -> dict[date, tuple[int, datetime]]:
    """How many numbers each day has, and its midnight; none after the moment."""
    rows = cursor.execute(
        f"select day, count(*), cast(day as timestamp) from ({select}) s "
        "where cast(day as timestamp) <= $moment group by day",
        {"moment": moment},
    ).fetchall()
    return {day: (count, midnight) for day, count, midnight in rows}


def _event_days(
    cursor: DuckDBPyConnection, select: str, at: str, recording: Collection[str], moment: datetime
) -> list[tuple[Any, ...]]:
    """Of each day: its events, the first, and how many dates record.

    Then, up to the moment, the events and the newest: of all, and of those that record.
    """
    records = f"(stage is null or stage in ({', '.join(map(literal, sorted(recording)))}))"
    if ' as "stage"' not in select:
        records = "true"  # what users do is recorded when it is done
    return cursor.execute(
        "select cast(occurs as date), count(*), min(occurs), count(occurs) filter (records), "
        "count(*) filter (occurs <= $moment), max(occurs) filter (occurs <= $moment), "
        "count(*) filter (records and occurs <= $moment), "
        "max(occurs) filter (records and occurs <= $moment) "
        f"from (select {at} as occurs, {records} as records from ({select}) s) e group by 1",
        {"moment": moment},
    ).fetchall()


def small_of(scratch: DuckDBPyConnection, selects: Mapping[str, str]) -> dict[str, Any]:
    """The rows of each kind as columns of plain values, without the number of their import."""
    lists = [
        f"(select cast(to_json(list(s)) as varchar) from (select * exclude (import_id) "
        f"from ({select}) r) s)"
        for select in selects.values()
    ]
    if not lists:
        return {}
    texts = scratch.execute(f"select {', '.join(lists)}").fetchall()[0]
    found: dict[str, Any] = {}
    for kind, text in zip(selects, texts, strict=True):
        rows = json.loads(text) if text else []
        if rows:
            found[kind] = {name: [row[name] for row in rows] for name in rows[0]}
    return found


def issues_of(batch: Batch) -> Iterator[Issue]:
    if not isinstance(batch.issues, str):
        yield from batch.issues
        return
    assert batch.scratch is not None
    cursor = batch.scratch.execute(
        f'select code, line, "column", value, severity from {quoted(batch.issues)}'
    )
    while rows := cursor.fetchmany(10_000):
        for code, line, column, value, severity in rows:
            yield Issue(code, line, column, value, Severity(severity))


def issue_counts(issues: Iterable[Issue]) -> tuple[tuple[Issue, ...], int, int, int]:
    """The first issues, how many there are, rejected rows and flags; never all held at once."""
    rejected: set[int | None] = set()
    count = flagged = 0

    def counted() -> Iterator[Issue]:
        nonlocal count, flagged
        for issue in issues:
            count += 1
            if issue.severity is Severity.REJECTED:
                rejected.add(issue.line)
            else:
                flagged += 1
            yield issue

    first = nsmallest(
        import_receipts.ISSUES_SHOWN,
        counted(),
        key=lambda issue: (
            issue.line is not None, issue.line or 0, issue.code, issue.column or "",
            issue.value or "",
        ),
    )  # fmt: skip
    return tuple(first), count, len(rejected - {None}), flagged
