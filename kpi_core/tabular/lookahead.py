"""Records that can be looked at before they are taken."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

from kpi_core.tabular.delimited_records import Record


class Stream:
    """Records one after the other, with a view of those to come."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self._waiting: deque[Record] = deque()

    def peek(self, count: int) -> list[Record]:
        """The next records, fewer at the end."""
        while len(self._waiting) < count:
            record = next(self._records, None)
            if record is None:
                break
            self._waiting.append(record)
        return list(islice(self._waiting, count))

    def next(self) -> Record | None:
        """The next record, taken; None at the end."""
        if not self._waiting:
            return next(self._records, None)
        return self._waiting.popleft()

    def put_back(self, record: Record) -> None:
        """The record is the next one again."""
        self._waiting.appendleft(record)
