"""Whether a file has stopped growing, so that it can be taken in whole."""

import errno
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kpi_core.ingest.inbox.inbox_folder import Arrival
from kpi_core.ingest.inbox.network import needs_polling

SETTLED_SECONDS = 2.0
NETWORKED_SECONDS = 10.0
"""On a folder of another machine, where nobody can tell whether a file is being written."""
EMPTY_SECONDS = 60.0
"""An empty file is one that somebody is about to write."""


@dataclass
class Settling:
    """Since when each file of the inbox has looked as it does. Seconds are of any steady clock.

    A file has to look so for `still_seconds`, on a folder of another machine `networked_seconds`.
    """

    still_seconds: float = SETTLED_SECONDS
    networked_seconds: float = NETWORKED_SECONDS
    _since: dict[Arrival, float] = field(default_factory=dict)
    _not_before: dict[Arrival, float] = field(default_factory=dict)

    def settled(self, arrivals: Iterable[Arrival], seconds: float) -> tuple[Arrival, ...]:
        """Those that have not changed for a while and that nobody is writing, in their order."""
        there = tuple(arrivals)
        self._since = {each: self._since.get(each, seconds) for each in there}
        self._not_before = {
            each: until for each, until in self._not_before.items() if each in self._since
        }
        networked = any(map(needs_polling, {each.path.parent for each in there}))
        still = self.networked_seconds if networked else self.still_seconds
        return tuple(each for each in there if self._ripe(each, seconds, still))

    def later(self, arrival: Arrival, until: float) -> None:
        """Leave a file alone until then, unless it changes."""
        self._not_before[arrival] = until

    @property
    def pending(self) -> bool:
        """There are files to be looked at again soon."""
        return any(arrival not in self._not_before for arrival in self._since)

    def _ripe(self, arrival: Arrival, seconds: float, still_seconds: float) -> bool:
        needed = still_seconds if arrival.size else EMPTY_SECONDS
        if seconds - self._since[arrival] < needed:
            return False
        if seconds < self._not_before.get(arrival, seconds):
            return False
        return not being_written(arrival.path)


def being_written(path: Path) -> bool:
    """Somebody on this machine has the file open for writing; False where it cannot be told.

    A copy that pauses has a size that stands still. The kernel lends a file for reading only
    to itself, a read lease, while nobody writes: so asking for one tells. It is given back at
    once, and the signal that would come with a writer in between is one that is ignored.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(file)
    return False
