"""One table of a file, put together record by record."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pyarrow as pa

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.footers import Total, extent, is_footer, is_single, total_of
from kpi_core.tabular.rows import HeldRows, columns
from kpi_core.tabular.table import Table, reachable

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_DATE = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?"
    r"|(?P<y2>(?:19|20)\d{2})(?P<m2>\d{2})(?P<d2>\d{2})(?!\d)"
    r"|(?P<m3>[A-Za-z]{3})[a-z]*\.?\s+(?P<d3>\d{1,2}),?\s+(?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})\s+(?P<m4>[A-Za-z]{3})[a-z]*\.?,?\s+(?P<y4>\d{4})"
)
LONGEST_LINE = 1_000
"""Characters of a line above a table that are looked through."""
_START = re.compile(r"start|from|開始", re.IGNORECASE)
_END = re.compile(r"\bend|\bto\b|until|終了", re.IGNORECASE)


def period_of(lines: Iterable[str]) -> tuple[date | None, date | None]:
    """First and last day, both ends counting; None where the lines name none, or one twice.

    `# Start date: 20230101` and `# End date: …`, or a line of two dates.
    """
    first: set[date] = set()
    last: set[date] = set()
    for line in lines:
        days = _days(line)
        if len(days) == 2 and days[0] <= days[1]:
            first.add(days[0])
            last.add(days[1])
        elif len(days) == 1 and _START.search(line):
            first.add(days[0])
        elif len(days) == 1 and _END.search(line):
            last.add(days[0])
    if len(first) != 1 or len(last) != 1 or min(first) > min(last):
        return None, None
    return first.pop(), last.pop()


def _days(line: str) -> list[date]:
    days = []
    for found in _DATE.finditer(line[:LONGEST_LINE]):
        parts = {name[0]: text for name, text in found.groupdict().items() if text}
        month = _MONTHS.get(parts["m"].lower()) or (
            int(parts["m"]) if parts["m"].isdecimal() else 0
        )
        try:
            days.append(date(int(parts["y"]), month, int(parts["d"])))
        except ValueError:
            continue
    return days


_CELLS_AT_A_TIME = 400_000


class Holding:
    """Records of one width under their numbers."""

    def __init__(self, width: int) -> None:
        self._schema = pa.schema(
            [("line", pa.int64()), *((column, pa.string()) for column in columns(width))]
        )
        self._at_a_time = max(1, _CELLS_AT_A_TIME // max(1, width))
        self._numbers: list[int] = []
        self._records: list[list[str]] = []
        self._batches: list[pa.RecordBatch] = []
        self._put_away = 0

    def __len__(self) -> int:
        return self._put_away + len(self._records)

    def add(self, number: int, cells: list[str]) -> None:
        """One more record."""
        self._numbers.append(number)
        self._records.append(cells)
        if len(self._records) >= self._at_a_time:
            self._put()

    def rows(self) -> HeldRows:
        """All of them."""
        self._put()
        return HeldRows(pa.Table.from_batches(self._batches, self._schema))

    def _put(self) -> None:
        if self._records:
            cells = [pa.array(column, pa.string()) for column in zip(*self._records, strict=True)]
            lines = pa.array(self._numbers, pa.int64())
            self._batches.append(pa.RecordBatch.from_arrays([lines, *cells], schema=self._schema))
            self._put_away += len(self._records)
            self._numbers, self._records = [], []


_LONGEST_WAIT = 40
_REMEMBERED = 100
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\ufeff")


class Section:
    """A header and what follows it. Records that may turn out to be no data wait for the end."""

    def __init__(
        self, header: list[str], title: tuple[str, ...], *, padded: bool, odd: bool
    ) -> None:
        self.cells = header
        self.width = len(header)
        self.title = title
        self.padded = padded
        self.first_rows: list[list[str]] = []
        self.issues: list[Issue] = []
        self.left_out: Counter[str] = Counter()
        self.refused: Issue | None = None
        self._odd = odd
        self._held = Holding(self.width)
        self._rejected = 0
        self._waiting: list[Record] = []

    def take(self, record: Record) -> None:
        """One more record, which is neither blank nor a comment."""
        if record.issue is not None:
            self._settle()
            self._reject(record.issue)
        elif self._repeats_header(record):
            self.leave_out("repeated_headers", Code.HEADER_REPEATED, record)
        elif (total := total_of(record.cells)) is not None:
            self._take_total(record, total)
        elif self.width > 2 and is_single(record.cells):
            self._wait(record)
        else:
            self._settle()
            self._put(record)

    def leave_out(self, what: str, code: Code, record: Record) -> None:
        """A record that is no data, and is said to be none."""
        self.left_out[what] += 1
        self._flag(code, record)

    def finish(self) -> Table:
        """The table, once nothing follows."""
        if self.refused is not None:
            return Table(issues=(self.refused,))
        footed = any(is_footer(record.cells) for record in self._waiting)
        for record in self._waiting:
            if total_of(record.cells) is not None:
                self.leave_out("totals", Code.TOTAL_LEFT_OUT, record)
            elif footed:
                self.leave_out("footers", Code.FOOTER_LEFT_OUT, record)
            else:
                self._put(record)
        self._waiting = []
        rows = len(self._held) + self._rejected
        if not rows:
            self.issues.append(about_file(Code.NO_ROWS))
        first_day, last_day = period_of(self.title)
        return Table(
            reachable(self.cells),
            rows,
            tuple(self.issues),
            dict(self.left_out),
            self.title,
            first_day,
            last_day,
            self._held.rows(),
        )

    def _flag(self, code: Code, record: Record) -> None:
        """Say something of a record, by its first cell."""
        value = next((cell.strip() for cell in record.cells if cell.strip()), None)
        shown = about_file(code, line=record.number, value=value, severity=Severity.FLAGGED)
        self.issues.append(shown)

    def _repeats_header(self, record: Record) -> bool:
        cells = record.cells
        return cells[: self.width] == self.cells and extent(cells) <= self.width

    def _take_total(self, record: Record, total: Total) -> None:
        """A sum is left out; what may be one is data where it has a date, or where more follows."""
        started = len(self._held) or self._waiting or self._rejected
        if total is Total.DATED:
            self._settle()
            self._keep_total(record)
        elif total is Total.SUM or not started:
            self.leave_out("totals", Code.TOTAL_LEFT_OUT, record)
        else:
            self._wait(record)

    def _keep_total(self, record: Record) -> None:
        if self._put(record):
            self._flag(Code.TOTAL_KEPT, record)

    def _wait(self, record: Record) -> None:
        self._waiting.append(record)
        if len(self._waiting) > _LONGEST_WAIT:
            self._settle()

    def _settle(self) -> None:
        """What waited is data like any other: more of it follows."""
        for record in self._waiting:
            if total_of(record.cells) is Total.NAMED:
                self._keep_total(record)
            else:
                self._put(record)
        self._waiting = []

    def _put(self, record: Record) -> bool:
        """Take it as data; whether it could be."""
        cells = record.cells
        if self.padded:
            cells = (cells + [""] * self.width)[: self.width]
        if len(cells) > self.width and extent(cells) <= self.width:
            cells = cells[: self.width]
        if len(cells) != self.width:
            value = f"{len(cells)} ≠ {self.width}"
            self._reject(about_file(Code.RAGGED, line=record.number, value=value))
            return False
        odd = set(_CONTROL.findall("".join(cells))) if self._odd else set()
        if "\0" in odd:
            self._reject(about_file(Code.NUL_CHARACTER, line=record.number))
            return False
        if odd:
            self._say(odd, record.number)
        self._held.add(record.number, cells)
        if len(self.first_rows) < _REMEMBERED:
            self.first_rows.append(cells)
        return True

    def _say(self, odd: set[str], number: int) -> None:
        for mark, code in ((True, Code.MARK_IN_TEXT), (False, Code.CONTROL_CHARACTER)):
            signs = sorted(f"U+{ord(sign):04X}" for sign in odd if (sign == "\ufeff") is mark)
            if signs:
                issue = about_file(code, line=number, value=", ".join(signs))
                self.issues.append(replace(issue, severity=Severity.FLAGGED))

    def _reject(self, issue: Issue) -> None:
        self._rejected += 1
        self.issues.append(issue)
