"""How the cells of the columns in use are read: decided by the cells, or asked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from kpi_core.domain.question import Ask, Option
from kpi_core.mapping.columns import Column
from kpi_core.mapping.document import AS_WRITTEN
from kpi_core.mapping.questions import Asking, first
from kpi_core.parsing.date_evidence import DateEvidence
from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading, read_dates
from kpi_core.parsing.numbers import Decimal, NumberReading, read_numbers
from kpi_core.parsing.text_column import narrowed
from kpi_core.parsing.text_dates import ZONE_NAMES

ZONES = ("Asia/Tokyo", "", "UTC", "America/New_York", "Europe/London")
"""Offered after the workspace's own; "" leaves instants as written."""

COUNTED = (Unit.SECONDS, Unit.MILLISECONDS)
"""The units that count from one moment, which was another day in another place."""

_OFFSET = re.compile(
    rf"(?:Z|{'|'.join(ZONE_NAMES)}|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}}|[a-z]+(?:/[a-z_-]+)+\]?)$",
    re.IGNORECASE,
)
_NOWHERE = re.compile(r"Z|UTC|GMT|[+-]00:?00|[+-]00", re.IGNORECASE)


def ask_dates(asking: Asking, columns: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    """Order and unit of the columns that need them, as the mapping says it."""
    found: dict[str, dict[str, Any]] = {}
    for header in columns:
        shown = None if header is None else asking.layout[header].profile.dates
        if header is None or shown is None:
            continue
        column = asking.layout[header]
        if by_mark := dict(shown.by_mark):
            found.setdefault(header, {})["orders"] = by_mark
        if (left := shown.unproven if by_mark else shown).orders:
            found.setdefault(header, {})["order"] = _ask_order(asking, column, left)
        if shown.units and shown.unit_cells > shown.numbered:
            options = [_dated(shown.units[unit], unit=unit) for unit in shown.units]
            unit = asking.ask(Ask.UNIT, options, shown.unit, subject=header)
            found.setdefault(header, {})["unit"] = unit
    return found


def ask_numbers(asking: Asking, columns: Iterable[str | None]) -> dict[str, str]:
    """The decimal sign of the columns where it matters."""
    found = {}
    for header in columns:
        shown = None if header is None else asking.layout[header].profile.numbers
        if header is None or shown is None:
            continue
        cells = [each for each in (shown.ambiguous, *(shown.contradicting or ())) if each]
        if shown.decimal is None and not cells:
            continue
        options = [
            Option(sign, examples=as_numbers(cells, sign))
            for sign in first([shown.likely], Decimal)
        ]
        sign = asking.ask(Ask.DECIMAL, options, shown.decimal, subject=header)
        if shown.ambiguous or sign != Decimal.POINT:
            found[header] = sign
    return found


def ask_zone(
    asking: Asking, columns: Iterable[str | None], read: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """The zone to which instants are moved; None is the workspace's, which is offered first.

    Concluded so where one offset is in all.

    `read` is what `ask_dates` gave: what counts from 1970 is an instant as well, of nowhere.
    """
    shown = [_instants(asking, each, read.get(each, {})) for each in columns if each is not None]
    cells = [cell for each in shown for cell in each]
    if not cells:
        return None
    offsets = {match[0] for cell, _ in cells if (match := _OFFSET.search(narrowed(cell)))}
    counted = [reading.unit is not None for _, reading in cells]
    one = len(offsets) == 1 and not any(counted)
    one = one and not any(_NOWHERE.fullmatch(each) for each in offsets)
    zones = [each for each in ZONES if each or not all(counted)]  # 1767571200 is not written so
    options = [
        Option(zone, zone or None, _in_zone(*cells[0], zone))
        for zone in dict.fromkeys([*([""] if one else []), asking.home or ZONES[0], *zones])
    ]
    zone = asking.ask(Ask.ZONE, options, "" if one else None, free=True)
    return None if zone == asking.home else zone or (None if one else AS_WRITTEN)


def _instants(
    asking: Asking, header: str, read: Mapping[str, Any]
) -> list[tuple[str, DateReading]]:
    """Cells of a column that say where on earth, or count from 1970; with how they are read."""
    shown = asking.layout[header].profile.dates
    if shown is None:
        return []
    sample = asking.layout[header].profile.sample if shown.has_offset else ()
    found = [(cell, DateReading(shown.order, by_mark=shown.by_mark)) for cell in sample]
    unit = read.get("unit")
    if unit in COUNTED and Unit(unit) in shown.units:
        found.append((shown.units[Unit(unit)], DateReading(unit=Unit(unit))))
    return found


def is_zone(text: str) -> bool:
    """Whether there is a zone of this name; "" is one that leaves instants as written."""
    try:
        return text == "" or bool(ZoneInfo(text))
    except (KeyError, ValueError, OSError):
        return False


def _ask_order(asking: Asking, column: Column, shown: DateEvidence) -> str:
    """Offered is what the cells allow; where they contradict each other, both sides."""
    cells = [each for each in (shown.ambiguous, *(shown.contradicting or ())) if each]
    possible = shown.possible or tuple({order for each in shown.orders for order in each})
    siblings = [
        each.profile.dates.order
        for each in asking.layout.dates
        if each is not column and each.profile.dates is not None
    ]
    likely = [order for order in siblings if order in possible]
    options = [
        Option(order, examples=tuple(f"{cell} → {day_of(cell, order)}" for cell in cells))
        for order in first(likely, (each for each in Order if each in possible))
    ]
    return asking.ask(Ask.ORDER, options, shown.order, subject=column.header)


def _dated(cell: str, *, unit: Unit) -> Option:
    return Option(unit, examples=(f"{cell} → {moment_of(cell, unit)}",))


def moment_of(cell: str, unit: Unit) -> str:
    """The moment that a number is in a unit, to be shown."""
    at = read_dates(pd.Series([cell], dtype="str"), DateReading(unit=unit))["at"].iloc[0]
    return "–" if pd.isna(at) else f"{at:%Y-%m-%d %H:%M}"


def day_of(cell: str, order: str) -> str:
    """The day that a cell is by an order, to be shown."""
    at = read_dates(pd.Series([cell], dtype="str"), DateReading(order=Order(order)))["at"].iloc[0]
    return "–" if pd.isna(at) else f"{at:%Y-%m-%d}"


def _in_zone(cell: str, reading: DateReading, zone: str) -> tuple[str, ...]:
    placed = replace(reading, zone=zone or None)
    at = read_dates(pd.Series([cell], dtype="str"), placed)["at"].iloc[0]
    return () if pd.isna(at) else (f"{cell} → {at:%Y-%m-%d %H:%M}",)


def as_numbers(cells: Iterable[str], sign: str) -> tuple[str, ...]:
    """Cells with the numbers that they are by a decimal sign, to be shown."""
    values = pd.Series(list(cells), dtype="str")
    numbers = read_numbers(values, NumberReading(Decimal(sign)))["number"]
    return tuple(
        f"{cell} → {'–' if pd.isna(number) else f'{number:,.15g}'}"
        for cell, number in zip(values, numbers, strict=True)
    )
