"""A long log of stage changes, gathered while it is read into one row per lead."""

from dataclasses import dataclass, replace

from kpi_core.domain.stage import ORDER, Stage
from kpi_core.ingest.facts.asking import one_row
from kpi_core.ingest.facts.kinds import PASSED_OVER, StageOf
from kpi_core.ingest.facts.reading import IN_ORDER, Cells, Reading
from kpi_core.ingest.facts.reverting import ENDS
from kpi_core.ingest.facts.source import Source
from kpi_core.ingest.facts.sql import all_of, any_of, literal
from kpi_core.ingest.facts.staged import Staged
from kpi_core.ingest.facts.subjects import DESCRIBED, Subjects
from kpi_core.storage.facts import STAGE_BITS

LONG = 200_000
"""Rows from which on a log is gathered."""
GATHERED, LEAD_ROWS, REST = "leads_gathered", "gathered_lead_rows", "rows_not_gathered"


@dataclass(frozen=True)
class Gathered:
    """Rows of leads, one each, and the source of the rows that have to be looked at one by one.

    `rest` is None where there are none.
    """

    lead_rows: str
    rest: Source | None


def is_gathered(source: Source) -> bool:
    """Whether a log is long, and says nothing of an event but its stage, time and channel."""
    mapping = source.mapping
    return (
        source.rows >= LONG
        and mapping.id is not None
        and mapping.stage is not None
        and not (mapping.amount or mapping.quality or mapping.attributes)
    )


def gather(source: Source, subjects: Subjects, stage: Cells, at: Cells) -> Gathered | None:
    """The leads all of whose rows are plain, in one row each; None where too few are.

    A lead is plain where every cell can be read at once, where its rows agree on channel, owner
    and so on, and where no win and no loss was followed by anything else. Of a stage reached
    several times the first is kept, as it is of events.
    """
    _gather(source, subjects, stage, at)
    scratch = source.staged.scratch
    plain, others, rows = one_row(
        scratch,
        f"select count(*) filter (plain), count(*) filter (not plain), sum(row_count) "
        f"from {GATHERED}",
    )
    source.found(int(rows or 0))
    if others > plain:
        scratch.execute(f"drop table {GATHERED}")
        return None
    reached = any_of(f"{each}_at is not null" for each in _stages(source))
    scratch.execute(
        f"create or replace temp view {LEAD_ROWS} as "
        f"select * exclude (plain, row_count) from {GATHERED} where plain and ({reached})"
    )
    return Gathered(LEAD_ROWS, _rest(source, subjects) if others else None)


def _gather(source: Source, subjects: Subjects, stage: Cells, at: Cells) -> None:
    reading = _with_bits(source.reading, stage)
    strange = any_of(
        [
            "test",
            f"{subjects.lead} is null",
            f"{stage.value} is null",
            f"{at.value} is null and {stage.value} <> 0",
            *(f"{each.cell} is not null" for each in reading.columns),
        ]
    )
    values = [each.value for each in reading.columns if each.place != stage.place]
    chosen = ", ".join([*values, f"{stage.value} as bit", f"{strange} as strange"])
    tests = source.tests()
    in_order = reading.read_in_order(tests, chosen)
    looked = in_order or f"select line, {chosen} from ({reading.look(tests)})"
    firsts = [f"{_first(each, at)} as {each}_at" for each in _stages(source)]
    agreed = [
        f"count({cells.value}) filter (where bit <> 0) in (0, count(*) filter (where bit <> 0)) "
        f"and min({cells.value}) is not distinct from max({cells.value})"
        if name != "channel"
        else f"min({cells.value}) is not distinct from max({cells.value})"
        for name, cells in subjects.described.items()
    ]
    described = [
        f"min({subjects.described[name].value}) as {name}"
        if name in subjects.described
        else f"cast(null as varchar) as {name}"
        for name in DESCRIBED
    ]
    plain = all_of(["not bool_or(strange)", *agreed, f"not ({_left_again(at)})"])
    source.staged.scratch.execute(
        f"create or replace temp table {GATHERED} as select "
        f"min(line) filter (where bit <> 0) as line, {subjects.lead} as lead, "
        f"{', '.join([*described, *firsts])}, coalesce({plain}, false) as plain, "
        "count(*) as row_count "
        f"from ({looked}) group by {subjects.lead}"
    )
    if in_order is not None:
        source.staged.scratch.execute(f"drop table {IN_ORDER}")


@dataclass(frozen=True)
class _Bit(StageOf):
    """The bit of a row's stage: 0 for one passed over, null for one that is not known."""

    sql_type = "utinyint"

    def quick(self, cell: str) -> str:
        bits = {PASSED_OVER: 0} | STAGE_BITS
        exact = " ".join(f"when {literal(text)} then {bits[to]}" for text, to in self.known)
        return f"cast({f'case {cell} {exact} end' if exact else 'null'} as {self.sql_type})"


def _with_bits(reading: Reading, stage: Cells) -> Reading:
    """The same columns, the stage read as its bit: comparing texts once, not twice, saves time."""
    assert isinstance(stage.kind, StageOf)
    bits = replace(stage, kind=_Bit(stage.kind.known))
    return replace(reading, columns=[bits if e == stage else e for e in reading.columns])


def _first(stage: Stage, at: Cells) -> str:
    return f"min({at.value}) filter (where bit = {STAGE_BITS[stage]})"


def _left_again(at: Cells) -> str:
    """Where a win or a loss may have been followed by something that is no later stage."""
    ends = [_first(end, at) for end in ENDS]
    earlier = [STAGE_BITS[each] for each in Stage if ORDER[each] < ORDER[ENDS[0]]]
    last = f"max({at.value}) filter (where (bit & {sum(earlier)}) <> 0)"
    both = all_of(f"{end} is not null" for end in ends)
    return f"coalesce({last} > least({', '.join(ends)}), false) or ({both})"


def _rest(source: Source, subjects: Subjects) -> Source:
    """The source of the rows of the other leads, and of those without a lead."""
    assert subjects.id is not None
    staged = source.staged
    lead = subjects.id.kind.quick(staged.cell(subjects.id.column))
    staged.scratch.execute(
        f"create or replace temp table {REST} as select s.* from {staged.relation} s "
        f"anti join (select lead from {GATHERED} where plain) g on g.lead = {lead}"
    )
    rest = Staged(staged.scratch, REST, staged.header)
    return source.over(rest, Reading(rest, source.reading.check))


def _stages(source: Source) -> list[Stage]:
    """The stages that the log can tell of."""
    told = set(source.mapping.stage_values.values())
    return [stage for stage in STAGE_BITS if stage in told]
