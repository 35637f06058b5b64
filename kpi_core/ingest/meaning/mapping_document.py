"""From a mapping's text to a mapping, or to sentences that say what to repair."""

import re
import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kpi_core.domain.stage import Stage
from kpi_core.ingest.meaning.mapping import Blank, CountColumn, Grain, Mapping, StageDate
from kpi_core.ingest.meaning.section import Problem, Section

COMMON = ("name", "title", "source", "grain", "channel", "zone", "date_format", "optional")
LEADS = ("id", "campaign", "owner", "account", "attributes")
EVENTS = ("stage", "stage_values", "activity", "at", "amount", "quality")
KEYS: dict[Grain, tuple[str, ...]] = {
    Grain.LEAD: (*COMMON, *LEADS, "stages"),
    Grain.EVENT: (*COMMON, *LEADS, *EVENTS),
    Grain.DAY: (*COMMON, "date", "counts"),
}
STAGE_KEYS = ("stage", "date", "blank", "where", "amount", "quality")
COUNT_KEYS = ("column", "stage", "measure")
RESERVED = ("channel", "campaign", "owner", "account")
"""Names that conditions keep for an event's own columns; no attribute may have them."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PROBE = datetime(2026, 11, 25, 14, 5, 9, tzinfo=UTC)


def read_mapping(text: str) -> Mapping | tuple[Problem, ...]:
    """The mapping that a TOML text declares, or every mistake in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (Problem("", "not_toml", {"finding": str(error)}),)
    top = Section(document, [])
    grain = top.choice("grain", Grain, "no_such_grain")
    if grain is None:
        return tuple(top.problems)
    mapping = _mapping(top, grain, text)
    return tuple(top.problems) or mapping


def _mapping(top: Section, grain: Grain, text: str) -> Mapping:
    top.allow(KEYS[grain])
    stage, activity = top.text("stage"), top.text("activity")
    if grain is Grain.EVENT and (stage is None) == (activity is None):
        top.note("stage", "stage_or_activity")
    mapping = Mapping(
        name=_name(top),
        source=top.text("source", required=True) or "",
        grain=grain,
        text=text,
        title=_title(top),
        id=top.text("id"),
        channel=top.text("channel"),
        campaign=top.text("campaign"),
        owner=top.text("owner"),
        account=top.text("account"),
        zone=_zone(top),
        date_format=_date_format(top),
        stages=_stages(top) if grain is Grain.LEAD else (),
        stage=stage,
        stage_values=_stage_values(top, needed=stage is not None),
        activity=activity,
        at=top.text("at", required=grain is Grain.EVENT),
        amount=top.text("amount"),
        quality=top.text("quality"),
        date=top.text("date", required=grain is Grain.DAY),
        counts=_counts(top) if grain is Grain.DAY else (),
        attributes=_attributes(top),
        optional=frozenset(top.texts("optional")),
    )
    for column in sorted(mapping.optional - set(mapping.columns)):
        top.note("optional", "optional_unused", value=column)
    return mapping


def _name(top: Section) -> str:
    name = top.text("name", required=True)
    if name is not None and not _NAME.fullmatch(name):
        top.note("name", "bad_name", value=name)
    return name or ""


def _title(top: Section) -> dict[str, str]:
    title = top.section("title")
    return {key: text for key in title.table if (text := title.text(key)) is not None}


def _zone(top: Section) -> str | None:
    zone = top.text("zone")
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            top.note("zone", "no_such_zone", value=zone)
    return zone


def _date_format(top: Section) -> str | None:
    """A format that gives back the day it is given."""
    pattern = top.text("date_format")
    if pattern is not None:
        try:
            day = datetime.strptime(_PROBE.strftime(pattern), pattern)  # noqa: DTZ007
            sound = day.date() == _PROBE.date()
        except ValueError:
            sound = False
        if not sound:
            top.note("date_format", "bad_date_format", value=pattern)
    return pattern


def _stages(top: Section) -> tuple[StageDate, ...]:
    found = []
    for section in top.sections("stages"):
        section.allow(STAGE_KEYS)
        stage = section.choice("stage", Stage, "no_such_stage")
        column = section.text("date", required=True)
        blank = section.choice("blank", Blank, "no_such_blank", required=False)
        where = section.section("where")
        held = {name: where.texts(name) for name in where.table}
        amount, quality = section.text("amount"), section.text("quality")
        if stage is not None and column is not None:
            blank = blank or Blank.NOT_REACHED
            found.append(StageDate(stage, column, blank, held, amount, quality))
    return tuple(found)


def _stage_values(top: Section, *, needed: bool) -> dict[str, Stage | None]:
    values = top.section("stage_values")
    if needed and not values.table:
        top.note("stage_values", "no_stage_values", choices=", ".join(Stage))
    return {
        name: None if stage == "" else values.choice(name, Stage, "no_such_stage")
        for name, stage in values.table.items()
    }


def _counts(top: Section) -> tuple[CountColumn, ...]:
    found = []
    for section in top.sections("counts"):
        section.allow(COUNT_KEYS)
        column = section.text("column", required=True)
        stage = section.choice("stage", Stage, "no_such_stage", required=False)
        measure = section.text("measure")
        if ("stage" in section.table) == ("measure" in section.table):
            section.note("stage", "stage_or_measure")
        elif column is not None and (stage or measure):
            found.append(CountColumn(column, stage, measure))
    return tuple(found)


def _attributes(top: Section) -> dict[str, str]:
    attributes = top.section("attributes")
    for name in attributes.table:
        if name in RESERVED:
            attributes.note(name, "reserved_name")
    return {
        name: column for name in attributes.table if (column := attributes.text(name)) is not None
    }
