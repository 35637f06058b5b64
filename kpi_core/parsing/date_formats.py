"""What dates look like: each format once, for reading, for evidence and for SQL.

A pattern names its parts: `year`, `month` and `day`, or `name` for a month in words.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_FAR_YEAR = 2050
"""From here on a date is a way of saying "none": 2050-01-01, 9999-12-31."""
UTC_ZONE = "UTC"
FIRST_NEAR_YEAR = 1980
"""Before it likewise: 0001-01-01, 1900-01-00, 1970-01-01."""


class Order(StrEnum):
    """What a date of three numbers means, where its length does not show the year."""

    DAY_MONTH = "day-month"
    MONTH_DAY = "month-day"
    YEAR_MONTH = "year-month"
    """Only where the year has two digits: 26/01/05 is 5 January in Japan."""

    @property
    def parts(self) -> tuple[str, str, str]:
        """What the three numbers are, from left to right."""
        first, second = self.split("-")
        return first, second, "day" if self is Order.YEAR_MONTH else "year"


class Unit(StrEnum):
    """What a bare number counts that stands for a moment."""

    SERIAL = "serial"
    """Days since the end of 1899, as Excel has it."""
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


@dataclass(frozen=True)
class Count:
    """Bare numbers that stand for moments: those of our time, from 1954 on as serials."""

    pattern: str
    microseconds: int
    """Of one unit."""
    day_zero: str


COUNTS = {
    Unit.SERIAL: Count(r"^[2-7]\d{4}(?:\.\d+)?$", 86_400_000_000, "1899-12-30"),
    Unit.SECONDS: Count(r"^\d{10}(?:\.\d+)?$", 1_000_000, "1970-01-01"),
    Unit.MILLISECONDS: Count(r"^\d{13}(?:\.\d+)?$", 1_000, "1970-01-01"),
}

_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"

# In figures, for Python and for RE2.
YEAR_FIRST = rf"{_YEAR}(?P<after_year>[-/.\s])\s*{_MONTH}(?P<before_day>[-/.\s])\s*{_DAY}"
TIME = (
    r"(?:[Tt\s,]\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<meridiem>(?P<half>[AaPp])?(?:\.?[Mm]\.?)?)"
    r"\s*(?P<offset>[Zz]|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours_east>\d{2}|\d):?(?P<minutes_east>\d{2})?"
    r"|UTC|GMT)?)?"
)
"""What may follow a date; after one in words, a T may not begin it."""


def open_date(first: str = "a", second: str = "b", third: str = "c") -> str:
    """Three numbers whose order the column decides, called by these names, with what parts them."""
    year = r"\d{4}|\d{1,2}"
    mark, again = r"(?P<mark>[-/.\s])", r"(?P<mark_again>[-/.\s])"
    return rf"(?P<{first}>\d{{1,2}}){mark}(?P<{second}>\d{{1,2}}){again}(?P<{third}>{year})"


# In words, without regard to case; what follows is the time.
_WEEKDAY = r"(?:(?P<weekday>[^\W\d_]+)\.?,? +)?"
_NAME = r"(?P<name>[^\W\d_]{3,})\.?"
_NTH = rf"{_DAY}(?:st|nd|rd|th|er|o|a|\.)?"
_GAP = r"(?:[ ./-]*(?:de|del|of) |[ ./,-]*)"
WORDS = (
    rf"{_YEAR} *年 *{_MONTH} *月 *{_DAY} *日?",
    # Thu, 5 Feb 2026 · 5-Feb-26 · 5 de enero de 2026
    rf"{_WEEKDAY}{_NTH}{_GAP}{_NAME}{_GAP}(?P<year>\d{{4}}|\d{{2}})(?!\d)",
    # Thursday, February 5th, 2026
    rf"{_WEEKDAY}{_NAME}[ ./-]*{_NTH}[ ,./-]+{_YEAR}(?!\d)",
    # 2026-Feb-05
    rf"{_WEEKDAY}{_YEAR}[ ./-]*{_NAME}[ ./-]*{_NTH}(?!\d)",
)
"""The database reads those whose names are English and of three letters."""
ERA = (
    r"(?P<era>[^\W\d_]{2}|[RHSTM]) *\.? *(?P<year>\d{1,2}|元) *[年./-]"
    rf" *{_MONTH} *[月./-] *{_DAY} *日?"
)
"""The database does not read this one, nor the two below."""
COMPACT = (
    r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?(?!\d)"
)
TIME_WITHIN = (
    rf"(?P<date>{_WEEKDAY}{_NAME} +{_NTH}) +(?P<time>\d{{1,2}}:\S+(?: [a-z]{{3,4}})?) +{_YEAR}"
)
"""Mon Jan 5 15:30:00 JST 2026."""

# Months and weeks, without regard to case.
MONTHS = (
    rf"{_NAME}{_GAP}{_YEAR}",
    rf"{_YEAR}[ ./,-]*{_NAME}",
    rf"{_YEAR} *[-/.年 ] *{_MONTH} *(?:月分?)?",
    rf"{_MONTH} *[-/. ] *{_YEAR}",
    r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})",
)
ERA_MONTH = (
    r"(?P<era>[^\W\d_a-zA-Z]{2}|(?-i:[RHS])) *\.? *(?P<year>\d{1,2}|元) *[年./-]"
    rf" *{_MONTH} *月?分?"
)
WEEK = r"(?P<year>\d{4})(?:[- ]?W| *年 *第? *)(?P<week>\d{1,2})(?: *週目?)?"


@dataclass(frozen=True)
class DateReading:
    """The decisions for a column. A missing one is not guessed: cells that need it are unread.

    `format`, as strptime knows it, comes first where it fits. `zone`: instants with an offset
    are moved there, or taken as written where it is None. `stated` is the zone of times without
    offset, where header or file say one: they are moved as well, and a date alone never is.
    `first_day` is the day that a report numbers 0000. `by_mark` has an order of their own for the
    dates whose numbers are parted by a sign: 17-10-2026 beside 10/17/2026.
    """

    order: Order | None = None
    unit: Unit | None = None
    format: str | None = None
    zone: str | None = None
    stated: str | None = None
    first_day: date | None = None
    by_mark: tuple[tuple[str, Order], ...] = ()

    @property
    def moves(self) -> bool:
        """Whether times without offset are of another zone than they are to be read in."""
        return None not in (self.stated, self.zone) and self.stated != self.zone

    @property
    def day_order(self) -> Order | None:
        """The order that is decided, or that the format names; None without either."""
        return self.order or order_of(self.format)


def order_of(date_format: str | None) -> Order | None:
    """The order that a format of strptime names; None where it names none."""
    if date_format is None or "%d" not in date_format or "%m" not in date_format:
        return None
    if date_format.startswith(("%Y", "%y")):
        return None
    day_first = date_format.index("%d") < date_format.index("%m")
    return Order.DAY_MONTH if day_first else Order.MONTH_DAY


@dataclass(frozen=True)
class Clock:
    """By which clock the times of a column are written: in `zone`, None where that is unknown.

    `keeps`: one that states an offset of its own keeps it.
    """

    zone: str | None
    keeps: bool
