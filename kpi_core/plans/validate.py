"""What must hold between the tables of a plan: one rule per function."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from kpi_core.documents.pydantic_errors import Loc
from kpi_core.domain.checkpoint import WeekRule
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem, path_of
from kpi_core.plans.formulas import MAX_LEVELS, in_circles, levels
from kpi_core.plans.indicators import Derived, Indicator, Measure
from kpi_core.plans.ratio import Ratio
from kpi_core.plans.thresholds import USUAL, Kind

WEEKS = 3
"""Checkpoints that a rule of weeks has."""

Found = Iterator[tuple[Loc, str, dict[str, str]]]


def check(plan: Plan, *, single_kpi: bool) -> tuple[Problem, ...]:
    """Every rule that the plan breaks, in the order of the rules; empty for a sound plan."""
    return tuple(
        Problem(path_of(loc, single_kpi=single_kpi), code, params)
        for rule in RULES
        for loc, code, params in rule(plan)
    )


def one_kpi(plan: Plan) -> Found:
    """One KPI, at the very most two, and the second with a reason."""
    if len(plan.kpi) > 2:
        yield ("kpi", 2), "third_kpi", {}
    elif len(plan.kpi) == 2 and plan.reason_for_second_kpi is None:
        yield ("kpi", 1), "second_kpi", {}


def kpi_is_one_number(plan: Plan) -> Found:
    """A share per channel is as many numbers as there are channels."""
    for at, kpi in enumerate(plan.kpi):
        if isinstance(kpi, Ratio) and kpi.per is not None:
            yield ("kpi", at, "per"), "kpi_per_channel", {}


def work_done_is_no_kpi(plan: Plan) -> Found:
    """What an action counts is a KAI: the KPI measures what comes of it."""
    counted = {action.measure for action in plan.actions}
    for at, kpi in enumerate(plan.kpi):
        if isinstance(kpi, Measure) and kpi.measure in counted:
            yield ("kpi", at, "measure"), "kai_as_kpi", {"value": kpi.measure}


def ids_are_unique(plan: Plan) -> Found:
    """KPI, indicators and actions share one set of ids."""
    seen: set[str] = set()
    for table in ("kpi", "indicators", "actions"):
        for at, each in enumerate(getattr(plan, table)):
            if each.id in seen:
                yield (table, at, "id"), "double_id", {"value": each.id}
            seen.add(each.id)


def goal_is_shown_by_a_number(plan: Plan) -> Found:
    """The number that shows how the goal stands is one of the plan's."""
    name = plan.kgi.indicator
    if name is not None and plan.indicator(name) is None:
        params = {"value": name, "known": ", ".join(plan.by_id)}
        yield ("kgi", "indicator"), "goal_indicator", params


def teams_divide_a_count(plan: Plan) -> Found:
    """Only what is counted lead by lead belongs to a channel or an owner."""
    for table in ("kpi", "indicators"):
        for at, each in enumerate(getattr(plan, table)):
            if each.teams is not None and not each.is_by_lead:
                yield (table, at, "teams"), "teams_kind", {}


def levels_rise(plan: Plan) -> Found:
    """Warning lies below attention."""
    if plan.levels.warning >= plan.levels.attention:
        yield ("levels", "warning"), "levels_order", {"attention": f"{plan.levels.attention:g}"}


def shares_rise(plan: Plan) -> Found:
    """Each checkpoint asks for more than the one before, and less than is asked at the end."""
    end = 1.0 if plan.checkpoints.kind is Kind.PLAN else plan.levels.attention
    shares = (*plan.checkpoints.shares, end)
    if any(later <= sooner for sooner, later in pairwise(shares)):
        yield ("checkpoints", "shares"), "shares_order", {"bound": f"{end:g}"}


def own_shares_say_their_line(plan: Plan) -> Found:
    """Shares of the plan's own lie on the floor or on the plan line: both readings are common."""
    stated, attention = plan.checkpoints, plan.levels.attention
    if stated.kind is None and stated.shares != USUAL:
        params = {
            "shares": _percents(stated.shares),
            "plan": _percents(share / attention for share in stated.shares),
            "floor": _percents(share * attention for share in stated.shares),
        }
        yield ("checkpoints",), "shares_kind", params


def _percents(shares: Iterable[float]) -> str:
    return ", ".join(f"{100 * share:.3g}%" for share in shares)


def weeks_are_three(plan: Plan) -> Found:
    """Days 7, 14, 21 and three Fridays are as many checkpoints."""
    weeks, count = plan.checkpoints.weeks, len(plan.checkpoints.shares)
    if weeks is not WeekRule.QUARTERS and count != WEEKS:
        yield ("checkpoints", "shares"), "shares_of_weeks", {"weeks": weeks, "count": str(count)}


def rules_have_their_checkpoint(plan: Plan) -> Found:
    """A rule for a checkpoint that the plan does not have would never come into force."""
    count = len(plan.checkpoints.shares)
    for at, rule in enumerate(plan.rules):
        number = rule.when.checkpoint
        if number is not None and number > count:
            params = {"value": rule.when.value, "count": str(count)}
            yield ("rules", at, "when"), "rule_without_checkpoint", params


def formulas_stand(plan: Plan) -> Found:
    """A formula names numbers of this plan, goes in no circle and is not too deep."""
    circles = in_circles(plan.by_id)
    depths = levels(plan.by_id)
    for loc, each in _formulas(plan):
        for name in sorted(each.parsed.names):
            named = plan.indicator(name)
            if named is None:
                yield loc, "formula_name", {"value": name, "known": _known(plan, each)}
            elif isinstance(named, Ratio) and named.per is not None:
                yield loc, "formula_per_channel", {"value": name}
        if each.id in circles:
            yield loc, "formula_circle", {"value": each.id}
        elif depths.get(each.id, 0) > MAX_LEVELS:
            yield loc, "formula_deep", {"bound": str(MAX_LEVELS)}


def _formulas(plan: Plan) -> Iterator[tuple[Loc, Derived]]:
    for table in ("kpi", "indicators"):
        for at, each in enumerate(getattr(plan, table)):
            if isinstance(each, Derived):
                yield (table, at, "formula"), each


def _known(plan: Plan, formula: Indicator) -> str:
    return ", ".join(name for name in plan.by_id if name != formula.id)


RULES: tuple[Callable[[Plan], Found], ...] = (
    one_kpi,
    kpi_is_one_number,
    work_done_is_no_kpi,
    ids_are_unique,
    goal_is_shown_by_a_number,
    teams_divide_a_count,
    levels_rise,
    shares_rise,
    own_shares_say_their_line,
    weeks_are_three,
    rules_have_their_checkpoint,
    formulas_stand,
)
