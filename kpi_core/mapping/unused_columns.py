"""Columns that a mapping leaves unread though they may tell what it was not made for."""

from collections.abc import Collection, Sequence

import pandas as pd

from kpi_core.mapping import synonyms
from kpi_core.mapping.document import Grain, Mapping
from kpi_core.mapping.profile import FIRST_VALUES, MOSTLY, are_dates
from kpi_core.mapping.synonyms import DATED, NAMES_STAGE, Role
from kpi_core.parsing.date_evidence import date_evidence

NO_STAGE = frozenset({Role.OTHER_DATE, Role.PLANNED, Role.BIRTHDAY})
"""Dates of no stage, whatever the rows are."""


def unread(
    mapping: Mapping, header: Collection[str], rows: Sequence[Sequence[str]] = ()
) -> tuple[str, ...]:
    """The columns with stages or dates of stages of which the mapping knows nothing.

    `rows` are the first ones: a column of dates is known by its cells as well.
    """
    read = set(mapping.columns)
    says_more = _of_a_day if mapping.grain is Grain.DAY else _of_a_lead
    return tuple(
        name
        for place, name in enumerate(header)
        if name not in read
        and (
            _names_stage(name)
            or says_more(name, read, [row[place] for row in rows if place < len(row)])
        )
    )


def _names_stage(name: str) -> bool:
    if not NAMES_STAGE.isdisjoint(synonyms.roles(name)):
        return True
    return synonyms.stages_of_date(name) not in (None, (None,))


def _of_a_day(name: str, _read: Collection[str], _cells: Sequence[str]) -> bool:
    """Whether there is one more number a day. The day itself may well be written twice."""
    found = (synonyms.counted(name), synonyms.perhaps_counted(name), synonyms.measure(name))
    return any(found)


def _of_a_lead(name: str, read: Collection[str], cells: Sequence[str]) -> bool:
    """Whether there is one more date, or a deal where none was."""
    roles = set(synonyms.roles(name))
    if roles & NO_STAGE:
        return False
    if roles & DATED:
        return True
    if Role.DEAL in roles and not any(Role.DEAL in synonyms.roles(column) for column in read):
        return True
    values = dict.fromkeys(bare for cell in cells if (bare := cell.strip()))
    shown = date_evidence(pd.Series(list(values)[:FIRST_VALUES], dtype="str"))
    return are_dates(shown.readable, shown.total, MOSTLY)
