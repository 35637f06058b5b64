"""The imports that a cache has applied: their order, their mappings, and what they cover."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from duckdb import DuckDBPyConnection

from kpi_core.facts import cache
from kpi_core.facts.batch import Grain
from kpi_core.records.ledger import ImportRecord

_SECOND_BITS = 31
"""Import numbers are below 2^31; seconds since 1970 stand before them in a sequence."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock
SMALL_RUN, RUN_ROWS = 1_000, 200_000
"""Imports of up to so many rows are applied in runs of up to so many together."""


def sequence_of(record: ImportRecord) -> int:
    """Where an import stands among those of its source: by data through, then by number."""
    moment = record.ranks_at or record.data_through or record.imported_at
    seconds = int((moment - _EPOCH).total_seconds())
    return (max(seconds, 0) << _SECOND_BITS) + record.import_id


def in_order(rows: Iterable[ImportRecord], thing: str | None) -> list[ImportRecord]:
    """Of a source's ledger rows those whose facts count, oldest first.

    Facts count as long as their import, or another of the same bytes, is current.
    """
    rows = list(rows)
    said_again = {each.repeats for each in rows if each.is_current and each.repeats is not None}
    counted = [
        each
        for each in rows
        if each.repeats is None
        and (each.is_current or each.import_id in said_again)
        and thing in (None, each.thing)
    ]
    return sorted(counted, key=sequence_of)


def runs(ordered: Sequence[ImportRecord], most_rows: int = RUN_ROWS) -> list[list[ImportRecord]]:
    """Imports in runs to be applied together: large ones alone, small ones of a kind in a row."""
    found: list[list[ImportRecord]] = []
    rows = 0
    for each in ordered:
        last = found[-1][-1] if found else None
        if (
            last is not None
            and each.rows <= SMALL_RUN >= last.rows
            and (last.source, last.thing, last.mapping_name, last.grain)
            == (each.source, each.thing, each.mapping_name, each.grain)
            and rows + each.rows <= most_rows
        ):
            found[-1].append(each)
            rows += each.rows
        else:
            found.append([each])
            rows = each.rows
    return found


def note_imports(cursor: DuckDBPyConnection, run: Sequence[ImportRecord]) -> None:
    """Have imports of one mapping in `imports`, as their rows are read."""
    record = run[0]
    mapping = cache.one(
        cursor,
        "select mapping from mappings where source = ? and thing = ? and name = ?",
        [record.source, record.thing, record.mapping_name],
    )
    if mapping is None:
        mapping = cache.one(cursor, "select coalesce(max(mapping), 0) + 1 from mappings")
        cursor.execute(
            "insert into mappings values (?, ?, ?, ?)",
            [mapping, record.source, record.thing, record.mapping_name],
        )
    grain = Grain(record.grain)
    follows = grain is Grain.EVENT and bool(
        cache.one(cursor, "select 1 from imports where mapping = ? limit 1", [mapping])
    )
    rows = [
        [
            each.import_id,
            each.source,
            each.thing,
            sequence_of(each),
            mapping,
            True,
            grain.continues,
            grain is Grain.EVENT,
            follows or (grain is Grain.EVENT and place > 0),
            each.first_event,
            each.ranks_at or each.data_through or each.imported_at,
            breakdown_of(each),
            each.adds,
        ]
        for place, each in enumerate(run)
    ]
    row = f"({', '.join('?' * len(rows[0]))})"
    cursor.execute(
        f"insert into imports values {', '.join([row] * len(rows))}", [*chain.from_iterable(rows)]
    )
    if grain is Grain.EVENT:
        cursor.execute(
            "update imports set follows = true where mapping = ? and sequence > ? and history",
            [mapping, min(map(sequence_of, run))],
        )
    note_mappings(cursor, record.source, record.thing)


def note_mappings(cursor: DuckDBPyConnection, source: str, thing: str) -> None:
    """Note of imports whether they are of their source's only mapping."""
    only = cache.one(
        cursor,
        "select count(distinct mapping) <= 1 from imports where source = ? and thing = ?",
        [source, thing],
    )
    cursor.execute(
        "update imports set only_mapping = $only "
        "where source = $source and thing = $thing and only_mapping <> $only",
        {"only": only, "source": source, "thing": thing},
    )


def mapping_of(cursor: DuckDBPyConnection, record: ImportRecord) -> int:
    """The number of an import's mapping."""
    return int(
        cache.one(cursor, "select mapping from imports where import_id = ?", [record.import_id])
    )


def is_applied(cursor: DuckDBPyConnection, import_id: int) -> bool:
    """Whether the cache has the facts of an import."""
    return bool(cache.one(cursor, "select 1 from imports where import_id = ?", [import_id]))


def newest_sequence(cursor: DuckDBPyConnection, record: ImportRecord) -> int | None:
    """The newest place in the order of a source's thing; None where the cache has nothing of it."""
    newest = cache.one(
        cursor,
        "select max(sequence) from imports where source = ? and thing = ?",
        [record.source, record.thing],
    )
    return None if newest is None else int(newest)


def breakdown_of(record: ImportRecord) -> str:
    """The columns by which an import's numbers are broken down."""
    return ",".join(sorted(name for what, name in record.covers if what == "breakdown"))


def cover(cursor: DuckDBPyConnection, records: Iterable[ImportRecord]) -> None:
    """Note up to when imports tell of what they cover, and the weeks in which they came."""
    through: dict[tuple[str, str, str], datetime] = {}
    for record in records:
        if record.data_through is None:
            continue
        if record.covers:
            week = "{}-W{:02}".format(*record.imported_at.isocalendar())
            through[cache.WEEK, week, record.source] = record.imported_at
        for what, name in record.covers:
            key = (what, name, record.source)
            through[key] = max(through.get(key, record.data_through), record.data_through)
    if not through:
        return
    columns = [[*column] for column in zip(*through, strict=True)]
    cursor.execute(
        "insert into coverage select unnest(?), unnest(?), unnest(?), unnest(?) "
        "on conflict (what, name, source) "
        "do update set through = greatest(through, excluded.through)",
        [*columns, [*through.values()]],
    )


def forget_coverage(cursor: DuckDBPyConnection, source: str) -> None:
    """Forget what the imports of a source cover."""
    cursor.execute("delete from coverage where source = ?", [source])
