"""Wins and losses that did not last: a lead that left the stage again has not reached it."""

from duckdb import DuckDBPyConnection

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.ingest.extract.cell_sql import literal, literals
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.scratch_query import any_row

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
