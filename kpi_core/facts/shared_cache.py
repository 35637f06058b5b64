"""The cache as a process has it: its own to maintain, or what another process publishes."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.facts.folder import Folder
from kpi_core.facts.log import Log
from kpi_core.facts.log_reader import LogReader
from kpi_core.facts.maintainer import Maintainer, Progress
from kpi_core.facts.published import Published
from kpi_core.records import small_facts
from kpi_core.records.errors import StoreError, translated
from kpi_core.records.records import Records

_log = logging.getLogger(__name__)

WATCH_SECONDS = 0.5
"""How often a server looks for what other processes committed."""
PUBLISH_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
"""How long an import waits for another process to count what it changed."""
RECOVERY_SECONDS = 5.0
"""How long a server waits after a failure before it tries again."""
LOOK_OVER_SECONDS = 60.0
"""How often the files of facts are looked at."""
SWEEP_SECONDS = 24 * 3600.0
COMPACT_FROM = 500
"""So many small imports are gathered into files."""


class SharedCache:
    """One per process and data folder. Safe to use from many threads.

    One process at a time maintains the cache; others read what it publishes, and become the
    maintainer where none runs.
    """

    def __init__(self, data: Path, records: Records, *, wait: bool = True) -> None:
        self.data = data
        self.records = records
        self.log = Log(data)
        self.reader = LogReader(records, self.log)
        self.folder = Folder(data)
        self.published = Published(data)
        self.maintainer = Maintainer.acquire(data, records, self.log)
        self._follower: tuple[int, DuckDBPyConnection] | None = None
        self._subscribers: dict[object, Callable[[int], None]] = {}
        self._notified = 0
        self._published_version = -1
        self._published_at = 0.0
        self._lock = Lock()
        self._stop = Event()
        self._watcher: Thread | None = None
        self.problem: StoreError | None = None
        self._looked_at = self._swept_at = -math.inf
        if self.maintainer is not None and (wait or not self.reads_published):
            try:
                if self.maintainer.applied == 0:  # there are no numbers to go on with
                    self._notified = self.maintainer.catch_up()
                self._catch_up()
            except BaseException:
                self.maintainer.close()
                self.folder.close()
                raise

    def close(self) -> None:
        """Publish what is new, wait for the change under way, then release everything."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        if self.maintainer is not None:
            with suppress(StoreError, OSError, duckdb.Error):
                self.folder.check()
                self._publish()
            self.maintainer.close()
        if self._follower is not None:
            self._follower[1].close()
        self.folder.close()

    def watch(self) -> None:
        """From now on follow what other processes commit, publish, and gather small imports."""
        self._watcher = Thread(target=self._watch, name="store", daemon=True)
        self._watcher.start()

    @property
    def rebuilding(self) -> Progress | None:
        """How far the rebuild of the cache is; None when it is ready."""
        return None if self.maintainer is None else self.maintainer.rebuilding

    @property
    def problems(self) -> tuple[StoreError, ...]:
        """What keeps the store from taking or counting imports, or from reading facts, by name."""
        if gone := self.folder.problem():
            return (gone,)
        found = () if self.problem is None else (self.problem,)
        return found if self.maintainer is None else found + self.maintainer.problems

    @property
    def reads_published(self) -> bool:
        """Whether another process has the cache, or ours is not rebuilt yet."""
        if self.maintainer is None:
            return True
        return self.maintainer.applied == 0 and self.published.newest() is not None

    def wait(self) -> None:
        """StoreError `rebuilding` where the cache is not ready within some seconds."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.maintainer is not None and self.reads_published:
            if time.monotonic() > until:
                progress = self.rebuilding
                raise StoreError("rebuilding", percent=0 if progress is None else progress.percent)
            time.sleep(0.05)

    def data_version(self) -> int:
        """A number that rises with every change of what is shown. Costs nothing to ask."""
        if self.maintainer is not None and not self.reads_published:
            return self.maintainer.applied
        return self.following()[0]

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call back with each new version, after its commit; call the result to stop.

        In the thread that committed: hand over and return. A failing callback harms no other.
        """
        key = object()
        self._subscribers[key] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe

    def settle(self) -> None:
        """Bring what is shown up to date, here or by waiting for the maintainer.

        It was committed, whatever happens here: what hinders it is noted.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        wanted = None
        while time.monotonic() < until:
            try:
                wanted = wanted or self.records.data_version()
                if self.maintainer is None:
                    self._become_maintainer()
                if self.maintainer is not None:
                    return self._catch_up()
                if self.following()[0] >= wanted:
                    return None
            except StoreError as error:
                if error.code != "nothing_published":
                    return self._note(error)
            time.sleep(0.05)
        return None

    def settle_pending(self) -> None:
        """Count what was committed and left for later, before anything is compared with it."""
        maintainer = self.maintainer
        if maintainer is not None and maintainer.applied != self.records.data_version():
            self.settle()

    @contextmanager
    def scratch(self) -> Iterator[DuckDBPyConnection]:
        """A cursor in which a file is made into a batch: nothing in it is seen by others."""
        if self.maintainer is not None:
            with self.maintainer.cache.cursor() as cursor:
                yield cursor
            return
        try:
            with duckdb.connect(":memory:") as connection:
                yield connection
        except duckdb.Error as error:
            raise translated(error, str(self.data)) or error from error

    @contextmanager
    def asking(self) -> Iterator[DuckDBPyConnection]:
        if self.maintainer is not None and not self.reads_published:
            with self.maintainer.cache.cursor() as cursor:
                yield cursor
            return
        with self.following()[1].cursor() as cursor:
            yield cursor

    def following(self) -> tuple[int, DuckDBPyConnection]:
        """The newest published version and its tables; StoreError where there is none."""
        with self._lock:
            newest = self.published.newest()
            if self._follower is None or (newest is not None and newest[0] > self._follower[0]):
                found = self.published.read()
                if found is None and self._follower is None:
                    raise StoreError("nothing_published", path=str(self.data))
                if found is not None:
                    self._follower = found
            assert self._follower is not None
            return self._follower

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._stop.wait(pause):
            pause = WATCH_SECONDS
            try:
                self.folder.check()
                self._look_around()
            except StoreError as error:
                self._note(error)
                pause = WATCH_SECONDS if error.code == "folder_gone" else RECOVERY_SECONDS
            except Exception:
                _log.exception("Looking for changes by other processes failed; it is tried again")
                pause = RECOVERY_SECONDS

    def _note(self, problem: StoreError | None) -> None:
        """Remember what is wrong, and log it when that changes."""
        if str(problem) != str(self.problem):
            if problem is None:
                _log.warning("The store works again: it was %s", self.problem)
            else:
                _log.warning("The store does not work: %s", problem)
        self.problem = problem

    def _look_around(self) -> None:
        if self.maintainer is None:
            self._become_maintainer()
        if self.maintainer is None:
            self._announce(self.following()[0])
            return
        self._look_over()
        if self.maintainer.cache.is_damaged or (
            self.records.data_version() != self.maintainer.applied
        ):
            self._maintain()
        if time.monotonic() - self._published_at > PUBLISH_SECONDS:
            self._publish()
        self._compact()
        self.maintainer.tidy()
        self._note(None)

    def _look_over(self) -> None:
        """Look at the files of facts every minute, and every day for those of no import."""
        assert self.maintainer is not None
        now = time.monotonic()
        if now - self._looked_at > LOOK_OVER_SECONDS:
            self._looked_at = now
            self.maintainer.look_over()
        if now - self._swept_at > SWEEP_SECONDS:
            self._swept_at = now
            with suppress(OSError):
                self.maintainer.sweep()

    def _become_maintainer(self) -> None:
        with self._lock:
            if self.maintainer is None:
                self.maintainer = Maintainer.acquire(self.data, self.records, self.log)
                if self.maintainer is not None:
                    self.maintainer.catch_up()

    def _maintain(self) -> None:
        assert self.maintainer is not None
        self._announce(self.maintainer.catch_up())

    def _catch_up(self) -> None:
        """Apply what was committed; what hinders it is noted: it is made up for by `watch`."""
        try:
            self._look_over()
            self._maintain()
        except StoreError as error:
            self._note(error)
        else:
            self._note(None)

    def _announce(self, version: int) -> None:
        if version == self._notified:
            return
        self._notified = version
        for callback in tuple(self._subscribers.values()):
            try:
                callback(version)
            except Exception:
                _log.exception("A subscriber of the store failed")

    def _publish(self) -> None:
        assert self.maintainer is not None
        version = self.maintainer.applied
        if version == self._published_version:
            return
        with self.maintainer.cache.cursor() as cursor:
            self.published.publish(cursor, version)
        self._published_version, self._published_at = version, time.monotonic()

    def _compact(self) -> None:
        """Gather small imports into files once there are many."""
        assert self.maintainer is not None
        with self.records.reading() as conn:
            count = small_facts.count(conn)
        if count >= COMPACT_FROM:
            self.maintainer.compact()
