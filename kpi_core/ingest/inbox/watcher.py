"""The inbox while the board runs: looked after in a thread of its own, file after file."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from threading import Event, Thread

from watchfiles import watch as changes_in

from kpi_core.ingest.inbox import sidecars
from kpi_core.ingest.inbox.held_files import put_back, set_aside, waiting
from kpi_core.ingest.inbox.inbox_folder import Arrival
from kpi_core.ingest.inbox.process_file import Changed, Recorded, Taking
from kpi_core.ingest.inbox.stability import SETTLED_SECONDS, Settling
from kpi_core.ingest.progress import Cancelled, Watch
from kpi_core.records.errors import StoreError
from kpi_core.records.mappings import SavedMapping

LOGGER = logging.getLogger(__name__)
TICK_SECONDS = 0.5
RESCAN_SECONDS = 30.0
"""What the system reports no change of, as on a network folder, is found within this time."""
RETRY_SECONDS = 30.0
TOGETHER, TOGETHER_SECONDS = 100, 5.0
"""So many imports, or those of so long, are counted together: that takes the time of a few."""


class Keeper:
    """Imports what arrives until it is stopped. `now` gives the moment, with its zone.

    `local` gives its wall clock where times count, `home` the zone of that clock. A
    file is taken up that has not changed for `settled_seconds`.
    """

    def __init__(
        self,
        taking: Taking,
        *,
        now: Callable[[], datetime],
        local: Callable[[datetime], datetime],
        home: Callable[[datetime], str],
        settled_seconds: float = SETTLED_SECONDS,
    ) -> None:
        self._taking = taking
        self._now = now
        self._local = local
        self._home = home
        self._settling = Settling(settled_seconds)
        self._stop = Event()
        self._watch = Watch()
        self._thread: Thread | None = None
        self._told = ""
        self._saved: tuple[SavedMapping, ...] | None = None

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread = Thread(target=self._run, name="kpi-inbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the import under way, of which nothing is kept, and wait for the end."""
        self._stop.set()
        self._watch.cancel()
        if self._thread is not None:
            self._thread.join()

    def look(self, seconds: float) -> None:
        """Look into the folder once, and import what has arrived whole.

        `seconds` are those of a steady clock. OSError where the folder cannot be read.
        """
        self._taking.inbox.make()
        self._try_again_what_is_known_by_now()
        arrivals = self._taking.inbox.arrivals()
        settled = self._settling.settled(arrivals, seconds)
        recorded: list[Recorded] = []
        counted_at = time.monotonic()
        with ThreadPoolExecutor(1, "kpi-inbox-ahead") as ahead:
            for arrival, following in zip_longest(settled, settled[1:]):
                if self._stop.is_set():
                    break
                if following is not None:
                    ahead.submit(self._taking.read_ahead, following)
                recorded += self._take(arrival, seconds)
                if len(recorded) >= TOGETHER or time.monotonic() - counted_at > TOGETHER_SECONDS:
                    self._finish(recorded, seconds)
                    recorded, counted_at = [], time.monotonic()
        self._finish(recorded, seconds)

    def _take(self, arrival: Arrival, seconds: float) -> Sequence[Recorded]:
        """Import a file; what is to be finished."""
        now = self._now()
        modified = datetime.fromtimestamp(arrival.mtime_ns / 1e9, UTC)
        self._watch = Watch()
        if self._stop.is_set():  # between the two lines above and here
            return ()
        with self._problems_of(arrival, seconds):
            taken = self._taking.take(
                arrival,
                now=self._local(now),
                written_at=self._local(min(modified, now)),
                home=self._home(now),
                watch=self._watch,
            )
            if isinstance(taken, Recorded):
                return (taken,)
            _log_place(arrival, taken)
        return ()

    def _finish(self, recorded: Sequence[Recorded], seconds: float) -> None:
        """Have imports counted, and put each file to its receipt."""
        counted: Sequence[Recorded] = ()
        for each in recorded:
            with self._problems_of(each.arrival, seconds):
                counted = counted or self._taking.count(recorded)
        for each in counted:
            with self._problems_of(each.arrival, seconds):
                _log_place(each.arrival, self._taking.finish(each))

    @contextmanager
    def _problems_of(self, arrival: Arrival, seconds: float) -> Iterator[None]:
        """Log what goes wrong with a file, and try it again later or give it up."""
        try:
            yield
        except Cancelled:
            LOGGER.info("Inbox: %s is left for the next start.", arrival.name)
        except (OSError, StoreError, Changed) as problem:
            LOGGER.warning("Inbox: %s is tried again later: %s", arrival.name, problem)
            self._settling.later(arrival, seconds + RETRY_SECONDS)
        except Exception as problem:
            if self._stop.is_set():  # a statement that was stopped may end in any error
                return
            LOGGER.exception("Inbox: %s could not be taken in.", arrival.name)
            self._give_up(arrival, problem, seconds)

    def _try_again_what_is_known_by_now(self) -> None:
        """A mapping saved by now may fit other files that wait."""
        saved = self._taking.store.records.saved_mappings()
        known, self._saved = self._saved, saved
        if known is not None and saved != known:
            for each in waiting(self._taking.inbox):
                put_back(self._taking.inbox, each)

    def _give_up(self, arrival: Arrival, problem: Exception, seconds: float) -> None:
        """A file that the program fails with is not tried for ever."""
        note = sidecars.failure_note(arrival.name, type(problem).__name__)
        try:
            set_aside(self._taking.inbox, arrival.path, note, self._local(self._now()))
        except OSError as error:
            LOGGER.warning("Inbox: %s is tried again later: %s", arrival.name, error)
            self._settling.later(arrival, seconds + RETRY_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._taking.inbox.make()
                self._follow()
            except Exception as problem:
                self._tell(problem)
                self._stop.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        """Look whenever something changes, while something settles, and every now and then."""
        folder = self._taking.inbox.path
        identity = _identity(folder)
        looked = -RESCAN_SECONDS
        for changes in changes_in(
            folder,
            watch_filter=None,
            stop_event=self._stop,
            rust_timeout=int(TICK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
        ):
            seconds = time.monotonic()
            if changes or self._settling.pending or seconds - looked >= RESCAN_SECONDS:
                self.look(seconds)
                self._told, looked = "", seconds
                if _identity(folder) != identity:  # made again: changes are not reported
                    return

    def _tell(self, problem: Exception) -> None:
        """Say once what is wrong with the folder, not every time it is tried."""
        finding = f"{type(problem).__name__}: {problem}"
        if finding != self._told:
            self._told = finding
            folder = self._taking.inbox.path
            expected = isinstance(problem, OSError)
            LOGGER.warning(
                "Inbox: %s cannot be used and is tried again every %d seconds: %s",
                folder,
                RETRY_SECONDS,
                finding,
                exc_info=None if expected else problem,
            )


def _log_place(arrival: Arrival, place: Path) -> None:
    LOGGER.info("Inbox: %s went to %s.", arrival.name, place.parent.name)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
