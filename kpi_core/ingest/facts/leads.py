"""A row per lead, with a date for each stage it has reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_core.domain.stage import Stage
from kpi_core.ingest.facts.asking import any_row, one_row
from kpi_core.ingest.facts.kinds import Known, OneOf
from kpi_core.ingest.facts.reading import Cells, Reading
from kpi_core.ingest.facts.source import Source
from kpi_core.ingest.facts.sql import all_of, any_of, literal, literals
from kpi_core.ingest.facts.subjects import Subjects
from kpi_core.ingest.finding import Code
from kpi_core.ingest.meaning.mapping import Blank, StageDate
from kpi_core.storage.facts import STAGE_BITS, Severity

TOO_FAR = (Code.FAR_FUTURE, Code.FAR_PAST)
LEAD_ROWS, EVENTS, ATTRIBUTES = "lead_rows_read", "lead_events_read", "lead_attributes_read"


@dataclass(frozen=True)
class Reached:
    """One stage as a row may tell it, in SQL over the rows read."""

    stage: Stage
    date: Cells | None
    conditions: tuple[Cells, ...]
    undated_where_blank: bool
    amount: Cells | None
    quality: Cells | None

    @classmethod
    def wanted(cls, source: Source, stage: StageDate) -> "Reached":
        """Have the columns read that tell of it."""
        return cls(
            stage.stage,
            None if stage.date is None else source.column(stage.date, source.moment(stage.date)),
            tuple(source.column(each, OneOf(values)) for each, values in stage.where.items()),
            stage.blank is Blank.UNDATED,
            source.number_or_none(stage.amount),
            source.number_or_none(stage.quality),
        )

    @property
    def spoken_of(self) -> str:
        """Where the row speaks of this stage."""
        return all_of(f"coalesce({each.value}, false)" for each in self.conditions)

    @property
    def at(self) -> str:
        """The moment; null where there is none."""
        if self.date is None:
            return "cast(null as timestamp)"
        if not self.conditions:
            return self.date.value
        return f"case when {self.spoken_of} then {self.date.value} end"

    def undated(self, reading: Reading) -> str:
        """Where the stage was reached, nobody knows when."""
        if not self.undated_where_blank:
            return "false"
        if self.date is None:
            return self.spoken_of
        blank = reading.blank(self.date)
        if self.date.place in reading.coded:
            blank = f"({blank} or coalesce({self.date.code} in ({literals(TOO_FAR)}), false))"
        return all_of([blank, self.spoken_of])


@dataclass(frozen=True)
class LeadFacts:
    """The relations that a table of leads became; None for what it does not have."""

    lead_rows: str | None
    events: str | None
    attributes: str | None
    a_line_each: bool | None = None


def read_leads(source: Source) -> LeadFacts:
    """Rows of leads, or events where stages have amounts of their own; and attributes.

    A lead that reached no stage is an issue.
    """
    subjects = source.subjects()
    stages = [Reached.wanted(source, each) for each in source.mapping.stages]
    states = _states(source)
    source.read()
    subjects.note(source.notes)
    for state in states:
        unknown = f"{source.reading.rows} where not {state.value} and {subjects.known}"
        source.notes.at(
            Code.UNKNOWN_STATE, unknown, column=state.column, cell=state.cell,
            severity=Severity.FLAGGED,
        )  # fmt: skip
    _note_cells(source, stages, subjects)
    a_line_each = subjects.id is None or not _has_several_rows(source, subjects)
    if not a_line_each:
        _note_other_dates(source, stages, subjects)
    reached = any_of(f"{each.at} is not null or {_undated(source, each)}" for each in stages)
    taken = all_of([subjects.known, reached])
    source.left_over(subjects.known, taken)
    attributes = subjects.say(ATTRIBUTES, taken)
    if _one_number(each.amount for each in stages) and _one_number(e.quality for e in stages):
        _lead_rows(source, stages, subjects, taken)
        return LeadFacts(LEAD_ROWS, None, attributes, a_line_each)
    _events(source, stages, subjects)
    return LeadFacts(None, EVENTS, attributes)


def _states(source: Source) -> list[Cells]:
    """Have the columns read of which the mapping says what in them tells of no stage."""
    known = {column: list(values) for column, values in source.mapping.passed_over.items()}
    for stage in source.mapping.stages:
        for column, values in stage.where.items():
            known.get(column, []).extend(values)
    return [source.column(column, Known(tuple(values))) for column, values in known.items()]


def _note_cells(source: Source, stages: Sequence[Reached], subjects: Subjects) -> None:
    """Note the dates and numbers that cannot be read, where a row speaks of their stage.

    A date too far off is no date, which costs nothing but itself.
    """
    reading, notes = source.reading, source.notes
    severity = (
        f"case when k{{0}} in ({literals(TOO_FAR)}) then {literal(Severity.FLAGGED)} "
        f"else {literal(Severity.REJECTED)} end"
    )
    for date in _each_once(each.date for each in stages):
        where = _where(subjects, (e.spoken_of for e in stages if e.date == date))
        reading.note(notes, date, where, severity.format(date.place))
        reading.note_ahead(notes, date, where)
    for number in _each_once([*(e.amount for e in stages), *(e.quality for e in stages)]):
        reached = (
            f"{each.at} is not null or {_undated(source, each)}"
            for each in stages
            if number in (each.amount, each.quality)
        )
        reading.note(notes, number, _where(subjects, reached), Severity.FLAGGED)


def _note_other_dates(source: Source, stages: Sequence[Reached], subjects: Subjects) -> None:
    """Flag each row that gives a lead another date for a stage than the lead's first row does."""
    staged, rows = source.staged, source.reading.rows
    for each in stages:
        if each.date is None:
            continue
        dated = f"from {rows} where {subjects.known} and {each.at} is not null"
        staged.scratch.execute(
            f"create or replace temp table other_dates as "
            f"select d.line from (select line, {subjects.lead} as lead, {each.at} as at {dated}) d "
            f"join (select {subjects.lead} as lead, arg_min({each.at}, line) as at {dated} "
            "group by 1 having count(*) > 1) f on f.lead = d.lead and f.at <> d.at"
        )
        if any_row(staged.scratch, "other_dates"):
            source.notes.at(
                Code.SAME_ID_OTHER_DATE,
                f"(select s.line, trim({staged.cell(each.date.column)}) as cell "
                f"from {staged.relation} s join other_dates o on o.line = s.line)",
                column=each.date.column,
                cell="cell",
                severity=Severity.FLAGGED,
            )


