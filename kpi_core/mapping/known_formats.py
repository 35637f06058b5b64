"""How a known mapping reads dates and numbers, held against the cells of a new file."""

import tomllib
from collections.abc import Callable
from collections.abc import Mapping as Map
from typing import Any, TypeVar

import pandas as pd
import tomli_w
from duckdb import DuckDBPyConnection

from kpi_core.domain.question import Answers, Ask, Option, Question, decided
from kpi_core.mapping.document import Grain, Mapping, Per
from kpi_core.mapping.format_questions import as_numbers, day_of, moment_of
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.profile import MOSTLY
from kpi_core.mapping.questions import first
from kpi_core.parsing.date_evidence import DateEvidence, date_evidence
from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading, read_dates
from kpi_core.parsing.number_evidence import NumberEvidence, number_evidence
from kpi_core.parsing.numbers import Decimal
from kpi_core.parsing.text_column import trimmed_sql
from kpi_core.tabular.table import Table

RELATION = "formats_looked_at"
AT_A_TIME = 200_000
Evidence = TypeVar("Evidence", DateEvidence, NumberEvidence)
_NOTHING = pd.Series([], dtype="str")

Found = tuple[Mapping, tuple[Question, ...]]


def by_evidence(
    table: Table, mapping: Mapping, answers: Answers, scratch: DuckDBPyConnection
) -> Found:
    """The mapping with the formats that the cells prove, and questions where they prove none.

    What the mapping says of a column stays wherever its cells allow it. An open question counts
    as its first option.
    """
    dates, numbers = _date_columns(mapping, table), _number_columns(mapping, table)
    if not table.rows or not (dates or numbers):
        return mapping, ()
    table.stage(scratch, RELATION)
    cells = {name: trimmed_sql(f"c{table.header.index(name)}") for name in {*dates, *numbers}}
    shown = {
        name: evidence
        for name in _other_than(scratch, {name: cells[name] for name in dates}, "timestamp")
        if (evidence := _dates(scratch, cells[name], mapping.date_reading(name))) is not None
    }
    known = mapping.dates
    proven = {name: each.order for name, each in shown.items() if each.order is not None}
    said = {name: known[name].order if name in known else None for name in shown}
    moved = any(said[name] != order for name, order in proven.items())
    document: dict[str, Any] = tomllib.loads(mapping.text)
    questions: list[Question] = []
    for name, each in shown.items():
        own = dict(document.get("dates", {}).get(name, {}))
        own.pop("orders", None)
        if by_mark := dict(each.by_mark):
            own["orders"] = by_mark
        if (left := each.unproven if by_mark else each).orders:
            question = _order(name, left, said[name], set(proven.values()), moved, answers)
            own["order"] = _settle(question, questions)
        if each.units and each.unit_cells > each.numbered:
            stated = known[name].unit if name in known else None
            question = _unit(name, each, stated, answers)
            own["unit"] = _settle(question, questions)
        if each.orders or each.units:
            own.pop("format", None)
            document.setdefault("dates", {})[name] = own
    for name in _other_than(scratch, {name: cells[name] for name in numbers}, "bigint"):
        found = _numbers(scratch, cells[name])
        asked = _decimal(name, found, mapping.numbers.get(name), answers)
        if asked is not None:
            document.setdefault("numbers", {})[name] = _settle(asked, questions)
    if document == tomllib.loads(mapping.text):
        return mapping, tuple(questions)
    again = read_mapping(tomli_w.dumps(document))
    return (again if isinstance(again, Mapping) else mapping), tuple(questions)


def _date_columns(mapping: Mapping, table: Table) -> list[str]:
    day = mapping.date if mapping.per is Per.DAY else None  # a month or a week has no order
    named = [*(stage.date for stage in mapping.stages), mapping.at, day]
    return _there(named, table)


def _number_columns(mapping: Mapping, table: Table) -> list[str]:
    parts = [part for stage in mapping.stages for part in (stage.amount, stage.quality)]
    counted = [count.column for count in mapping.counts]
    if mapping.grain is Grain.DAY:
        counted += list(mapping.periods)
    return _there([*parts, mapping.amount, mapping.quality, *counted], table)


