"""What a table is about: every decision, and the mapping that comes of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from kpi_core.domain.names import LONGEST, invisible_signs, visible
from kpi_core.domain.question import Answers, Ask, Option, Question
from kpi_core.domain.stage import Stage
from kpi_core.mapping import synonyms
from kpi_core.mapping.activity import ask_activity
from kpi_core.mapping.build import (
    Document,
    attributes_of,
    draft,
    name_of,
    passed_over,
    periods_of,
    staged_rows,
    state_rows,
    valued,
)
from kpi_core.mapping.columns import Layout
from kpi_core.mapping.count_columns import (
    COUNT,
    ask_channel,
    ask_counts,
    ask_date,
    ask_months,
    ask_per,
)
from kpi_core.mapping.document import Grain, Mapping, Per
from kpi_core.mapping.format_questions import ask_dates, ask_numbers, ask_zone, is_zone
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.questions import (
    ATTRIBUTE,
    DESCRIBING,
    NUMERIC,
    Asking,
    ask_described,
    ask_grain,
    ask_id,
    ask_personal,
    ask_stage,
    ask_values,
)
from kpi_core.mapping.row_grain import RowKind, is_login
from kpi_core.mapping.stage_dates import ask_outcome, ask_stage_dates, closes
from kpi_core.mapping.synonyms import Role
from kpi_core.tabular.opened_file import Opened

ORDER = (
    Ask.TABLE, Ask.ENCODING, Ask.HEADER, Ask.GRAIN, Ask.ID, Ask.ACTIVITY, Ask.STAGE, Ask.AT,
    Ask.DATE, Ask.PER, Ask.COLUMN, Ask.VALUE, Ask.ORDER, Ask.UNIT, Ask.DECIMAL, Ask.ZONE,
    Ask.SOURCE, Ask.KEEP,
)  # fmt: skip
"""In which a user is asked: from the file as a whole to single cells."""

_DATED = re.compile(r"[\W_]*\d[\d\W_]*(?:T\d+)?Z?$|\s*\(\d+\)$")


@dataclass(frozen=True)
class Suggestion:
    """All decisions in the order of asking, and the mapping they make. What is open counts in it
    as its first option.
    """

    questions: tuple[Question, ...]
    document: Document

    def mapping(self) -> Mapping | None:
        """The mapping; None while the table has nothing that it could map."""
        drafted = read_mapping(draft(self.document))
        return drafted if isinstance(drafted, Mapping) else None


def suggest(
    layout: Layout, opened: Opened, answers: Answers, home: str | None = None
) -> Suggestion:
    """What a table that can be counted is about, in a workspace whose zone is `home`."""
    asking = Asking(layout, _usable(answers), home)
    kind = ask_grain(asking)
    read = {RowKind.DAY: _counts, RowKind.ACTIVITY: _activities}.get(kind, _rows)
    document = read(asking, kind)
    document["file"] = _file(opened)
    document["source"] = _ask_source(asking, opened.name)
    header = layout.profile.header
    document["name"] = name_of(document["source"], document["grain"], header)
    stem = PurePath(opened.name).stem.strip()
    document["title"] = {"ja": stem, "en": stem} if stem else {}
    questions = sorted(asking.questions, key=lambda question: ORDER.index(question.code))
    first = ("name", "title", "source", "grain")
    return Suggestion(
        (*opened.questions, *questions),
        {key: document[key] for key in (*first, *(key for key in document if key not in first))},
    )


def _usable(answers: Answers) -> Answers:
    """The answers without a zone that there is not, and without a source that names none."""
    unusable = set()
    if not is_zone(answers.get(Ask.ZONE, "")):
        unusable.add(Ask.ZONE.value)
    source = answers.get(Ask.SOURCE, "")
    if not source.strip() or len(source) > LONGEST or invisible_signs(source):
        unusable.add(Ask.SOURCE.value)
    return {key: answer for key, answer in answers.items() if key not in unusable}


def _rows(asking: Asking, kind: RowKind) -> Document:
    """Rows that are leads, deals, or what happened to them."""
    layout = asking.layout
    without_id = kind in (RowKind.CONTINUED, RowKind.EVENT_WITHOUT_ID)
    lead = asking.column(Ask.ID, [], "", none=True) if without_id else ask_id(asking, kind)
    document: Document = {"grain": Grain.LEAD.value, "id": lead}
    stage: str | None = None
    dates: list[str] = []
    values: dict[str, str] = {}
    at: str | None = None
    stages: list[Document] = []
    if kind in (RowKind.EVENT, RowKind.SNAPSHOT):
        stage = ask_stage(asking, layout.stage_columns or layout.word_columns)
        at = _ask_at(asking, kind)
        dates = [at] if at else []
        values = ask_values(asking, stage, likely=layout.base) if stage else {}
    else:
        by_column = ask_stage_dates(asking)
        outcome = ask_outcome(asking) if closes(layout, by_column) else None
        dates = list(by_column)
        stages = staged_rows(layout, by_column, outcome, each=kind is not RowKind.CONTINUED)
    described = ask_described(asking, [lead, stage, *dates])
    single = {role: column for column, role in reversed(described.items()) if role in DESCRIBING}
    amount, quality = single.pop("amount", None), single.pop("quality", None)
    document |= single
    if kind is RowKind.SNAPSHOT and layout.is_deals and stage is not None:
        stages = state_rows(layout, at, stage, values)
    if stages:
        document["stages"] = valued(stages, amount, quality)
        document["passed_over"] = passed_over(layout, stages, stage)
    else:
        grain = Grain.EVENT if kind is RowKind.EVENT else Grain.SNAPSHOT
        document |= {"grain": grain.value, "stage": stage, "stage_values": values}
        document |= {"at": at, "amount": amount, "quality": quality}
    others = [column for column, role in described.items() if role == ATTRIBUTE]
    document["attributes"] = attributes_of(others)
    document["dates"] = ask_dates(asking, dates)
    document["numbers"] = ask_numbers(asking, [amount, quality])
    document["zone"] = ask_zone(asking, dates, document["dates"])
    ask_personal(asking, [lead])
    used = {*single.values(), *others}
    document["keep"] = [each.header for each in layout.columns if each.kept and each.header in used]
    document["merge"] = None if lead is None or layout.merge is None else layout.merge.value
    return document


def _activities(asking: Asking, kind: RowKind) -> Document:
    """Rows that are each something a user did."""
    user = ask_id(asking, kind)
    activity, where = ask_activity(asking)
    at = _ask_at(asking, kind)
    described = ask_described(asking, [user, at, *where])
    document: Document = {
        "grain": Grain.EVENT.value, "thing": "user", "id": user, "activity": activity,
        "where": where, "at": at,
    }  # fmt: skip
    document |= {
        role: column
        for column, role in reversed(described.items())
        if role in DESCRIBING and role not in NUMERIC
    }
    others = [column for column, role in described.items() if role == ATTRIBUTE]
    document["attributes"] = attributes_of(others)
    document["dates"] = ask_dates(asking, [at] if at else [])
    document["zone"] = ask_zone(asking, [at] if at else [], document["dates"])
    ask_personal(asking, [user])
    used = {column for column, role in described.items() if role not in NUMERIC}
    columns = asking.layout.columns
    document["keep"] = [each.header for each in columns if each.kept and each.header in used]
    return document


def _counts(asking: Asking, kind: RowKind) -> Document:
    """Rows that are days, weeks or months, with numbers."""
    layout = asking.layout
    document: Document = {"grain": Grain.DAY.value}
    day = ask_date(asking)
    counts: list[Document] = []
    if day is None:
        header, role = ask_months(asking)
        document |= {"per": Per.MONTH.value, "periods": periods_of(layout)}
        counts.append(_counted(None, header, role))
        numbers = list(layout.months)
    else:
        document |= {"date": day, "per": ask_per(asking, day)}
        found = ask_counts(asking, [each for each in layout.numbers if each.header != day])
        counts += [_counted(column, column, role) for column, role in found.items()]
        numbers = list(found)
    document["channel"] = ask_channel(asking, [day, *numbers])
    document["dates"] = ask_dates(asking, [day])
    document["numbers"] = ask_numbers(asking, numbers)
    document["zone"] = ask_zone(asking, [day], document["dates"])
    document["counts"] = counts
    return document


def _counted(column: str | None, header: str, role: str) -> Document:
    what = role.removeprefix(COUNT)
    entry: Document = {} if column is None else {"column": column}
    if what in list(Stage):
        return {**entry, "stage": what}
    return {**entry, "measure": header}


def _ask_at(asking: Asking, kind: RowKind) -> str | None:
    """When an event happened, or a lead was created. Concluded where a header says it."""
    layout = asking.layout
    if kind is RowKind.ACTIVITY:
        return _ask_done_at(asking)
    wanted = (Role.CHANGED, Role.CREATED) if kind is RowKind.EVENT else (Role.CREATED,)
    named = [column for column in layout.of(*wanted) if column in layout.dates]
    if kind is RowKind.SNAPSHOT:
        named += [each for each in layout.dates if each.stages == (layout.base,)]
    others = [
        column
        for column in layout.dates
        if column not in named and Role.OTHER_DATE not in column.roles
    ]
    if kind is RowKind.SNAPSHOT:
        concluded = named[0].header if named else ("" if not others else None)
        return asking.column(Ask.AT, [*named, *others], concluded, none=True)
    candidates = [*named, *others] or list(layout.dates)
    return asking.column(Ask.AT, candidates, named[0].header if named else None)


def _ask_done_at(asking: Asking) -> str | None:
    """When a user did it: the date that speaks of a log-in, or the only one."""
    dates = asking.layout.dates
    called = [column for column in dates if is_login(column.header)]
    alone = called or list(dates)
    rest = [column for column in dates if column not in called]
    concluded = alone[0].header if len(alone) == 1 else None
    return asking.column(Ask.AT, [*called, *rest], concluded)


def _ask_source(asking: Asking, name: str) -> str:
    """Whose data it is. Concluded where the header is a product's own."""
    product = synonyms.product(asking.layout.profile.header)
    stem = visible(_DATED.sub("", PurePath(name).stem)).strip(" -_")[:LONGEST]
    names = _each_once([product, stem, "crm"])
    return asking.ask(Ask.SOURCE, [Option(each, each) for each in names], product, free=True)


def _each_once(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _file(opened: Opened) -> Document:
    """What the bytes do not say, so that the next file of this shape is read alike."""
    settled = {question.code: question for question in opened.questions}
    found: Document = {}
    if Ask.TABLE in settled and len(settled[Ask.TABLE].options) > 1:
        found["table"] = settled[Ask.TABLE].answer
    if Ask.ENCODING in settled and settled[Ask.ENCODING].given:
        found["encoding"] = settled[Ask.ENCODING].answer
    if Ask.HEADER in settled and settled[Ask.HEADER].given:
        found["header"] = int(settled[Ask.HEADER].answer or 0)
    return found
