"""Which tallies are maintained: those that were registered, each by the days of a zone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.facts import aggregate_sql
from kpi_core.facts.shared_cache import SharedCache
from kpi_core.records.errors import StoreError
from kpi_core.records.records import Records


class MaintainedTallies:
    """One per process and data folder. Safe to use from many threads."""

    def __init__(self, records: Records, cache: SharedCache) -> None:
        self._records = records
        self._cache = cache
        self._known: tuple[int, frozenset[str]] = (-1, frozenset())
        self._asked: frozenset[str] = frozenset()

    def register(self, tallies: Sequence[Tally]) -> None:
        """Maintain tallies from now on; those that are cost nothing."""
        self._asked |= {tally.key for tally in tallies}
        if not self._unknown(tallies):
            return
        pairs = [(tally.key, aggregate_sql.document(tally)) for tally in tallies]
        self._records.add_aggregates(pairs)
        self._cache.settle()

    def keep(self, tallies: Iterable[Tally]) -> None:
        """Maintain these alone, and those of every store."""
        keys = {each.key for each in (*aggregate_sql.PLAIN_TALLIES, *tallies)}
        self._records.keep_aggregates(keys)
        self._cache.settle()

    def check(self, tallies: Sequence[Tally]) -> None:
        """LookupError for one that was never registered here.

        One that was, and that was dropped meanwhile as no plan needs it, is maintained again.
        """
        unknown = self._unknown(tallies)
        for tally in unknown:
            if tally.key not in self._asked:
                raise LookupError(f"Not maintained; register it first: {tally}")
        self.register(unknown)

    def _unknown(self, tallies: Sequence[Tally]) -> list[Tally]:
        """The tallies that records do not name, asked again whenever the data have changed."""
        version, known = self._known
        newest = self._version()
        if version != newest or any(each.key not in known for each in tallies):
            version = newest
            known = frozenset(key for key, _ in self._records.aggregates())
            self._known = version, known
        return [tally for tally in tallies if tally.key not in known]

    def _version(self) -> int:
        """The data version; -1 while another process has published nothing yet."""
        try:
            return self._cache.data_version()
        except StoreError:
            return -1


def in_zone(tallies: Sequence[Tally], zone: str | None, home: str) -> Sequence[Tally]:
    """The tallies by the days of a zone; numbers of a day are of that day everywhere.

    None is the workspace's zone, `home`.
    """
    if zone is None or zone == home:
        return tallies
    return [
        each if each.kind in (TallyKind.MEASURE, TallyKind.LEVEL) else replace(each, zone=zone)
        for each in tallies
    ]
