"""The cache follows from facts and records: deleted, it is made again while screens go on."""

from datetime import date
from pathlib import Path
from time import monotonic, sleep

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store, open_store
from tests.facts.batches import batch
from tests.facts.files import NOW, leads, row

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)


def _with_two_imports(data: Path) -> None:
    store = open_store(data)
    for day in (1, 2):
        file = leads(row(str(day), lead=f"05-0{day}"), through=f"05-1{day}")
        store.commit(batch(file), who="me", now=NOW)
    store.close()
    (data / "cache.duckdb").unlink()


def _watched(store: Store) -> list[int]:
    """How far the rebuild was, in percent, at each report of it; it is over."""
    seen: list[int] = []
    assert store.cache.maintainer is not None
    store.cache.maintainer.on_progress = lambda progress: seen.append(progress.percent)
    store.watch()
    until = monotonic() + 20
    while store.cache.reads_published:
        assert monotonic() < until
        sleep(0.02)
    return seen


def test_while_the_cache_is_rebuilt_the_last_numbers_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _with_two_imports(data)
    store = open_store(data, wait=False)
    published = store.data_version()
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0, date(2026, 5, 2): 1.0}
    _watched(store)
    assert store.rebuilding is None
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0, date(2026, 5, 2): 1.0}
    assert store.data_version() >= published
    store.close()


def test_a_rebuild_tells_how_far_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _with_two_imports(data)
    store = open_store(data, wait=False)
    seen = _watched(store)
    store.close()
    assert seen[0] == 0
    assert seen[-1] == 100
    assert seen == sorted(seen)
