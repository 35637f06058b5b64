"""Dates in words: names of months, Japanese eras and times of day, brought to 2026-1-5 14:05."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale

from kpi_core.parsing.date_formats import COMPACT, ERA, TIME_WITHIN, WORDS

ERAS: tuple[tuple[str, str, date], ...] = (
    ("令和", "R", date(2019, 5, 1)),
    ("平成", "H", date(1989, 1, 8)),
    ("昭和", "S", date(1926, 12, 25)),
    ("大正", "T", date(1912, 7, 30)),
    ("明治", "M", date(1868, 1, 25)),
)
"""Newest first: name, letter, first day. An era ends where the next one begins."""


def western(era: str, year: int, month: int, day: int) -> int | None:
    """The year of a day in an era; None where the era is not known or has no such day.

    A day that never was is left to the reader of the date.
    """
    ends = date.max
    for name, letter, first in ERAS:
        if era in (name, letter):
            found = first.year + year - 1
            try:
                meant = date(found, month, day)
            except ValueError:
                return found if year >= 1 and found <= ends.year else None
            return found if year >= 1 and first <= meant < ends else None
        ends = first
    return None


LANGUAGES = ("en", "fr", "de", "es", "pt", "it")
"""Whose names of months and weekdays are known."""

UNKNOWN_ERA = "\0era"
"""Stands for a date of an era that is not known, or that had no such day. No cell has a NUL."""

ZONE_OFFSETS = {
    "UTC": "Z", "GMT": "Z", "JST": "+09:00", "KST": "+09:00", "CET": "+01:00", "CEST": "+02:00",
    "EST": "-05:00", "EDT": "-04:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
    "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""CST is not among them: it is Chicago or China."""
ZONE_NAMES = tuple(ZONE_OFFSETS)
"""The short names of zones that are known."""

_SPACES = re.compile(r"\s+")
_BRACKETS = re.compile(r" *\([^()0-9]*\) *| *[月火水木金土日]曜日? *")
_HALF_BEFORE = re.compile(
    r"(午前|午後|\b[ap]\.?m\.?)\s*(\d{1,2}(?:(?: *: *\d{1,2}(?!\d)){1,2}(?:\.\d+)?"
    r"| *時(?: *\d{1,2} *分|\d{1,2}(?!\d))?(?: *\d{1,2} *秒)?))",
    re.IGNORECASE,
)
_HALVES = {"午前": "am", "午後": "pm"}
_CLOCK = re.compile(r"(\d{1,2}) *[時h] *(?:(\d{1,2}) *分? *)?(?:(\d{1,2}) *秒)?")
_TIME_FIRST = re.compile(
    r"(\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?),? +(\S.*)", re.IGNORECASE
)
_PLACE = re.compile(
    r"(.*\d(?: ?[ap]\.?m\.?(?= ))?) ?\[?([a-z]+(?:/[a-z_-]+){1,2})\]?", re.IGNORECASE
)
_PLACED = re.compile(r".*(?:z|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_WALL_CLOCK = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[t ] *(\d{1,2}):(\d{1,2})[\d:.]*(?: ?([ap])\.?m\.?)?",
    re.IGNORECASE,
)
_COMPACT, _TIME_WITHIN, _ERA, *_WORDS = (
    re.compile(f"{pattern}(?P<rest>.*)", re.IGNORECASE)
    for pattern in (COMPACT, f"{TIME_WITHIN}$", ERA, *WORDS)
)
_AT = re.compile(r"^[, ]*(?:at|um|à|a las|alle|às) +|^ *, *|,(?!\d) *", re.IGNORECASE)


