"""Work on a file that goes on while its page answers: reading, comparing, taking in."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import StrEnum
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import Generic, TypeVar
from uuid import uuid4

import streamlit as st

from kpi_core.ingest.progress import Cancelled, Step, Watch

LOGGER = logging.getLogger(__name__)
LOOKS_AT_ONCE, IMPORTS_AT_ONCE = 3, 2
"""Files worked on together, of all visitors. More of them only wait for each other."""
TURN_SECONDS = 0.1
STOP_SECONDS = 5.0

Found = TypeVar("Found")
Outcome = TypeVar("Outcome", covariant=True)


class Deed(StrEnum):
    """What is done with a file, as the log tells it."""

    READING = "Reading"
    COMPARING = "Comparing"
    IMPORTING = "Importing"


class Work(Generic[Outcome]):
    """One piece of work in a thread of its own. It is begun once, whoever draws it how often."""

    def __init__(self, deed: Deed, name: str, *, stoppable: bool) -> None:
        self.id = uuid4().hex
        self.deed = deed
        self.name = name
        """The file's, for its visitor alone: it may be somebody's, and is told to no log."""
        self.stoppable = stoppable
        """The visitor may stop it: an import. What is looked at is soon done."""
        self.watch = Watch()
        self.found: Outcome | None = None
        """What came of it. None while it runs, and where it did not come to its end."""
        self.problem: Exception | None = None
        """Why it did not come to its end. None where it was cancelled."""
        self._began = time.monotonic()
        self._seconds: float | None = None
        self._ended = Event()

    @property
    def ended(self) -> bool:
        """It runs no more."""
        return self._ended.is_set()

    @property
    def cancelled(self) -> bool:
        """It was stopped before its end: nothing came of it."""
        return self.ended and self.found is None and self.problem is None

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took; the wait for its turn is not counted."""
        return time.monotonic() - self._began if self._seconds is None else self._seconds

    @property
    def rows_per_second(self) -> float | None:
        """How fast it goes, or went; None before the file is read: nobody counts on the way."""
        progress = self.watch.progress
        reading = progress.step in (Step.WAITING, Step.READING)
        if progress.rows == 0 or self.seconds < TURN_SECONDS or (reading and not self.ended):
            return None
        share = 1.0 if self.found is not None else progress.share
        return progress.rows * share / self.seconds

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended within this time; without a time, once it has."""
        return self._ended.wait(seconds)

    def run(self, action: Callable[[Watch], Outcome], turns: BoundedSemaphore) -> None:
        """Do it, after those that were there before. Raises nothing: `problem` tells."""
        try:
            while not turns.acquire(timeout=TURN_SECONDS):
                self.watch.check()
            try:
                self._began = time.monotonic()
                self.watch.check()
                self.found = action(self.watch)
            finally:
                turns.release()
        except Cancelled:
            pass
        except Exception as problem:
            # A statement that was stopped may end in whatever error it was at.
            if not self.watch.cancelled:
                self.problem = problem
                LOGGER.warning("%s a file did not end well", self.deed, exc_info=problem)
        finally:
            self._seconds = time.monotonic() - self._began
            self._ended.set()


class Works:
    """Everything that goes on in this process, for all visitors."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looks = BoundedSemaphore(LOOKS_AT_ONCE)
        self._turns = BoundedSemaphore(IMPORTS_AT_ONCE)
        self._running: list[Work[object]] = []

    def look(self, deed: Deed, name: str, action: Callable[[Watch], Found]) -> Work[Found]:
        """Begin what keeps nothing: reading a file, comparing it with the store."""
        return self._begin(Work(deed, name, stoppable=False), action, self._looks)

    def take_in(self, name: str, action: Callable[[Watch], Found]) -> Work[Found]:
        """Begin an import, which every visitor may see running."""
        return self._begin(Work(Deed.IMPORTING, name, stoppable=True), action, self._turns)

    def imports(self) -> tuple[Work[object], ...]:
        """The imports that are running, in the order in which they were begun."""
        return tuple(work for work in self._under_way() if work.stoppable)

    def stop(self) -> None:
        """Cancel all of it, and wait a moment for the store to be let go: the server ends."""
        for work in self._under_way():
            work.watch.cancel()
        for work in self._under_way():
            work.wait(STOP_SECONDS)

    def _begin(
        self, work: Work[Found], action: Callable[[Watch], Found], turns: BoundedSemaphore
    ) -> Work[Found]:
        with self._lock:
            self._running.append(work)
        # A daemon: what does not let itself be stopped does not hold up the end of the server.
        name = f"kpi-{work.deed.lower()}"
        Thread(target=work.run, args=(action, turns), name=name, daemon=True).start()
        return work

    def _under_way(self) -> list[Work[object]]:
        with self._lock:
            self._running = [work for work in self._running if not work.ended]
            return list(self._running)


@st.cache_resource(show_spinner=False)
def works() -> Works:
    """What goes on in this process."""
    return Works()
