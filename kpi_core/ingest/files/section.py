"""One table of a file, put together record by record."""

import re
from collections import Counter
from dataclasses import replace

from kpi_core.ingest.files.holding import Holding
from kpi_core.ingest.files.leftovers import extent, is_footer, is_single, is_total
from kpi_core.ingest.files.period import period_of
from kpi_core.ingest.files.records import Record
from kpi_core.ingest.files.table import Table, reachable
from kpi_core.ingest.finding import Code, about_file
from kpi_core.storage.facts import Issue, Severity

_LONGEST_WAIT = 40
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\ufeff")


class Section:
    """A header and what follows it. Records that may turn out to be no data wait for the end."""

    def __init__(
        self, header: list[str], title: tuple[str, ...], *, padded: bool, odd: bool
    ) -> None:
        self.cells = header
        self.width = len(header)
        self.title = title
        self.issues: list[Issue] = []
        self.left_out: Counter[str] = Counter()
        self.refused: Issue | None = None
        self._padded = padded
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
        elif is_total(record.cells):
            if len(self._held) or self._waiting or self._rejected:
                self._wait(record)
            else:
                self.leave_out("totals", Code.TOTAL_LEFT_OUT, record)
        elif self.width > 2 and is_single(record.cells):
            self._wait(record)
        else:
            self._settle()
            self._put(record)

    def leave_out(self, what: str, code: Code, record: Record) -> None:
        """A record that is no data, and is said to be none."""
        self.left_out[what] += 1
        value = next((cell.strip() for cell in record.cells if cell.strip()), None)
        shown = about_file(code, line=record.number, value=value, severity=Severity.FLAGGED)
        self.issues.append(shown)

    def finish(self) -> Table:
        """The table, once nothing follows."""
        if self.refused is not None:
            return Table(issues=(self.refused,))
        footed = any(is_footer(record.cells) for record in self._waiting)
        for record in self._waiting:
            if is_total(record.cells):
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

    def _repeats_header(self, record: Record) -> bool:
        return record.cells == self.cells

    def _wait(self, record: Record) -> None:
        self._waiting.append(record)
        if len(self._waiting) > _LONGEST_WAIT:
            self._settle()

    def _settle(self) -> None:
        """What waited is data like any other: more of it follows."""
        for record in self._waiting:
            self._put(record)
        self._waiting = []

    def _put(self, record: Record) -> None:
        cells = record.cells
        if self._padded:
            cells = (cells + [""] * self.width)[: self.width]
        if len(cells) > self.width and extent(cells) <= self.width:
            cells = cells[: self.width]
        if len(cells) != self.width:
            value = f"{len(cells)} ≠ {self.width}"
            self._reject(about_file(Code.RAGGED, line=record.number, value=value))
            return
        odd = set(_CONTROL.findall("".join(cells))) if self._odd else set()
        if "\0" in odd:
            self._reject(about_file(Code.NUL_CHARACTER, line=record.number))
            return
        if odd:
            self._say(odd, record.number)
        self._held.add(record.number, cells)

    def _say(self, odd: set[str], number: int) -> None:
        for mark, code in ((True, Code.MARK_IN_TEXT), (False, Code.CONTROL_CHARACTER)):
            signs = sorted(f"U+{ord(sign):04X}" for sign in odd if (sign == "\ufeff") is mark)
            if signs:
                issue = about_file(code, line=number, value=", ".join(signs))
                self.issues.append(replace(issue, severity=Severity.FLAGGED))

    def _reject(self, issue: Issue) -> None:
        self._rejected += 1
        self.issues.append(issue)
