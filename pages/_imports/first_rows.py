"""The first rows of a file as a table: what each will say, and what is wrong, at its cell."""

from collections.abc import Sequence
from datetime import datetime, time

import pandas as pd

from kpi_core.domain.issue import Issue
from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Words, entries
from kpi_core.ingest.extract.preview import UnderstoodRow
from kpi_core.mapping.document import Mapping
from pages._imports import receipt_view

MARK = "background-color: rgba(224, 148, 0, 0.22)"
WRONG = "▲ "
"""Stands before what is wrong: colour never speaks alone."""
LINE, LEAD = "line", "lead_id"
DESCRIBING = ("channel", "campaign", "owner", "account", "amount", "quality")


def table(
    preview: Sequence[UnderstoodRow],
    mapping: Mapping | None,
    issues: Sequence[Issue],
    words: Words,
) -> object:
    """Line, lead, the date of each stage, the rest; as texts, in the words of a language."""
    stages = [stage for stage in Stage if any(stage in row.stages for row in preview)]
    others = list(dict.fromkeys(name for row in preview for name in row.other))
    # Rows that count have no ids: the column would be empty to the end of the file.
    lead = [LEAD] if any(row.lead for row in preview) or (mapping and mapping.id) else []
    keys = [LINE, *lead, *stages, *(_other(name) for name in others)]
    cells = [
        [
            str(row.line),
            *(row.lead or "–" for _ in lead),
            *(_moment(row, stage, words) for stage in stages),
            *(row.other.get(name, "") for name in others),
        ]
        for row in preview
    ]
    frame = pd.DataFrame(cells, columns=keys, dtype="object")
    styles = pd.DataFrame("", index=frame.index, columns=keys)
    places = {} if mapping is None else _places(mapping)
    for issue in issues:
        found = places.get(issue.column or "", LINE)
        key = found if found in keys else LINE
        for at in frame.index[frame[LINE].str.removeprefix(WRONG) == str(issue.line)]:
            shown = frame.loc[at, key] if key == LINE else issue.value or frame.loc[at, key]
            frame.loc[at, key] = WRONG + str(shown).removeprefix(WRONG)
            styles.loc[at, key] = MARK
    headings = _headings(keys, mapping, words)
    frame.columns = styles.columns = pd.Index(headings)
    return frame.style.apply(lambda _: styles, axis=None)


def _other(name: str) -> str:
    """The key of what describes a row; no stage is called so."""
    return f"other:{name}"


def _places(mapping: Mapping) -> dict[str, str]:
    """By which key a cell of the file is seen, by the file's column."""
    places = {stage.date: stage.stage.value for stage in mapping.stages if stage.date}
    if mapping.id:
        places[mapping.id] = LEAD
    for name in DESCRIBING:
        if column := getattr(mapping, name):
            places.setdefault(column, _other(name))
    for name, column in mapping.attributes.items():
        places.setdefault(column, _other(name))
    return places


def _headings(keys: Sequence[str], mapping: Mapping | None, words: Words) -> list[str]:
    """What the columns are called, each once: a stage by the column that dates it as well."""
    dated = {} if mapping is None else {each.stage: each.date for each in mapping.stages}
    headings: list[str] = []
    for key in keys:
        if key == LINE:
            heading = words("imports.line")
        elif key == LEAD:
            heading = words("imports.lead")
        elif column := dated.get(Stage(key)) if key in set(Stage) else None:
            stage = receipt_view.name_of(key, words)
            heading = words("imports.stage_from", stage=stage, column=column)
        else:
            heading = _called(key, words)
        while heading in headings:
            heading += "'"
        headings.append(heading)
    return headings


def _called(key: str, words: Words) -> str:
    """A stage or what describes a row, in words; what only its file knows, by its own name."""
    name = key.removeprefix("other:")
    if key != name:
        for known in (f"imports.other_{name}", f"imports.attribute_{name}"):
            if known in entries(words.language):
                return words(known)
    return receipt_view.name_of(name, words)


def _moment(row: UnderstoodRow, stage: Stage, words: Words) -> str:
    """A date as every language reads it; the time only where there is one."""
    if stage not in row.stages:
        return ""
    moment: datetime | None = row.stages[stage]
    if moment is None:
        return words("imports.undated_cell")
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
