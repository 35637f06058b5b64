"""Which days are worked, and when the month and the fiscal year begin."""

from datetime import time
from enum import StrEnum
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

import holidays
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.plans.document_values import Day, Document, Time, Whole

NO_COUNTRY = "none"


class Weekday(StrEnum):
    """Days of the week as plans spell them."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=True)) | {NO_COUNTRY}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_country(code: str) -> str:
    if code not in _countries():
        raise PydanticCustomError("no_such_country", "no such country")
    return code


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError("no_such_zone", "no such time zone")
    return name


class Calendar(Document):
    """The plan's calendar. `country` names whose public holidays are kept; "none" keeps none.

    The plan line moves from `work_from` to `work_to` on working days.
    """

    country: Annotated[str, AfterValidator(_known_country)] = "JP"
    zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Tokyo"
    closing_day: Annotated[Whole, Field(ge=1, le=28)] | None = None
    fiscal_year_start: Annotated[Whole, Field(ge=1, le=12)] = 4
    weekend: Annotated[tuple[Weekday, ...], Field(max_length=6)] = (Weekday.SAT, Weekday.SUN)
    days_off: tuple[Day, ...] = ()
    work_from: Time = time(9)
    work_to: Time = time(18)

    @model_validator(mode="after")
    def _hours(self) -> "Calendar":
        if self.work_to <= self.work_from:
            raise PydanticCustomError("work_hours", "work ends before it begins")
        return self

    def work_calendar(self) -> WorkCalendar:
        """The same as a value of the domain."""
        return WorkCalendar(
            country=None if self.country == NO_COUNTRY else self.country,
            zone=self.zone,
            closing_day=self.closing_day,
            fiscal_year_start=self.fiscal_year_start,
            weekend=frozenset(list(Weekday).index(day) for day in self.weekend),
            days_off=frozenset(self.days_off),
            work_from=self.work_from,
            work_to=self.work_to,
        )
