"""The revisions of a plan: which one holds in which month, so that the past keeps its target."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.period import Month
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan


class Revision(Protocol):
    """A plan's text as it was loaded once. `effective_from` is None for "since ever"."""

    @property
    def revision(self) -> int: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def text(self) -> str: ...


class PlanRecords(Protocol):
    """Where revisions are read."""

    def revisions(self, plan_id: str) -> Sequence[Revision]: ...


class PlanStore(Protocol):
    """What the store must do for plans."""

    @property
    def records(self) -> PlanRecords: ...

    def save_revision(
        self,
        plan_id: str,
        text: str,
        *,
        effective_from: date | None,
        tallies: tuple[Tally, ...],
        who: str,
        why: str,
        now: datetime,
        zone: str,
        expected: int | None,
    ) -> int: ...


R = TypeVar("R", bound=Revision)


def load_plan(
    store: PlanStore,
    text: str,
    *,
    who: str,
    why: str,
    effective_from: Month | None,
    now: datetime,
    expected: int | None = None,
) -> Plan | tuple[Problem, ...]:
    """Save a plan's text as a new revision; problems, and nothing saved, where it has any.

    `now` is the wall clock of the plan's zone, without zone, as everywhere in the store.
    Without `effective_from` a plan's first revision holds since ever and a later one from
    the month of `now`, as the plan's calendar names it. The text that came last, loaded again
    without a month of its own, is no new revision. StoreError where `expected` is given and is not
    the number of the newest revision: another user has saved one meanwhile.
    """
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        return plan
    before = store.records.revisions(plan.id)
    if effective_from is None and before:
        if before[-1].text == text:
            return plan
        effective_from = plan.work_calendar.month_of(now.date())
    store.save_revision(
        plan.id,
        text,
        effective_from=None if effective_from is None else first_day(effective_from),
        tallies=plan.tallies(),
        who=who,
        why=why,
        now=now,
        zone=plan.calendar.zone,
        expected=expected,
    )
    return plan


def revision_for(revisions: Sequence[R], month: Month) -> R:
    """The revision in force in a month: the last to have come into force by its first day.

    Of two that came into force together, the later revision. A month before the first of
    all keeps the oldest. ValueError without a revision.
    """
    if not revisions:
        raise ValueError("A plan without a revision")
    in_force = [each for each in revisions if _since(each) <= first_day(month)]
    if not in_force:
        return min(revisions, key=lambda each: each.revision)
    return max(in_force, key=lambda each: (_since(each), each.revision))


def plan_for(revisions: Sequence[Revision], month: Month) -> Plan | tuple[Problem, ...]:
    """The plan as it holds in a month; problems where this program cannot read its text.

    That happens when the text was stored by a newer version of the program.
    """
    chosen = revision_for(revisions, month)
    plan = read_plan(chosen.text)
    if isinstance(plan, Plan):
        return plan
    return Problem("", "unreadable_revision", {"revision": str(chosen.revision)}), *plan


def first_day(month: Month) -> date:
    """The day by which the store knows a month: the 1st, whatever the closing day."""
    return date(month.year, month.number, 1)


def _since(revision: Revision) -> date:
    return revision.effective_from or date.min
