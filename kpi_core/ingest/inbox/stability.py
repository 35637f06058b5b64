"""Whether a file has stopped growing, so that it can be imported whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kpi_core.ingest.inbox.inbox_folder import Arrival

SETTLED_SECONDS = 5.0
EMPTY_SECONDS = 60.0
"""An empty file is one that is about to be written."""


@dataclass
class Settling:
    """Since when each file of the inbox has had its size and time. Seconds are of a steady clock.

    A file is settled after `still_seconds` without a change. Where it changes while it is read,
    nothing of it stays, and it comes again.
    """

    still_seconds: float = SETTLED_SECONDS
    _since: dict[Arrival, float] = field(default_factory=dict)
    _not_before: dict[Arrival, float] = field(default_factory=dict)

    def settled(self, arrivals: Iterable[Arrival], seconds: float) -> tuple[Arrival, ...]:
        """Those that have not changed for a while, in their order."""
        present = tuple(arrivals)
        self._since = {each: self._since.get(each, seconds) for each in present}
        self._not_before = {
            each: until for each, until in self._not_before.items() if each in self._since
        }
        return tuple(each for each in present if self._is_settled(each, seconds))

    def later(self, arrival: Arrival, until: float) -> None:
        """Leave a file alone until then, unless it changes."""
        self._not_before[arrival] = until

    @property
    def pending(self) -> bool:
        """There are files to be looked at again soon."""
        return any(arrival not in self._not_before for arrival in self._since)

    def _is_settled(self, arrival: Arrival, seconds: float) -> bool:
        needed = self.still_seconds if arrival.size else EMPTY_SECONDS
        is_still = seconds - self._since[arrival] >= needed
        return is_still and seconds >= self._not_before.get(arrival, seconds)
