"""The month's target is reached: the number, what contributed, and whether it is a record."""

from dataclasses import dataclass
from datetime import date

from kpi_core.domain.aggregate import TallyKind
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.values import evaluate
from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport
from kpi_core.reports.plans import UnreadablePlan, readable_plan

CHANNELS = 3
MONTHS_FOR_A_RECORD = 3
"""Fewer months before make no record: the first month would always be one."""
OWED_DAYS = 3
"""Working days of the next month through which a month is celebrated still.

A target reached on the last evening, or with the next morning's data, is first seen then.
"""


@dataclass(frozen=True)
class Celebration:
    """A target reached. `channels` brought most, the largest first, each with its share.

    `record`: no month before, of the same definition, came so far.
    """

    plan_id: str
    month: Month
    kpi: KpiReport
    owner: Text | None
    channels: tuple[tuple[str, float], ...]
    record: bool


def months_to_celebrate(calendar: WorkCalendar, today: date) -> tuple[Month, ...]:
    """The running month, and in its first days the one before it, oldest first."""
    running = calendar.month_of(today)
    first_days = calendar.working_days(calendar.period(running))[:OWED_DAYS]
    is_owed = not first_days or today <= first_days[-1]
    return (running.plus(-1), running) if is_owed else (running,)


def celebration_of(store: Store, board: BoardReport) -> Celebration | None:
    """What is to be celebrated of a board.

    None while its month's target is not reached, and for a month that is long over.
    """
    moment = board.kpi.moment
    plan = readable_plan(store.records.revisions(board.plan_id), moment.month)
    months = months_to_celebrate(plan.work_calendar, moment.now.date())
    if board.is_demo or moment.month not in months or board.kpi.status is not Status.ACHIEVED:
        return None
    kpi = board.kpi
    return Celebration(
        plan_id=board.plan_id,
        month=moment.month,
        kpi=kpi,
        owner=kpi.owner,
        channels=_channels(store, plan, moment.period, board.zone),
        record=_is_record(store, plan, board),
    )


def _channels(store: Store, plan: Plan, period: Period, zone: str) -> tuple[tuple[str, float], ...]:
    """The largest shares by channel; none for a ratio, which has no parts."""
    tallies = plan.tallies_of(plan.kpi[0])
    if len(tallies) != 1 or tallies[0].kind in (TallyKind.ACTIVE, TallyKind.LEVEL):
        return ()
    by_channel = store.by_channel(tallies, period, zone=zone)[tallies[0]]
    whole = sum(by_channel.values())
    named = [(name, value / whole) for name, value in by_channel.items() if name and whole]
    return tuple(sorted(named, key=lambda each: (-each[1], each[0]))[:CHANNELS])


def _is_record(store: Store, plan: Plan, board: BoardReport) -> bool:
    indicator, value = plan.kpi[0], board.kpi.value
    before = [month for month in board.months if month < board.kpi.moment.month]
    climbs = plan.grows(indicator) and indicator.direction is Direction.UP
    if len(before) < MONTHS_FOR_A_RECORD or value is None or not climbs:
        return False
    calendar, tallies = plan.work_calendar, plan.tallies_of(indicator)
    periods = [calendar.period(month) for month in before]
    whole = Period(min(each.first for each in periods), max(each.last for each in periods))
    days = store.daily(tallies, whole, zone=board.zone)
    reached = [evaluate(plan, indicator, days, period) for period in periods]
    return all(each is None or value > each for each in reached) and _same(store, board, plan)


def _same(store: Store, board: BoardReport, plan: Plan) -> bool:
    """Whether the months before were counted by today's definition."""
    indicator = plan.kpi[0]
    oldest = board.months[-1]
    try:
        then = readable_plan(store.records.revisions(board.plan_id), oldest)
    except UnreadablePlan:
        return False
    same = then.indicator(indicator.id)
    return same is not None and then.tallies_of(same) == plan.tallies_of(indicator)
