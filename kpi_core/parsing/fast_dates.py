"""Dates of the usual spellings read by the database itself, exactly as read_dates reads them."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from kpi_core.parsing.date_reading import (
    FIRST_FAR_YEAR,
    FIRST_NEAR_YEAR,
    UTC_ZONE,
    Clock,
    DateReading,
    Order,
    Unit,
    moves,
    order_of,
)
from kpi_core.parsing.epoch_dates import PATTERNS
from kpi_core.sql_text import literal

MOST_FORMATS = 8
"""Beyond this many spellings in a sample the database is no faster."""

_DATES = (
    (re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}"), "%Y{0}%m{0}%d"),
    (re.compile(r"\d{4}()年\d{1,2}月\d{1,2}日"), "%Y年%m月%d日"),
    (re.compile(r"\d{1,2}([-/ ])[A-Za-z]{3}\1\d{4}"), "%d{0}%b{0}%Y"),
    (re.compile(r"\d{1,2}()\ [A-Za-z]{3},\ \d{4}"), "%d %b, %Y"),
    (re.compile(r"[A-Za-z]{3},()\ \d{1,2}\ [A-Za-z]{3}\ \d{4}"), "%a, %d %b %Y"),
    (re.compile(r"[A-Za-z]{3}()\ \d{1,2},\ \d{4}"), "%b %d, %Y"),
)
_OPEN = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(\d{4}|\d{1,2})")
_ORDERS = {
    Order.DAY_MONTH: "%d{0}%m{0}{1}",
    Order.MONTH_DAY: "%m{0}%d{0}{1}",
    Order.YEAR_MONTH: "{1}{0}%m{0}%d",
}
_SHORT_YEAR = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(\D|$)"
_SHORT_YEAR_FIRST = r"^\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(\D|$)"
_TIME = re.compile(
    r"([T ])\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?)([AaPp][Mm])?"
    r"( ?(?:Z|UTC|([+-])(\d{2}):?(\d{2})))?"
)
_OFFSET = re.compile(r"(?:Z|UTC|([+-])(\d{2}):?(\d{2}))$")
_DAY_ZERO = {Unit.SERIAL: "timestamp '1899-12-30'"}
_MICROSECONDS = {Unit.SERIAL: "86400000000", Unit.SECONDS: "1000000", Unit.MILLISECONDS: "1000"}


def fast_date(cell: str, sample: Iterable[str], reading: DateReading) -> str | None:
    """SQL that gives the timestamp of a trimmed cell, null where only read_dates can tell.

    `cell` is an expression of type varchar, `sample` are cells of the column, of which the
    usual spellings are taken up. None where there are none such, or too many.
    """
    if reading.unit is not None:
        return _sensible(_counted(cell, reading.unit, reading.zone))
    if moves(reading) or (reading.format is not None and not _is_usual(reading.format)):
        return None
    order = reading.order or order_of(reading.format)
    seen = Counter(spelling for text in sample if (spelling := _spelling(text, order)) is not None)
    if not seen or len(seen) > MOST_FORMATS:
        return None
    by_offset: dict[int | None, list[str]] = {}
    for (written, east), _ in seen.most_common():
        by_offset.setdefault(east if reading.zone else None, []).append(written)
    parts = []
    for east, formats in by_offset.items():
        read = f"try_strptime({cell}, [{', '.join(map(literal, formats))}])"
        if any("%y" in written for written in formats):
            fits = _SHORT_YEAR_FIRST if order is Order.YEAR_MONTH else _SHORT_YEAR
            read = f"case when regexp_matches({cell}, '{fits}') then {read} end"
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


def _spelling(text: str, order: Order | None) -> tuple[str, int | None] | None:
    """The format of a cell, and its offset in minutes; None for an unusual one."""
    match, written = _date(text, order)
    if match is None:
        return None
    rest = text[match.end() :]
    if not rest:
        return written, None
    time = _TIME.fullmatch(rest)
    if time is None:
        return None
    before, seconds, fraction, gap, half, offset, sign, hours, minutes = time.groups()
    if gap and not half:
        return None
    clock = ("%I" if half else "%H") + ":%M" + (":%S" if seconds else "")
    clock += (".%f" if fraction else "") + (f"{gap}%p" if half else "")
    east = int(hours) * 60 + int(minutes) if hours else 0
    if east > 14 * 60 or (minutes and int(minutes) > 59):
        return None
    placed = None if offset is None else -east if sign == "-" else east
    return f"{written}{before}{clock}{offset or ''}", placed


def _date(text: str, order: Order | None) -> tuple[re.Match[str] | None, str]:
    for pattern, written in _DATES:
        if match := pattern.match(text):
            return match, written.format(match[1])
    if order is not None and (match := _OPEN.match(text)):
        return match, _ORDERS[order].format(match[1], "%Y" if len(match[2]) == 4 else "%y")
    return None, ""


def _is_usual(date_format: str) -> bool:
    """What it says is what read_dates would conclude without it."""
    return order_of(date_format) is not None or any(
        sign in date_format for sign in ("%b", "%B", "%Y-%m-%d", "%Y/%m/%d")
    )


def _counted(cell: str, unit: Unit, zone: str | None) -> str:
    number = f"try_cast(regexp_extract({cell}, '{PATTERNS[unit]}') as double)"
    micros = f"cast(round_even({number} * {_MICROSECONDS[unit]}.0, 0) as bigint)"
    if unit is not Unit.SERIAL:
        at = f"make_timestamp({micros})"
        return at if zone is None else _in_zone(at, zone)
    return f"({_DAY_ZERO[unit]} + to_seconds(({micros} + 500000) // 1000000))"


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
