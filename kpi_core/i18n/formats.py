"""Numbers and dates as each language writes them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal, format_decimal

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words

LONG = 8
"""Characters from which a number is shortened: 12,345,678 becomes 1235万 or 12.3M."""


@dataclass(frozen=True)
class Formats:
    """How one language writes numbers and dates."""

    language: Language

    def number(self, value: float | None, decimals: int | None = None) -> str:
        """`1,234`, `12.5`; a dash for what is not known. Whole from 100 on, else one decimal."""
        if value is None:
            return "–"
        if decimals is None:
            decimals = 0 if abs(value) >= 100 or value == int(value) else 1
        return _decimal(round(value, decimals), decimals, self.language.value)

    def short(self, value: float | None) -> str:
        """The same, but 万 and 億, or K, M and B, once the digits would be too many."""
        text = self.number(value)
        if value is None or len(text) < LONG:
            return text
        locale = self.language.value
        whole = sum(letter.isdigit() for letter in format_compact_decimal(value, locale=locale))
        decimals = 2 if whole == 1 else 1 if whole <= 3 else 0
        return str(format_compact_decimal(value, locale=locale, fraction_digits=decimals))

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """`68%`. What is short of 100% never reads 100%."""
        if share is None:
            return "–"
        shown = round(share * 100, decimals)
        if share < 1 <= shown / 100:
            shown = 100 - 10**-decimals
        return f"{_decimal(shown, decimals, self.language.value)}%"

    def day(self, day: date) -> str:
        """`11月24日(火)`, `Tue, Nov 24`."""
        return _skeleton("MMMEd", day, self.language.value)

    def short_day(self, day: date) -> str:
        """`11/24`, for where dates stand close together."""
        return (
            f"{day.month}/{day.day}"
            if self.language is Language.JA
            else _skeleton("MMMd", day, "en")
        )

    def full_day(self, day: date) -> str:
        """`2026年11月24日`, `Nov 24, 2026`."""
        return _skeleton("yMMMd", day, self.language.value)

    def month(self, month: Month) -> str:
        """`2026年11月`, `November 2026`."""
        return _skeleton("yMMMM", date(month.year, month.number, 1), self.language.value)

    def moment(self, moment: datetime, now: datetime | None = None) -> str:
        """A day and time; midnight reads as the end of the day before.

        The year is told where it is not that of `now`.
        """
        words = Words(self.language)
        if moment.time() == time():
            day = moment.date() - timedelta(days=1)
            return words("formats.end_of", day=self._day_near(day, now))
        text = self._day_near(moment.date(), now)
        return words("formats.day_time", day=text, time=f"{moment:%H:%M}")

    def _day_near(self, day: date, now: datetime | None) -> str:
        return self.day(day) if now is None or day.year == now.year else self.full_day(day)


@lru_cache(maxsize=4096)
def _decimal(value: float, decimals: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=locale))


@lru_cache(maxsize=4096)
def _skeleton(skeleton: str, day: date, locale: str) -> str:
    return str(format_skeleton(skeleton, day, locale=locale))
