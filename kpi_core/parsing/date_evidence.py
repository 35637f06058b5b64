"""What the cells of a column show of its dates: their order, their unit, whether they are any."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd

from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.numeric_dates import Figures, looks_bare, moments, of_unit, take_apart
from kpi_core.parsing.text_column import is_missing_mark, narrow

DAYS_PER_YEAR_SEEN = 3
"""So many times more days than years must be seen before 26/01/05 is understood by that."""
SURE_DAYS = 4

Orders = frozenset[Order]


@dataclass(frozen=True)
class DateEvidence:
    """What distinct cells of a column show. Evidence of parts of a column adds up with `+`.

    `total` are the cells that say something; `readable` those that hold a date, whatever its
    order; `bare` those that are numbers, of which `units` may be moments.
    """

    total: int = 0
    readable: int = 0
    bare: int = 0
    units: Mapping[Unit, str] = field(default_factory=dict)
    """The units that some bare number has, with the first such cell."""
    unit_cells: int = 0
    """Bare numbers that are a moment of our time in some unit."""
    numbered: int = 0
    """Numbers of four digits: the days of a report that counts them from 0000, or years."""
    has_offset: bool = False
    orders: Mapping[Orders, str] = field(default_factory=dict)
    """Each set of orders that some cell allows and that matters to it, with the first such cell."""
    marks: Mapping[tuple[str, Orders], str] = field(default_factory=dict)
    """The same by the sign that parts their numbers: 17-10-2026 and 10/17/2026 are of two."""
    long_years: bool = False
    """Some open date ends with a year of four digits: the year is not its first number."""
    firsts: frozenset[int] = frozenset()
    lasts: frozenset[int] = frozenset()
    """The first and last numbers of open dates whose year may be at either end."""

    def __add__(self, other: "DateEvidence") -> "DateEvidence":
        return DateEvidence(
            self.total + other.total,
            self.readable + other.readable,
            self.bare + other.bare,
            {**other.units, **self.units},
            self.unit_cells + other.unit_cells,
            self.numbered + other.numbered,
            self.has_offset or other.has_offset,
            {**other.orders, **self.orders},
            {**other.marks, **self.marks},
            self.long_years or other.long_years,
            self.firsts | other.firsts,
            self.lasts | other.lasts,
        )

    @property
    def possible(self) -> tuple[Order, ...]:
        """The orders that every cell allows; none where cells contradict each other."""
        return tuple(order for order in Order if self._allowed(order))

    @property
    def order(self) -> Order | None:
        """The one order that the cells leave; None where they leave several, or none."""
        possible = self.possible
        if not self.orders or not possible:
            return None
        return possible[0] if len(possible) == 1 else self._by_spread(possible)

    @property
    def by_mark(self) -> tuple[tuple[str, Order], ...]:
        """The one order of the dates of each sign, where cells of two signs contradict each other.

        Left out are signs whose own dates leave several orders, or none.
        """
        if self.possible or not self.orders:
            return ()
        left = {mark: self._of_mark(mark).possible for mark, _ in self.marks}
        proven = {mark: orders[0] for mark, orders in left.items() if len(orders) == 1}
        return tuple(sorted(proven.items()))

    @property
    def unproven(self) -> "DateEvidence":
        """Without the dates of the signs that prove an order of their own."""
        proven = dict(self.by_mark)
        left = {(mark, orders): c for (mark, orders), c in self.marks.items() if mark not in proven}
        return replace(self, marks=left, orders=_whatever_the_mark(left))

    def _of_mark(self, mark: str) -> "DateEvidence":
        own = {orders: cell for (of, orders), cell in self.marks.items() if of == mark}
        return replace(self, orders=own)

    @property
    def contradicting(self) -> tuple[str, str] | None:
        """Two cells of which no order allows both."""
        for (one, cell), (another, other) in combinations(self.orders.items(), 2):
            if not one & another:
                return cell, other
        return None

    @property
    def ambiguous(self) -> str | None:
        """A cell that means different days by different orders that the column allows."""
        left = set(self.possible)
        return next((cell for orders, cell in self.orders.items() if len(left & orders) > 1), None)

    @property
    def unit(self) -> Unit | None:
        """The one unit of all bare numbers; None where there are none, or they differ."""
        alone = len(self.units) == 1 and self.unit_cells == self.bare
        return next(iter(self.units)) if alone else None

    def reading(self, zone: str | None = None, first_day: date | None = None) -> DateReading:
        """How the column is read by what its cells decide, and nothing else."""
        return DateReading(self.order, self.unit, None, zone, None, first_day, self.by_mark)

    def _allowed(self, order: Order) -> bool:
        if order is Order.YEAR_MONTH and self.long_years:
            return False
        return all(order in orders for orders in self.orders)

    def _by_spread(self, possible: tuple[Order, ...]) -> Order | None:
        """Whether the year is first or last in 26/01/05: days change more often than years do."""
        years_first = [order for order in possible if order is Order.YEAR_MONTH]
        years_last = [order for order in possible if order is not Order.YEAR_MONTH]
        if not years_first or len(years_last) != 1:
            return None
        first, last = len(self.firsts), len(self.lasts)
        if max(first, last) < SURE_DAYS or max(first, last) < DAYS_PER_YEAR_SEEN * min(first, last):
            return None
        return years_first[0] if last > first else years_last[0]


def date_evidence(values: "pd.Series[str]") -> DateEvidence:
    """What these cells show: trimmed, distinct, a column or a part of one."""
    texts = narrow(values.dropna())
    texts = texts[~is_missing_mark(texts)]
    figures = take_apart(texts)
    bare = looks_bare(texts) & ~figures.is_date
    units = {unit: of_unit(texts, unit) & bare for unit in Unit}
    dated = (moments(figures, figures.a, figures.b, figures.c).notna() & figures.is_date).to_numpy()
    marks = _orders(figures, texts)
    either_end = figures.year_first & figures.year_last
    return DateEvidence(
        total=len(texts),
        readable=int(dated.sum()) + int(figures.open.sum()),
        bare=int(bare.sum()),
        units={unit: texts[found].iloc[0] for unit, found in units.items() if found.any()},
        unit_cells=int(np.logical_or.reduce(list(units.values())).sum()),
        numbered=int(texts[bare].str.fullmatch(r"\d{4}").sum()),
        has_offset=figures.placed,
        orders=_whatever_the_mark(marks),
        marks=marks,
        long_years=bool((figures.open & ~figures.short_year).any()),
        firsts=frozenset(np.unique(figures.a[either_end]).tolist()),
        lasts=frozenset(np.unique(figures.c[either_end]).tolist()),
    )


def _orders(figures: Figures, cells: "pd.Series[str]") -> dict[tuple[str, Orders], str]:
    """By the sign and the set of orders that cells allow: the first cell.

    Left out are 05/05/2026 and such, and those that are no way of writing a date.
    """
    number = np.zeros(len(cells), dtype=int)
    for bit, order in enumerate(Order):
        parts = figures.parts(order)
        month, day = parts["month"], parts["day"]
        possible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
        number |= (figures.allows(order) & possible).astype(int) << bit
    number *= figures.open & ~figures.mixed & ((figures.a != figures.b) | figures.year_first)
    found: dict[tuple[str, Orders], str] = {}
    for value in np.unique(number[number > 0]):
        orders = frozenset(o for bit, o in enumerate(Order) if value >> bit & 1)
        of_value = number == value
        for mark in dict.fromkeys(figures.mark[of_value]):
            found[mark, orders] = cells.iloc[int(np.argmax(of_value & (figures.mark == mark)))]
    return found


def _whatever_the_mark(marks: Mapping[tuple[str, Orders], str]) -> dict[Orders, str]:
    """The first cell of each set of orders."""
    found: dict[Orders, str] = {}
    for (_, orders), cell in marks.items():
        found.setdefault(orders, cell)
    return found