def _lead_rows(source: Source, stages: Sequence[Reached], subjects: Subjects, taken: str) -> None:
    """The view of wide rows, one for each line from which something was taken."""
    chosen = []
    for stage in Stage:
        of_stage = [each for each in stages if each.stage is stage]
        if of_stage:
            dates = ", ".join(each.at for each in of_stage)
            earliest = f"least({dates})" if len(of_stage) > 1 else dates
            chosen.append(f"{earliest} as {stage}_at")
    undated = _mask(
        (stage, f"({_undated(source, stage)}) and {_no_date(stage, stages)}")
        for stage in stages
        if stage.undated_where_blank
    )
    for name in ("amount", "quality"):
        numbers = [(each, getattr(each, name)) for each in stages]
        held = next((cells.value for _, cells in numbers if cells), "cast(null as double)")
        with_it = _mask(
            (each, f"{each.at} is not null or {_undated(source, each)}")
            for each, cells in numbers
            if cells
        )
        chosen += [f"{held} as {name}", f"{with_it} as {name}_stages"]
    source.staged.scratch.execute(
        f"create or replace temp view {LEAD_ROWS} as select line, {subjects.lead} as lead, "
        f"{subjects.describing()}, {', '.join(chosen)}, {undated} as undated "
        f"from {source.reading.rows} where {taken}"
    )


def _events(source: Source, stages: Sequence[Reached], subjects: Subjects) -> None:
    """The view of events, one for each stage that a row tells: the earliest that it tells of it."""
    parts = []
    for stage in Stage:
        of_stage = [each for each in stages if each.stage is stage]
        told = [_event(source, each, subjects, rank) for rank, each in enumerate(of_stage)]
        if len(told) > 1:
            # At the same moment the one with numbers says more.
            told = [
                f"from ({' union all '.join(told)}) qualify row_number() over (partition by line "
                "order by occurred_at nulls last, amount is null, quality is null, rank) = 1"
            ]
        parts += [f"select * exclude (rank) from ({each})" for each in told]
    source.staged.scratch.execute(
        f"create or replace temp view {EVENTS} as {' union all '.join(parts)}"
    )


def _event(source: Source, each: Reached, subjects: Subjects, rank: int) -> str:
    """SQL for the events that one date of a stage gives; `rank` is its place among those dates."""
    amount, quality = (
        "cast(null as double)" if cells is None else cells.value
        for cells in (each.amount, each.quality)
    )
    reached = f"{each.at} is not null or {_undated(source, each)}"
    return (
        f"select line, {subjects.lead} as lead, {literal(each.stage)} as stage, "
        f"cast(null as varchar) as activity, {each.at} as occurred_at, "
        f"{subjects.describing()}, {amount} as amount, {quality} as quality, "
        f"false as withdrawn, {rank} as rank from {source.reading.rows} "
        f"where {all_of([subjects.known, reached])}"
    )


def _undated(source: Source, each: Reached) -> str:
    return each.undated(source.reading)


def _no_date(stage: Reached, stages: Sequence[Reached]) -> str:
    return all_of(f"{each.at} is null" for each in stages if each.stage is stage.stage)


def _mask(stages: Iterable[tuple[Reached, str]]) -> str:
    """SQL for the sum of the bits of the stages whose condition holds, each counted once."""
    by_stage: dict[Stage, list[str]] = {}
    for each, condition in stages:
        by_stage.setdefault(each.stage, []).append(condition)
    bits = (
        f"case when {any_of(conditions)} then {STAGE_BITS[stage]} else 0 end"
        for stage, conditions in by_stage.items()
    )
    return f"cast({' + '.join(bits) or '0'} as integer)"


def _where(subjects: Subjects, speaks: Iterable[str]) -> str:
    return all_of([subjects.known, any_of(speaks)])


def _each_once(cells: Iterable[Cells | None]) -> list[Cells]:
    return list(dict.fromkeys(each for each in cells if each is not None))


def _one_number(cells: Iterable[Cells | None]) -> bool:
    """Whether no two stages have numbers from different columns."""
    return len(_each_once(cells)) <= 1


def _has_several_rows(source: Source, subjects: Subjects) -> bool:
    """Whether any lead has more than one row."""
    leads = f"select {subjects.lead} as lead from {source.reading.rows} where {subjects.known}"
    (several,) = one_row(
        source.staged.scratch, f"select count(lead) > count(distinct lead) from ({leads})"
    )
    return bool(several)
