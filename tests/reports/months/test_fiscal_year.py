"""A fiscal year's targets, added up by hand."""

from datetime import date

from kpi_core.domain.period import Month
from kpi_core.reports.months.fiscal_year import fiscal_year, team_sum
from tests.plans.documents import plan_of, small_plan


def test_a_year_from_april_with_its_sums() -> None:
    document = small_plan()
    document["kpi"]["targets"] = {
        "default": 50, "2026-11": 60, "2026-12": 60, "2026-12-14": 65, "2027-01": 0.5,
    }  # fmt: skip
    plan = plan_of(document)
    year = fiscal_year(plan, plan.kpi[0], date(2026, 12, 20))
    assert [str(each.month) for each in year.months][:2] == ["2026-04", "2026-05"]
    assert str(year.months[-1].month) == "2027-03"
    assert [each.month.number for each in year.months if each.is_running] == [12]
    # The third quarter is 50 and 60 and 65, the fourth 0.5 and twice 50.
    assert [quarter.total for quarter in year.quarters] == [150, 150, 175, 100.5]
    assert year.total == 575.5
    assert year.months[8].changes == ((date(2026, 12, 14), 65),)


def test_a_business_month_begins_after_the_closing_day() -> None:
    plan = plan_of(small_plan() | {"calendar": {"closing_day": 20, "fiscal_year_start": 1}})
    year = fiscal_year(plan, plan.kpi[0], date(2026, 12, 21))
    assert year.months[0].month == Month(2027, 1)
    assert year.months[0].is_running


def test_months_without_a_target_are_left_out_of_the_sums() -> None:
    document = small_plan()
    document["kpi"]["targets"] = {"2026-11": 60}
    plan = plan_of(document)
    year = fiscal_year(plan, plan.kpi[0], date(2026, 12, 1))
    assert [quarter.total for quarter in year.quarters] == [None, None, 60, None]
    assert year.total == 60


def test_a_share_has_no_sums() -> None:
    document = small_plan()
    document["kpi"] = {
        "id": "rate", "name": "Rate", "kind": "ratio", "numerator": {"stage": "sql"},
        "denominator": {"stage": "mql"}, "targets": {"default": 0.3},
    }  # fmt: skip
    plan = plan_of(document)
    year = fiscal_year(plan, plan.kpi[0], date(2026, 12, 1))
    assert year.total is None
    assert {quarter.total for quarter in year.quarters} == {None}
    assert {each.target for each in year.months} == {0.3}


def test_teams_say_by_how_much_they_do_not_add_up() -> None:
    document = small_plan()
    teams = {"Web": {"default": 30}, "Events": {"2026-12": 12}}
    document["kpi"]["teams"] = {"by": "channel", "targets": teams}
    plan = plan_of(document)
    found = team_sum(plan, plan.kpi[0], Month(2026, 12))
    assert found is not None
    assert found.teams == (("Web", 30), ("Events", 12))
    assert (found.total, found.gap) == (42, 8)
    other = team_sum(plan, plan.kpi[0], Month(2026, 11))
    assert other is not None
    assert (other.total, other.gap) == (30, 20)
    assert team_sum(plan_of(small_plan()), plan_of(small_plan()).kpi[0], Month(2026, 11)) is None
