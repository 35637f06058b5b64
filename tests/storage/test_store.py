"""Plans, versions, and what may be asked."""

import threading
from datetime import date

import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.audit import AuditAction
from kpi_core.storage.revisions import Revision
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Event, at, batch

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
WON = Tally(TallyKind.REACHED, stage=Stage.WON)
AMOUNT = Tally(TallyKind.AMOUNT, stage=Stage.WON)


def save(store: Store, plan_id: str, text: str, month: date | None = None) -> int:
    return store.save_revision(
        plan_id, text, effective_from=month, tallies=[AMOUNT], who="Sato", why="更新", now=NOW
    )


def test_a_plan_keeps_its_revisions(store: Store) -> None:
    assert save(store, "saas", "one") == 1
    assert save(store, "saas", "two", date(2026, 6, 1)) == 2
    assert save(store, "maker", "other") == 1
    assert store.revisions("saas") == (
        Revision(1, None, "one", "Sato", "更新", NOW),
        Revision(2, date(2026, 6, 1), "two", "Sato", "更新", NOW),
    )
    assert store.plan_ids() == ("saas", "maker")
    assert store.revisions("unknown") == ()
    assert store.audit(limit=1)[0].action is AuditAction.REVISION


def test_the_newest_text_saved_again_changes_nothing(store: Store) -> None:
    save(store, "saas", "one")
    save(store, "saas", "two")
    version = store.data_version()
    assert save(store, "saas", "two") == 2
    assert store.data_version() == version
    assert save(store, "saas", "one") == 3


def test_saving_a_plan_rolls_its_tallies_up(store: Store) -> None:
    store.commit(batch(Event("1", "won", at("2026-05-01"), amount=50.0)), who="me", now=NOW)
    with pytest.raises(LookupError, match="register it first"):
        store.daily([AMOUNT], MAY)
    save(store, "saas", "one")
    assert store.daily([AMOUNT], MAY)[AMOUNT] == {date(2026, 5, 1): 50.0}


def test_every_stage_can_be_counted_from_the_start(store: Store) -> None:
    tallies = [Tally(TallyKind.REACHED, stage=stage) for stage in Stage]
    assert store.daily(tallies, MAY) == {tally: {} for tally in tallies}
    assert store.by_channel(tallies, MAY) == {tally: {} for tally in tallies}
    assert store.first_day(tallies) is None
    assert store.daily([], MAY) == {}


def test_both_ends_of_a_period_count(store: Store) -> None:
    days = ("2026-04-30", "2026-05-01", "2026-05-31 23:59", "2026-06-01")
    said = batch(*(Event(day, "lead", at(day)) for day in days))
    store.commit(said, who="me", now=NOW)
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0, date(2026, 5, 31): 1.0}
    assert store.first_day([LEADS, WON]) == date(2026, 4, 30)


def test_the_same_id_in_two_sources_is_two_leads(store: Store) -> None:
    for source in ("crm", "web"):
        said = batch(Event("1", "lead", at("2026-05-01")), source=source)
        store.commit(said, who="me", now=NOW)
    assert store.leads() == 2
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 2.0}


def test_a_logger_without_stages_makes_its_leads_active_but_not_reached(store: Store) -> None:
    active = Tally(TallyKind.ACTIVE, name="login", at_least=3)
    store.register([active])
    logins = [
        Event("1", activity="login", occurred_at=at(f"2026-05-{day:02d}")) for day in (1, 2, 9)
    ]
    store.commit(batch(*logins), who="me", now=NOW)
    assert store.daily([active, LEADS], MAY) == {active: {date(2026, 5, 9): 1.0}, LEADS: {}}


def test_subscribers_hear_of_each_version_and_a_failing_one_harms_nobody(store: Store) -> None:
    heard: list[int] = []

    def fail(version: int) -> None:
        raise RuntimeError(f"no use for {version}")

    store.subscribe(fail)
    unsubscribe = store.subscribe(heard.append)
    said = batch(Event("1", "lead", at("2026-05-01")))
    start = store.data_version()
    store.commit(said, who="me", now=NOW)
    store.commit(said, who="me", now=NOW)  # says nothing new
    store.preview(batch(Event("2", "lead")), now=NOW)
    store.undo(1, who="me", now=NOW)
    save(store, "saas", "one")
    unsubscribe()
    unsubscribe()
    store.commit(said, who="me", now=NOW)
    assert heard == [start + 1, start + 2, start + 3]
    assert store.data_version() == start + 4


def test_a_subscriber_may_use_the_store(store: Store) -> None:
    """It is told when the writer has let go."""
    found: list[int] = []

    def look_and_write(version: int) -> None:
        found.append(store.leads())
        store.register([AMOUNT])

    store.subscribe(look_and_write)
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    assert found == [1]


def test_readers_see_the_store_before_or_after_a_commit_and_never_between(store: Store) -> None:
    """Each import has as many wins as leads, so the two are equal at any one time."""
    stop = threading.Event()
    seen: set[float] = set()
    torn: list[object] = []

    def read() -> None:
        while not stop.is_set():
            values = store.daily([LEADS, WON], MAY)
            leads, wins = (sum(values[tally].values()) for tally in (LEADS, WON))
            seen.add(leads)
            if leads != wins:
                torn.append((leads, wins))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    totals = {0.0}
    for number in range(8):
        said = [
            Event(f"{number}-{lead}", stage, at(f"2026-05-{1 + lead % 28:02d}"))
            for lead in range(200)
            for stage in ("lead", "won")
        ]
        store.commit(batch(*said), who="me", now=NOW)
        totals.add(200.0 * (number + 1))
    store.undo(3, who="me", now=NOW)
    totals.add(1400.0)
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert seen <= totals
    assert len(seen) > 2


def test_writers_wait_for_each_other(store: Store) -> None:
    def write(number: int) -> None:
        said = batch(Event(str(number), "lead", at("2026-05-01")))
        store.commit(said, who=str(number), now=NOW)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 6.0}
    assert [record.import_id for record in store.imports()] == [6, 5, 4, 3, 2, 1]
