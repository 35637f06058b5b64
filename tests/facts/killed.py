"""A process that imports, undoes and gathers at random, says so, and may kill itself at a point."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kpi_core.domain.period import Period
from kpi_core.facts import batch_importer, cache, maintainer, shared_cache
from kpi_core.facts.log import Log
from kpi_core.facts.maintainer import Maintainer
from kpi_core.facts.published import Published
from kpi_core.facts.store import Store, open_store
from kpi_core.records import fact_files, import_receipts, ledger, small_facts
from kpi_core.records.errors import StoreError
from tests.facts.batches import batch
from tests.facts.files import NOW, File, Row, at, cost, event, history, leads, numbers, push, row
from tests.facts.strategies import FIRST, TALLIES

PERIOD = Period(FIRST, NOW.date() + timedelta(days=9))
ANSWERS = {"older": "fill_gaps", "replaces": "no", "breakdown": "replace", "same_ids": "different"}
SMALL, MANY = 4, 8
"""Imports of more than four rows go into a file of their own here; some have eight more."""


KINDS_OF_FILES = 5


def files_of_each_kind() -> list[int]:
    """Seeds of files, one of each kind."""
    found: dict[tuple[str, bool], int] = {}
    for seed in range(1_000):
        file = some_file(seed)
        found.setdefault((file.grain, len(file.lines) > MANY), seed)
    return list(found.values())


def some_file(seed: int) -> File:
    """A file of few leads, which other files know too; some are large."""
    chance = random.Random(seed)

    def day() -> str:
        return (
            f"2026-{chance.choice(['05-20', '05-21', '06-01', '06-20'])} 0{chance.randrange(9)}:00"
        )

    def lead() -> str:
        return str(chance.randrange(5))

    through = f"06-{chance.randrange(21, 30)}"
    kind = chance.randrange(KINDS_OF_FILES)
    if kind == 0:
        said = [event(lead(), chance.choice(["lead", "won"]), day(), amount=7.0)]
        return push(*said, event(lead(), "login", day()), through=through)
    if kind == 1:
        stages = ["lead", "opportunity", "won"]
        moments = sorted(day() for _ in stages)
        one = lead()
        said = [event(one, stage, on) for stage, on in zip(stages, moments, strict=True)]
        return history(*said, through=through)
    if kind == 2:
        return numbers(cost("05-20", chance.randrange(1_000) / 4, "web"), through=through)
    rows = {each: _row(each, day(), chance) for each in (lead(), lead())}
    if kind == 3:
        rows |= {f"{seed}-{n}": _row(f"{seed}-{n}", day(), chance) for n in range(MANY)}
    return leads(*rows.values(), through=through, columns=("lead", "won", "lost"))


def _row(lead: str, moment: str, chance: random.Random) -> Row:
    if chance.random() < 0.5:
        return row(lead, lead=moment)
    return row(lead, lead=moment, won=moment, amount=chance.choice([1.0, 2.5]))


# --- where it is killed ---


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, nth: int) -> None:
    _wrap(owner, name, nth, is_before=True)


def _after(owner: Any, name: str, nth: int) -> None:
    _wrap(owner, name, nth, is_before=False)


def _wrap(owner: Any, name: str, nth: int, *, is_before: bool) -> None:
    """Have the process killed before or after the nth call of a function from now on."""
    function = getattr(owner, name)
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if is_before and calls == nth:
            _die()
        result = function(*args, **kwargs)
        if calls == nth:
            _die()
        return result

    _set(owner, name, wrapped)


def _in_transaction(nth: int) -> None:
    """In the nth transaction of the cache, when all is done but the commit."""
    transaction = cache.transaction
    calls = 0

    @contextmanager
    def wrapped(cursor: Any) -> Iterator[Any]:
        nonlocal calls
        calls += 1
        with transaction(cursor) as same:
            yield same
            if calls >= nth:
                _die()

    _set(cache, "transaction", wrapped)


def _set(owner: Any, name: str, value: object) -> None:
    setattr(owner, name, value)


POINTS: dict[str, Callable[[int], None]] = {
    "Parquet written": lambda nth: _before(Path, "rename", nth),
    "Parquet renamed": lambda nth: _after(Path, "rename", nth),
    "Parquet of one kind in its place": lambda nth: _after(Log, "write", nth),
    "before the ledger row": lambda nth: _before(ledger, "add_import", nth),
    "in the transaction of the ledger row": lambda nth: _after(ledger, "add_import", nth),
    "after the ledger row": lambda nth: _before(batch_importer.BatchImporter, "counted", nth),
    "undo marked": lambda nth: _after(ledger, "mark_undone", nth),
    "undo committed": lambda nth: _before(Maintainer, "_undo", nth),
    "mid-cache": lambda nth: _in_transaction(3 * nth),
    "before the receipt": lambda nth: _before(import_receipts, "save_receipt", nth),
    "after the receipt": lambda nth: _after(Maintainer, "_save_receipts", nth),
    "applied": lambda nth: _after(Maintainer, "_apply_changes", nth),
    "published": lambda nth: _after(Published, "publish", 1),
    "mid-compaction, written": lambda nth: _before(fact_files, "add_files", 1),
    "mid-compaction, recorded": lambda nth: _after(small_facts, "remove_small", 1),
    "compacted": lambda nth: _after(Maintainer, "compact", 1),
    "mid-rebuild": lambda nth: _after(maintainer, "apply_run", nth),
    "put in order": lambda nth: _after(Maintainer, "tidy", 1),
}
"""How a process comes to be killed at each point, the nth time that it passes."""


def work(folder: Path, seed: int, point: str | None, parent: Connection) -> None:
    """Import, undo and gather without end; killed at a point, or from outside."""
    chance = random.Random(seed)
    if point == "mid-rebuild":
        (folder / "cache.duckdb").unlink(missing_ok=True)
        POINTS[point](chance.randrange(1, 3))
    _set(batch_importer, "SMALL", SMALL)
    maintainer.UNORDERED_ROWS, maintainer.UNORDERED_SHARE = 1, 0.0
    store = open_store(folder)
    parent.send(("opened",))
    if point is not None and point != "mid-rebuild":
        POINTS[point](chance.randrange(1, 3))
    while True:
        step(store, chance, parent)
        if chance.random() < 0.4:
            assert store.cache.maintainer is not None
            chance.choice(
                [store.cache.maintainer.compact, store.cache.maintainer.tidy, store.cache._publish]
            )()


def step(store: Store, chance: random.Random, parent: Connection) -> None:
    """Import or undo something, and say when it begins and when it is acknowledged."""
    current = [each.import_id for each in store.imports() if each.is_current]
    if len(current) > 2 and chance.random() < 0.3:
        import_id = chance.choice(current)
        parent.send(("undoes", import_id))
        with suppress(StoreError):  # another process was faster
            store.undo(import_id, who="killed", now=NOW)
        parent.send(("undone", import_id))
        return
    is_many = chance.random() < 0.3
    found = []
    for _ in range(3 if is_many else 1):
        seed = chance.randrange(1_000_000)
        parent.send(("imports", seed))
        file = batch(some_file(seed))
        receipt = store.commit(file, who="killed", now=NOW, decisions=ANSWERS, count_later=is_many)
        parent.send(("imported", receipt.import_id or receipt.repeats))
        found.append(receipt.import_id or receipt.repeats)
    store.counted([each for each in found if each is not None])


def work_beside(folder: Path, seed: int, seconds: float, parent: Connection) -> None:
    """Import, undo and read for a while beside other processes."""
    chance = random.Random(seed)
    _set(batch_importer, "SMALL", SMALL)
    _set(shared_cache, "COMPACT_FROM", 20)
    store = open_store(folder)
    store.watch()
    until = time.monotonic() + seconds
    seen = 0
    while time.monotonic() < until:
        step(store, chance, parent)
        seen = read(store, seen)
    store.close()
    parent.send(("closed",))


def read(store: Store, seen: int) -> int:
    """Read as a page does: what belongs together agrees, and no older state comes back."""
    version = store.data_version()
    assert version >= seen, f"{version} after {seen}"
    daily, channels = store.daily(TALLIES, PERIOD), store.by_channel(TALLIES, PERIOD)
    if store.data_version() == version:
        for tally in TALLIES:
            total = sum(daily[tally].values()), sum(channels[tally].values())
            assert abs(total[0] - total[1]) < 1e-6, f"{tally} {total}"
    return version


def large(first: int, count: int, *, source: str = "crm") -> File:
    """A file of leads of its own, from a number on, all of one day."""
    named = [(str(n), f"{n * 2_654_435_761:x}") for n in range(first, first + count)]
    rows = (row(lead, lead="05-20", owner=owner) for lead, owner in named)
    return replace(leads(*rows, source=source), data_through=at("06-02"))
