"""What a key of the plan document may hold: texts, ids, numbers, days."""

import re
from datetime import date, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from kpi_core.documents.fields import Document as Document
from kpi_core.documents.fields import StageName as StageName
from kpi_core.documents.pydantic_errors import BOTH, ONE
from kpi_core.i18n.catalog import Language

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PLAN_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


def _language(key: str) -> str:
    if key not in list(Language):
        raise PydanticCustomError("no_such_language", "no such language")
    return key


def _form(value: Any) -> str:
    return BOTH if isinstance(value, dict) else ONE


_InBoth = Annotated[
    dict[Annotated[str, AfterValidator(_language)], NonEmpty], Field(min_length=1), Tag(BOTH)
]
Text = Annotated[Annotated[NonEmpty, Tag(ONE)] | _InBoth, Discriminator(_form)]
"""The user's own words: `"Orders"`, or by language `{ja = "受注", en = "Orders"}`."""


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise PydanticCustomError("not_a_slug", "not an id")
    return text


def _plan_id(text: str) -> str:
    if not _PLAN_ID.fullmatch(text):
        raise PydanticCustomError("not_a_plan_id", "not a plan's id")
    return text


Slug = Annotated[str, AfterValidator(_slug)]
"""A name for documents and formulas: lower-case letters, digits and _."""

PlanId = Annotated[str, AfterValidator(_plan_id)]
"""A plan's name in addresses: lower-case letters, digits and -."""


Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Whole = Annotated[int, Strict()]
Day = Annotated[date, Strict()]
Time = Annotated[time, Strict()]
Switch = Annotated[bool, Strict()]
