"""Advisories on a table before its import: why it cannot be imported, or what to know."""

from collections.abc import Sequence

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.mapping.columns import FILLED, Layout
from kpi_core.mapping.document import Grain, Mapping
from kpi_core.mapping.row_grain import row_kinds
from kpi_core.mapping.synonyms import Role, is_year


def refusals(layout: Layout, unread: Sequence[Issue] = ()) -> tuple[Issue, ...]:
    """Why nothing in the table can be counted by month, whatever the user says. Empty if it can.

    `unread` says what is wrong with rows that are no part of it.
    """
    if not layout.profile.rows:
        return (about_file(Code.NO_ROWS),)
    if not layout.profile.looked_at:
        return (_no_row(unread),)
    for column in layout.of(Role.ERROR):
        if column.profile.filled >= FILLED * layout.profile.looked_at:
            return (about_file(Code.ERROR_FILE, column=column.header),)
    if row_kinds(layout):
        return ()
    if (within := _within_month(layout)) is not None:
        return (within,)
    issues = [about_file(Code.NO_DATE_COLUMN)]
    years = [column.header for column in layout.numbers if is_year(column.header)]
    if layout.first_day is not None and layout.last_day is not None:
        period = f"{layout.first_day} – {layout.last_day}"
        issues.append(about_file(Code.PERIOD_TOTAL, value=period))
    elif len(years) > 1:
        issues.append(about_file(Code.YEARS_ONLY, value=f"{years[0]} – {years[-1]}"))
    issues.extend(
        about_file(Code.ONLY_BIRTHDAYS, column=column.header)
        for column in layout.of(Role.BIRTHDAY)
        if column.profile.dates is not None
    )
    return tuple(issues)


def _no_row(unread: Sequence[Issue]) -> Issue:
    """Why there is no row to look at: they all have more or fewer cells than the header."""
    rejected = [issue for issue in unread if issue.severity is Severity.REJECTED]
    ragged = {issue.value for issue in rejected if issue.code == Code.RAGGED}
    if len(ragged) == 1 and all(issue.code == Code.RAGGED for issue in rejected):
        return about_file(Code.NO_ROW_FITS, value=ragged.pop())
    return rejected[0] if rejected else about_file(Code.NO_ROWS)


def _within_month(layout: Layout) -> Issue | None:
    """That the table is the total of a month or of days in one; None where it is not."""
    first, last = layout.first_day, layout.last_day
    if first is None or last is None or (first.year, first.month) != (last.year, last.month):
        return None
    return about_file(Code.TOTAL_WITHIN_MONTH, value=f"{first:%Y-%m} ({first} – {last})")


def remarks(layout: Layout, mapping: Mapping) -> tuple[Issue, ...]:
    """What to know of a table that is read by this mapping."""
    found = []
    if mapping.grain is Grain.LEAD and _base_is_undated(mapping):
        modified = [column for column in layout.dates if Role.OTHER_DATE in column.roles]
        if modified and not layout.of(Role.CREATED):
            found.append(_note(Code.NO_CREATED_COLUMN, modified[0].header))
    if mapping.grain is Grain.SNAPSHOT:
        found.append(_note(Code.STATE_UNDATED, mapping.stage))
    if mapping.id is not None and any(column.header == mapping.id for column in layout.mails):
        found.append(_note(Code.MAIL_HASHED, mapping.id))
    if mapping.id is None and mapping.grain is not Grain.DAY:
        found.append(_note(Code.IDENTICAL_ROWS, value=str(layout.profile.repeated_rows())))
    return tuple(found)


def _base_is_undated(mapping: Mapping) -> bool:
    return any(stage.date is None and not stage.where for stage in mapping.stages)


def _note(code: Code, column: str | None = None, value: str | None = None) -> Issue:
    return about_file(code, column=column, value=value, severity=Severity.FLAGGED)
