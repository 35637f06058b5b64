"""The zone that a header, or a line above the table, states for the times below it."""

import re
from collections.abc import Iterable
from zoneinfo import available_timezones

from kpi_core.parsing.text_column import narrowed
from kpi_core.parsing.text_dates import ZONE_OFFSETS

_BRACKETED = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_ABOVE = re.compile(
    r"(?:time ?zone|タイムゾーン|時間帯|zeitzone|fuseau horaire|zona horaria|fuso orario)"
    r"\s*[:=,\t ]\s*(.+)",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:(?:UTC|GMT)\s*(?=[+-]\s*\d)|(?=[+-]\d{2}:\d{2}))([+-])\s*(\d{1,2})(?::?(\d{2}))?",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[A-Za-z]+(?:/[A-Za-z_+-]+)+")


def zone_of_header(header: str) -> str | None:
    """The zone in `Created At (UTC)`, as pandas and zoneinfo know it; None without one."""
    return next(filter(None, map(_zone, _BRACKETED.findall(narrowed(header)))), None)


def zone_above(title: Iterable[str]) -> str | None:
    """The zone of a line above the table: `Report Time Zone: America/New_York`; None without."""
    for line in title:
        if match := _ABOVE.search(narrowed(line)):
            told = match[1].strip()
            found = [_zone(told), *map(_zone, _PLACE.findall(told)), zone_of_header(told)]
            if zone := next(filter(None, found), None):
                return zone
    return None


def _zone(text: str) -> str | None:
    """The zone that a text is the name of, or an offset of."""
    text = text.strip()
    if _PLACE.fullmatch(text):
        named = {each.casefold(): each for each in available_timezones()}
        return named.get(text.casefold())
    offset = ZONE_OFFSETS.get(text.upper(), text)
    if offset == "Z":
        return "UTC"
    match = _OFFSET.fullmatch(offset)
    if match is None:
        return None
    sign, hours, minutes = match[1], int(match[2]), int(match[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    return f"UTC{sign}{hours:02}:{minutes:02}"
