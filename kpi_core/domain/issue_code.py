"""What can be wrong with a file, and where it is wrong."""

from enum import StrEnum

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.mail_address import without_mail

LONGEST_VALUE = 80


class Code(StrEnum):
    """Names of the sentences in the catalogs (`issues.<code>`)."""

    NOT_A_TABLE = "not_a_table"
    ENCODING_UNKNOWN = "encoding_unknown"
    NO_ROWS = "no_rows"
    LEFT_OPEN = "left_open"
    COLUMN_MISSING = "column_missing"
    UNBALANCED_QUOTE = "unbalanced_quote"
    ENCODING_BROKEN = "encoding_broken"
    PROTECTED = "protected"
    DAMAGED = "damaged"
    UNSAFE_NAME = "unsafe_name"
    NESTED_TOO_DEEP = "nested_too_deep"
    TOO_MANY_FILES = "too_many_files"
    EXPANDS_TOO_FAR = "expands_too_far"
    FILE_TOO_LARGE = "file_too_large"
    NO_ROOM = "no_room"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_CELLS = "too_many_cells"
    READER_ENDED = "reader_ended"
    QUARANTINED = "quarantined"

    MARK_WRONG = "mark_wrong"
    HEADER_REPEATED = "header_repeated"
    TOTAL_LEFT_OUT = "total_left_out"
    TOTAL_KEPT = "total_kept"
    FOOTER_LEFT_OUT = "footer_left_out"
    COMMENT_LEFT_OUT = "comment_left_out"
    MARK_IN_TEXT = "mark_in_text"
    CONTROL_CHARACTER = "control_character"
    CELL_TOO_LARGE = "cell_too_large"

    NO_DATE_COLUMN = "no_date_column"
    ONLY_BIRTHDAYS = "only_birthdays"
    PERIOD_TOTAL = "period_total"
    TOTAL_WITHIN_MONTH = "total_within_month"
    YEARS_ONLY = "years_only"
    ERROR_FILE = "error_file"
    NOTHING_MAPPED = "nothing_mapped"

    NO_CREATED_COLUMN = "no_created_column"
    STATE_UNDATED = "state_undated"
    IDENTICAL_ROWS = "identical_rows"
    MAIL_HASHED = "mail_hashed"

    RAGGED = "ragged"
    NO_ROW_FITS = "no_row_fits"
    STRAY_QUOTE = "stray_quote"
    NUL_CHARACTER = "nul_character"

    ID_MISSING = "id_missing"
    MAIL_AS_ID = "mail_as_id"
    ID_ROUNDED = "id_rounded"
    ROWS_WITHOUT_ID = "rows_without_id"
    STAGE_MISSING = "stage_missing"
    UNKNOWN_STAGE = "unknown_stage"
    UNKNOWN_STATE = "unknown_state"
    NOTHING_IN_ROW = "nothing_in_row"
    TEST_LEAD = "test_lead"
    STAGE_LEFT = "stage_left"

    DATE_MISSING = "date_missing"
    DATE_UNREADABLE = "date_unreadable"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_ORDER_UNKNOWN = "date_order_unknown"
    DATE_UNIT_UNKNOWN = "date_unit_unknown"
    ERA_UNKNOWN = "era_unknown"
    DATE_IN_FUTURE = "date_in_future"
    FAR_FUTURE = "far_future"
    FAR_PAST = "far_past"
    SAME_ID_OTHER_DATE = "same_id_other_date"
    SAME_DAY_ADDED = "same_day_added"
    PERIOD_AT_ITS_END = "period_at_its_end"

    AMOUNT_UNREADABLE = "amount_unreadable"
    NUMBER_UNREADABLE = "number_unreadable"
    MAIL_DROPPED = "mail_dropped"


REFUSALS = frozenset(
    {
        Code.NOT_A_TABLE,
        Code.ENCODING_UNKNOWN,
        Code.NO_ROWS,
        Code.LEFT_OPEN,
        Code.COLUMN_MISSING,
        Code.UNBALANCED_QUOTE,
        Code.ENCODING_BROKEN,
        Code.PROTECTED,
        Code.DAMAGED,
        Code.UNSAFE_NAME,
        Code.NESTED_TOO_DEEP,
        Code.TOO_MANY_FILES,
        Code.EXPANDS_TOO_FAR,
        Code.FILE_TOO_LARGE,
        Code.NO_ROOM,
        Code.TOO_MANY_COLUMNS,
        Code.TOO_MANY_CELLS,
        Code.READER_ENDED,
        Code.QUARANTINED,
        Code.NO_DATE_COLUMN,
        Code.ONLY_BIRTHDAYS,
        Code.PERIOD_TOTAL,
        Code.YEARS_ONLY,
        Code.ERROR_FILE,
    }
)
"""With any of these the file as a whole is rejected."""


OF_RECORDS = frozenset({Code.RAGGED, Code.STRAY_QUOTE, Code.NUL_CHARACTER, Code.CELL_TOO_LARGE})
"""What keeps a record from being read at all, whatever the mapping."""


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


def _shown(value: str | None) -> str | None:
    """A value fit to be kept with an issue: short, and without anybody's mail address."""
    return None if value is None else without_mail(value)[:LONGEST_VALUE]
