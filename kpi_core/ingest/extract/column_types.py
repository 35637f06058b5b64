"""What a column of cells is read as: quickly by SQL, and cell by cell where SQL cannot tell."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from kpi_core.domain.issue_code import Code
from kpi_core.domain.stage import Stage
from kpi_core.ingest.extract.cell_sql import any_of, is_ascii, literal, literals
from kpi_core.parsing.dates import Clock, DateReading, fast_date, fast_zone, read_dates, zones_of
from kpi_core.parsing.numbers import NumberReading, fast_number, read_numbers
from kpi_core.parsing.pii import hashed, looks_like_mail
from kpi_core.parsing.text_column import folded, trimmed_sql

PASSED_OVER = ""
"""The stage of a row that the mapping wants nothing made of."""
USUAL_DATES = ("2026-01-05", "2026-01-05 10:30", "2026-01-05 10:30:00", "2026/1/5", "2026年1月5日")
"""Spellings to try where the first rows have none."""
OTHER_SPACES = r"  |[\t-\r\x1c-\x1f]"
"""What of ASCII is folded to one space, for RE2."""
ROUNDED_ID = r"\d(?:[.,]\d+)?E\+\d{1,3}"
"""A long number as a spreadsheet shows it."""
CUT_ID = r"[1-9]\d{14}0+(?:[.]0+)?"
"""A number of which a spreadsheet has kept no more than 15 digits, if it has touched it."""
_APOSTROPHE_OR_POWER = r"^\s*(?:[''’＇]|[0-9](?:[.,][0-9]+)?[eE][+])"
MINUS_ONE = r"-1(?:[.,]0+)?"
CLOCKS_APART = timedelta(days=1)
"""No date within a day of now is called future: the file may come from another zone."""


class Kind(ABC):
    """A way to read cells. What `quick` gives is right; where it gives null, `read` decides."""

    sql_type = "varchar"

    @abstractmethod
    def quick(self, cell: str) -> str:
        """SQL for the value of an untrimmed cell; null for a blank one, and where it cannot say."""

    @abstractmethod
    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        """Columns `value` and `code` for distinct trimmed cells; a code says what is wrong."""

    def notable(self, value: str) -> str:
        """SQL for the values whose cell must be at hand although it could be read."""
        return "false"

    @property
    def has_zones(self) -> bool:
        """Whether its values are written in zones."""
        return False

    def quick_zones(self, cell: str, value: str) -> dict[str, str]:
        """Zones by SQL for the cells that are written in them."""
        return {}


@dataclass(frozen=True)
class Text(Kind):
    """Words as they stand. One with a mail address in it is left out, unless it is to be kept."""

    keep: bool = False

    def quick(self, cell: str) -> str:
        if self.keep:
            return trimmed_sql(cell)
        return _without_mail(cell)

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        mail = looks_like_mail(values)
        return _judged(values.mask(mail), mail, Code.MAIL_DROPPED)


@dataclass(frozen=True)
class Id(Kind):
    """The id of a lead. A mail address is hashed with the key `secret`; without one it is none.

    An apostrophe before it, which keeps a spreadsheet from reading a number, is no part of it.
    One that a spreadsheet has rounded, 7.00123E+15, is none: several ids become the same. So is
    7001230000000000 where `cut`: the column shows that its long numbers have lost their ends.
    """

    secret: bytes | None
    cut: bool = False

    def quick(self, cell: str) -> str:
        special = f"regexp_matches({cell}, '{_APOSTROPHE_OR_POWER}')"
        if self.cut:
            special = any_of([special, f"regexp_full_match(trim({cell}), {literal(CUT_ID)})"])
        return f"case when not ({special}) then {_without_mail(cell)} end"

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        bare = values.str.replace(r"^['’＇](?=[^'’＇\s])", "", regex=True)
        rounded = bare.str.fullmatch(ROUNDED_ID, case=False)
        if self.cut:
            rounded |= bare.str.fullmatch(CUT_ID)
        mail = looks_like_mail(bare)
        ids = bare.mask(rounded)
        if self.secret is None:
            found = _judged(ids.mask(mail), mail, Code.MAIL_AS_ID)
        else:
            ids[mail] = hashed(bare[mail], self.secret)
            found = _judged(ids, mail & False, Code.MAIL_AS_ID)
        found.loc[rounded.astype("bool"), "code"] = Code.ID_ROUNDED.value
        return found


@dataclass(frozen=True)
class OneOf(Kind):
    """Whether a cell is one of these texts, without regard to case, width and number of spaces."""

    sql_type = "boolean"
    wanted: tuple[str, ...]

    def quick(self, cell: str) -> str:
        exact = literals(self.wanted) or "null"
        lower = literals(folded(text) for text in self.wanted) or "null"
        bare = trimmed_sql(cell)
        plain = f"{is_ascii(cell)} and not regexp_matches({bare}, {literal(OTHER_SPACES)})"
        return (
            f"case when {bare} in ({exact}) then true "
            f"when {plain} then lower({bare}) in ({lower}) end"
        )

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        wanted = {folded(text) for text in self.wanted}
        found = pd.Series([folded(value) in wanted for value in values], values.index, dtype="bool")
        return pd.DataFrame({"value": found, "code": pd.Series(pd.NA, values.index, dtype="str")})


@dataclass(frozen=True)
class Known(OneOf):
    """Whether a cell is one of the texts that are known. Of one that is not, the cell is kept."""

    def notable(self, value: str) -> str:
        return f"not {value}"


@dataclass(frozen=True)
class StageOf(Kind):
    """The stage that a value of the source stands for, PASSED_OVER where none is wanted."""

    known: tuple[tuple[str, str], ...]
    """Values of the source with our stages."""

    @classmethod
    def by(cls, values: Mapping[str, Stage | None]) -> "StageOf":
        """As a mapping has them."""
        return cls(tuple((text, stage or PASSED_OVER) for text, stage in values.items()))

    def quick(self, cell: str) -> str:
        exact = " ".join(f"when {literal(text)} then {literal(to)}" for text, to in self.known)
        return f"case {cell} {exact} end" if exact else "cast(null as varchar)"

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        known = {folded(text): stage for text, stage in self.known}
        stages = values.map({value: known.get(folded(value)) for value in values}).astype("str")
        return _judged(stages, stages.isna(), Code.UNKNOWN_STAGE)


@dataclass(frozen=True)
class Moment(Kind):
    """A date or a time. Of one that lies ahead the cell is kept at hand.

    With a `clock` each has the zone in which it is written.
    """

    sql_type = "timestamp"
    reading: DateReading
    sample: tuple[str, ...]
    now: datetime
    clock: Clock | None = None

    def quick(self, cell: str) -> str:
        fast = fast_date(cell, self.sample or USUAL_DATES, self.reading)
        return "cast(null as timestamp)" if fast is None else fast

    @property
    def has_zones(self) -> bool:
        return self.clock is not None

    def quick_zones(self, cell: str, value: str) -> dict[str, str]:
        if self.clock is None:
            return {}
        return fast_zone(cell, value, self.sample or USUAL_DATES, self.reading, self.clock)

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        read = read_dates(values, self.reading).rename(columns={"at": "value"})
        if self.clock is None:
            return read
        return read.assign(zone=zones_of(values, read["value"], self.reading, self.clock))

    def notable(self, value: str) -> str:
        ahead = (self.now + CLOCKS_APART).isoformat(" ")
        return f"{value} > timestamp {literal(ahead)}"


@dataclass(frozen=True)
class Number(Kind):
    """A number. `code` is what is noted of a cell that is none."""

    sql_type = "double"
    reading: NumberReading
    code: Code = Code.AMOUNT_UNREADABLE
    minus_one_is_none: bool = False

    def quick(self, cell: str) -> str:
        fast = fast_number(cell, self.reading)
        if not self.minus_one_is_none:
            return fast
        return f"case when not starts_with(trim({cell}), '-') then {fast} end"

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        read = read_numbers(values, self.reading)
        if self.minus_one_is_none:
            read["number"] = read["number"].where(read["number"] != -1)
        return _judged(read["number"], read["bad"], self.code)


def _without_mail(cell: str) -> str:
    """SQL for a cell that holds no mail address for certain; null for others."""
    bare = trimmed_sql(cell, others=f"not contains({cell}, '＠')")
    return f"case when not contains({cell}, '@') then {bare} end"


def _judged(values: "pd.Series[str]", bad: "pd.Series[bool]", code: Code) -> pd.DataFrame:
    codes = pd.Series(pd.NA, values.index, dtype="str")
    codes[bad.astype("bool")] = code.value
    return pd.DataFrame({"value": values, "code": codes})
