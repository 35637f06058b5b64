"""Values of the stage column that a file's mapping does not know: asked, not dropped."""

import tomllib

import tomli_w
from duckdb import DuckDBPyConnection

from kpi_core.domain.stage import Stage
from kpi_core.ingest.cells.text import folded, trimmed_sql
from kpi_core.ingest.files.table import Table
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.question import Answers, Ask, Option, Question, decided

VALUES_LOOKED_AT = 1_000
"""A column of more different values holds no stages."""
PASSED_OVER = ""
RELATION = "unknown_looked_at"


def unknown_stages(
    table: Table, mapping: Mapping, answers: Answers, scratch: DuckDBPyConnection
) -> tuple[Question, ...]:
    """What each of them is, as a question; in the order of their names."""
    if mapping.stage is None or mapping.stage not in table.header:
        return ()
    known = {folded(value) for value in mapping.stage_values}
    cell = trimmed_sql(f"c{table.header.index(mapping.stage)}")
    table.stage(scratch, RELATION)
    found = scratch.execute(
        f"select distinct {cell} as value from {RELATION} "  # noqa: S608 - ours, and a number
        "where value is not null order by value limit $limit",
        {"limit": VALUES_LOOKED_AT},
    ).fetchall()
    options = tuple(Option(value) for value in (*Stage, PASSED_OVER))
    values = [value for (value,) in found if folded(value) not in known]
    return tuple(decided(Ask.VALUE, answers, options, None, subject=value) for value in values)


def knowing(mapping: Mapping, questions: tuple[Question, ...]) -> Mapping:
    """The mapping with what was answered of values that it did not know."""
    if not questions:
        return mapping
    document = tomllib.loads(mapping.text)
    said = {question.subject: question.answer or PASSED_OVER for question in questions}
    document["stage_values"] = document.get("stage_values", {}) | said
    again = read_mapping(tomli_w.dumps(document))
    return again if isinstance(again, Mapping) else mapping
