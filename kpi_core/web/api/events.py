"""Events sent as JSON: checked against a model, then written as the table they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from math import isfinite
from typing import Annotated, Any

import tomli_w
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from kpi_core.documents.fields import StageName
from kpi_core.domain.mail_address import without_mail
from kpi_core.domain.names import invisible_signs
from kpi_core.domain.stage import Stage
from kpi_core.mapping.document import MOST_ATTRIBUTES, Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.parsing.numbers import MOST
from kpi_core.web.api.api_error import ApiError, Detail
from kpi_core.web.api.params import FIRST_YEAR, LAST_YEAR, moment

MOST_EVENTS = 50_000
DETAILS_SHOWN = 20
LONGEST_TEXT, LONGEST_VALUE = 1000, 80
NAME = "api-events"
FIXED = ("lead", "stage", "at")
CORRECTS = "corrects"
"""The column that marks events which replace earlier ones of their stage."""
PLAIN = ("channel", "campaign", "owner", "account", "amount", "quality")

_PLACE = re.compile(r"at line (\d+) column (\d+)$")
"""How pydantic's sentence about what is no JSON ends; the rest of it is English."""
_KEY = "[key]"
"""What pydantic calls the name of an attribute in a path, after the name itself."""
_CODES = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "enum": "field_not_a_stage",
    "moment": "field_not_a_moment",
    "finite_number": "field_not_a_number",
    "float_type": "field_not_a_number",
    "string_type": "field_not_text",
    "string_too_short": "field_empty",
    "string_too_long": "field_too_long",
    "model_type": "field_not_an_object",
    "dict_type": "field_not_an_object",
    "list_type": "field_not_a_list",
    "too_short": "field_empty",
    "too_long": "field_too_long",
    "reserved": "field_reserved",
    "invisible": "field_invisible",
    "attributes": "too_many_attributes",
}
"""pydantic's types of error, and our own, by the sentence we give for them."""


def _moment(value: object) -> date | None:
    """A date in ISO form, alone or with a time, with an offset or on the workspace's clock.

    Null takes a stage back.
    """
    if value is None:
        return None
    if isinstance(value, str) and len(value) >= len("2026-03-12"):
        with suppress(ValueError):
            day = date.fromisoformat(value)
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
        with suppress(ValueError):
            return moment(value)
    raise PydanticCustomError("moment", "no moment")


def _text(value: object) -> object:
    """Ids and attributes may be given as numbers or booleans."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not isfinite(value):  # 1e400 is a mistake
        return value
    return str(value) if isinstance(value, int | float) else value


def _unreserved(attributes: dict[str, str]) -> dict[str, str]:
    if taken := sorted(set(attributes) & {*FIXED, *PLAIN, CORRECTS}):
        raise PydanticCustomError("reserved", "reserved", {"name": taken[0]})
    return attributes


def _visible(name: str) -> str:
    if signs := invisible_signs(name):
        raise PydanticCustomError("invisible", "invisible", {"name": signs})
    return name


Text = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=LONGEST_TEXT)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=-MOST, lt=MOST)]
Moment = Annotated[
    datetime | date | None, BeforeValidator(_moment, json_schema_input_type=str | None)
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\s\x00-\x1f\ufeff]([^\x00\ufeff]*[^\s\x00-\x1f\ufeff])?$",
    ),
]
"""No space at its ends, and no sign that is lost where a table is read."""


class SentEvent(BaseModel):
    """A lead reached a stage. `corrects`: dates it again; `at` null: takes it back."""

    model_config = ConfigDict(extra="forbid")

    lead: Text
    stage: StageName
    at: Moment
    corrects: bool = False
    channel: Text | None = None
    campaign: Text | None = None
    owner: Text | None = None
    account: Text | None = None
    amount: Number | None = None
    quality: Number | None = None
    attributes: Annotated[dict[Name, Text], AfterValidator(_unreserved)] = Field(
        default_factory=dict, json_schema_extra={"additionalProperties": False}
    )


def _few_attributes(events: list[SentEvent]) -> list[SentEvent]:
    if len({name for each in events for name in each.attributes}) > MOST_ATTRIBUTES:
        raise PydanticCustomError("attributes", "attributes", {"max_length": MOST_ATTRIBUTES})
    return events


class SentEvents(BaseModel):
    """The events of one source."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[Name, AfterValidator(_visible)]
    events: Annotated[
        list[SentEvent],
        Field(min_length=1, max_length=MOST_EVENTS),
        AfterValidator(_few_attributes),
    ]


