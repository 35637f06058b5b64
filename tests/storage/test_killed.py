"""Killed at any moment of an import: afterwards all of it is there, or none."""

import multiprocessing
import random
import shutil
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.store import Store, open_store
from tests.storage.batches import NOW
from tests.storage.killed import DAYS, LEADS, import_wins, wins

KILLS = 7
BASE_LEADS = 1000
TALLIES = (
    Tally(TallyKind.REACHED, stage=Stage.LEAD),
    Tally(TallyKind.REACHED, stage=Stage.WON),
    Tally(TallyKind.AMOUNT, stage=Stage.WON),
    Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON),
)
SPRING = Period(date(2026, 4, 1), date(2026, 6, 30))


def expected(leads: int) -> dict[Tally, dict[date, float]]:
    per_day = {
        date(2026, 5, 1) + timedelta(days=day): float(len(range(day, leads, DAYS)))
        for day in range(DAYS)
    }
    on_the_next = {day + timedelta(days=1): count for day, count in per_day.items()}
    amounts = {day: 100.0 * count for day, count in on_the_next.items()}
    return dict(zip(TALLIES, (per_day, on_the_next, amounts, per_day), strict=True))


def check(store: Store, *, whole: bool) -> None:
    leads = LEADS if whole else BASE_LEADS
    assert store.daily(TALLIES, SPRING) == expected(leads)
    assert store.leads() == leads
    assert len(store.imports()) == store.data_version() == (2 if whole else 1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no forkserver")
def test_killed_at_any_moment_all_of_an_import_is_there_or_none(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    store = open_store(base)
    store.register(TALLIES)
    store.commit(wins(BASE_LEADS), who="me", now=NOW)
    store.close()

    path = tmp_path / "kpi.duckdb"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storage.killed"])
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    seconds, killed, after = 0.0, 0, 0.0
    for attempt in range(KILLS * 3):
        for leftover in tmp_path.glob("kpi.duckdb*"):
            leftover.unlink()
        shutil.copy(base, path)
        ours, theirs = context.Pipe()
        process = context.Process(target=import_wins, args=(path, theirs))
        process.start()
        assert ours.recv() == "begins"
        began = time.monotonic()
        if attempt == 0:
            assert ours.recv() == "done"  # how long it takes when nobody kills it
            seconds = time.monotonic() - began
        else:
            after = chance.uniform(0, seconds)
            time.sleep(after)
        was_done = attempt == 0 or ours.poll()
        process.kill()
        process.join()
        ours.close()
        theirs.close()

        store = open_store(path)
        try:
            whole = len(store.imports()) == 2
            assert whole or not was_done
            check(store, whole=whole)
            if attempt % 4 == 0:
                assert (store.commit(wins(), who="again", now=NOW).repeats is not None) == whole
                check(store, whole=True)
        except AssertionError as error:
            told = f"Killed {after:.3f} s into {seconds:.3f} s, seed {seed}: {error}"
            raise AssertionError(told) from error
        finally:
            store.close()
        killed += not was_done
        if killed == KILLS:
            break
    assert killed == KILLS
