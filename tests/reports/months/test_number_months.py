"""A number's months under its definitions, counted by hand."""

from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.reports.board import board_report, management_report
from kpi_core.reports.months.number_months import number_months, under_two
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

MANAGERS = 'targets.default = 2\nwhere = [{ attribute = "role", in = ["manager"] }]'
EVERYONE = "targets.default = 2"
NOW = "2026-11-20 09:00"


def three_months(scene: Scene) -> None:
    """Three MQLs each in September, October and November; one of the three is a manager."""
    days = [f"2026-{month:02}-{day:02}" for month in (9, 10, 11) for day in (1, 2, 3)]
    told = mqls(dict.fromkeys(days, 1))
    managers = [(lead, "role", "manager") for lead, _, day in told if day.endswith("01")]
    scene.leads(told, through="2026-11-20", attributes=managers)


def test_each_month_is_counted_by_the_definition_of_its_time(scene: Scene) -> None:
    scene.plan(plan_text(EVERYONE))
    raised = f"{MANAGERS}\ndefinition.version = 2"
    scene.plan(plan_text(raised), since="2026-10", now="2026-10-01")
    three_months(scene)
    months = number_months(scene.store, "p", now=in_tokyo(NOW))
    assert [(each.month.number, each.value, each.version, each.is_break) for each in months] == [
        (9, 3, 1, False),
        (10, 1, 2, True),
    ]
    assert [each.status for each in months] == [Status.ACHIEVED, Status.CRISIS]


def test_a_raised_version_is_a_break_though_the_count_is_the_same(scene: Scene) -> None:
    scene.plan(plan_text(EVERYONE))
    scene.plan(plan_text(f"{EVERYONE}\ndefinition.version = 2"), since="2026-10", now="2026-10-01")
    three_months(scene)
    months = number_months(scene.store, "p", now=in_tokyo(NOW))
    assert [each.is_break for each in months] == [False, True]
    # The board does not hold September against October: how a month ended before the break is not
    # shown beside it.
    october = board_report(scene.store, "p", now=in_tokyo(NOW), month=Month(2026, 10))
    assert october.kpi.closed is not None
    assert october.kpi.closed.month == Month(2026, 10)


def test_a_trend_breaks_where_a_version_is_raised(scene: Scene) -> None:
    own = (
        '[[indicators]]\nid = "all"\nname = "All"\nkind = "count"\nstage = "marketing_qualified"\n'
    )
    scene.plan(plan_text(rest=own))
    raised = f"{own}definition.version = 2\n"
    scene.plan(plan_text(rest=raised), since="2026-11", now="2026-11-01")
    three_months(scene)
    (report,) = management_report(scene.store, "p", now=in_tokyo(NOW))
    # November's first whole week by its last day: Sunday, November 1.
    assert [str(week.first) for week in report.weeks if week.is_break] == ["2026-10-26"]


def test_two_definitions_side_by_side(scene: Scene) -> None:
    scene.plan(plan_text(EVERYONE))
    three_months(scene)
    before, after = read_plan(plan_text(EVERYONE)), read_plan(plan_text(MANAGERS))
    assert isinstance(before, Plan)
    assert isinstance(after, Plan)
    found = under_two(scene.store, before, after, "mql", now=in_tokyo(NOW))
    assert [(each.month.number, each.before, each.after) for each in found] == [
        (9, 3, 1),
        (10, 3, 1),
    ]
