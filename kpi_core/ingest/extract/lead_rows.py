"""A row per lead, with a date for each stage it has reached."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code
from kpi_core.domain.stage import Stage
from kpi_core.ingest.extract.cell_sql import all_of, any_of, literal, literals
from kpi_core.ingest.extract.column_types import Known, OneOf
from kpi_core.ingest.extract.extraction import Source
from kpi_core.ingest.extract.lead_columns import Subjects
from kpi_core.ingest.extract.staging import any_row, one_row
from kpi_core.ingest.extract.typed_columns import Cells, Reading
from kpi_core.mapping.document import Blank, StageDate

TOO_FAR = (Code.FAR_FUTURE, Code.FAR_PAST)
EVENTS, LEADS = "lead_events_read", "leads_read"
DEAL_ENDS = (Stage.WON, Stage.LOST)
OUTCOMES = (*DEAL_ENDS, Stage.CHURNED)


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

    def zone(self, reading: Reading) -> str:
        """The zone in which the moment is written; null without one."""
        return "cast(null as varchar)" if self.date is None else reading.zone(self.date)

    def reached(self, reading: Reading) -> str:
        """Where the row states the stage."""
        undated = self.undated(reading)
        dated = f"{self.at} is not null"
        return dated if undated == "false" else f"({dated} or {undated})"

    def unclear(self, reading: Reading, states: Sequence[Cells]) -> str:
        """Where the row states something of it that cannot be read."""
        columns = {each.column for each in self.conditions}
        unknown = [f"not {each.value}" for each in states if each.column in columns]
        if self.date is not None and self.date.place in reading.coded:
            unreadable = f"{self.date.code} not in ({literals(TOO_FAR)})"
            unknown.append(all_of([self.spoken_of, unreadable]))
        return any_of(unknown)

    def undated(self, reading: Reading) -> str:
        """Where the stage was reached, date unknown."""
        if not self.undated_where_blank:
            return "false"
        if self.date is None:
            return self.spoken_of
        blank = reading.blank(self.date)
        if self.date.place in reading.coded:
            blank = f"({blank} or coalesce({self.date.code} in ({literals(TOO_FAR)}), false))"
        return all_of([blank, self.spoken_of])


def read_leads(source: Source) -> tuple[str, str]:
    """The relations of events, one for each stage that a row states, and of what rows say of leads.

    A row that states none of the outcomes that the file has columns for says that its lead has
    none. A row that states no stage is an issue, unless outcomes are all that the file is about.
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
    if subjects.id is not None and _has_several_rows(source, subjects):
        _note_other_dates(source, stages, subjects)
    withdrawn = _withdrawn(source, stages, states)
    says = [each.reached(source.reading) for each in stages]
    if all(stage in OUTCOMES for stage in source.covered_stages):
        says += withdrawn.values()
    taken = all_of([subjects.known, any_of(says)])
    source.left_over(subjects.known, taken)
    _events(source, stages, subjects, withdrawn, taken)
    return EVENTS, subjects.describe(LEADS, taken)


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
            each.reached(reading) for each in stages if number in (each.amount, each.quality)
        )
        reading.note(notes, number, _where(subjects, reached), Severity.FLAGGED)


