"""The tallies that are kept added up per day and channel, and their adding up."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict

from duckdb import DuckDBPyConnection

from kpi_core.domain.condition import Condition
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.scripts import ask, ask_one, run

EVENT_ATTRIBUTES = ("channel", "campaign", "owner", "account")
"""Conditions on these ask the event; all others ask the lead."""

_TALLY_COLUMNS = (
    *("tally", "kind", "stage", "name", "to_stage", "at_least", "closing_day", "source"),
    *("lead_conditions", "on_channel", "on_campaign", "on_owner", "on_account"),
)

_BY_LEAD = {"converted": "writes/roll_up_converted", "active": "writes/roll_up_active"}

PLAIN_TALLIES = tuple(Tally(TallyKind.REACHED, stage=stage) for stage in Stage)
"""Always registered: how many leads reached each stage."""


def registered(cursor: DuckDBPyConnection) -> frozenset[str]:
    """The keys of the tallies that are rolled up."""
    return frozenset(key for (key,) in cursor.execute("select tally from tallies").fetchall())


def register(cursor: DuckDBPyConnection, tallies: Collection[Tally]) -> frozenset[str]:
    """Roll up those of the tallies that are not yet, over all days. Returns their keys."""
    known = registered(cursor)
    new = {tally.key: tally for tally in tallies if tally.key not in known}
    if not new:
        return frozenset()
    for key, tally in new.items():
        _insert(cursor, key, tally)
    cursor.execute("create or replace temp table due_tallies (tally varchar)")
    cursor.executemany("insert into due_tallies values (?)", [(key,) for key in new])
    run(cursor, "writes/all_days_due")
    _roll_up(cursor)
    return frozenset(new)


def refresh(cursor: DuckDBPyConnection) -> None:
    """Roll up again what `due_facts` and `undated_changes` say has changed."""
    run(cursor, "writes/due_days_and_names")
    run(cursor, "writes/due_tallies")
    _roll_up(cursor)
    run(cursor, "writes/count_undated")


def _roll_up(cursor: DuckDBPyConnection) -> None:
    """What the tallies of `due_tallies` add up to on `due_days`."""
    if ask_one(cursor, "questions/nothing_due")[0]:
        return
    run(cursor, "writes/due_conditions")
    if ask_one(cursor, "questions/has_conditions")[0]:
        run(cursor, "writes/meet_conditions")
    run(cursor, "writes/roll_up")
    for row in ask(cursor, "questions/tallies_by_lead"):
        tally = dict(zip(_TALLY_COLUMNS, row, strict=True))
        run(
            cursor, "writes/due_months" if tally["kind"] == "active" else "writes/due_days", **tally
        )
        run(cursor, "writes/pick", **tally)
        run(cursor, _BY_LEAD.get(tally["kind"], "writes/roll_up_reached"), **tally)


def _insert(cursor: DuckDBPyConnection, key: str, tally: Tally) -> None:
    named = {condition.attribute for condition in tally.conditions}
    run(
        cursor,
        "writes/add_tally",
        tally=key,
        kind=tally.kind.value,
        stage=tally.stage,
        name=tally.name,
        to_stage=tally.to_stage,
        at_least=tally.at_least,
        closing_day=tally.closing_day,
        source=tally.source,
        lead_conditions=len(named.difference(EVENT_ATTRIBUTES)),
        document=json.dumps(asdict(tally), sort_keys=True, ensure_ascii=False),
        **{f"on_{attribute}": attribute in named for attribute in EVENT_ATTRIBUTES},
    )
    for position, condition in enumerate(tally.conditions):
        _insert_condition(cursor, key, position, condition)


def _insert_condition(
    cursor: DuckDBPyConnection, key: str, position: int, condition: Condition
) -> None:
    run(
        cursor,
        "writes/add_condition",
        tally=key,
        position=position,
        of_event=condition.attribute in EVENT_ATTRIBUTES,
        attribute=condition.attribute,
        operator=condition.operator.value,
        number=condition.number,
    )
    values: Sequence[tuple[str, int, str]] = [
        (key, position, value) for value in dict.fromkeys(condition.values)
    ]
    if values:
        cursor.executemany("insert into tally_values values (?, ?, ?)", values)
