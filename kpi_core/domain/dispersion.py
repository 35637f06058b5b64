"""How much a number scatters around its own level, as its history shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Period

UNKNOWN_DISPERSION = 1.5
"""Variance over mean where there is no history to tell; what is known is drawn towards it."""
WEEKS = 26
"""Of history from which the dispersion is estimated."""
WEEKS_OF_PRIOR = 10
FEWEST_DAYS = 15
FEWEST_BLOCKS = 5
"""Blocks of seven days."""
WEEKDAYS_FREE = 6
"""Degrees of freedom that the pattern of the week takes."""
MONTH_END_DAYS = 3
"""The last working days of a month have a weight of their own."""
FEWEST_AMOUNTS = 20
"""Events below which nothing is known of how amounts differ."""

Counts = Mapping[date, float]
"""What came on each day; a day that is not in it brought nothing."""


@dataclass(frozen=True)
class History:
    """What came on each of the days seen, which the calendar divides into months."""

    counts: Counts
    seen: Period
    calendar: WorkCalendar

    def on(self, day: date) -> float:
        """What came on a day."""
        return self.counts.get(day, 0.0)

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months that the days seen lie in, whole, in order."""
        return self._months_through(self.seen.last)

    def _months_through(self, day: date) -> tuple[Period, ...]:
        month, last = (self.calendar.month_of(each) for each in (self.seen.first, day))
        found = []
        while month <= last:
            found.append(self.calendar.period(month))
            month = month.plus(1)
        return tuple(found)

    @cached_property
    def weights(self) -> dict[date, float]:
        """What each day of these months weighs beside an ordinary working day."""
        return self._weights(self.months)

    def weights_through(self, last: date) -> dict[date, float]:
        """What each day weighs, from the first month seen to the month of a day."""
        if last <= self.months[-1].last:
            return self.weights
        return self._weights(self._months_through(last))

    def _weights(self, months: Sequence[Period]) -> dict[date, float]:
        """The weights of the days of some months.

        A day off: its mean over a working day's, drawn towards a half and never above 1.5. The
        last three working days: what they brought in past months over what was to be expected.
        """
        working = {day: place for month in months for place, day in self._from_end(month)}
        worked = [self.on(day) for day in self.seen.days() if day in working]
        others = [self.on(day) for day in self.seen.days() if day not in working]
        rate = (max(sum(worked), 0.0) + 1) / (len(worked) + 1)
        off = min(1.5, (max(sum(others), 0.0) + 2.5) / (len(others) * rate + 5))
        weights = {day: 1.0 if day in working else off for month in months for day in month.days()}
        came = expected = 0.0
        for month in self.months:
            if month.first < self.seen.first or month.last > self.seen.last:
                continue
            level = (max(sum(map(self.on, month.days())), 0.0) + 1) / (
                sum(map(weights.__getitem__, month.days())) + 1
            )
            ends = [day for place, day in self._from_end(month) if place < MONTH_END_DAYS]
            came += max(sum(map(self.on, ends)), 0.0)
            expected += len(ends) * level
        month_end = (came + 30) / (expected + 30)
        return weights | {
            day: month_end for day, place in working.items() if place < MONTH_END_DAYS
        }

    def _from_end(self, month: Period) -> list[tuple[int, date]]:
        return list(enumerate(reversed(self.calendar.working_days(month))))

    @cached_property
    def raw_dispersion(self) -> float | None:
        """Variance over mean of the last 26 weeks, around each month's own level.

        The mean of what days and blocks of seven days show, since a good week is followed by
        others; None with fewer than 15 days.
        """
        days = list(self.seen.days())[-7 * WEEKS :]
        if len(days) < FEWEST_DAYS:
            return None
        pairs: list[tuple[float, float]] = []
        months = 0
        for month in self.months:
            own = [day for day in month.days() if days[0] <= day <= days[-1]]
            if own:
                months += 1
                came = max(sum(map(self.on, own)), 0.0) + 0.5
                level = came / sum(self.weights[day] for day in own)
                pairs += [(self.on(day), level * self.weights[day]) for day in own]
        by_day = _scatter(pairs, len(pairs) - months - WEEKDAYS_FREE)
        blocks = [pairs[at : at + 7] for at in range(len(pairs) % 7, len(pairs), 7)]
        sums = [(sum(y for y, _ in block), sum(mu for _, mu in block)) for block in blocks]
        by_week = _scatter(sums, len(sums) - months) if len(sums) >= FEWEST_BLOCKS else by_day
        return (by_day + by_week) / 2

    @property
    def dispersion(self) -> float:
        """Variance over mean of a count, never below a Poisson's 1; 1.5 without a history."""
        raw = self.raw_dispersion
        if raw is None:
            return UNKNOWN_DISPERSION
        weeks = min(len(self.seen) / 7, WEEKS)
        prior = UNKNOWN_DISPERSION * WEEKS_OF_PRIOR
        return max(1.0, (prior + weeks * raw) / (WEEKS_OF_PRIOR + weeks))


def _scatter(pairs: Sequence[tuple[float, float]], freedom: int) -> float:
    squares = sum((y - mu) ** 2 for y, mu in pairs)
    return squares / sum(mu for _, mu in pairs) * len(pairs) / max(freedom, 1)


@dataclass(frozen=True)
class Amounts:
    """The amounts of single events: `variation` is their squared coefficient of variation."""

    mean: float
    variation: float

    @classmethod
    def of(cls, sums: Counts, counts: Counts) -> "Amounts | None":
        """As the days tell: how far each day's sum is from its count times the mean.

        With one event a day that is their sample variance. None with fewer than 20 events, or
        a mean that is not above zero.
        """
        days = [(count, sums.get(day, 0.0)) for day, count in counts.items() if count > 0]
        events = sum(count for count, _ in days)
        mean = sum(total for _, total in days) / events if events else 0.0
        if events < FEWEST_AMOUNTS or mean <= 0 or len(days) < 2:
            return None
        squares = sum((total - count * mean) ** 2 / count for count, total in days)
        return cls(mean, squares / (len(days) - 1) / mean**2)


EACH_ONE = Amounts(1.0, 0.0)
"""What counts alone: every event is worth one."""


@dataclass(frozen=True)
class CountedPast:
    """What came before as a history of counts, each worth an amount.

    `falls`: on one of its days more was taken back than came. `events` is how many events one
    count stands for: daily numbers are counted in packs.
    """

    history: History
    amounts: Amounts = EACH_ONE
    falls: bool = False
    events: float = 1.0

    @property
    def dispersion(self) -> float:
        """Variance over mean of the sum, in units of the mean amount."""
        return self.history.dispersion * (1 + self.amounts.variation)