def _note_other_dates(source: Source, stages: Sequence[Reached], subjects: Subjects) -> None:
    """Flag each row that gives a lead another date for a stage than the lead's first row does."""
    staged, rows = source.staged, source.reading.rows
    for each in stages:
        if each.date is None:
            continue
        dated = f"from {rows} where {subjects.known} and {each.at} is not null"
        at = source.on_clock(each.at, each.zone(source.reading))
        staged.scratch.execute(
            f"create or replace temp table other_dates as "
            f"select d.line from (select line, {subjects.lead} as lead, {at} as at {dated}) d "
            f"join (select {subjects.lead} as lead, arg_min({at}, line) as at {dated} "
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


def _events(
    source: Source,
    stages: Sequence[Reached],
    subjects: Subjects,
    withdrawn: Map[Stage, str],
    taken: str,
) -> None:
    """The view of events: for each stage that a row states the earliest date it has of it."""
    numbers = [
        name for name in ("amount", "quality") if any(getattr(each, name) for each in stages)
    ]
    parts = []
    for stage in Stage:
        of_stage = [each for each in stages if each.stage is stage]
        if of_stage:
            reached = any_of(each.reached(source.reading) for each in of_stage)
            at, zone, values = _earliest(source, of_stage, numbers)
            parts.append((stage, at, zone, values, "false", reached))
    nothing = ["cast(null as double)"] * len(numbers)
    for stage, where in withdrawn.items():
        blank = ("cast(null as timestamp)", "cast(null as varchar)")
        parts.append((stage, *blank, nothing, "true", all_of([taken, where])))
    selects = (
        f"select line, {subjects.lead} as lead, {literal(stage)} as stage, {at} as occurred_at, "
        f"{zone} as zone, "
        + "".join(f"{value} as {name}, " for name, value in zip(numbers, values, strict=True))
        + f"{gone} as withdrawn from {source.reading.rows} where {all_of([subjects.known, where])}"
        for stage, at, zone, values, gone, where in parts
    )
    source.staged.scratch.execute(
        f"create or replace temp view {EVENTS} as {' union all '.join(selects)}"
    )


def _earliest(
    source: Source, of_stage: Sequence[Reached], names: Sequence[str]
) -> tuple[str, str, list[str]]:
    """SQL for the earliest date that a row has of a stage, its zone, and its numbers."""
    reading = source.reading
    if len(of_stage) == 1:
        (each,) = of_stage
        return each.at, each.zone(reading), [_number(getattr(each, name)) for name in names]
    clocks = [source.on_clock(each.at, each.zone(reading)) for each in of_stage]
    first = f"least({', '.join(clocks)})"

    def of_first(cells: Iterable[str]) -> str:
        same = zip(clocks, cells, strict=True)
        return f"coalesce({', '.join(f'case when {a} = {first} then {b} end' for a, b in same)})"

    values = []
    for name in names:
        with_it = [
            f"case when ({each.reached(reading)}) and {clock} is not distinct from {first} "
            f"then {_number(getattr(each, name))} end"
            for each, clock in zip(of_stage, clocks, strict=True)
        ]
        values.append(f"coalesce({', '.join(with_it)})")
    at, zone = of_first(e.at for e in of_stage), of_first(e.zone(reading) for e in of_stage)
    return at, zone, values


def _number(cells: Cells | None) -> str:
    return "cast(null as double)" if cells is None else cells.value


def _withdrawn(
    source: Source, stages: Sequence[Reached], states: Sequence[Cells]
) -> dict[Stage, str]:
    """By outcome that the file has columns for: where a row states that there is none.

    A win and a loss are one outcome, and a customer who left was won. A cell that cannot
    be read, and a state that is unknown, say nothing.
    """
    covered = source.covered_stages
    found = {}
    for outcome, stated_in in ((DEAL_ENDS, OUTCOMES), ((Stage.CHURNED,), (Stage.CHURNED,))):
        ends = [stage for stage in outcome if stage in covered]
        if ends:
            of_outcome = [each for each in stages if each.stage in stated_in]
            unclear = (each.unclear(source.reading, states) for each in of_outcome)
            stated = (each.reached(source.reading) for each in of_outcome)
            found[ends[0]] = f"not coalesce({any_of([*stated, *unclear])}, false)"
    return found


def _where(subjects: Subjects, speaks: Iterable[str]) -> str:
    return all_of([subjects.known, any_of(speaks)])


def _each_once(cells: Iterable[Cells | None]) -> list[Cells]:
    return list(dict.fromkeys(each for each in cells if each is not None))


def _has_several_rows(source: Source, subjects: Subjects) -> bool:
    """Whether any lead has more than one row."""
    leads = f"select {subjects.lead} as lead from {source.reading.rows} where {subjects.known}"
    (several,) = one_row(
        source.staged.scratch, f"select count(lead) > count(distinct lead) from ({leads})"
    )
    return bool(several)
