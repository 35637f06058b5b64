"""What was wrong with a file, noted in a relation: a million issues take no more than a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code
from kpi_core.ingest.extract.cell_sql import literal, shown

ISSUE_COLUMNS: dict[str, str] = {
    "code": "str",
    "line": "Int64",
    "column": "str",
    "value": "str",
    "severity": "str",
}
"""One row per Issue."""
AT_ONCE = 10_000


@dataclass(frozen=True)
class Notes:
    """Issues in the making; columns as in ISSUE_COLUMNS."""

    scratch: DuckDBPyConnection
    relation: str = "noted_issues"

    def __post_init__(self) -> None:
        self.scratch.execute(
            f"create or replace temp table {self.relation} "
            '(code varchar, line bigint, "column" varchar, value varchar, severity varchar)'
        )

    def add(self, issues: Iterable[Issue]) -> None:
        """Note issues that are known one by one."""
        rest = iter(issues)
        while some := list(islice(rest, AT_ONCE)):
            rows = [(i.code, i.line, i.column, i.value, i.severity.value) for i in some]
            frame = pd.DataFrame(rows, columns=list(ISSUE_COLUMNS)).astype(ISSUE_COLUMNS)
            self.scratch.register("issues_to_note", frame)
            self.scratch.execute(f"insert into {self.relation} from issues_to_note")
            self.scratch.unregister("issues_to_note")

    def at(
        self,
        code: Code,
        source: str,
        *,
        column: str | None = None,
        cell: str | None = None,
        severity: Severity = Severity.REJECTED,
    ) -> None:
        """Note one for each row of `source`, SQL that follows `from` and has a `line`.

        `cell` is the SQL of the value; None for one that is not to be repeated.
        """
        self.each(literal(code), source, column=column, cell=cell, severity=severity)

    def each(
        self,
        code: str,
        source: str,
        *,
        column: str | None,
        cell: str | None,
        severity: Severity | str,
    ) -> None:
        """As `at`, with SQL for the code, and for the severity where that depends on it."""
        told = "null" if column is None else literal(column)
        value = "null" if cell is None else shown(cell)
        weight = literal(severity) if isinstance(severity, Severity) else severity
        self.scratch.execute(
            f"insert into {self.relation} select {code}, line, {told}, {value}, {weight} "
            f"from {source}"
        )

    def rejected_lines(self) -> str:
        """SQL for the lines of which something was rejected."""
        return (
            f"select line from {self.relation} "
            f"where severity = {literal(Severity.REJECTED)} and line is not null"
        )
