"""Dates of the usual spellings read by the database itself, exactly as read_dates reads them."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from kpi_core.parsing.date_formats import (
    COUNTS,
    FIRST_FAR_YEAR,
    FIRST_NEAR_YEAR,
    TIME,
    UTC_ZONE,
    WORDS,
    YEAR_FIRST,
    Clock,
    DateReading,
    Order,
    Unit,
    open_date,
    order_of,
)
from kpi_core.sql_text import literal

MOST_FORMATS = 8
"""Beyond this many spellings in a sample the database is no faster."""

_DIRECTIVES = {
    "weekday": "%a", "month": "%m", "name": "%b", "day": "%d",
    "hour": "%H", "minute": "%M", "second": "%S", "fraction": "%f", "meridiem": "%p",
}  # fmt: skip
"""How strptime calls the parts of a date, but for its year."""
_DIGITS = {"%y": r"\d{2}", "%Y": r"\d{4}"}
_OFFSET = re.compile(r"(?:Z|UTC|([+-])(\d{2}):?(\d{2}))$")


def fast_date(cell: str, sample: Iterable[str], reading: DateReading) -> str | None:
    """SQL that gives the timestamp of a trimmed cell, null where only read_dates can tell.

    `cell` is an expression of type varchar, `sample` are cells of the column, of which the
    usual spellings are taken up. None where there are none such, or too many.
    """
    if reading.unit is not None:
        return _sensible(_counted(cell, reading.unit, reading.zone))
    if (
        reading.by_mark
        or reading.moves
        or (reading.format is not None and not _is_usual(reading.format))
    ):
        return None
    patterns = _patterns(reading.day_order)
    seen = Counter(filter(None, (_spelling(text, patterns) for text in sample)))
    if not seen or len(seen) > MOST_FORMATS:
        return None
    by_offset: dict[int | None, list[str]] = {}
    for (written, east), _ in seen.most_common():
        by_offset.setdefault(east if reading.zone else None, []).append(written)
    parts = []
    for east, formats in by_offset.items():
        read = f"try_strptime({cell}, [{', '.join(map(literal, formats))}])"
        if any("%y" in written for written in formats):
            read = f"case when {_has_whole_years(cell, formats)} then {read} end"
        if east is not None and reading.zone is not None:
            read = _in_zone(f"({read} - to_minutes({east}))", reading.zone)
        parts.append(read)
    return _sensible(parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})")


def fast_zone(
    cell: str, value: str, sample: Iterable[str], reading: DateReading, clock: Clock
) -> dict[str, str]:
    """Zones by SQL for the cells, read as `fast_date` reads them, that are written in them.

    The first that holds counts; none does of a date alone. `value` is SQL for what was read.
    """
    if reading.unit is not None:
        if reading.unit is not Unit.SERIAL and clock.keeps:
            return {"true": UTC_ZONE}
        has_time = f"{value} <> date_trunc('day', {value})"
        return {has_time: clock.zone} if clock.zone else {}
    timed = [text for text in sample if ":" in text]
    found = {}
    if clock.keeps:
        for text in timed:
            if match := _OFFSET.search(text):
                sign, hours, minutes = match.groups(default="0")
                east = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
                found[f"ends_with(trim({cell}), {literal(match[0])})"] = zone_east(east)
    if timed and clock.zone:
        found[f"contains({cell}, ':')"] = clock.zone
    return found


def zone_east(minutes: int) -> str:
    """The zone so many minutes east of UTC, as facts name it: +09:00, or UTC."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else UTC_ZONE


def _patterns(order: Order | None) -> list[re.Pattern[str]]:
    """The formats that the database can read, open dates among them where their order is known."""
    dates = [YEAR_FIRST, *(rf"(?i:{words})(?![Tt])" for words in WORDS)]
    if order is not None:
        dates.append(open_date(*order.parts))
    return [re.compile(date + TIME) for date in dates]


def _spelling(text: str, patterns: list[re.Pattern[str]]) -> tuple[str, int | None] | None:
    """The format of a cell, and its offset in minutes; None for an unusual one.

    The format is the cell itself with directives in place of its parts.
    """
    match = next(filter(None, (pattern.fullmatch(text) for pattern in patterns)), None)
    if match is None:
        return None
    marks = match.groupdict()
    if marks.get("mark") != marks.get("mark_again"):
        return None
    if marks.get("after_year") != marks.get("before_day"):
        return None
    parts = {part: found for part, found in match.groupdict().items() if found}
    year = {2: "%y", 4: "%Y"}.get(len(parts["year"]))
    short_names = all(len(parts[part]) == 3 for part in ("name", "weekday") if part in parts)
    if year is None or not short_names or parts.get("meridiem", "AM").upper() not in ("AM", "PM"):
        return None
    directives = {**_DIRECTIVES, "year": year, "hour": "%I" if "meridiem" in parts else "%H"}
    written = text
    for part in sorted(parts.keys() & directives.keys(), key=match.start, reverse=True):
        written = written[: match.start(part)] + directives[part] + written[match.end(part) :]
    if "offset" not in parts:
        return written, None
    minutes = int(parts.get("minutes_east", 0))
    east = int(parts.get("hours_east", 0)) * 60 + minutes
    if east > 14 * 60 or minutes > 59:
        return None
    return written, -east if parts.get("sign") == "-" else east


def _has_whole_years(cell: str, formats: list[str]) -> str:
    """SQL for the cells whose year has as many digits as one of the formats: not 1/5/2."""
    fits = "|".join(
        re.sub("%[a-zA-Z]", lambda part: _DIGITS.get(part[0], r"\w+"), re.escape(written))
        for written in formats
    )
    return f"regexp_matches({cell}, {literal(f'^(?:{fits})$')})"


def _is_usual(date_format: str) -> bool:
    """What it says is what read_dates would conclude without it."""
    return order_of(date_format) is not None or any(
        sign in date_format for sign in ("%b", "%B", "%Y-%m-%d", "%Y/%m/%d")
    )


def _counted(cell: str, unit: Unit, zone: str | None) -> str:
    count = COUNTS[unit]
    number = f"try_cast(regexp_extract({cell}, '{count.pattern}') as double)"
    micros = f"cast(round_even({number} * {count.microseconds}.0, 0) as bigint)"
    if unit is not Unit.SERIAL:
        at = f"make_timestamp({micros})"
        return at if zone is None else _in_zone(at, zone)
    return f"(timestamp '{count.day_zero}' + to_seconds(({micros} + 500000) // 1000000))"


def _sensible(at: str) -> str:
    """Null for the dates that read_dates calls too far off."""
    first, far = f"timestamp '{FIRST_NEAR_YEAR}-01-01'", f"timestamp '{FIRST_FAR_YEAR}-01-01'"
    return f"case when {at} >= {first} and {at} < {far} then {at} end"


def _in_zone(utc: str, zone: str) -> str:
    """Wall clock of UTC as the wall clock of a zone; a sum where the zone has but one offset."""
    east = _only_offset(zone)
    if east is None:
        return f"timezone({literal(zone)}, timezone('UTC', {utc}))"
    return f"({utc} + to_minutes({east}))"


@cache
def _only_offset(zone: str) -> int | None:
    """Minutes east of UTC, where that never changes in the years that are read."""
    place, step = ZoneInfo(zone), timedelta(days=7)
    at, end = datetime(FIRST_NEAR_YEAR - 1, 1, 1, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)
    found = at.astimezone(place).utcoffset()
    while at < end:
        if at.astimezone(place).utcoffset() != found:
            return None
        at += step
    assert found is not None
    minutes, rest = divmod(found, timedelta(minutes=1))
    return None if rest else minutes
