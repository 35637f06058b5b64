"""Facts of undone imports are kept for 90 days, then removed."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from duckdb import DuckDBPyConnection

from kpi_core.facts.log import Log
from kpi_core.records import fact_files, ledger, small_facts
from kpi_core.records.errors import StoreError
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records

_log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=90)
"""Before the newest import: a clock that jumps removes nothing by itself."""


def expired(imports: Iterable[ImportRecord]) -> frozenset[int]:
    """The imports of a ledger whose facts are no longer needed.

    They were undone long ago, no current import says the same bytes again, and undoing what took
    their place would not bring them back.
    """
    rows = tuple(imports)
    newest = max((each.imported_at for each in rows), default=None)
    current = {each.import_id for each in rows if each.is_current}
    needed = {each.repeats for each in rows if each.is_current}
    return frozenset(
        each.import_id
        for each in rows
        if each.undone_at is not None
        and newest is not None
        and newest - each.undone_at > KEPT_FOR
        and each.import_id not in needed
        and each.replaced_by not in current
    )


def remove_expired(cursor: DuckDBPyConnection, records: Records, log: Log) -> None:
    """Remove the facts of imports that are expired; a file that holds others too is written again.

    One that cannot be read or written stays as it is, until the next day.
    """
    with records.reading() as conn:
        gone = expired(ledger.imports(conn))
        files = fact_files.files(conn, gone)
        small = {each.import_id for each in small_facts.small(conn, gone)}
    for file in files:
        try:
            _without(cursor, records, log, file, gone)
        except StoreError as error:
            _log.warning("Facts of undone imports stay in %s: %s", file.path, error)
    if small:
        with records.writing() as conn:
            small_facts.remove_small(conn, small)


def _without(
    cursor: DuckDBPyConnection, records: Records, log: Log, file: FactFile, gone: frozenset[int]
) -> None:
    """Have a file without the imports that are gone in the place of one."""
    rest = tuple(each for each in file.import_ids if each not in gone)
    written: tuple[FactFile, ...] = ()
    if rest:
        if problem := log.problem(file, thorough=True):
            raise problem
        listed = ", ".join(map(str, rest))
        select = f"select * from {log.scan([file])} where import_id in ({listed})"
        written = log.write(cursor, {file.kind: select}, f"{rest[0]:08d}-{rest[-1]:08d}")
        written = tuple(replace(each, import_ids=rest) for each in written)
    with log.recording(written, records.names_file), records.writing() as conn:
        fact_files.replace_files(conn, [file.path], written)
    log.remove([log.data / file.path])
