"""What can be wrong with a file, and where it is wrong."""

from enum import StrEnum

import pandas as pd

from kpi_core.ingest.cells.personal import without_mail
from kpi_core.storage.facts import Issue, Severity

LONGEST_VALUE = 80


class Code(StrEnum):
    """Names of the sentences in the catalogs (`issues.<code>`)."""

    NOT_A_TABLE = "not_a_table"
    ENCODING_UNKNOWN = "encoding_unknown"
    NO_ROWS = "no_rows"
    COLUMN_MISSING = "column_missing"
    UNBALANCED_QUOTE = "unbalanced_quote"

    RAGGED = "ragged"
    STRAY_QUOTE = "stray_quote"
    NUL_CHARACTER = "nul_character"

    ID_MISSING = "id_missing"
    MAIL_AS_ID = "mail_as_id"
    ROWS_WITHOUT_ID = "rows_without_id"
    STAGE_MISSING = "stage_missing"
    UNKNOWN_STAGE = "unknown_stage"
    NOTHING_IN_ROW = "nothing_in_row"

    DATE_MISSING = "date_missing"
    DATE_UNREADABLE = "date_unreadable"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_IN_FUTURE = "date_in_future"
    FAR_FUTURE = "far_future"
    FAR_PAST = "far_past"
    SAME_ID_OTHER_DATE = "same_id_other_date"
    SAME_DAY_ADDED = "same_day_added"

    AMOUNT_UNREADABLE = "amount_unreadable"
    NUMBER_UNREADABLE = "number_unreadable"
    MAIL_DROPPED = "mail_dropped"


REFUSALS = frozenset(
    {
        Code.NOT_A_TABLE,
        Code.ENCODING_UNKNOWN,
        Code.NO_ROWS,
        Code.COLUMN_MISSING,
        Code.UNBALANCED_QUOTE,
    }
)
"""With any of these the file as a whole is not taken in."""


def about_file(
    code: Code,
    *,
    line: int | None = None,
    column: str | None = None,
    value: str | None = None,
    severity: Severity = Severity.REJECTED,
) -> Issue:
    """One issue that concerns the whole file, even where a line names its cause."""
    return Issue(code, line, column, _shown(value), severity)


def at_cells(
    code: Code,
    cells: "pd.Series[str]",
    column: str | None,
    severity: Severity = Severity.REJECTED,
) -> list[Issue]:
    """An issue per cell of a column. The index holds the line numbers."""
    return [
        Issue(code, int(line), column, _shown(value), severity)
        for line, value in zip(cells.index, cells, strict=True)
    ]


def at_lines(
    code: Code,
    lines: "pd.Index[int]",
    column: str | None = None,
    severity: Severity = Severity.REJECTED,
) -> list[Issue]:
    """An issue per line, about no value in particular, or about one not to be repeated."""
    return [Issue(code, int(line), column, None, severity) for line in lines]


def _shown(value: str | None) -> str | None:
    """A value fit to be kept with an issue: short, and without anybody's mail address."""
    return None if value is None else without_mail(value)[:LONGEST_VALUE]