def _there(named: list[str | None], table: Table) -> list[str]:
    return [name for name in dict.fromkeys(named) if name is not None and name in table.header]


def _other_than(scratch: DuckDBPyConnection, cells: Map[str, str], kind: str) -> list[str]:
    """The columns with a cell that is no ISO date, or no whole number: those have one reading."""
    if not cells:
        return []
    tests = [f"count({cell}) = count(try_cast({cell} as {kind}))" for cell in cells.values()]
    (plain,) = scratch.execute(f"select {', '.join(tests)} from {RELATION}").fetchall()
    return [name for name, is_plain in zip(cells, plain, strict=True) if not is_plain]


def _dates(scratch: DuckDBPyConnection, cell: str, reading: DateReading) -> DateEvidence | None:
    """What the cells show; None where the format that the mapping names reads them."""
    if reading.format is not None:
        query = f"select distinct {cell} as cell from {RELATION} where cell is not null"
        values = scratch.execute(f"{query} limit 1000").df()["cell"].astype("str")
        if read_dates(values, reading)["at"].notna().sum() >= MOSTLY * len(values):
            return None
    return _each(scratch, cell, date_evidence)


def _numbers(scratch: DuckDBPyConnection, cell: str) -> NumberEvidence:
    return _each(scratch, cell, number_evidence)


def _each(
    scratch: DuckDBPyConnection, cell: str, look: Callable[["pd.Series[str]"], Evidence]
) -> Evidence:
    """Evidence from each distinct cell, in pieces."""
    scratch.execute(f"select distinct {cell} as cell from {RELATION} where cell is not null")
    found = look(_NOTHING)
    while piece := scratch.fetchmany(AT_A_TIME):
        found = found + look(pd.Series([value for (value,) in piece], dtype="str"))
    return found


def _settle(question: Question, questions: list[Question]) -> str:
    """The answer for now; a question without one is put to the user."""
    if question.open or question.given:
        questions.append(question)
    return question.options[0].value if question.answer is None else question.answer


def _order(
    name: str,
    shown: DateEvidence,
    said: Order | None,
    proven: set[Order],
    moved: bool,
    answers: Answers,
) -> Question:
    """The order that the cells prove; else what the mapping says, unless the file is `moved`.

    A file in which another column proves another order than the mapping's was written another
    way: then the mapping says nothing of the columns beside it.
    """
    concluded = shown.order
    if concluded is None and said in shown.possible and not moved:
        concluded = said
    cells = [each for each in (shown.ambiguous, *(shown.contradicting or ())) if each]
    possible = shown.possible or tuple({order for each in shown.orders for order in each})
    likely = [each for each in (*sorted(proven), said) if each in possible]
    options = [
        Option(order, examples=tuple(f"{cell} → {day_of(cell, order)}" for cell in cells))
        for order in first(likely, (each for each in Order if each in possible))
    ]
    return decided(Ask.ORDER, answers, options, concluded, subject=name)


def _unit(name: str, shown: DateEvidence, said: Unit | None, answers: Answers) -> Question:
    concluded = said if said in shown.units else shown.unit
    options = [
        Option(unit, examples=(f"{cell} → {moment_of(cell, unit)}",))
        for unit, cell in shown.units.items()
    ]
    return decided(Ask.UNIT, answers, options, concluded, subject=name)


def _decimal(
    name: str, shown: NumberEvidence, said: Decimal | None, answers: Answers
) -> Question | None:
    """The sign that the cells prove, or the mapping's. Asked where its reading is unlikely.

    1.234 and 2.500 part thousands wherever all numbers of a column look so.
    """
    if shown.decimal is None and shown.ambiguous is None and shown.contradicting is None:
        return None
    concluded = shown.decimal
    if concluded is None and shown.contradicting is None and said in (None, shown.likely):
        return None
    if concluded is said or (said is None and concluded is Decimal.POINT):
        return None
    cells = [each for each in (shown.ambiguous, *(shown.contradicting or ())) if each]
    options = [
        Option(sign, examples=as_numbers(cells, sign)) for sign in first([shown.likely], Decimal)
    ]
    return decided(Ask.DECIMAL, answers, options, concluded, subject=name)
