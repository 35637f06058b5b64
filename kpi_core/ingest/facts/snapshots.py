"""A row per lead with its stage of today. When it reached that, nobody says: no date is made up."""

from kpi_core.domain.stage import Stage
from kpi_core.ingest.facts.kinds import PASSED_OVER, StageOf, Text
from kpi_core.ingest.facts.source import Source
from kpi_core.ingest.facts.sql import all_of, literal
from kpi_core.ingest.facts.subjects import STAGE_ATTRIBUTE
from kpi_core.storage.facts import Severity

EVENTS, ATTRIBUTES = "snapshot_events_read", "snapshot_attributes_read"


def read_snapshot(source: Source) -> tuple[str, str]:
    """The relations of events and of attributes, among them `stage` with the source's own word.

    Each row is a lead, from the day in the column `at`, or undated where there is none; and an
    undated event of the stage that it is in. An amount or a quality goes with that.
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
    numbers = [
        "cast(null as double)" if cells is None else cells.value for cells in (amount, quality)
    ]
    is_lead = f"coalesce({stage.value} = {literal(Stage.LEAD)}, false)"
    begun = [f"case when {is_lead} then {number} end" for number in numbers]
    common = f"select line, {subjects.lead} as lead, {{stage}} as stage, "
    common += f"cast(null as varchar) as activity, {{at}} as occurred_at, {subjects.describing()}, "
    common += "{amount} as amount, {quality} as quality, false as withdrawn "
    common += f"from {reading.rows} where {{where}}"
    created = common.format(
        stage=literal(Stage.LEAD), at=moment, amount=begun[0], quality=begun[1], where=known
    )
    current = common.format(
        stage=stage.value,
        at="cast(null as timestamp)",
        amount=numbers[0],
        quality=numbers[1],
        where=all_of([in_stage, f"not {is_lead}"]),
    )
    source.staged.scratch.execute(
        f"create or replace temp view {EVENTS} as {created} union all {current}"
    )
    attributes = subjects.say(ATTRIBUTES, known)
    assert attributes is not None
    return EVENTS, attributes
