"""A batch's facts as views of one shape in the transaction that takes it in."""

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.storage.facts import (
    ATTRIBUTE_COLUMNS,
    COUNT_COLUMNS,
    EVENT_COLUMNS,
    ISSUE_COLUMNS,
    LEAD_ROW_COLUMNS,
    MEASURE_COLUMNS,
    Batch,
    Issue,
    Relation,
)

_TYPES = {
    "int64": "bigint",
    "Int64": "bigint",
    "Int32": "integer",
    "str": "varchar",
    "datetime64[us]": "timestamp",
    "float64": "double",
    "boolean": "boolean",
}


def show_batch(cursor: DuckDBPyConnection, batch: Batch) -> None:
    """Make the views `batch_events`, `batch_lead_rows` and so on: blanks are null in them."""
    _show(cursor, "batch_lead_rows", batch.lead_rows, LEAD_ROW_COLUMNS)
    _show(cursor, "batch_events", batch.events, EVENT_COLUMNS)
    _show(cursor, "batch_attributes", batch.attributes, ATTRIBUTE_COLUMNS)
    _show(cursor, "batch_counts", batch.counts, COUNT_COLUMNS)
    _show(cursor, "batch_measures", batch.measures, MEASURE_COLUMNS)
    issues = batch.issues if isinstance(batch.issues, str) else _framed(batch.issues)
    _show(cursor, "batch_issues", issues, ISSUE_COLUMNS)


def hide_batch(cursor: DuckDBPyConnection) -> None:
    """Let go of the batch's frames."""
    for view in _VIEWS:
        cursor.unregister(f"{view}_frame")


def _show(cursor: DuckDBPyConnection, view: str, given: Relation, columns: dict[str, str]) -> None:
    if given is None:
        shaped = ", ".join(
            f'cast(null as {_TYPES[kind]}) as "{name}"' for name, kind in columns.items()
        )
        cursor.execute(f"create or replace temp view {view} as select {shaped} where false")
        return
    if isinstance(given, str):
        relation = given
        told = cursor.execute(f'describe "{given}"').fetchall()
        present = {name for name, *_ in told}
    else:
        relation = f"{view}_frame"
        present = set(given.columns)
        kinds = {name: kind for name, kind in columns.items() if name in present}
        cursor.register(relation, given[list(kinds)].astype(kinds))
    if missing := _NEEDED.intersection(columns) - present:
        raise ValueError(f"{relation} lacks {sorted(missing)}")
    shaped = ", ".join(
        f'{_cell(name, kind, name in present)} as "{name}"' for name, kind in columns.items()
    )
    cursor.execute(f'create or replace temp view {view} as select {shaped} from "{relation}"')  # noqa: S608


_VIEWS = (
    *("batch_lead_rows", "batch_events", "batch_attributes"),
    *("batch_counts", "batch_measures", "batch_issues"),
)
_MAY_BE_BLANK = frozenset(("stage", "activity", "channel", "campaign", "owner", "account"))
"""A blank in these says nothing."""
_NEEDED = frozenset(("line", "lead", "day", "code"))
"""What no relation may lack. Of all else one that is missing says nothing."""


def _cell(name: str, kind: str, is_present: bool) -> str:
    """A column without blanks and without what is not a number."""
    if name == "withdrawn":
        return f'coalesce("{name}", false)' if is_present else "false"
    if kind == "Int32":
        return f'coalesce("{name}", 0)' if is_present else "0"
    if not is_present:
        return f"cast(null as {_TYPES[kind]})"
    if kind == "float64":
        return f'case when isnan("{name}") then null else "{name}" end'
    if name in _MAY_BE_BLANK:
        return f"nullif(\"{name}\", '')"
    return f'"{name}"'


def _framed(issues: tuple[Issue, ...]) -> pd.DataFrame | None:
    if not issues:
        return None
    rows = [(i.code, i.line, i.column, i.value, i.severity.value) for i in issues]
    return pd.DataFrame(rows, columns=list(ISSUE_COLUMNS))
