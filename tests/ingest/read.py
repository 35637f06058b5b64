"""Files read into frames by tests, with what rows say of leads beside each of their events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pandas as pd

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import ATTRIBUTE, FIELDS, KINDS, Batch, Relation
from kpi_core.ingest.extract.file_batch import read_batch, says_nothing, table_of
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.tabular.reader import open_file

EVENTS = {
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
ATTRIBUTES = {"line": "int64", "lead": "str", "name": "str", "value": "str"}
_OF_DAYS = {"line": "int64", "day": "datetime64[us]", "channel": "str"}
COUNTS = {**_OF_DAYS, "stage": "str", "count": "float64"}
MEASURES = {**_OF_DAYS, "measure": "str", "value": "float64"}
NOW = datetime.fromisoformat("2026-07-01 12:00")
LEADS = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "created"
"""
"""The least that a mapping of leads says."""


def mapping_of(text: str) -> Mapping:
    """A mapping that has no mistakes."""
    mapping = read_mapping(text)
    assert isinstance(mapping, Mapping), mapping
    return mapping


@dataclass(frozen=True)
class Read:
    """What a file says. `withdrawn` are the outcomes that rows say their leads do not have."""

    batch: Batch
    events: pd.DataFrame
    withdrawn: pd.DataFrame
    attributes: pd.DataFrame
    counts: pd.DataFrame
    measures: pd.DataFrame
    issues: tuple[Issue, ...]
    says_nothing: bool

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return self.batch.rows


def read_file(
    content: bytes,
    mapping: Mapping,
    *,
    name: str = "file.csv",
    secret: bytes | None = None,
    exported_at: datetime | None = None,
    now: datetime = NOW,
) -> Read:
    """What a file says; facts and issues in the order of their lines."""
    opened = open_file(content, name, mapping.file)
    with duckdb.connect() as scratch:
        batch = read_batch(
            table_of(opened), mapping, scratch,
            file_name=name, file_hash=opened.file_hash, now=now, exported_at=exported_at,
            secret=secret,
        )  # fmt: skip
        leads = _all(scratch, batch.leads)
        events = _events(_all(scratch, batch.events), leads)
        numbers = _all(scratch, batch.numbers)
        return Read(
            batch,
            _typed(events[~events["withdrawn"]], EVENTS),
            _typed(events[events["withdrawn"]], EVENTS),
            _attributes(leads),
            _typed(_stating(numbers, "stage").rename(columns={"value": "count"}), COUNTS),
            _typed(_stating(numbers, "measure"), MEASURES),
            _issues(scratch, batch.issues),
            says_nothing(batch),
        )


def columns_of(content: bytes, mapping: Mapping) -> dict[str, list[str]]:
    """The columns of the relations that a file becomes."""
    opened = open_file(content, "file.csv", mapping.file)
    with duckdb.connect() as scratch:
        batch = read_batch(
            table_of(opened), mapping, scratch,
            file_name="", file_hash=opened.file_hash, now=NOW, secret=None,
        )  # fmt: skip
        return {
            kind: list(_all(scratch, relation))
            for kind in KINDS
            if (relation := batch.relation(kind)) is not None
        }


def _all(scratch: duckdb.DuckDBPyConnection, relation: Relation) -> pd.DataFrame:
    assert relation is None or isinstance(relation, str)
    rows = "(select 0 as line where false)" if relation is None else relation
    return scratch.execute(f"select * from {rows} order by line").df()


def _typed(found: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return found.reindex(columns=list(columns)).astype(columns).reset_index(drop=True)


def _stating(numbers: pd.DataFrame, name: str) -> pd.DataFrame:
    return numbers[numbers[name].notna()] if len(numbers) else numbers


def _events(events: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Events in the order of their lines and of the funnel, with what their rows say of leads."""
    fields = [name for name in FIELDS if name in leads]
    if fields:
        events = events.merge(leads[["line", *fields]], on="line", how="left")
    events = events.assign(withdrawn=events.get("withdrawn", False))
    events["withdrawn"] = events["withdrawn"].astype("bool")
    if "stage" not in events:
        return events
    order = {stage.value: place for place, stage in enumerate(Stage)}
    return events.iloc[events["stage"].map(order).argsort(kind="stable")]


def _attributes(leads: pd.DataFrame) -> pd.DataFrame:
    """A row for each attribute of a line."""
    names = [name for name in leads if name.startswith(ATTRIBUTE)]
    if not names:
        return _typed(pd.DataFrame(), ATTRIBUTES)
    long = leads.melt(["line", "lead"], names, "name").dropna(subset="value")
    long["name"] = long["name"].str.removeprefix(ATTRIBUTE)
    return _typed(long.sort_values("line", kind="stable"), ATTRIBUTES)


def _issues(scratch: duckdb.DuckDBPyConnection, issues: Sequence[Issue] | str) -> tuple[Issue, ...]:
    """The issues one by one; what concerns the whole file comes first."""
    if not isinstance(issues, str):
        return tuple(issues)
    rows = scratch.execute(
        f'select code, line, "column", value, severity from {issues} '
        'order by line nulls first, code, "column"'
    ).fetchall()
    return tuple(
        Issue(code, line, column, value, Severity(severity))
        for code, line, column, value, severity in rows
    )
