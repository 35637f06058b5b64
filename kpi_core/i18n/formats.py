"""Numbers and dates as each language writes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal, format_decimal

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words

LONG = 8
"""Characters from which a number is shortened: 12,345,678 becomes 1235万 or 12.3M."""
MORE_DIGITS = 2
"""Digits added to a short number or a percentage that would seem to be on a border's other side."""
COUNTER = 2
"""Letters of a Japanese unit at most that follows its number in a sentence."""
EXACT = 6
"""Decimals of a number that was stated; more are noise of floating-point numbers."""
MONDAY = date(2024, 1, 1)


class Rounding(StrEnum):
    """Which way a number is rounded. Values are those of `decimal`."""

    NEAREST = ROUND_HALF_UP
    UP = ROUND_CEILING
    DOWN = ROUND_FLOOR


@dataclass(frozen=True)
class Formats:
    """How one language writes numbers and dates: every number on a screen comes from here.

    `beside` are the borders that a number is read against, such as its target: it is written
    with more digits where rounding would put it on one, or on the other side of it.
    """

    language: Language

    def number(
        self,
        value: float | None,
        decimals: int | None = None,
        *,
        beside: Iterable[float] = (),
        rounding: Rounding = Rounding.NEAREST,
    ) -> str:
        """`1,234`, `12.5`; a dash for what is not known. Whole from 100 on, else one decimal."""
        if value is None:
            return "–"
        exact, given = _exact(value), decimals
        if decimals is None:
            decimals = 0 if abs(round(exact, 1)) >= 100 or exact == int(exact) else 1
        shown, decimals = _beside(exact, decimals, tuple(beside), rounding, EXACT)
        is_whole = shown == int(shown) and (rounding is not Rounding.NEAREST or abs(shown) >= 100)
        return self._decimal(shown, 0 if given is None and is_whole else decimals)

    def short(
        self,
        value: float | None,
        *,
        beside: Iterable[float] = (),
        rounding: Rounding = Rounding.NEAREST,
    ) -> str:
        """The same, but 万 and 億, or K, M and B, once the digits would be too many."""
        borders = tuple(beside)
        text = self.number(value, beside=borders, rounding=rounding)
        if value is None or len(self.number(value, rounding=rounding)) < LONG:
            return text
        found = self._shortened_beside(_exact(value), borders, rounding)
        return text if found is None else self._compact(*found)

    def stated(self, value: float | None, *, beside: Iterable[float] = ()) -> str:
        """A number as it was stated, a target for example.

        Shortened where that does not round it, or where a number `beside` could not be mistaken
        it for one on its other side.
        """
        if value is None:
            return "–"
        exact, others = _exact(value), tuple(beside)
        if len(self.number(value)) >= LONG:
            shown, decimals = self._shortened(exact, 0, Rounding.NEAREST)
            clear = others and all(
                self._shortened_beside(_exact(other), (value,), Rounding.NEAREST)
                for other in others
            )
            if shown == exact or clear:
                own = _own_decimals(shown / self._scale(shown)[0])
                return self._compact(shown, min(own, decimals))
        return self._decimal(exact, _own_decimals(exact))

    def _shortened_beside(
        self, value: Decimal, borders: tuple[float, ...], rounding: Rounding
    ) -> tuple[Decimal, int] | None:
        """A long number shortened so that it stays on its side of borders, shortened ones too."""
        seen = [
            self._shortened(_exact(border), 0, Rounding.NEAREST)[0]
            if len(self.number(border)) >= LONG
            else _exact(border)
            for border in borders
        ]
        for more in range(MORE_DIGITS + 1):
            shown, decimals = self._shortened(value, more, rounding)
            sides = zip(map(_exact, borders), seen, strict=True)
            if all(value.compare(exact) == shown.compare(near) for exact, near in sides):
                return shown, decimals
        return None

    def percent(
        self, share: float | None, decimals: int = 0, *, beside: Iterable[float] = ()
    ) -> str:
        """`68%`. What is short of 100% never reads 100%."""
        if share is None:
            return "–"
        borders = (1.0, *beside)
        exact = _exact(share) * 100
        percents = tuple(float(_exact(border) * 100) for border in borders)
        decimals = max(decimals, *(min(_own_decimals(_exact(p)), 2) for p in percents))
        shown, decimals = _beside(
            exact, decimals, percents, Rounding.NEAREST, decimals + MORE_DIGITS
        )
        return f"{self._decimal(shown, decimals)}%"

    def stated_percent(self, share: float | None) -> str:
        """A share as it was stated: `12.5%`."""
        if share is None:
            return "–"
        exact = _exact(share) * 100
        return f"{self._decimal(exact, _own_decimals(exact))}%"

    def unit(self, number: str, unit: str) -> str:
        """A unit as it stands beside a number: `1 lead`, `2 leads`."""
        return _singular(unit) if self.language is Language.EN and number == "1" else unit

    def counted(self, number: str, unit: str) -> str:
        """A number in a sentence whose subject is known: `16`, and in Japanese `16件`.

        A longer unit, such as `円（税抜）`, is left to the number itself.
        """
        is_counter = self.language is Language.JA and len(unit) <= COUNTER
        return f"{number}{unit}" if is_counter else number

    def _decimal(self, value: Decimal, decimals: int) -> str:
        return _written(value, decimals, self.language.value)

    def _compact(self, value: Decimal, decimals: int) -> str:
        locale = self.language.value
        return str(format_compact_decimal(value, locale=locale, fraction_digits=decimals))

    def _shortened(self, value: Decimal, more: int, rounding: Rounding) -> tuple[Decimal, int]:
        """A long number to three digits at least and `more`, with its decimals in its unit."""
        shown, decimals = value, 0
        for _ in range(2):  # rounded up, 999,950 is a unit larger
            unit, whole = self._scale(shown)
            decimals = (2 if whole == 1 else 1 if whole <= 3 else 0) + more
            shown = (value / unit).quantize(Decimal(1).scaleb(-decimals), str(rounding)) * unit
        return shown, decimals

    def _scale(self, value: Decimal) -> tuple[Decimal, int]:
        """The unit that a long number is written in, and how many digits it then has."""
        step, largest = (4, 16) if self.language is Language.JA else (3, 12)
        power = min(max(value.adjusted() // step, 0) * step, largest)
        return Decimal(1).scaleb(power), value.adjusted() - power + 1

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

    def month_name(self, month: Month) -> str:
        """`11月`, `Nov`, for the heads of a table."""
        return _skeleton("MMM", date(month.year, month.number, 1), self.language.value)

    def weekday(self, number: int) -> str:
        """`土`, `Sat`; the week begins with Monday, which is 0."""
        return _skeleton("EEE", MONDAY + timedelta(days=number), self.language.value)

    def country(self, code: str) -> str:
        """`日本`, `Japan` for `JP`; the code itself where it has no name."""
        return str(Locale(self.language.value).territories.get(code, code))

    def moment(self, moment: datetime, now: datetime | None = None) -> str:
        """A day and time; midnight reads as the end of the day before.

        The year is shown where it is not that of `now`.
        """
        words = Words(self.language)
        if moment.time() == time():
            day = moment.date() - timedelta(days=1)
            return words("formats.end_of", day=self._day_near(day, now))
        text = self._day_near(moment.date(), now)
        return words("formats.day_time", day=text, time=f"{moment:%H:%M}")

    def _day_near(self, day: date, now: datetime | None) -> str:
        return self.day(day) if now is None or day.year == now.year else self.full_day(day)


def _exact(value: float) -> Decimal:
    """A number by its shortest digits: 0.145 is 0.145, and half of its last digit rounds up."""
    return Decimal(repr(float(value)))


def _own_decimals(value: Decimal) -> int:
    """How many decimals a number has, without trailing zeros, at most six."""
    exponent = round(value, EXACT).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _same_side(value: Decimal, shown: Decimal, borders: Iterable[float]) -> bool:
    """Whether what is shown lies on the same side of each border as the value, or on it as it."""
    exact = [_exact(border) for border in borders]
    return all(value.compare(border) == shown.compare(border) for border in exact)


def _beside(
    value: Decimal, decimals: int, borders: tuple[float, ...], rounding: Rounding, most: int
) -> tuple[Decimal, int]:
    """The value rounded to as few decimals as keep it on its side of the borders."""
    for enough in range(decimals, max(most, decimals) + 1):
        shown = value.quantize(Decimal(1).scaleb(-enough), str(rounding))
        if _same_side(value, shown, borders):
            return shown, enough
    step = Decimal(1).scaleb(-enough)
    away = ROUND_FLOOR if shown > value else ROUND_CEILING
    return value.quantize(step, away), enough


_IRREGULAR = {"people": "person", "persons": "person", "companies": "company"}


def _singular(unit: str) -> str:
    """One of an English unit, by its last word; `yen` and whatever does not end in s stays."""
    *before, last = unit.split(" ")
    if last.lower() in _IRREGULAR:
        one = _IRREGULAR[last.lower()]
    elif last.endswith("ies") and len(last) > 4:
        one = last[:-3] + "y"
    elif last.endswith(("sses", "shes", "ches", "xes", "zes")):
        one = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
        one = last[:-1]
    else:
        one = last
    return " ".join((*before, one))


@lru_cache(maxsize=4096)
def _written(value: Decimal, decimals: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=locale))


@lru_cache(maxsize=4096)
def _skeleton(skeleton: str, day: date, locale: str) -> str:
    return str(format_skeleton(skeleton, day, locale=locale))
