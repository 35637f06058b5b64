"""What the cells of a column show of its numbers: the decimal sign, whether they are any."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from kpi_core.parsing.number_formats import Decimal, spelled
from kpi_core.parsing.text_column import arrow, is_missing_mark, narrow

_NEUTRAL = r"^[+-]?[¥$£]? ?\d+$"
_POINT = (
    r"^[+-]?(?:0|\d{4,}|\d*)\.\d*$|^[+-]?\d+\.(?:\d{1,2}|\d{4,})$"
    r"|^[+-]?[¥$£] ?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$"
    r"|^[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$"
)
_EITHER = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""The common shapes, recognized at once. Every other cell is taken apart."""


@dataclass(frozen=True)
class NumberEvidence:
    """What distinct cells of a column show. Evidence of parts of a column adds up with `+`.

    `total` are the cells that say something, `readable` those that hold a number. The others
    are a cell each: one that goes with the point only, with the comma only, with either.
    """

    total: int = 0
    readable: int = 0
    proves_point: str | None = None
    proves_comma: str | None = None
    ambiguous: str | None = None

    def __add__(self, other: "NumberEvidence") -> "NumberEvidence":
        return NumberEvidence(
            self.total + other.total,
            self.readable + other.readable,
            self.proves_point or other.proves_point,
            self.proves_comma or other.proves_comma,
            self.ambiguous or other.ambiguous,
        )

    @property
    def decimal(self) -> Decimal | None:
        """The sign that the cells prove; None where none does, or they contradict each other."""
        if self.proves_comma is None:
            return None if self.proves_point is None else Decimal.POINT
        return Decimal.COMMA if self.proves_point is None else None

    @property
    def contradicting(self) -> tuple[str, str] | None:
        """A cell that goes with the point only, and one that goes with the comma only."""
        if self.proves_point is None or self.proves_comma is None:
            return None
        return self.proves_point, self.proves_comma

    @property
    def likely(self) -> Decimal:
        """The sign to offer first: the one that would part thousands in the doubtful cell."""
        return Decimal.COMMA if self.ambiguous and "." in self.ambiguous else Decimal.POINT


def number_evidence(values: "pd.Series[str]") -> NumberEvidence:
    """What these cells show: trimmed, distinct, a column or a part of one."""
    texts = narrow(values.dropna())
    texts = texts[~is_missing_mark(texts)]
    column = arrow(texts)
    neutral, point, either = (
        np.array(pc.match_substring_regex(column, pattern))
        for pattern in (_NEUTRAL, _POINT, _EITHER)
    )
    point &= ~either
    left = texts[~(neutral | point | either)]
    found = [(text, number) for text in left if (number := spelled(text)) is not None]

    def first(proof: Decimal | None) -> str | None:
        return next((text for text, each in found if each.matters and each.proves is proof), None)

    return NumberEvidence(
        total=len(texts),
        readable=int((neutral | point | either).sum()) + len(found),
        proves_point=texts[point].iloc[0] if point.any() else first(Decimal.POINT),
        proves_comma=first(Decimal.COMMA),
        ambiguous=texts[either].iloc[0] if either.any() else first(None),
    )
