"""A row per lead, with a date for each stage it has reached."""

import pandas as pd

from kpi_core.ingest.cells.text import is_one_of
from kpi_core.ingest.facts.rows import Rows, shaped
from kpi_core.ingest.finding import Code, at_cells
from kpi_core.ingest.meaning.mapping import Blank, StageDate
from kpi_core.storage.facts import EVENT_COLUMNS, Severity


def read_leads(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and attributes. A lead that reached no stage is an issue."""
    leads = rows.leads()
    again = leads.index[leads.duplicated(keep=False)]
    parts = [_reached(rows, leads, again, stage) for stage in rows.mapping.stages]
    rows.left_over(leads.index, (pd.Index(part["line"]) for part in parts))
    events = pd.concat(parts, ignore_index=True)
    taken = leads.loc[leads.index.intersection(pd.Index(events["line"]).unique())]
    described = rows.described(taken.index)
    events = shaped(events.join(described, on="line"), EVENT_COLUMNS)
    return events, rows.attributes(taken)


def _reached(
    rows: Rows, leads: "pd.Series[str]", again: "pd.Index[int]", stage: StageDate
) -> pd.DataFrame:
    """The leads that reached a stage, and when, as far as that is known.

    `again` are the lines of leads that have several.
    """
    lines = leads.index
    for column, values in stage.where.items():
        lines = lines[is_one_of(rows.cells(column, lines), values)]
    read = rows.dates(stage.date, lines, too_far=Severity.FLAGGED)
    at = read["at"]
    if stage.blank is Blank.UNDATED:
        blank = read["code"].isna() | read["code"].isin([Code.FAR_FUTURE, Code.FAR_PAST])
        at = at[at.notna() | blank]
    else:
        at = at.dropna()
    repeated = at.dropna()
    repeated = repeated[repeated.index.isin(again)] if len(again) else repeated[:0]
    _note_other_dates(rows, leads[repeated.index], repeated, stage.date)
    return pd.DataFrame(
        {
            "line": at.index,
            "lead": leads[at.index].array,
            "stage": pd.array([stage.stage.value] * len(at), dtype="str"),
            "occurred_at": at.array,
            "amount": rows.numbers(stage.amount, at.index).array,
            "quality": rows.numbers(stage.quality, at.index).array,
        }
    )


def _note_other_dates(
    rows: Rows, leads: "pd.Series[str]", at: "pd.Series[pd.Timestamp]", column: str
) -> None:
    """Flag each row that gives a lead another date for the stage than the lead's first row does."""
    other = at.index[(at != at.groupby(leads).transform("first")).to_numpy()]
    rows.issues += at_cells(
        Code.SAME_ID_OTHER_DATE, rows.cells(column, other), column, Severity.FLAGGED
    )
