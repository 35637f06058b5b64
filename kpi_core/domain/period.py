"""A closed range of days, and the month a plan is run by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH = re.compile(r"(19|2[0-9])([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True)
class Period:
    """A closed range of days: both ends count."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"Period ends before it starts: {self.first} to {self.last}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __len__(self) -> int:
        """Days in the period, never less than one."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Every day, in order."""
        return (self.first + timedelta(days=n) for n in range(len(self)))


@dataclass(frozen=True, order=True)
class Month:
    """A month by its name, such as 2026-11. Which days it has is the calendar's to say."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError(f"No such month: {self.year:04d}-{self.number:02d}")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-11`; ValueError for anything else, and for years outside 1900-2999."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueError(f"Not a month: {text!r}. Write it as 2026-11.")
        return cls(int(match[1] + match[2]), int(match[3]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The calendar month that holds the day."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """So many months later, or earlier when negative."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)
