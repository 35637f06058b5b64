"""What is celebrated: a running month's target, what brought it, and a record where it is one."""

from collections.abc import Iterable

from kpi_core.reports.board import board_report
from kpi_core.reports.celebration import Celebration, celebration_of
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


def test_a_month_that_is_over_is_not_celebrated_afterwards(scene: Scene) -> None:
    """Data that come in late reach November's target in December."""
    scene.plan(plan_text("targets.default = 5"))
    scene.leads(mqls(6, "2026-11-19"), through="2026-11-30 23:00")
    assert begins(scene, "2026-12-01 09:00") is None


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
