"""What is celebrated: a running month's target, what brought it, and a record where it is one."""

from collections.abc import Iterable
from datetime import date

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.reports.board import board_report
from kpi_core.reports.celebration import Celebration, celebration_of, months_to_celebrate
from tests.reports.conftest import Scene, Told, in_tokyo, plan_text

NOW = "2026-11-20 14:00"
THROUGH = "2026-11-20 12:00"


def mqls(count: int, day: str, mark: str = "") -> Iterable[Told]:
    return [(f"{mark or day}-{each}", "marketing_qualified", day) for each in range(count)]


def begins(scene: Scene, now: str = NOW) -> Celebration | None:
    return celebration_of(scene.store, board_report(scene.store, "p", now=in_tokyo(now)))


def test_nothing_is_celebrated_before_the_target_is_reached(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 5"))
    scene.leads(mqls(4, "2026-11-19"), through=THROUGH)
    assert begins(scene) is None
    scene.leads(mqls(1, "2026-11-20"), through=THROUGH)
    found = begins(scene)
    assert found is not None
    assert (found.plan_id, str(found.month), found.kpi.value) == ("p", "2026-11", 5)


@pytest.mark.parametrize(
    ("now", "celebrated"),
    [
        ("2026-11-30 23:30", True),
        ("2026-12-01 09:00", True),
        ("2026-12-03 23:00", True),  # Thursday, the third working day
        ("2026-12-04 07:00", False),
        ("2027-01-04 09:00", False),
    ],
)
def test_a_month_is_celebrated_through_the_third_working_day_of_the_next(
    scene: Scene, now: str, *, celebrated: bool
) -> None:
    """What the last evening brought, or the next morning's data, meets nobody before."""
    scene.plan(plan_text("targets.default = 5"))
    scene.leads(mqls(6, "2026-11-30"), through="2026-11-30 23:00")
    assert (begins(scene, now) is not None) is celebrated


def test_the_month_before_is_celebrated_though_the_data_have_come_to_the_next(
    scene: Scene,
) -> None:
    scene.plan(plan_text("targets.default = 5"))
    scene.leads([*mqls(6, "2026-11-30"), *mqls(1, "2026-12-01")], through="2026-12-01 08:00")
    assert begins(scene, "2026-12-01 09:00") is None
    november = board_report(
        scene.store, "p", now=in_tokyo("2026-12-01 09:00"), month=Month(2026, 11)
    )
    found = celebration_of(scene.store, november)
    assert found is not None
    assert (str(found.month), found.kpi.value) == ("2026-11", 6)


def test_the_months_to_celebrate_follow_the_working_days() -> None:
    calendar = WorkCalendar()
    november, december, january = Month(2026, 11), Month(2026, 12), Month(2027, 1)
    # The first working day of 2027 is Monday the 4th.
    assert months_to_celebrate(calendar, date(2026, 12, 28)) == (december,)
    assert months_to_celebrate(calendar, date(2027, 1, 6)) == (december, january)
    assert months_to_celebrate(calendar, date(2027, 1, 7)) == (january,)
    assert months_to_celebrate(calendar, date(2026, 12, 1)) == (november, december)
    closing = WorkCalendar(closing_day=20)
    assert months_to_celebrate(closing, date(2026, 11, 24)) == (november, december)


COUNT = 'kind = "count"\nstage = "marketing_qualified"'
RATIO = """kind = "ratio"
numerator = { stage = "sales_qualified" }
denominator = { stage = "marketing_qualified" }
min_sample = 2"""


SUM = 'kind = "sum"\nof = "amount"\nstage = "marketing_qualified"'


@pytest.mark.parametrize(
    ("kpi", "target"),
    [(RATIO, "0.5"), (f'{COUNT}\ndirection = "down"', "5"), (SUM, "200")],
    ids=["a ratio", "where less is better", "a sum, which may be refunded"],
)
def test_what_may_still_leave_its_target_is_celebrated_at_the_months_end(
    scene: Scene, kpi: str, target: str
) -> None:
    text = plan_text(f"targets.default = {target}").replace(COUNT, kpi)
    assert text != plan_text(f"targets.default = {target}")
    scene.plan(text)
    leads = [*mqls(2, "2026-11-04"), ("2026-11-04-0", "sales_qualified", "2026-11-05")]
    scene.leads(leads, through="2026-11-05 12:00", amount=100.0)
    early = board_report(scene.store, "p", now=in_tokyo("2026-11-05 13:00"))
    assert early.kpi.status is not Status.ACHIEVED
    assert begins(scene, "2026-11-05 13:00") is None
    late = [*mqls(1, "2026-11-30"), ("2026-11-04-1", "sales_qualified", "2026-11-30")]
    scene.leads(late, through="2026-12-01 00:00")
    assert begins(scene, "2026-12-01 09:00") is not None


def test_old_data_take_nothing_back_of_what_was_reached(scene: Scene) -> None:
    scene.plan("stale_after_working_days = 0\n" + plan_text("targets.default = 5"))
    scene.leads(mqls(5, "2026-11-10"), through="2026-11-10 12:00")
    board = board_report(scene.store, "p", now=in_tokyo(NOW))
    assert board.kpi.moment.is_old
    assert begins(scene) is not None


def test_the_channels_that_brought_most_are_named_with_their_shares(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 10"))
    channels = dict(zip("0123456789", ["web"] * 5 + ["fair"] * 3 + ["mail", "ads"], strict=True))
    scene.leads(mqls(10, "2026-11-19"), through=THROUGH, channel=lambda lead: channels[lead[-1]])
    found = begins(scene)
    assert found is not None
    assert found.channels == (("web", 0.5), ("fair", 0.3), ("ads", 0.1))


def test_leads_without_a_channel_name_none(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 2"))
    scene.leads(mqls(2, "2026-11-19"), through=THROUGH)
    found = begins(scene)
    assert found is not None
    assert found.channels == ()


def _months(scene: Scene, counts: dict[str, int]) -> None:
    for day, count in counts.items():
        scene.leads(mqls(count, day), through=THROUGH)


def test_the_best_month_of_at_least_four_is_a_record(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 5"))
    _months(scene, {"2026-08-10": 4, "2026-09-10": 6, "2026-10-09": 3, "2026-11-19": 7})
    found = begins(scene)
    assert found is not None
    assert found.record


def test_a_month_that_only_equals_another_is_no_record(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 5"))
    _months(scene, {"2026-08-10": 4, "2026-09-10": 7, "2026-10-09": 3, "2026-11-19": 7})
    found = begins(scene)
    assert found is not None
    assert not found.record


def test_after_two_months_there_are_no_records_yet(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 5"))
    _months(scene, {"2026-09-10": 1, "2026-10-09": 1, "2026-11-19": 7})
    found = begins(scene)
    assert found is not None
    assert not found.record


def test_months_that_were_counted_otherwise_make_no_record(scene: Scene) -> None:
    counted_otherwise = plan_text("targets.default = 5").replace("marketing_qualified", "lead")
    scene.plan(counted_otherwise)
    scene.plan(plan_text("targets.default = 5"), since="2026-11", now="2026-11-01")
    _months(scene, {"2026-08-10": 4, "2026-09-10": 6, "2026-10-09": 3, "2026-11-19": 7})
    found = begins(scene)
    assert found is not None
    assert not found.record
