"""What a batch states: its rows as they are logged, the time it spans, and its issues."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.domain.calendar import end_of
from kpi_core.domain.issue import Issue, Severity
from kpi_core.facts.batch import EVENTS, KINDS, NUMBERS, Batch, Grain
from kpi_core.facts.change import Statements
from kpi_core.facts.log import select_of
from kpi_core.facts.sql import quoted
from kpi_core.records import ledger

MAX_AGE = timedelta(days=7)
"""Facts no older than this are taken to tell of everything up to now."""


@dataclass(frozen=True)
class Span:
    """The first and the newest moment that a batch states, and what it states."""

    first: datetime | None
    newest: datetime | None
    has_facts: bool
    covers: frozenset[tuple[str, str]]

    def data_through(self, now: datetime) -> datetime | None:
        """Up to when the batch, written now, can be taken to tell everything; None for nothing."""
        if not self.has_facts:
            return None
        if self.newest is None:
            return now
        end_of_newest = end_of(self.newest.date())
        return end_of_newest if end_of_newest < now - MAX_AGE else now


def pushed_at(batch: Batch, now: datetime) -> datetime | None:
    """A push goes on from all there is, however old what it says, unless its sender says when."""
    return now if batch.grain is Grain.PUSH and batch.data_through is None else None


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


def span_of(batch: Batch, selects: Mapping[str, str], now: datetime) -> Span:
    """What a batch spans; moments after `now` are no sign of how far it tells."""
    assert batch.scratch is not None
    first = newest = None
    has_facts = False
    covers: set[tuple[str, str]] = set()
    for kind, column in ((EVENTS, "occurred_at"), (NUMBERS, "cast(day as timestamp)")):
        if kind not in selects:
            continue
        count, low, high = batch.scratch.execute(
            f"select count(*), min({column}), max(case when {column} <= $now then {column} end) "
            f"from ({selects[kind]}) s",
            {"now": now},
        ).fetchall()[0]
        has_facts = has_facts or count > 0
        first = low if first is None else min(first, low or first)
        newest = high if newest is None else max(newest, high or newest)
        if kind == NUMBERS:
            broken_down = (
                "channel" in selects[kind]
                and batch.scratch.execute(
                    f"select 1 from ({selects[kind]}) s where channel is not null limit 1"
                ).fetchall()
            )
            covers.add(("breakdown", "channel" if broken_down else ""))
    return Span(first, newest, has_facts, frozenset(covers))


def small_of(scratch: DuckDBPyConnection, selects: Mapping[str, str]) -> dict[str, Any]:
    """The rows of each kind as columns of plain values."""
    found: dict[str, Any] = {}
    for kind, select in selects.items():
        text = scratch.execute(
            f"select cast(to_json(list(s)) as varchar) from ({select}) s"
        ).fetchall()[0][0]
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


def issue_counts(issues: Sequence[Issue]) -> tuple[tuple[Issue, ...], int, int, int]:
    """The first issues, how many there are, rejected rows and flags."""
    found = sorted(
        issues,
        key=lambda issue: (
            issue.line is not None, issue.line or 0, issue.code, issue.column or "",
            issue.value or "",
        ),
    )  # fmt: skip
    rejected = {issue.line for issue in found if issue.severity is Severity.REJECTED}
    flagged = sum(issue.severity is Severity.FLAGGED for issue in found)
    return tuple(found[: ledger.ISSUES_SHOWN]), len(found), len(rejected - {None}), flagged
