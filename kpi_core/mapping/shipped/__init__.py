"""The mappings that ship, and how one is found by its name, its path or a file's header."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import pandas as pd

from kpi_core.mapping import synonyms
from kpi_core.mapping.document import Grain, Mapping, fingerprint
from kpi_core.mapping.header_match import spelled_as
from kpi_core.mapping.parse import Problem, read_mapping
from kpi_core.mapping.period_columns import parts_of_period
from kpi_core.mapping.profile import FIRST_VALUES, MOSTLY, are_dates
from kpi_core.mapping.synonyms import DATED, NAMES_STAGE, Role
from kpi_core.parsing.date_evidence import date_evidence


class Saved(Protocol):
    """A mapping that was kept, with the fingerprint of the header it was made for."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


Known = Mapping | Saved


@cache
def mappings() -> tuple[Mapping, ...]:
    """The mappings that ship, by name."""
    found = []
    for file in files("kpi_core.mapping.shipped").iterdir():
        if file.name.endswith(".toml"):
            mapping = read_mapping(file.read_text(encoding="utf-8"))
            if not isinstance(mapping, Mapping):
                raise ValueError(f"{file.name}: {mapping}")
            found.append(mapping)
    return tuple(sorted(found, key=lambda mapping: mapping.name))


def named(saved: Iterable[Saved] = ()) -> dict[str, Mapping | tuple[Problem, ...]]:
    """Every mapping by its name: those that ship, and saved ones, which come before them.

    What is wrong with it for one that this version of the program cannot read.
    """
    ships = {mapping.name: mapping for mapping in mappings()}
    return {**ships, **{each.name: read_mapping(each.text) for each in saved}}


def load_mapping(
    name_or_path: str | Path, saved: Iterable[Saved] = ()
) -> Mapping | tuple[Problem, ...]:
    """The mapping of that name, or the one in that file; or what is wrong with it."""
    found = named(saved).get(str(name_or_path))
    if found is not None:
        return found
    try:
        text = Path(name_or_path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # no file, no text, or no name a file could have
        known = ", ".join(mapping.name for mapping in mappings())
        return (Problem(str(name_or_path), "no_such_mapping", {"choices": known}),)
    return read_mapping(text)


def fitting(header: Collection[str], saved: Iterable[Known] = ()) -> tuple[Mapping, ...]:
    """The mappings that read a file with this header, the one to be taken first.

    Saved with a header just like it, in the order given; then whatever else has all its columns
    there, the one that knows most of them first, saved ones before those that ship. All are in
    the file's spelling.
    """
    return tuple(mapping for mapping, _ in _fitting(header, saved))


def certain(
    header: Collection[str], saved: Iterable[Known] = (), rows: Sequence[Sequence[str]] = ()
) -> Mapping | None:
    """The mapping that reads a file with this header without a question. None to ask.

    One that was made for another header has to know half of the columns: `Id` and `CreatedDate`
    alone are in every export of a CRM, whatever its rows are. Nor may it pass over a stage, or
    a date of one: `rows` are the first of the file.
    """
    for mapping, is_alike in _fitting(header, saved):
        parts = {part for name in mapping.columns for part in parts_of_period(name, header)}
        known = len({*mapping.columns, *parts} & set(header))
        if is_alike or (known * 2 >= len(header) and not unread(mapping, header, rows)):
            return mapping
    return None


def _fitting(header: Collection[str], saved: Iterable[Known]) -> list[tuple[Mapping, bool]]:
    """Those of `fitting`, each with whether it was saved for just such a header."""
    own = fingerprint(header)
    alike: list[tuple[Mapping, bool]] = []
    others: list[tuple[Mapping, bool]] = []
    for each in (*saved, *mappings()):
        mapping = each if isinstance(each, Mapping) else read_mapping(each.text)
        if isinstance(mapping, Mapping):
            is_alike = not isinstance(each, Mapping) and each.fingerprint == own
            mapping = spelled_as(mapping, header)
            if mapping.fits(header):
                (alike if is_alike else others).append((mapping, is_alike))
    others.sort(key=lambda found: len(set(found[0].columns) & set(header)), reverse=True)
    return [*alike, *others]


TEMPLATE_NAME = "funnel-template.csv"
BYTE_ORDER_MARK = "\ufeff"


def template_csv() -> bytes:
    """The header alone, marked as UTF-8 so that Excel opens it as such."""
    mapping = load_mapping("funnel-template")
    assert isinstance(mapping, Mapping)
    return f"{BYTE_ORDER_MARK}{','.join(mapping.columns)}\r\n".encode()


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
