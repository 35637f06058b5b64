"""A row per lead with its stage of today. When it reached that is not stated: no date is given."""

from collections.abc import Iterator

from kpi_core.domain.issue import Severity
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.ingest.extract.cell_sql import all_of, literal, literals
from kpi_core.ingest.extract.column_types import PASSED_OVER, StageOf, Text
from kpi_core.ingest.extract.extraction import Source
from kpi_core.ingest.extract.lead_columns import STAGE_ATTRIBUTE

EVENTS, LEADS = "snapshot_events_read", "snapshot_leads_read"


def read_snapshot(source: Source) -> tuple[str, str]:
    """The relations of events and of leads, which have the source's own word for the `stage`.

    Each row is a lead, from the day in the column `at`, or undated where there is none; and an
    undated event of the stage that it is in. An amount or a quality goes with that. A row in a
    stage before an outcome that the mapping knows says that its lead has none.
    """
    mapping = source.mapping
    assert mapping.stage is not None
    subjects = source.subjects()
    stage = source.column(mapping.stage, StageOf.by(mapping.stage_values))
    if STAGE_ATTRIBUTE not in subjects.attributes:
        word = source.column(mapping.stage, Text())
        subjects = subjects.with_attribute(STAGE_ATTRIBUTE, word)
    at = None if mapping.at is None else source.column(mapping.at, source.moment(mapping.at))
    amount, quality = source.number_or_none(mapping.amount), source.number_or_none(mapping.quality)
    source.read()
    reading, notes, known = source.reading, source.notes, subjects.known
    subjects.note(notes)
    reading.note(notes, stage, known)
    if at is not None:
        reading.note(notes, at, known, Severity.FLAGGED)
        reading.note_ahead(notes, at, known)
    in_stage = all_of([known, f"{stage.value} <> {literal(PASSED_OVER)}"])
    for number in (amount, quality):
        if number is not None:
            reading.note(notes, number, known, Severity.FLAGGED)
    moment = "cast(null as timestamp)" if at is None else at.value
    numbers = {
        name: cells.value
        for name, cells in (("amount", amount), ("quality", quality))
        if cells is not None
    }
    is_lead = f"coalesce({stage.value} = {literal(Stage.LEAD)}, false)"
    begun = {name: f"case when {is_lead} then {number} end" for name, number in numbers.items()}
    none = dict.fromkeys(numbers, "cast(null as double)")
    undated = "cast(null as timestamp)"
    zone = "cast(null as varchar)" if at is None else reading.zone(at)
    parts = [
        (literal(Stage.LEAD), moment, begun, "false", known),
        (stage.value, undated, numbers, "false", all_of([in_stage, f"not {is_lead}"])),
    ]
    for outcome, before in _open_stages(source.covered_stages):
        where = all_of([known, f"{stage.value} in ({literals(before)})"])
        parts.append((literal(outcome), undated, none, "true", where))
    selects = (
        f"select line, {subjects.lead} as lead, {name} as stage, {when} as occurred_at, "
        f"{zone if when is moment else 'null'} as zone"
        + "".join(f", {value} as {number}" for number, value in values.items())
        + f", {gone} as withdrawn from {reading.rows} where {where}"
        for name, when, values, gone, where in parts
    )
    source.staged.scratch.execute(
        f"create or replace temp view {EVENTS} as {' union all '.join(selects)}"
    )
    return EVENTS, subjects.describe(LEADS, known)


def _open_stages(covered: frozenset[Stage]) -> Iterator[tuple[Stage, list[Stage]]]:
    """Outcomes that a mapping knows, with the stages in which a lead has none."""
    for ends in ((Stage.WON, Stage.LOST), (Stage.CHURNED,)):
        for outcome in [stage for stage in ends if stage in covered][:1]:
            yield outcome, [s for s in Stage if ORDER[s] < ORDER[outcome] and s not in ends]
