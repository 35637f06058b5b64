"""Values of a file's stage columns that its mapping does not know: asked, not dropped."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tomli_w
from duckdb import DuckDBPyConnection

from kpi_core.domain.question import Answers, Ask, Option, Question, decided
from kpi_core.domain.stage import Stage
from kpi_core.mapping.document import Blank, Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.questions import first
from kpi_core.mapping.stage_dates import NOS, YESES
from kpi_core.mapping.synonyms import NAMES_STAGE, roles, stages_of_value
from kpi_core.parsing.text_column import folded, trimmed_sql
from kpi_core.tabular.table import Table

VALUES_LOOKED_AT = 1_000
"""A column of more different values holds no stages."""
PASSED_OVER = ""
RELATION = "unknown_looked_at"


@dataclass(frozen=True)
class Unknown:
    """A value of a column. `question` is None where it is a yes or a no, written another way."""

    column: str
    value: str
    question: Question | None


def unknown_values(
    table: Table, mapping: Mapping, answers: Answers, scratch: DuckDBPyConnection
) -> tuple[Unknown, ...]:
    """What a mapping does not know, by column and then by name."""
    known = {column: of for column, of in _known(mapping).items() if column in table.header}
    if known:
        table.stage(scratch, RELATION)
    return tuple(
        _unknown(mapping, column, value, of, answers)
        for column, of in known.items()
        for value in _values(table, column, scratch)
        if folded(value) not in of and not _is_passed_over(mapping, column, value, of)
    )


def questions_about(unknown: Iterable[Unknown]) -> tuple[Question, ...]:
    """The questions about them: one per value, across all columns."""
    return tuple(dict.fromkeys(each.question for each in unknown if each.question is not None))


def knowing(mapping: Mapping, unknown: tuple[Unknown, ...]) -> Mapping:
    """The mapping with the answers about the values. Open values are skipped."""
    document = tomllib.loads(mapping.text)
    for each in unknown:
        if mapping.stage is not None:
            document.setdefault("stage_values", {})[each.value] = _answer(each)
            continue
        stated = [entry for entry in _telling(document, each) if _is_stated(entry, each)]
        if stated or each.question is not None:
            _say(document, each, stated or _new_state(document, each))
    if document == tomllib.loads(mapping.text):
        return mapping
    again = read_mapping(tomli_w.dumps(document))
    return again if isinstance(again, Mapping) else mapping


def _known(mapping: Mapping) -> dict[str, set[str]]:
    """By column that names stages: the values of which the mapping says something."""
    if mapping.stage is not None:
        return {mapping.stage: set(map(folded, mapping.stage_values))}
    known: dict[str, set[str]] = {}
    for where in (*(stage.where for stage in mapping.stages), mapping.passed_over):
        for column, values in where.items():
            known.setdefault(column, set()).update(map(folded, values))
    return known


def _values(table: Table, column: str, scratch: DuckDBPyConnection) -> Iterator[str]:
    cell = trimmed_sql(f"c{table.header.index(column)}")
    found = scratch.execute(
        f"select distinct {cell} as value from {RELATION} "
        "where value is not null order by value limit $limit",
        {"limit": VALUES_LOOKED_AT},
    ).fetchall()
    return (value for (value,) in found)


def _unknown(
    mapping: Mapping, column: str, value: str, known: set[str], answers: Answers
) -> Unknown:
    if mapping.stage is None and _is_flag({*known, folded(value)}):
        return Unknown(column, value, None)
    likely = (stage or PASSED_OVER for stage in stages_of_value(value))
    options = [Option(each) for each in first(likely, (*Stage, PASSED_OVER))]
    return Unknown(column, value, decided(Ask.VALUE, answers, options, None, subject=value))


def _is_passed_over(mapping: Mapping, column: str, value: str, known: set[str]) -> bool:
    """Whether a mapping without `passed_over` skips this value.

    So it does where the column names no stages, as in a mapping by hand that is for new business
    only, and where the value names for certain a stage that does not hang on the column.
    """
    if mapping.stage is not None or column in mapping.passed_over or _is_flag(known):
        return False
    hanging = {stage.stage for stage in mapping.stages if column in stage.where}
    if len(hanging) < 2 and NAMES_STAGE.isdisjoint(roles(column)):
        return True
    named = stages_of_value(value)
    return len(named) == 1 and named[0] not in hanging


def _is_flag(values: set[str]) -> bool:
    """Whether all of them say yes or no."""
    return values <= {*YESES, *NOS}


def _answer(unknown: Unknown) -> str:
    return (unknown.question and unknown.question.answer) or PASSED_OVER


def _telling(document: dict[str, Any], unknown: Unknown) -> list[dict[str, Any]]:
    """The stages that hang on the column."""
    return [each for each in document["stages"] if unknown.column in each.get("where", {})]


def _is_stated(entry: dict[str, Any], unknown: Unknown) -> bool:
    """Whether the value states this stage: by the answer, or as another yes or no does."""
    if unknown.question is not None:
        return bool(entry["stage"] == _answer(unknown))
    words = YESES if folded(unknown.value) in YESES else NOS
    return any(folded(each) in words for each in entry["where"][unknown.column])


def _new_state(document: dict[str, Any], unknown: Unknown) -> list[dict[str, Any]]:
    """A further stage, where the column only has current states and none has this stage."""
    stage, telling = _answer(unknown), _telling(document, unknown)
    if stage == PASSED_OVER or any("date" in each for each in telling):
        return []
    if any(each["stage"] == stage for each in document["stages"]):
        return []
    entry = {"stage": stage, "blank": Blank.UNDATED.value, "where": {unknown.column: []}}
    document["stages"].append(entry)
    return [entry]


def _say(document: dict[str, Any], unknown: Unknown, entries: list[dict[str, Any]]) -> None:
    """Map the value to these stages; without any, skip it."""
    targets = [entry["where"] for entry in entries] or [document.setdefault("passed_over", {})]
    for each in targets:
        each.setdefault(unknown.column, []).append(unknown.value)
