"""From a mapping's text to a mapping, or to sentences that say what to repair."""

import codecs
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from kpi_core.domain.names import LONGEST, invisible_signs
from kpi_core.domain.stage import Stage, stage_named
from kpi_core.domain.toml import NotToml, read_toml
from kpi_core.mapping.document import (
    AS_WRITTEN,
    Blank,
    CountColumn,
    Grain,
    Mapping,
    Merge,
    Per,
    StageDate,
)
from kpi_core.mapping.toml_table import Problem, Section
from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.numbers import Decimal
from kpi_core.tabular.opened_file import How

COMMON = (
    "name", "title", "source", "grain", "channel", "zone", "date_format", "optional",
    "file", "dates", "numbers",
)  # fmt: skip
LEADS = ("thing", "id", "campaign", "owner", "account", "attributes", "keep", "merge")
STAGED = ("stage", "stage_values", "at", "amount", "quality")
KEYS: dict[Grain, tuple[str, ...]] = {
    Grain.LEAD: (*COMMON, *LEADS, "stages", "passed_over"),
    Grain.EVENT: (*COMMON, *LEADS, *STAGED, "activity", "corrects"),
    Grain.SNAPSHOT: (*COMMON, *LEADS, *STAGED),
    Grain.DAY: (*COMMON, "date", "per", "periods", "counts"),
}
FILE_KEYS = ("encoding", "table", "header", "delimiter")
DATE_KEYS = ("order", "unit", "format")
STAGE_KEYS = ("stage", "date", "blank", "where", "amount", "quality")
COUNT_KEYS = ("column", "stage", "measure", "where")
RESERVED = ("channel", "campaign", "owner", "account")
"""Names that conditions keep for an event's own columns; no attribute may have them."""

