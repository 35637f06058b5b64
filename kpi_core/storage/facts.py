"""What one file says, ready to be taken in, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.domain.stage import Stage

EVENT_COLUMNS: dict[str, str] = {
    "line": "int64",
    "lead": "str",
    "stage": "str",
    "activity": "str",
    "occurred_at": "datetime64[us]",
    "channel": "str",
    "campaign": "str",
    "owner": "str",
    "account": "str",
    "amount": "float64",
    "quality": "float64",
    "withdrawn": "boolean",
}
"""One row per event. Either `stage` or `activity` is set; `occurred_at` is the wall clock of the
import's zone and may be missing (the stage was reached, nobody knows when). A line says one thing
of a stage. `withdrawn`: the source says that the stage is not, or no longer, reached; such a row
takes back what the same file says of the stage up to `occurred_at`, or all of it where that is
missing."""

LEAD_ROW_COLUMNS: dict[str, str] = {
    "line": "int64",
    "lead": "str",
    "channel": "str",
    "campaign": "str",
    "owner": "str",
    "account": "str",
    **{f"{stage.value}_at": "datetime64[us]" for stage in Stage},
    "undated": "Int32",
    "amount": "float64",
    "amount_stages": "Int32",
    "quality": "float64",
    "quality_stages": "Int32",
}
"""One row per line of a file of leads: the events of one lead side by side. `undated`: the stages
reached nobody knows when; `amount_stages` and `quality_stages`: those whose event has the amount
or the quality. They are sums of `STAGE_BITS`. A relation need not have every column: one that is
missing says nothing."""

STAGE_BITS: dict[Stage, int] = {stage: 1 << place for place, stage in enumerate(Stage)}
"""What each stage adds to a mask of stages."""

ATTRIBUTE_COLUMNS: dict[str, str] = {"line": "int64", "lead": "str", "name": "str", "value": "str"}
"""One row per lead and attribute that has a value."""

COUNT_COLUMNS: dict[str, str] = {
    "line": "int64",
    "stage": "str",
    "day": "datetime64[us]",
    "channel": "str",
    "count": "float64",
}
"""One row per day, stage and channel: leads counted elsewhere, without their ids."""

MEASURE_COLUMNS: dict[str, str] = {
    "line": "int64",
    "measure": "str",
    "day": "datetime64[us]",
    "channel": "str",
    "value": "float64",
}
"""One row per day, measure and channel."""

ISSUE_COLUMNS: dict[str, str] = {
    "code": "str",
    "line": "Int64",
    "column": "str",
    "value": "str",
    "severity": "str",
}
"""One row per Issue."""


Relation: TypeAlias = pd.DataFrame | str | None
"""Facts of one kind: a frame, the name of a temporary relation, or None where there are none."""


class Severity(StrEnum):
    """What an issue does to its row."""

    REJECTED = "rejected"
    """the row, or the event the cell stands for, was not taken in"""
    FLAGGED = "flagged"
    """taken in, but worth a look"""


@dataclass(frozen=True)
class Issue:
    """One thing wrong at one place. `code` names the sentence in the catalogs (`issues.<code>`).

    `line` is the record's number in the file, the header being 1; None when it is about the
    whole file. `value` is cut to 80 characters.
    """

    code: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = Severity.REJECTED


@dataclass(frozen=True)
class Batch:
    """One file's facts. `content_hash` is over the file's bytes and the mapping's text.

    A relation is in `scratch`, which is then a cursor of the store that takes the batch in; so are
    the issues, if not a tuple.
    `file_hash` is over the file's bytes alone, empty where there was no file. `data_through` is
    what somebody says; `written_at` is when the file was written, after which it tells nothing.
    `a_line_each`: who made the batch has seen that no lead has two of its `lead_rows`.
    """

    source: str
    file_name: str
    content_hash: str
    mapping_name: str
    mapping: str
    rows: int
    events: Relation = None
    attributes: Relation = None
    counts: Relation = None
    measures: Relation = None
    issues: tuple[Issue, ...] | str = ()
    data_through: datetime | None = None
    demo: bool = False
    lead_rows: Relation = None
    scratch: DuckDBPyConnection | None = None
    file_hash: str = ""
    written_at: datetime | None = None
    a_line_each: bool = False


@dataclass(frozen=True)
class MonthChange:
    """What stands of a stage, an activity or a measure in a month, before and after an import.

    Leads, times or the sum of the measure; `month` is its first day, by the calendar.
    """

    name: str
    month: date
    before: float
    after: float


@dataclass(frozen=True)
class Receipt:
    """What an import did, or would do. Facts are events, counts and measures.

    `new`, `changed` and `unchanged` count facts against what stood before; `new_leads` leads
    that were unknown. `issues` holds the first of them, `issue_count` says how many there are.
    `months` has a line for each month in which the file says or changes something.
    `import_id` is None for a dry run and for a file that says nothing new; `repeats` then names
    the standing import of the same bytes.
    """

    import_id: int | None
    source: str
    file_name: str
    rows: int
    new: int
    changed: int
    unchanged: int
    new_leads: int
    undated: int
    rejected_rows: int
    flagged: int
    data_through: datetime | None
    issue_count: int
    issues: tuple[Issue, ...]
    repeats: int | None = None
    file_hash: str = ""
    months: tuple[MonthChange, ...] = ()

    @property
    def facts(self) -> int:
        """Facts in the file, whatever they say against what stood before."""
        return self.new + self.changed + self.unchanged


@dataclass(frozen=True)
class ImportRecord:
    """A line of the ledger."""

    import_id: int
    source: str
    file_name: str
    mapping_name: str
    imported_at: datetime
    imported_by: str
    rows: int
    new: int
    changed: int
    unchanged: int
    rejected_rows: int
    flagged: int
    data_through: datetime | None
    demo: bool
    undone_at: datetime | None
    undone_by: str | None
    file_hash: str = ""

    @property
    def stands(self) -> bool:
        """Not undone."""
        return self.undone_at is None
