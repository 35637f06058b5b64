"""One table of a file, put together record by record."""

import re
from collections import Counter
from dataclasses import replace

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.footers import Total, extent, is_footer, is_single, total_of
from kpi_core.tabular.row_buffer import Holding
from kpi_core.tabular.stated_period import period_of
from kpi_core.tabular.table import Table, reachable

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
        begun = len(self._held) or self._waiting or self._rejected
        if total is Total.DATED:
            self._settle()
            self._keep_total(record)
        elif total is Total.SUM or not begun:
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
