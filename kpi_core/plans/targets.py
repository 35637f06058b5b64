"""Which target holds on which day."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kpi_core.domain.period import Month, Period
from kpi_core.plans.document_values import Document, NonEmpty, Number

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_key(key: str) -> str:
    if key == "default":
        return key
    try:
        date.fromisoformat(key) if _DAY.fullmatch(key) else Month.parse(key)
    except ValueError:
        raise PydanticCustomError("no_such_month", "no such month") from None
    return key


MOST_KEYS = 480
LARGEST = 1e15
"""Larger targets than any company has."""

Key = Annotated[str, AfterValidator(_check_key)]
Targets = Annotated[
    dict[Key, Annotated[Number, Field(ge=0, le=LARGEST)]], Field(max_length=MOST_KEYS)
]
"""`default = 50`, a month (`"2026-11" = 60`) or a day from which its month's target changes
(`"2026-11-16" = 70`). A month that none of them names has no target."""


class TeamKey(StrEnum):
    """What a team is known by in the data."""

    CHANNEL = "channel"
    OWNER = "owner"


class TeamTargets(Document):
    """The month's target divided among teams; each has the channel or owner of its name."""

    by: TeamKey
    targets: Annotated[dict[NonEmpty, Targets], Field(min_length=1, max_length=50)]


def target_on(targets: Targets | None, month: Month, period: Period, day: date) -> float | None:
    """The month's target as it stands on a day; None where the month has none."""
    if not targets:
        return None
    changes = sorted(key for key in targets if _DAY.fullmatch(key))
    in_force = [key for key in changes if period.first <= date.fromisoformat(key) <= day]
    if in_force:
        return targets[in_force[-1]]
    return targets.get(str(month), targets.get("default"))
