"""A row per day, with counts of leads or values of measures."""

import pandas as pd

from kpi_core.ingest.facts.rows import Rows, shaped
from kpi_core.ingest.finding import Code, at_cells, at_lines
from kpi_core.ingest.meaning.mapping import CountColumn
from kpi_core.storage.facts import COUNT_COLUMNS, MEASURE_COLUMNS, Severity


def read_days(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and measures. A blank cell says nothing; a row of nothing else is an issue."""
    mapping = rows.mapping
    assert mapping.date is not None
    lines = rows.table.frame.index
    days = rows.dates(mapping.date, lines)["at"]
    blank = rows.cells(mapping.date, lines).isna()
    rows.issues += at_lines(Code.DATE_MISSING, lines[blank], mapping.date)
    days = days.dropna().dt.normalize()
    channel = rows.described(days.index)["channel"]
    parts = [_numbers(rows, count, days, channel) for count in mapping.counts]
    rows.left_over(days.index, (pd.Index(part["line"]) for part in parts))
    found = _one_a_day(rows, pd.concat(parts, ignore_index=True))
    counted = found["stage"].notna()
    return (
        shaped(found[counted].rename(columns={"value": "count"}), COUNT_COLUMNS),
        shaped(found[~counted], MEASURE_COLUMNS),
    )


def _numbers(
    rows: Rows, count: CountColumn, days: "pd.Series[pd.Timestamp]", channel: "pd.Series[str]"
) -> pd.DataFrame:
    numbers = rows.numbers(count.column, days.index, Code.NUMBER_UNREADABLE).dropna()
    return pd.DataFrame(
        {
            "line": numbers.index,
            "stage": pd.Series(count.stage, numbers.index, dtype="str").array,
            "measure": pd.Series(count.measure, numbers.index, dtype="str").array,
            "day": days[numbers.index].array,
            "channel": channel[numbers.index].array,
            "value": numbers.array,
        }
    )


def _one_a_day(rows: Rows, numbers: pd.DataFrame) -> pd.DataFrame:
    """One number per day, stage or measure, and channel. Of several the sum, which is flagged.

    Columns of the same line add up without a word: the mapping says so.
    """
    key = ["stage", "measure", "day", "channel"]
    groups = numbers.groupby(key, dropna=False, sort=False)
    again = numbers["line"] != groups["line"].transform("first")
    if again.any():
        lines = pd.Index(numbers["line"][again]).unique()
        column = rows.mapping.date
        assert column is not None
        rows.issues += at_cells(
            Code.SAME_DAY_ADDED, rows.cells(column, lines), column, Severity.FLAGGED
        )
    return groups.agg(line=("line", "first"), value=("value", "sum")).reset_index()
