"""The rows of a file on their way to facts: cells read by kind, with what was wrong in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from kpi_core.ingest.cells.dates import read_dates
from kpi_core.ingest.cells.numbers import read_numbers
from kpi_core.ingest.cells.personal import hashed, looks_like_mail
from kpi_core.ingest.cells.text import trimmed
from kpi_core.ingest.files.table import Table
from kpi_core.ingest.finding import Code, about_file, at_cells, at_lines
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.storage.facts import ATTRIBUTE_COLUMNS, Issue, Severity, empty

DESCRIBED = ("channel", "campaign", "owner", "account")
CLOCKS_APART = timedelta(days=1)
"""No date within a day of now is called future: the file may come from another zone."""
TOO_FAR = (Code.FAR_FUTURE, Code.FAR_PAST)


@dataclass
class Rows:
    """A table read by a mapping. Every series has line numbers for its index.

    `file_hash` stands for the file in the ids of leads that have none. `secret` is the key
    of hashed mail addresses; without it they are no ids. `now` is a wall clock.
    """

    table: Table
    mapping: Mapping
    file_hash: str
    now: datetime
    secret: bytes | None = None
    issues: list[Issue] = field(default_factory=list)

    def cells(self, column: str, lines: "pd.Index[int] | None" = None) -> "pd.Series[str]":
        """A column, trimmed and missing where blank; all missing where the file lacks it."""
        frame = self.table.frame
        if column not in frame:
            return pd.Series(pd.NA, frame.index if lines is None else lines, dtype="str")
        return trimmed(frame[column] if lines is None else frame[column].loc[lines])

    def dates(
        self, column: str, lines: "pd.Index[int]", *, too_far: Severity = Severity.REJECTED
    ) -> pd.DataFrame:
        """Columns `at` and `code` of dates.read_dates. What cannot be read is an issue."""
        cells = self.cells(column, lines)
        read = read_dates(cells, self.mapping.zone, self.mapping.date_format)
        for code in read["code"].dropna().unique():
            severity = too_far if code in TOO_FAR else Severity.REJECTED
            self.issues += at_cells(Code(code), cells[read["code"] == code], column, severity)
        ahead = cells[read["at"] > self.now + CLOCKS_APART]
        self.issues += at_cells(Code.DATE_IN_FUTURE, ahead, column, Severity.FLAGGED)
        return read

    def numbers(
        self, column: str | None, lines: "pd.Index[int]", code: Code = Code.AMOUNT_UNREADABLE
    ) -> "pd.Series[float]":
        """A column of numbers. What cannot be read is missing, and an issue.

        Only a count that cannot be read costs its row; an event goes in without its amount.
        """
        if column is None:
            return pd.Series(float("nan"), lines, dtype="float64")
        cells = self.cells(column, lines)
        read = read_numbers(cells)
        severity = Severity.REJECTED if code is Code.NUMBER_UNREADABLE else Severity.FLAGGED
        self.issues += at_cells(code, cells[read["bad"]], column, severity)
        return read["number"]

    def leads(self) -> "pd.Series[str]":
        """The lead of every row that has one; a row without is an issue."""
        lines = self.table.frame.index
        if self.mapping.id is None:
            self.issues.append(about_file(Code.ROWS_WITHOUT_ID, severity=Severity.FLAGGED))
            return pd.Series([f"{self.file_hash}:{line}" for line in lines], lines, dtype="str")
        ids = self.cells(self.mapping.id)
        self.issues += at_lines(Code.ID_MISSING, lines[ids.isna()], self.mapping.id)
        ids = ids.dropna()
        mail = looks_like_mail(ids)
        if not mail.any():
            return ids
        if self.secret is None:
            self.issues += at_lines(Code.MAIL_AS_ID, ids.index[mail], self.mapping.id)
            return ids[~mail]
        ids[mail] = hashed(ids[mail], self.secret)
        return ids

    def described(self, lines: "pd.Index[int]") -> pd.DataFrame:
        """Channel, campaign, owner and account of these lines."""
        columns = {name: getattr(self.mapping, name) for name in DESCRIBED}
        return pd.DataFrame(
            {
                name: self._impersonal(column, lines)
                if column is not None
                else pd.Series(pd.NA, lines, dtype="str")
                for name, column in columns.items()
            }
        )

    def attributes(self, leads: "pd.Series[str]") -> pd.DataFrame:
        """One row per lead and attribute that has a value; of several values the last."""
        parts = [
            pd.DataFrame({"line": value.index, "lead": leads[value.index], "value": value}).assign(
                name=name
            )
            for name, column in self.mapping.attributes.items()
            if len(value := self._impersonal(column, leads.index).dropna())
        ]
        if not parts:
            return empty(ATTRIBUTE_COLUMNS)
        found = pd.concat(parts, ignore_index=True).drop_duplicates(["lead", "name"], keep="last")
        return shaped(found, ATTRIBUTE_COLUMNS)

    def left_over(self, lines: "pd.Index[int]", taken: "Iterable[pd.Index[int]]") -> None:
        """Note each of these lines from which nothing was taken, and of which nothing was said."""
        left = lines
        for each in taken:
            left = left.difference(each)
        if len(left):
            said = {issue.line for issue in self.issues if issue.severity is Severity.REJECTED}
            left = left[[line not in said for line in left]]
        self.issues += at_lines(Code.NOTHING_IN_ROW, left)

    def _impersonal(self, column: str, lines: "pd.Index[int]") -> "pd.Series[str]":
        """A column without the cells that hold a mail address, which is said once."""
        cells = self.cells(column, lines)
        mail = looks_like_mail(cells)
        if not mail.any():
            return cells
        dropped = about_file(Code.MAIL_DROPPED, column=column, severity=Severity.FLAGGED)
        if dropped not in self.issues:
            self.issues.append(dropped)
        return cells.mask(mail)


def shaped(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """These columns in this order and of these types, missing where the frame lacks them."""
    return frame.reindex(columns=list(columns)).astype(columns).reset_index(drop=True)
