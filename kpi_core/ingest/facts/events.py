"""A row per event: a stage reached, as in a history of changes, or one activity."""

import pandas as pd

from kpi_core.ingest.cells.text import folded
from kpi_core.ingest.facts.rows import Rows, shaped
from kpi_core.ingest.finding import Code, at_cells, at_lines
from kpi_core.storage.facts import EVENT_COLUMNS

PASSED_OVER = ""


def read_events(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and attributes. Rows whose stage the mapping passes over are no issue."""
    mapping = rows.mapping
    assert mapping.at is not None
    leads = rows.leads()
    events = pd.DataFrame(index=leads.index)
    if mapping.stage is not None:
        stages = _stages(rows, mapping.stage, leads.index)
        events = events.loc[stages.index].assign(stage=stages)
    events["activity"] = pd.Series(mapping.activity, events.index, dtype="str")
    events["occurred_at"] = rows.dates(mapping.at, events.index)["at"]
    blank = rows.cells(mapping.at, events.index).isna()
    rows.issues += at_lines(Code.DATE_MISSING, events.index[blank], mapping.at)
    events = events.dropna(subset=["occurred_at"])
    leads = leads.loc[events.index]
    events["lead"] = leads
    events["amount"] = rows.numbers(mapping.amount, events.index)
    events["quality"] = rows.numbers(mapping.quality, events.index)
    events = events.join(rows.described(events.index)).assign(line=events.index)
    return shaped(events, EVENT_COLUMNS), rows.attributes(leads)


def _stages(rows: Rows, column: str, lines: "pd.Index[int]") -> "pd.Series[str]":
    """The stage of each row that has one. A value that the mapping does not know is an issue."""
    known = {
        folded(value): stage.value if stage is not None else PASSED_OVER
        for value, stage in rows.mapping.stage_values.items()
    }
    cells = rows.cells(column, lines)
    rows.issues += at_lines(Code.STAGE_MISSING, lines[cells.isna()], column)
    cells = cells.dropna()
    meaning = {value: known.get(folded(value)) for value in cells.unique()}
    stages = cells.map(meaning).astype("str")
    rows.issues += at_cells(Code.UNKNOWN_STAGE, cells[stages.isna()], column)
    return stages[stages.notna() & (stages != PASSED_OVER)]
