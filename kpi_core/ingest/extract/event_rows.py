"""A row per event: a stage reached, as in a history of changes, or one activity."""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.ingest.extract.cell_sql import all_of, literal, literals
from kpi_core.ingest.extract.column_types import PASSED_OVER, OneOf, StageOf, Text
from kpi_core.ingest.extract.extraction import Source
from kpi_core.ingest.extract.lead_columns import Subjects
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.staging import any_row
from kpi_core.ingest.extract.typed_columns import Cells

EVENTS, LEADS = "events_read", "event_leads_read"
COMPARED = "events_on_one_clock"


def read_events(source: Source) -> tuple[str, str | None]:
    """The relations of events and of leads, None without attributes: every row is an event.

    Rows whose stage the mapping ignores are no issue. A win or a loss that the lead has left
    again is flagged. A row that corrects takes back what was said before.
    """
    columns = _wanted(source)
    subjects, at, stage = columns.subjects, columns.at, columns.stage
    source.read()
    reading, notes = source.reading, source.notes
    subjects.note(notes)
    counted = (f"coalesce({each.value}, false)" for each in columns.conditions)
    known = all_of([subjects.known, *counted])
    staged = known if stage is None else _note_stages(source, stage, known)
    reading.note(notes, at, staged)
    reading.note_ahead(notes, at, staged)
    corrects = "false" if columns.corrects is None else f"{columns.corrects.value} is not null"
    missing = f"{reading.rows} where {reading.blank(at)} and ({staged}) and not ({corrects})"
    notes.at(Code.DATE_MISSING, missing, column=at.column)
    taken = all_of([staged, f"{at.value} is not null"])
    for number in (columns.amount, columns.quality):
        if number is not None:
            reading.note(notes, number, taken, Severity.FLAGGED)
    events = _events(source, columns, taken)
    scratch = source.staged.scratch
    scratch.execute(f"create or replace temp view {EVENTS} as {events}")
    at_once = ""
    if stage is not None and subjects.id is not None and columns.corrects is None:
        scratch.execute(
            f"create or replace temp view {COMPARED} as select * replace "
            f"({source.on_clock('occurred_at', 'zone')} as occurred_at) from {EVENTS}"
        )
        at_once = note_reverted(scratch, COMPARED, notes, stage.column)
    if at_once:
        scratch.execute(
            f"create or replace temp view {EVENTS} as {events} and line not in ({at_once})"
        )
    if columns.corrects is not None and stage is not None:
        scratch.execute(
            f"create or replace temp view {EVENTS} as select *, false as withdrawn from ({events}) "
            f"union all by name select line, {subjects.lead} as lead, {stage.value} as stage, "
            "cast(null as timestamp) as occurred_at, true as withdrawn "
            f"from {reading.rows} where {all_of([staged, corrects])}"
        )
    return EVENTS, subjects.describe_events(LEADS, taken)


@dataclass(frozen=True)
class _Columns:
    subjects: Subjects
    at: Cells
    stage: Cells | None
    amount: Cells | None
    quality: Cells | None
    corrects: Cells | None
    conditions: tuple[Cells, ...]


def _wanted(source: Source) -> _Columns:
    """Have the columns of an event log read."""
    mapping = source.mapping
    assert mapping.at is not None
    stage = None
    subjects = source.subjects()
    at = source.column(mapping.at, source.moment(mapping.at))
    if mapping.stage is not None:
        stage = source.column(mapping.stage, StageOf.by(mapping.stage_values))
    amount, quality = source.number_or_none(mapping.amount), source.number_or_none(mapping.quality)
    corrects = None
    if mapping.corrects in source.staged.header:
        corrects = source.column(mapping.corrects, Text())
    conditions = tuple(source.column(each, OneOf(values)) for each, values in mapping.where.items())
    return _Columns(subjects, at, stage, amount, quality, corrects, conditions)


