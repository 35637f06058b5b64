"""How the dates of a column are read: what the cells alone do not say."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_FAR_YEAR = 2050
"""From here on a date is a way of saying "none": 2050-01-01, 9999-12-31."""
FIRST_NEAR_YEAR = 1980
"""Before it likewise: 0001-01-01, 1900-01-00, 1970-01-01."""


UTC_ZONE = "UTC"


class Order(StrEnum):
    """What a date of three numbers means, the year not being told by its length."""

    DAY_MONTH = "day-month"
    MONTH_DAY = "month-day"
    YEAR_MONTH = "year-month"
    """Only where the year has two digits: 26/01/05 is 5 January in Japan."""


class Unit(StrEnum):
    """What a bare number counts that stands for a moment."""

    SERIAL = "serial"
    """Days since the end of 1899, as Excel has it."""
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


@dataclass(frozen=True)
class DateReading:
    """The decisions for a column. A missing one is not guessed: cells that need it are unread.

    `format`, as strptime knows it, comes first where it fits. `zone`: instants with an offset
    are moved there, or taken as written where it is None. `stated` is the zone of times without
    offset, where header or file say one: they are moved as well, and a date alone never is.
    `first_day` is the day that a report numbers 0000.
    """

    order: Order | None = None
    unit: Unit | None = None
    format: str | None = None
    zone: str | None = None
    stated: str | None = None
    first_day: date | None = None


@dataclass(frozen=True)
class Clock:
    """By which clock the times of a column are written: in `zone`, None where that is unknown.

    `keeps`: one that states an offset of its own keeps it.
    """

    zone: str | None
    keeps: bool


def moves(reading: DateReading) -> bool:
    """Whether times without offset are of another zone than they are to be read in."""
    return None not in (reading.stated, reading.zone) and reading.stated != reading.zone


def order_of(date_format: str | None) -> Order | None:
    """The order that a format of strptime names; None where it names none."""
    if date_format is None or "%d" not in date_format or "%m" not in date_format:
        return None
    if date_format.startswith(("%Y", "%y")):
        return None
    day_first = date_format.index("%d") < date_format.index("%m")
    return Order.DAY_MONTH if day_first else Order.MONTH_DAY
