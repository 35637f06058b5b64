"""The first rows of a table as they will be understood, for the user who confirms a mapping."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import ATTRIBUTE
from kpi_core.facts.zones import on_clock
from kpi_core.ingest.extract.file_batch import read_batch
from kpi_core.ingest.extract.staging import stage
from kpi_core.mapping.document import Mapping
from kpi_core.tabular.table import Table

DESCRIBING = ("channel", "campaign", "owner", "account", "amount", "quality")
NO_NOW = datetime(9000, 1, 1)  # noqa: DTZ001 - a wall clock
"""Nothing is shown of what lies ahead."""
HASH_KEY = b"preview"
"""Mail addresses are shown as hashes that are like those to come, and not the same."""


@dataclass
class UnderstoodRow:
    """What one line says. `lead` is None where it counts, and an id of ours where it has none.

    `stages` are those reached, with None where the date is unknown. `other` has the channel, the
    attributes and so on; of counts and measures the day and each number by its name.
    """

    line: int
    lead: str | None = None
    stages: dict[Stage, datetime | None] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)


def understood(
    table: Table, mapping: Mapping, scratch: DuckDBPyConnection, count: int, home: str | None = None
) -> tuple[UnderstoodRow, ...]:
    """The first `count` rows, in the order of the file; those of which nothing is imported, bare.

    They are read as the whole file will be; times are on the clock of `home`.
    """
    first = stage(table, scratch).first(count, "first_rows")
    batch = read_batch(
        table, mapping, scratch,
        file_name="", file_hash="", now=NO_NOW, secret=HASH_KEY, staged=first, home=home,
    )  # fmt: skip
    lines = scratch.execute("select line from first_rows order by line").fetchall()
    rows = {line: UnderstoodRow(line) for (line,) in lines}

    def records(relation: object, chosen: str = "*") -> Iterable[dict[str, Any]]:
        if isinstance(relation, str):
            found = scratch.execute(f"select {chosen} from {relation}")
            names = [column[0] for column in found.description]
            for values in found.fetchall():
                yield dict(zip(names, values, strict=True))

    at = "occurred_at" if home is None else on_clock("occurred_at", "zone", home)
    for record in records(batch.events, f"* replace ({at} as occurred_at)"):
        _add_event(rows[record["line"]], record)
    for record in records(batch.leads):
        _add_lead(rows[record["line"]], record)
    for record in records(batch.numbers):
        _add_number(rows[record["line"]], record)
    return tuple(rows.values())


def _add_lead(row: UnderstoodRow, record: dict[str, Any]) -> None:
    row.lead = record["lead"]
    _describe(row, record)
    for name, value in record.items():
        if name.startswith(ATTRIBUTE) and value is not None:
            row.other[name.removeprefix(ATTRIBUTE)] = value


def _add_event(row: UnderstoodRow, record: dict[str, Any]) -> None:
    if record.get("withdrawn"):
        return
    row.lead = record["lead"]
    if "stage" in record:
        row.stages[Stage(record["stage"])] = record["occurred_at"]
    else:
        row.other[record["activity"]] = f"{record['occurred_at']}"
    _describe(row, record)


def _add_number(row: UnderstoodRow, record: dict[str, Any]) -> None:
    name = record.get("stage") or record.get("measure")
    row.other["day"] = record["day"].isoformat()
    row.other[str(name)] = f"{record['value']:g}"
    _describe(row, record)


def _describe(row: UnderstoodRow, record: dict[str, Any]) -> None:
    for name in DESCRIBING:
        value = record.get(name)
        if value is not None:
            row.other[name] = f"{value:g}" if isinstance(value, float) else value