MOST_ATTRIBUTES = 500
"""Each is a column of the cache, in all its leads. Measures are bounded likewise."""
MAX_CHARACTERS = 4_000_000
"""Longer than a mapping that names every column of the widest table."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PROBE = datetime(2026, 11, 25, 14, 5, 9, tzinfo=UTC)


def read_mapping(text: str) -> Mapping | tuple[Problem, ...]:
    """The mapping that a TOML text declares, or every mistake in it."""
    document = read_toml(text, MAX_CHARACTERS)
    if isinstance(document, NotToml):
        return (Problem("", document.code, document.params),)
    top = Section(document, [])
    grain = top.choice("grain", Grain, "no_such_grain")
    if grain is None:
        return tuple(top.problems)
    mapping = _mapping(top, grain, text)
    return tuple(top.problems) or mapping


def _mapping(top: Section, grain: Grain, text: str) -> Mapping:
    top.allow(KEYS[grain])
    stage, activity = top.text("stage", required=grain is Grain.SNAPSHOT), top.text("activity")
    if grain is Grain.EVENT and (stage is None) == (activity is None):
        top.note("stage", "stage_or_activity")
    periods = _periods(top)
    mapping = Mapping(
        name=_name(top),
        source=_source(top),
        grain=grain,
        text=text,
        thing=_thing(top),
        title=_title(top),
        id=top.text("id"),
        channel=top.text("channel"),
        campaign=top.text("campaign"),
        owner=top.text("owner"),
        account=top.text("account"),
        zone=_zone(top),
        date_format=_format(top, "date_format"),
        stages=_stages(top) if grain is Grain.LEAD else (),
        passed_over=_texts_by_column(top, "passed_over"),
        stage=stage,
        stage_values=_stage_values(top, needed=stage is not None),
        activity=activity,
        at=top.text("at", required=grain is Grain.EVENT),
        corrects=top.text("corrects"),
        amount=top.text("amount"),
        quality=top.text("quality"),
        date=top.text("date", required=grain is Grain.DAY and not periods),
        counts=_counts(top, periods=bool(periods)) if grain is Grain.DAY else (),
        attributes=_attributes(top),
        optional=frozenset(top.texts("optional")),
        file=_file(top),
        dates=_dates(top),
        numbers=_numbers(top),
        per=top.choice("per", Per, "no_such_choice", required=False) or Per.DAY,
        periods=periods,
        keep=frozenset(top.texts("keep")),
        merge=top.choice("merge", Merge, "no_such_choice", required=False),
    )
    if mapping.date is not None and periods:
        top.note("date", "date_or_periods")
    for key in ("optional", "keep"):
        for column in sorted(getattr(mapping, key) - set(mapping.columns)):
            top.note(key, "optional_unused", value=column)
    return mapping


def _file(top: Section) -> How:
    section = top.section("file")
    section.allow(FILE_KEYS)
    return How(
        encoding=_encoding(section),
        table=section.text("table"),
        header=section.whole("header"),
        delimiter=section.sign("delimiter"),
    )


def _encoding(section: Section) -> str | None:
    encoding = section.text("encoding")
    try:
        return encoding and codecs.lookup(encoding).name and encoding
    except LookupError:
        section.note("encoding", "no_such_encoding", value=encoding or "")
        return None


def _dates(top: Section) -> dict[str, DateReading]:
    dates, found = top.section("dates"), {}
    for column in dates.table:
        section = dates.section(column)
        section.allow(DATE_KEYS)
        found[column] = DateReading(
            order=section.choice("order", Order, "no_such_choice", required=False),
            unit=section.choice("unit", Unit, "no_such_choice", required=False),
            format=_format(section, "format"),
        )
    return found


def _numbers(top: Section) -> dict[str, Decimal]:
    numbers = top.section("numbers")
    read = {column: numbers.choice(column, Decimal, "no_such_choice") for column in numbers.table}
    return {column: sign for column, sign in read.items() if sign is not None}


def _periods(top: Section) -> dict[str, date]:
    periods, found = top.section("periods"), {}
    for column in periods.table:
        text = periods.text(column) or ""
        try:
            found[column] = date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
        except ValueError:
            if text:
                periods.note(column, "bad_period", value=text)
    return found


def _name(top: Section) -> str:
    name = top.text("name", required=True)
    if name is not None and not _NAME.fullmatch(name):
        top.note("name", "bad_name", value=name)
    return name or ""


def _source(top: Section) -> str:
    """A name that is shown wherever its numbers are: bounded, and of signs that can be seen."""
    source = top.text("source", required=True) or ""
    if signs := invisible_signs(source):
        top.note("source", "invisible_sign", value=signs)
    elif len(source) > LONGEST:
        top.note("source", "name_too_long", bound=str(LONGEST))
    return source


def _thing(top: Section) -> str:
    thing = top.text("thing") or "lead"
    if not _NAME.fullmatch(thing):
        top.note("thing", "bad_name", value=thing)
    return thing


def _title(top: Section) -> dict[str, str]:
    title = top.section("title")
    return {key: text for key in title.table if (text := title.text(key)) is not None}


def _zone(top: Section) -> str | None:
    zone = top.text("zone")
    if zone is not None and zone != AS_WRITTEN:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            top.note("zone", "no_such_zone", value=zone)
    return zone


def _format(section: Section, key: str) -> str | None:
    """A format that gives back the day it is given."""
    pattern = section.text(key)
    if pattern is not None:
        try:
            if len(pattern) > LONGEST:
                raise ValueError("longer than any date")
            day = datetime.strptime(_PROBE.strftime(pattern), pattern)  # noqa: DTZ007
            sound = day.date() == _PROBE.date()
        except (ValueError, re.error):  # the latter for a part that comes twice
            sound = False
        if not sound:
            section.note(key, "bad_date_format", value=pattern)
    return pattern


def _texts_by_column(section: Section, key: str) -> dict[str, tuple[str, ...]]:
    texts = section.section(key)
    return {column: texts.texts(column) for column in texts.table}


def _stage(section: Section, key: str, *, required: bool = True) -> Stage | None:
    """A stage by any of its names, as `mql` or 受注. None where it is absent or no stage."""
    value = section.table.get(key)
    stage = stage_named(value) if isinstance(value, str) else None
    return stage or section.choice(key, Stage, "no_such_stage", required=required)


def _stages(top: Section) -> tuple[StageDate, ...]:
    found = []
    for section in top.sections("stages"):
        section.allow(STAGE_KEYS)
        stage = _stage(section, "stage")
        blank = section.choice("blank", Blank, "no_such_blank", required=False)
        column = section.text("date", required=blank is not Blank.UNDATED)
        where = _texts_by_column(section, "where")
        amount, quality = section.text("amount"), section.text("quality")
        if stage is not None and (column is not None or blank is Blank.UNDATED):
            blank = blank or Blank.NOT_REACHED
            found.append(StageDate(stage, column, blank, where, amount, quality))
    return tuple(found)


def _stage_values(top: Section, *, needed: bool) -> dict[str, Stage | None]:
    values = top.section("stage_values")
    if needed and not values.table:
        top.note("stage_values", "no_stage_values", choices=", ".join(Stage))
    return {
        name: None if stage == "" else _stage(values, name) for name, stage in values.table.items()
    }


def _counts(top: Section, *, periods: bool) -> tuple[CountColumn, ...]:
    """`periods`: the numbers stand in the columns of the periods, so none is named."""
    found = []
    for number, section in enumerate(top.sections("counts")):
        if number == MOST_ATTRIBUTES:
            top.note("counts", "too_many_entries", bound=str(MOST_ATTRIBUTES))
            break
        section.allow(COUNT_KEYS)
        column = section.text("column", required=not periods)
        if periods and column is not None:
            section.note("column", "date_or_periods")
        stage = _stage(section, "stage", required=False)
        measure = section.text("measure")
        if ("stage" in section.table) == ("measure" in section.table):
            section.note("stage", "stage_or_measure")
        elif (column is not None or periods) and (stage or measure):
            found.append(CountColumn(column, stage, measure, _texts_by_column(section, "where")))
    return tuple(found)


def _attributes(top: Section) -> dict[str, str]:
    attributes = top.section("attributes")
    if len(attributes.table) > MOST_ATTRIBUTES:
        top.note("attributes", "too_many_entries", bound=str(MOST_ATTRIBUTES))
        return {}
    for name in attributes.table:
        if name in RESERVED:
            attributes.note(name, "reserved_name")
    return {
        name: column for name in attributes.table if (column := attributes.text(name)) is not None
    }
