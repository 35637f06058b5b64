"""The plans a board can be shown for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_core.demo.load import WHO as DEMO
from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import plan_for
from kpi_core.records.planning.revisions import Revision


class UnreadablePlan(Exception):
    """A stored plan that this version of the program cannot read."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{each.path}: {each.code}" for each in problems))
        self.problems = problems


@dataclass(frozen=True)
class PlanChoice:
    """A plan as the picker shows it."""

    id: str
    name: Text


def readable_plan(revisions: Sequence[Revision], month: Month) -> Plan:
    """The plan in force in a month; UnreadablePlan where its text cannot be read."""
    plan = plan_for(revisions, month)
    if isinstance(plan, Plan):
        return plan
    raise UnreadablePlan(plan)


def plans_in_use(store: Store) -> tuple[str, ...]:
    """Ids of the plans, in the order they were first loaded.

    A plan that only ever came with the demo goes with the demo.
    """
    demo_stands = store.holds_demo()
    return tuple(
        plan_id
        for plan_id in store.records.plan_ids()
        if demo_stands or any(each.who != DEMO for each in store.records.revisions(plan_id))
    )


def plan_choices(store: Store, month: Month) -> tuple[PlanChoice, ...]:
    """Every plan in use; one that cannot be read goes by its id."""
    choices = []
    for plan_id in plans_in_use(store):
        plan = plan_for(store.records.revisions(plan_id), month)
        choices.append(PlanChoice(plan_id, plan.name if isinstance(plan, Plan) else plan_id))
    return tuple(choices)


def wall_clock(store: Store, now: datetime) -> datetime:
    """A moment as the clock on the wall shows it: in the workspace's zone, without zone."""
    return now.astimezone(ZoneInfo(store.zone)).replace(tzinfo=None)


def forget_unused_tallies(store: Store) -> None:
    """Stop maintaining what no plan needs, such as the definitions that were only tried."""
    needed = []
    for entry in store.records.plans.entries():
        for revision in store.records.revisions(entry.plan_id):
            plan = read_plan(revision.text)
            if not isinstance(plan, Plan):
                return  # a newer program can read it, and its numbers are not ours to drop
            needed.append((plan.tallies(), plan.calendar.zone))
    store.keep_tallies(needed)
