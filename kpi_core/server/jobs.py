"""Work on files in the background: read, compared, imported, while pages go on answering."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from enum import StrEnum
from threading import Lock
from typing import Generic, TypeVar
from uuid import uuid4

from kpi_core.ingest.progress import Cancelled, Step, Watch

LOGGER = logging.getLogger(__name__)
LOOKS_AT_ONCE, IMPORTS_AT_ONCE = 3, 2
"""Files worked on together, of all visitors. More of them only wait for each other."""
SHORTEST_SECONDS = 0.1
"""A speed is known from then on."""
STOP_SECONDS = 5.0

Found = TypeVar("Found")
Outcome = TypeVar("Outcome", covariant=True)


class JobKind(StrEnum):
    """What is done with a file, as the log says it."""

    READING = "Reading"
    COMPARING = "Comparing"
    IMPORTING = "Importing"


class Job(Generic[Outcome]):
    """One piece of work on a file. It starts once, however often it is drawn."""

    def __init__(self, kind: JobKind, name: str) -> None:
        self.id = uuid4().hex
        self.kind = kind
        self.name = name
        """The file's, for its visitor alone: it may hold a person's name, and goes into no log."""
        self.watch = Watch()
        self._future: Future[Outcome] = Future()
        self._started_at = time.monotonic()
        self._seconds: float | None = None

    @property
    def stoppable(self) -> bool:
        """The visitor may cancel it: an import. Reading and comparing are soon done."""
        return self.kind is JobKind.IMPORTING

    @property
    def ended(self) -> bool:
        """It no longer runs."""
        return self._future.done()

    @property
    def found(self) -> Outcome | None:
        """Its outcome. None while it runs, and where it was cancelled or failed."""
        if not self.ended or self._future.cancelled() or self._future.exception() is not None:
            return None
        return self._future.result()

    @property
    def problem(self) -> Exception | None:
        """Why it failed. None where it was cancelled: a statement then stops with any error."""
        if not self.ended or self._future.cancelled() or self.watch.cancelled:
            return None
        problem = self._future.exception()
        return problem if isinstance(problem, Exception) else None

    @property
    def cancelled(self) -> bool:
        """It was cancelled before its end, and has no outcome."""
        return self.ended and self.found is None and self.problem is None

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took; the wait for its turn is not counted."""
        return time.monotonic() - self._started_at if self._seconds is None else self._seconds

    @property
    def rows_per_second(self) -> float | None:
        """How fast it is, or was; None before the file is read: its rows are counted at the end."""
        progress = self.watch.progress
        reading = progress.step in (Step.WAITING, Step.READING)
        if progress.rows == 0 or self.seconds < SHORTEST_SECONDS or (reading and not self.ended):
            return None
        share = 1.0 if self.found is not None else progress.share
        return progress.rows * share / self.seconds

    def cancel(self) -> None:
        """Stop it as soon as possible. Without effect once its import is committed."""
        self.watch.cancel()
        self._future.cancel()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it ends within this time; without a time, once it has ended."""
        return bool(wait([self._future], timeout=seconds).done)

    def start(self, executor: ThreadPoolExecutor, action: Callable[[Watch], Outcome]) -> None:
        """Have the executor run it in its turn."""
        self._future = executor.submit(self._run, action)

    def _run(self, action: Callable[[Watch], Outcome]) -> Outcome:
        self._started_at = time.monotonic()
        try:
            self.watch.check()
            return action(self.watch)
        except Cancelled:
            raise
        except Exception as problem:
            if not self.watch.cancelled:
                LOGGER.warning("%s a file failed", self.kind, exc_info=problem)
            raise
        finally:
            self._seconds = time.monotonic() - self._started_at


class Jobs:
    """All jobs of this process, for all visitors."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looks = ThreadPoolExecutor(LOOKS_AT_ONCE, "kpi-look")
        self._imports = ThreadPoolExecutor(IMPORTS_AT_ONCE, "kpi-import")
        self._running: list[Job[object]] = []

    def look(self, kind: JobKind, name: str, action: Callable[[Watch], Found]) -> Job[Found]:
        """Start what stores nothing: reading a file, comparing it with what is current."""
        return self._start(Job(kind, name), action, self._looks)

    def import_(self, name: str, action: Callable[[Watch], Found]) -> Job[Found]:
        """Start an import, which every visitor may see running."""
        return self._start(Job(JobKind.IMPORTING, name), action, self._imports)

    def imports(self) -> tuple[Job[object], ...]:
        """The imports that are running, in the order in which they were started."""
        return tuple(job for job in self._under_way() if job.stoppable)

    def stop(self) -> None:
        """Cancel all of it and wait some seconds for the store to be free: the server ends."""
        running = self._under_way()
        for job in running:
            job.cancel()
        for executor in (self._looks, self._imports):
            executor.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + STOP_SECONDS
        for job in running:
            job.wait(max(0.0, until - time.monotonic()))

    def _start(
        self, job: Job[Found], action: Callable[[Watch], Found], executor: ThreadPoolExecutor
    ) -> Job[Found]:
        job.start(executor, action)
        with self._lock:
            self._running.append(job)
        return job

    def _under_way(self) -> list[Job[object]]:
        with self._lock:
            self._running = [job for job in self._running if not job.ended]
            return list(self._running)