def in_figures(text: str) -> str:
    """The same date in figures, year first, with the time as h:mm:ss; else the text as it is.

    The text is in NFKC. A date of no era is UNKNOWN_ERA.
    """
    text = _zone_in_figures(_BRACKETS.sub(" ", _SPACES.sub(" ", text)).strip())
    if "/" in text and (match := _PLACE.fullmatch(text)):
        return _with_offset(in_figures(match[1]), match[2]) or text
    text = _clock_in_figures(text)
    if match := _TIME_FIRST.fullmatch(text):
        text = f"{match[2]} {match[1]}"
    if match := _COMPACT.fullmatch(text):
        return _compact(match)
    if match := _ERA.fullmatch(text):
        return _of_era(match) or text
    if match := _TIME_WITHIN.fullmatch(text):
        text = "{date} {year} {time}".format(**match.groupdict())
    matches = (pattern.fullmatch(text) for pattern in _WORDS)
    return next((found for match in matches if match and (found := _date(match))), text)


def _date(match: re.Match[str]) -> str | None:
    """A date in words in figures; None where a name in it is none of a month or weekday."""
    found = match.groupdict()
    month = month_of(found["name"]) if "name" in found else found["month"]
    weekday = found.get("weekday")
    if month is None or (weekday and _plain(weekday) not in _weekdays()):
        return None
    rest = _zone_in_figures(_AT.sub(" ", found["rest"]).replace(" Uhr", ""))
    return f"{_whole_year(found['year'])}-{month}-{found['day']} {rest}".strip()


def month_of(name: str) -> int | None:
    """The number of the month of this name, whole or shortened; None where it is none."""
    return _months().get(_plain(name))


def _of_era(match: re.Match[str]) -> str | None:
    era, year, month, day = (match[part] for part in ("era", "year", "month", "day"))
    if len(era) == 2 and era.isascii():
        return None
    meant = western(era.upper(), 1 if year == "元" else int(year), int(month), int(day))
    return UNKNOWN_ERA if meant is None else f"{meant}-{month}-{day} {match['rest']}".strip()


def _compact(match: re.Match[str]) -> str:
    date, hour = f"{match['year']}-{match['month']}-{match['day']}", match["hour"]
    time = f" {hour}:{match['minute']}:{match['second'] or '00'}" if hour else ""
    return f"{date}{time}{match['rest']}"


def _clock_in_figures(text: str) -> str:
    """午後3時30分 and PM 3:30 as 3:30 pm."""
    text = _HALF_BEFORE.sub(
        lambda match: f"{match[2].strip()} {_HALVES.get(match[1], match[1])} ", text
    )
    if "時" in text or "h" in text:
        text = _CLOCK.sub(lambda match: ":".join(part or "00" for part in match.groups()), text)
    return text.strip()


def _zone_in_figures(text: str) -> str:
    start, _, last = text.rpartition(" ")
    return f"{start}{ZONE_OFFSETS[last]}" if start and last in ZONE_OFFSETS else text


def _with_offset(text: str, place: str) -> str | None:
    """A wall clock in figures with the offset that it has in that place: Asia/Tokyo.

    None where there is no such place, or no such clock.
    """
    if _PLACED.fullmatch(text):
        return text
    match = _WALL_CLOCK.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    evening = (match[6] or "").lower() == "p" and hour < 12
    try:
        at = datetime(year, month, day, hour + 12 * evening, minute, tzinfo=ZoneInfo(place))
    except (KeyError, ValueError, OSError):
        return None
    east = at.utcoffset() or timedelta()
    sign, minutes = "-" if east < timedelta() else "+", abs(east) // timedelta(minutes=1)
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


def _whole_year(year: str) -> int:
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < 69 else 1900)


def _plain(name: str) -> str:
    """Without case, accents and points."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in bare if sign.isalpha())


@cache
def _months() -> dict[str, int]:
    found = {"sept": 9}
    for language in LANGUAGES:
        for forms in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                found |= {_plain(name): number for number, name in forms[width].items()}
    return found


@cache
def _weekdays() -> frozenset[str]:
    forms = [form for language in LANGUAGES for form in Locale(language).days.values()]
    widths = [form[width] for form in forms for width in ("wide", "abbreviated")]
    return frozenset(
        {"tues", "thurs", *(_plain(day) for width in widths for day in width.values())}
    )