def read_events(content: bytes) -> SentEvents:
    """The events of a body; ApiError with each mistake and its path."""
    try:
        return SentEvents.model_validate_json(content)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
    if mistakes[0]["type"] == "json_invalid":
        place = _PLACE.search(mistakes[0]["ctx"]["error"])
        line, column = place.groups() if place else ("–", "–")
        raise ApiError(422, "not_json", {"line": line, "column": column})
    details = [_detail(each) for each in mistakes[:DETAILS_SHOWN]]
    raise ApiError(422, "events_wrong", {"count": len(mistakes)}, details=details)


def as_table(sent: SentEvents) -> tuple[bytes, Mapping]:
    """The events as a CSV file, and how it is read."""
    own = [name for name in PLAIN if any(getattr(each, name) is not None for each in sent.events)]
    attributes = sorted({name for each in sent.events for name in each.attributes})
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    marked = [CORRECTS] if any(_takes_back(each) for each in sent.events) else []
    writer.writerow([*FIXED, *own, *attributes, *marked])
    writer.writerows(_rows(sent, own, attributes, marks=bool(marked)))
    stages = {each.stage for each in sent.events}
    return file.getvalue().encode(), _mapping(sent.source, stages, own, attributes)


def _rows(
    sent: SentEvents, own: list[str], attributes: list[str], *, marks: bool
) -> Iterator[list[Any]]:
    for event in sent.events:
        at = event.at
        values = [getattr(event, name) for name in own]
        given = [event.attributes.get(name) for name in attributes]
        moment = "" if at is None else str(at)
        mark = [CORRECTS if _takes_back(event) else ""] if marks else []
        yield [event.lead, event.stage.value, moment, *values, *given, *mark]


def _takes_back(event: SentEvent) -> bool:
    return event.corrects or event.at is None


def _mapping(source: str, stages: set[Stage], own: list[str], attributes: list[str]) -> Mapping:
    """A mapping of these stages alone: of the others the events say nothing, not even how far."""
    document = {
        "name": NAME,
        "source": source,
        "grain": "event",
        "id": "lead",
        "stage": "stage",
        "at": "at",
        CORRECTS: CORRECTS,
        "optional": [CORRECTS],
        **{name: name for name in own},
        "stage_values": {stage.value: stage.value for stage in Stage if stage in stages},
        "attributes": {name: name for name in attributes},
        "file": {"header": 1, "delimiter": ","},
    }
    mapping = read_mapping(tomli_w.dumps(document))
    assert isinstance(mapping, Mapping), mapping
    return mapping


def _detail(mistake: ErrorDetails) -> Detail:
    """The mistake and where it is, as `events.3.at`."""
    place = ".".join(str(part) for part in mistake["loc"] if part != _KEY) or "."
    code = _CODES.get(mistake["type"], "field_wrong")
    if mistake["loc"] == ("events",) and code == "field_too_long":
        code = "too_many_events"
    context = mistake.get("ctx", {})
    params = {
        "value": _shown(mistake["input"]),
        "choices": ", ".join(Stage),
        "name": context.get("name", ""),
        "bound": context.get("max_length", ""),
    }
    return Detail(place, code, params)


def _shown(value: object) -> str:
    """A value fit for an answer: short, and without mail addresses."""
    return without_mail(value if isinstance(value, str) else "…")[:LONGEST_VALUE]
