"""How far an import has come, and a way to stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock, Thread
from time import sleep


class Step(StrEnum):
    """What an import is doing. Values name the words in the catalogs (`imports.step_<step>`)."""

    WAITING = "waiting"
    READING = "reading"
    COMPARING = "comparing"
    STORING = "storing"


class Cancelled(Exception):
    """The user stopped it. Nothing was imported."""


@dataclass(frozen=True)
class Progress:
    """How far it is. `share` is of the whole, 0 to 1; `rows` are the file's, 0 if unknown."""

    step: Step
    share: float
    rows: int


SHARES = {
    Step.WAITING: 0.0,
    Step.READING: 0.02,
    Step.COMPARING: 0.5,
    Step.STORING: 0.7,
}
"""Where each step begins, by the time they took with a million leads."""


AGAIN_AFTER = 0.05
"""Seconds from one interruption to the next."""


class Watch:
    """Written by the thread that imports, read and cancelled by any other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._progress = Progress(Step.WAITING, 0.0, 0)
        self._cancelled = Event()
        self._interrupt: Callable[[], None] | None = None

    def begin(self, step: Step, rows: int = 0) -> None:
        """A step begins; Cancelled where it should not."""
        self.check()
        with self._lock:
            self._progress = Progress(step, SHARES[step], rows or self._progress.rows)

    def interruptible(self, interrupt: Callable[[], None] | None) -> None:
        """What stops the statement that is running; None from where nothing is to be stopped."""
        with self._lock:
            self._interrupt = interrupt

    def check(self) -> None:
        """Raises Cancelled once it was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        with self._lock:
            return self._progress

    @property
    def cancelled(self) -> bool:
        """It was cancelled."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop as soon as possible. Without effect once the import is committed."""
        self._cancelled.set()
        Thread(target=self._keep_interrupting, daemon=True).start()

    def _keep_interrupting(self) -> None:
        """Between two statements there is nothing to interrupt, so once is not enough."""
        while True:
            with self._lock:
                if self._interrupt is None:
                    return
                self._interrupt()
            sleep(AGAIN_AFTER)
