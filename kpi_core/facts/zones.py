"""Zones: the clock a fact was written by, the workspace's, and the days of a plan's own zone."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from kpi_core.sql_text import literal

LocalDay = tuple[str, date, datetime, datetime, date]
"""A zone, a day of the workspace, from and until when on its clock, and the zone's day then."""


def on_clock(at: str, zone: str, home: str) -> str:
    """SQL for a time as the clock of `home` shows it; `zone` is SQL for the zone it is written in.

    One without a zone stays as it is. Of an hour that comes twice the second is taken.
    """
    named = f"case when {zone}[1] in ('+', '-') then 'GMT' || {zone} else {zone} end"
    return (
        f"case when {zone} is null or {zone} = {literal(home)} then {at} "
        f"else timezone({literal(home)}, timezone({named}, {at})) end"
    )


def comparable(at: str, zone: str, home: str) -> str:
    """The same, and a time is never midnight sharp: that is a date alone."""
    clock = on_clock(at, zone, home)
    return (
        f"case when {zone} is not null and {clock} = date_trunc('day', {clock}) "
        f"then {clock} + interval 1 microsecond else {clock} end"
    )


def rows_by_day(zone: str | None) -> str:
    """SQL for `current_rows` with `on_day`, the day of each in a zone; None is the workspace's.

    A date alone is that day in every zone. Reads `local_days`.
    """
    if zone is None:
        return "select *, cast(occurred_at as date) as on_day from current_rows"
    return (
        "select c.*, case when c.occurred_at = date_trunc('day', c.occurred_at) "
        "then cast(c.occurred_at as date) else d.day end as on_day from current_rows c "
        f"left join local_days d on d.zone = {literal(zone)} "
        "and d.home_day = cast(c.occurred_at as date) "
        "and c.occurred_at >= d.first and c.occurred_at < d.beyond"
    )


def make_local_days(cursor: DuckDBPyConnection, home: str, zones: Iterable[str]) -> None:
    """Make `local_days`: what the days in `current_rows` are in other zones."""
    found = cursor.execute(
        "select distinct cast(occurred_at as date) from current_rows where occurred_at is not null"
    ).fetchall()
    rows = [row for zone in zones for (day,) in found for row in _local_days(home, zone, day)]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    cursor.execute(
        "create or replace temp table local_days as select unnest(?::varchar[]) as zone, "
        "unnest(?::date[]) as home_day, unnest(?::timestamp[]) as first, "
        "unnest(?::timestamp[]) as beyond, unnest(?::date[]) as day",
        columns,
    )


@lru_cache(maxsize=20_000)
def _local_days(home: str, zone: str, day: date) -> tuple[LocalDay, ...]:
    """The days of a zone that a day of the workspace falls in."""
    return tuple(_parts(home, zone, day))


def _parts(home: str, zone: str, day: date) -> Iterator[LocalDay]:
    start, end = _midnight(day), _midnight(day + timedelta(days=1))
    for local in (day + timedelta(days=n) for n in (-1, 0, 1)):
        first = max(start, _begin(home, zone, local))
        beyond = min(end, _begin(home, zone, local + timedelta(days=1)))
        if first < beyond:
            yield zone, day, first, beyond, local


def _begin(home: str, zone: str, day: date) -> datetime:
    """When a day begins in a zone, on the clock of the workspace."""
    instant = _midnight(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return instant.astimezone(ZoneInfo(home)).replace(tzinfo=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
