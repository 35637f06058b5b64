"""What plans need is maintained, and nothing else."""

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import open_store
from kpi_core.reports.board import board_report
from kpi_core.reports.plans import forget_unused_tallies
from tests.batches import at
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

TRIED = Tally(
    TallyKind.REACHED,
    Stage.MARKETING_QUALIFIED,
    conditions=(Condition("channel", Operator.IN, ("web",)),),
)
NOW = in_tokyo("2026-11-10 09:00")


def keys(scene: Scene) -> set[str]:
    return {key for key, _ in scene.store.records.aggregates()}


def test_a_tally_that_was_only_tried_goes_and_comes_again_with_the_same_numbers(
    scene: Scene,
) -> None:
    scene.plan(plan_text())
    scene.leads(
        mqls({"2026-11-02": 3, "2026-11-03": 2}), through="2026-11-10", channel=lambda _: "web"
    )
    before = board_report(scene.store, "p", now=NOW).kpi.value
    maintained = keys(scene)
    november = Period(at("2026-11-01").date(), at("2026-11-30").date())
    scene.store.register((TRIED,))
    first = scene.store.daily((TRIED,), november)
    assert keys(scene) == maintained | {TRIED.key}
    forget_unused_tallies(scene.store)
    assert keys(scene) == maintained
    with scene.store.cache.asking() as cursor:
        rows = cursor.execute("select 1 from daily where aggregate = ?", [TRIED.key]).fetchall()
    assert rows == []
    scene.store.register((TRIED,))
    assert scene.store.daily((TRIED,), november) == first
    assert sum(first[TRIED].values()) == 5
    assert board_report(scene.store, "p", now=NOW).kpi.value == before == 5


def test_what_any_revision_of_a_plan_needs_stays(scene: Scene) -> None:
    rest = '[[indicators]]\nid = "w"\nname = "W"\nkind = "count"\nstage = "won"\n'
    where = rest + 'where = [{ attribute = "channel", in = ["web"] }]\n'
    scene.plan(plan_text(rest=where))
    scene.plan(plan_text(rest=rest), now="2026-05-01")
    scene.leads(mqls({"2026-11-02": 3}), through="2026-11-10")
    needed = keys(scene)
    forget_unused_tallies(scene.store)
    assert keys(scene) == needed


def test_what_is_forgotten_while_another_page_counts_it_is_counted_all_the_same(
    scene: Scene,
) -> None:
    """One visitor saves a plan between another one's registering and asking."""
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-02": 3}), through="2026-11-10", channel=lambda _: "web")
    november = Period(at("2026-11-01").date(), at("2026-11-30").date())
    scene.store.register((TRIED,))
    forget_unused_tallies(scene.store)
    assert sum(scene.store.daily((TRIED,), november)[TRIED].values()) == 3


def test_another_process_adds_up_again_what_was_forgotten_here(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-02": 3}), through="2026-11-10", channel=lambda _: "web")
    scene.store.register((TRIED,))
    november = Period(at("2026-11-01").date(), at("2026-11-30").date())
    scene.store.cache._publish()
    other = open_store(scene.store.data)
    try:
        other.register((TRIED,))
        forget_unused_tallies(scene.store)
        scene.store.cache._publish()
        other.register((TRIED,))
        scene.store.catch_up()
        scene.store.cache._publish()
        assert sum(other.daily((TRIED,), november)[TRIED].values()) == 3
    finally:
        other.close()
