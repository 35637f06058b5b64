"""Advisories on a table before its import: why it cannot be imported, or what to know."""

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.mapping.columns import FILLED, Layout
from kpi_core.mapping.document import Grain, Mapping
from kpi_core.mapping.row_grain import row_kinds
from kpi_core.mapping.synonyms import Role, is_year


def refusals(layout: Layout) -> tuple[Issue, ...]:
    """Why nothing in the table can be counted by month, whatever the user says. Empty if it can."""
    for column in layout.of(Role.ERROR):
        if column.profile.filled >= FILLED * layout.profile.looked_at:
            return (about_file(Code.ERROR_FILE, column=column.header),)
    if row_kinds(layout):
        return ()
    if not layout.profile.rows:
        return (about_file(Code.NO_ROWS),)
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