def _events(source: Source, columns: _Columns, taken: str) -> str:
    """SQL for the events of the rows where `taken` holds."""
    activity, stage = source.mapping.activity, columns.stage
    what = f"{literal(activity or '')} as activity" if stage is None else f"{stage.value} as stage"
    numbers = "".join(
        f", {cells.value} as {name}"
        for name, cells in (("amount", columns.amount), ("quality", columns.quality))
        if cells is not None
    )
    return (
        f"select line, {columns.subjects.lead} as lead, {what}, "
        f"{columns.at.value} as occurred_at, {source.reading.zone(columns.at)} as zone"
        f"{numbers}{columns.subjects.describing()} "
        f"from {source.reading.rows} where {taken}"
    )


def _note_stages(source: Source, stage: Cells, known: str) -> str:
    """Note rows without a stage and with one that the mapping does not know; SQL for the others."""
    reading, notes = source.reading, source.notes
    missing = f"{reading.rows} where {reading.blank(stage)} and ({known})"
    notes.at(Code.STAGE_MISSING, missing, column=stage.column)
    reading.note(notes, stage, known)
    return all_of([known, f"{stage.value} <> {literal(PASSED_OVER)}"])


ENDS = (Stage.WON, Stage.LOST)
REVERTED = "reverted_read"


def note_reverted(scratch: DuckDBPyConnection, events: str, notes: Notes, column: str) -> str:
    """Flag each win or loss that was left again; SQL for the lines of those left at once.

    Of rows at the same moment the one further along the funnel is the
    later; of those still the same, the one that the lead's other rows, or else most leads, put
    last: files are written from old to new or the other way about. Left at once are those that
    were left at the moment of their own in a file from new to old: elsewhere the later line is
    taken for the later event.
    """
    ended = f"{events} where stage in ({literals(ENDS)})"
    if not any_row(scratch, ended) or not any_row(scratch, _suspects(events)):
        return ""
    places = " ".join(f"when {literal(stage)} then {place}" for stage, place in ORDER.items())
    ends = literals(ENDS)
    scratch.execute(
        f"create or replace temp table ends_reached as select lead from {_suspects(events)}"
    )
    scratch.execute(
        f"create or replace temp table histories as "
        f"select e.line, e.lead, e.stage, e.occurred_at, case e.stage {places} end as place "
        f"from {events} e join ends_reached r on r.lead = e.lead"
    )
    left_again = _LEFT_AGAIN.format(ends=ends, events=events)
    scratch.execute(f"create or replace temp table {REVERTED} as {left_again}")
    notes.at(
        Code.STAGE_LEFT,
        REVERTED,
        column=column,
        cell="stage || ' → ' || later_stage",
        severity=Severity.FLAGGED,
    )
    return f"select own_line from {REVERTED} where left_at_once"


def _suspects(events: str) -> str:
    """SQL for the leads with a win or a loss after which, or beside which, there is more."""
    ends = literals(ENDS)
    earlier = literals(stage for stage, place in ORDER.items() if place < ORDER[ENDS[0]])
    return (
        f"(select lead from {events} group by lead having count(distinct stage) "
        f"filter (where stage in ({ends})) > 1 or max(occurred_at) filter (where stage in "
        f"({earlier})) > min(occurred_at) filter (where stage in ({ends})))"
    )


_LEFT_AGAIN = """
with directions as (
    select lead, sign(arg_max(line, occurred_at) - arg_min(line, occurred_at)) as direction
    from {events}
    group by lead
    having min(occurred_at) < max(occurred_at)
),
usual as (
    select case when coalesce(sum(direction), 0) < 0 then -1 else 1 end as direction
    from directions
),
placed as (
    select h.*, row_number() over (
        partition by h.lead
        order by h.occurred_at, h.place, h.line * coalesce(d.direction, u.direction)
    ) as position
    from histories h
    cross join usual u
    left join directions d on d.lead = h.lead
),
followed as (
    select
        *,
        lead(stage) over (partition by lead order by position) as later_stage,
        lead(place) over (partition by lead order by position) as later_place,
        lead(occurred_at) over (partition by lead order by position) as left_at,
        lead(line) over (partition by lead order by position) as left_line
    from placed
),
left_again as (
    select *, row_number() over (partition by lead, stage order by position desc) as again
    from followed
    where stage in ({ends}) and later_stage <> stage and later_place <= place
)
select
    left_line as line, stage, later_stage, line as own_line,
    left_at = occurred_at and left_line < line as left_at_once
from left_again
where again = 1
"""
