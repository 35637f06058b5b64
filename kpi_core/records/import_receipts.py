"""What is stored of an import beside its ledger row: its receipt, its issues and its cases."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    delete,
    distinct,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import case as sql_case

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.receipt import Case, Receipt
from kpi_core.records import schema
from kpi_core.records.chunks import chunks
from kpi_core.records.errors import StoreError

ISSUES_SHOWN = 1000
"""A receipt carries no more issues than this; it counts them all, and all are stored."""

_ROWS_AT_ONCE = 10_000


def add_issues(conn: Connection, import_id: int, found: Iterable[Issue]) -> None:
    """Add to an import's issues, and count its rejected rows and flags again.

    A rejected row is counted once, whatever is wrong with it.
    """
    rest = iter(found)
    added = False
    while some := list(islice(rest, _ROWS_AT_ONCE)):
        added = True
        conn.execute(
            insert(schema.issues),
            [
                {
                    "import_id": import_id,
                    "code": issue.code,
                    "line": issue.line,
                    "column_name": issue.column,
                    "cell": issue.value,
                    "severity": issue.severity.value,
                }
                for issue in some
            ],
        )
    if added:
        _count_issues(conn, import_id)


def add_cases(conn: Connection, import_id: int, found: Iterable[Case]) -> None:
    """Add what an import's receipt names to its cases: all of one code."""
    rest = iter(found)
    while some := list(islice(rest, _ROWS_AT_ONCE)):
        conn.execute(
            insert(schema.cases),
            [
                {
                    "import_id": import_id,
                    "code": each.code,
                    "lead": each.lead,
                    "detail": each.detail,
                }
                for each in some
            ],
        )


def cases(conn: Connection, import_id: int, code: str) -> tuple[Case, ...]:
    """All that an import's receipt names of one code, those that it has no room for included."""
    table = schema.cases
    query = (
        select(table.c.code, table.c.lead, table.c.detail)
        .where(table.c.import_id == import_id, table.c.code == code)
        .order_by(table.c.entry)
    )
    kept = tuple(Case(*row) for row in conn.execute(query))
    if kept:
        return kept
    shown = receipt(conn, import_id)
    return () if shown is None else tuple(each for each in shown.cases if each.code == code)


def clear_cases(conn: Connection, import_ids: Collection[int], leads: Collection[str]) -> None:
    """Take leads out of the cases of imports and out of their receipts."""
    table = schema.cases
    for some in chunks(import_ids):
        conn.execute(
            delete(table).where(table.c.import_id.in_(some), table.c.lead.in_(list(leads)))
        )
    for import_id in import_ids:
        shown = receipt(conn, import_id)
        if shown is not None and any(each.lead in leads for each in shown.cases):
            rest = tuple(each for each in shown.cases if each.lead not in leads)
            save_receipt(conn, import_id, replace(shown, cases=rest))


def clear_cells(conn: Connection, import_ids: Collection[int], values: Collection[str]) -> None:
    """Take cells with one of these values out of the imports' issues."""
    table = schema.issues
    for some in chunks(import_ids):
        conn.execute(
            update(table)
            .where(table.c.import_id.in_(some), table.c.cell.in_(list(values)))
            .values(cell=None)
        )


def save_receipt(conn: Connection, import_id: int, receipt: Receipt) -> None:
    """Write what an import did into its row. Its issues stay where `add_issues` put them."""
    table = schema.imports
    conn.execute(
        update(table)
        .where(table.c.import_id == import_id)
        .values(
            new_facts=receipt.new,
            changed_facts=receipt.changed,
            unchanged_facts=receipt.unchanged,
            rejected_rows=receipt.rejected_rows,
            flagged=receipt.flagged,
            receipt=replace(receipt, issues=()).to_json(),
        )
    )


def issues(conn: Connection, import_id: int, limit: int = ISSUES_SHOWN) -> tuple[Issue, ...]:
    """What was wrong in an import, by line; what concerns the whole file comes first."""
    table = schema.issues
    query = (
        select(table)
        .where(table.c.import_id == import_id)
        .order_by(
            table.c.line.asc().nulls_first(),
            table.c.code,
            table.c.column_name,
            table.c.cell,
            table.c.entry,
        )
        .limit(limit)
    )
    return tuple(
        Issue(row.code, row.line, row.column_name, row.cell, Severity(row.severity))
        for row in conn.execute(query)
    )


def receipt(conn: Connection, import_id: int) -> Receipt | None:
    """What an import did; None until it is applied, StoreError for an unknown one."""
    table = schema.imports
    query = select(table.c.receipt, table.c.data_through).where(table.c.import_id == import_id)
    row = stored_row(conn.execute(query).one_or_none(), import_id)
    if row.receipt is None:
        return None
    return replace(
        Receipt.from_json(row.receipt),
        data_through=row.data_through,  # it may have been corrected since
        issues=issues(conn, import_id),
    )


def issue_count(conn: Connection, import_id: int) -> int:
    """How many issues an import has."""
    table = schema.issues
    return int(
        conn.scalar(select(func.count()).select_from(table).where(table.c.import_id == import_id))
        or 0
    )


def _count_issues(conn: Connection, import_id: int) -> None:
    table = schema.issues
    rejected = sql_case((table.c.severity == Severity.REJECTED.value, table.c.line))
    flagged = sql_case((table.c.severity == Severity.FLAGGED.value, 1))
    counted = conn.execute(
        select(func.count(distinct(rejected)), func.count(flagged)).where(
            table.c.import_id == import_id
        )
    ).one()
    conn.execute(
        update(schema.imports)
        .where(schema.imports.c.import_id == import_id)
        .values(rejected_rows=counted[0], flagged=counted[1])
    )


def stored_row(row: Row[*tuple[Any, ...]] | None, import_id: int) -> Row[*tuple[Any, ...]]:
    """The row of an import; StoreError for an unknown one."""
    if row is None:
        raise StoreError("unknown_import", import_id=import_id)
    return row
