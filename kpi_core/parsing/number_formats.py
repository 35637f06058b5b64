"""One number taken apart: its sign, its figures, what they are multiplied by, and its currency."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class Decimal(StrEnum):
    """The sign before the decimals."""

    POINT = "point"
    COMMA = "comma"


MULTIPLES = {
    "兆": 1e12, "億": 1e8, "千万": 1e7, "百万": 1e6, "万": 1e4, "千": 1e3,
    "k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9,
}  # fmt: skip

LONGEST_NUMBER = 60
"""Characters of the longest number, with its currency and its unit."""
_SPACES = re.compile(r" {2,}")
_POINT_MONEY = (
    r"(?:US|AU?|CA?|HK|NT|NZ|MX|SG?)\$|USD|JPY|GBP|KRW|INR|CHF|CAD|AUD|NZD|SGD|HKD|TWD|CNY|Rs\.?"
    r"|[$¥£₩₹\\]"
)
_COMMA_MONEY = r"R\$|BRL|EUR|€|kr\.?|zł"
_MONEY = rf"(?:{_COMMA_MONEY}|{_POINT_MONEY})"
_FIGURES = r"\d[\d.,' ]*|[.,]\d+"
_WHOLE = re.compile(
    rf"(?P<bracket>\()? *(?P<sign>[-+−△▲])? *(?P<before>{_MONEY})? *(?P<inner>[-−△▲])? *"
    rf"(?P<rest>(?:{_FIGURES}).*?)"
    rf" *(?P<after>{_MONEY}|円|件|人|名|社|回|個|点|台|本)? *(?P<percent>%)? *(?P<behind>[-−])? *"
    r"(?(bracket)\))",
    re.IGNORECASE,
)
"""In CP932 the backslash may be the yen sign."""
_PARTS = re.compile(rf"({_FIGURES}) *(兆|億|千万|百万|万|千|k|mn?|mio|bn?)? *", re.IGNORECASE)
_POWER = re.compile(r"([\d.,]+)e([+-]?\d+)", re.IGNORECASE)
_POINT_BODY = re.compile(
    r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}"
    r"|[1-9]\d{0,2}(?:([ '])\d{3})(?:\1\d{3})*|\d+)(?:\.\d*)?|\.\d+"
)
"""Thousands are parted by a comma, a space or an apostrophe; in India also as 12,34,567."""
_COMMA_BODY = re.compile(
    r"(?:[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:([ '])\d{3})(?:\1\d{3})*|\d+)(?:,\d*)?|,\d+"
)
_EXPLICIT = re.compile(r".*\..*,.*|.*,.*\..*|.*[ '].*[.,].*|.*,.*,.*|.*\..*\..*")
"""Figures with two kinds of separators, or with one of them twice, can be read one way only."""


@dataclass(frozen=True)
class Spelled:
    """A number by each decimal sign; None where it is none by that sign.

    `hint` is the sign that its currency or its unit goes with, `explicit` says that the
    figures allow one reading whatever the column does.
    """

    point: float | None
    comma: float | None
    hint: Decimal | None = None
    explicit: bool = False

    @property
    def matters(self) -> bool:
        """It is not the same number by both signs."""
        return self.point != self.comma

    @property
    def proves(self) -> Decimal | None:
        """The one sign by which it can be meant; None where both are left, or none matters."""
        if not self.matters:
            return None
        if self.point is None:
            return Decimal.COMMA
        return Decimal.POINT if self.comma is None else self.hint

    def by(self, decimal: Decimal) -> float:
        """The number in a column of this sign; NaN where it cannot be meant so."""
        found = self.point if decimal is Decimal.POINT else self.comma
        if found is None and self.explicit:
            found = self.comma if decimal is Decimal.POINT else self.point
        if found is None or (self.proves not in (None, decimal) and not self.explicit):
            return math.nan
        return found


def spelled(text: str) -> Spelled | None:
    """What a cell in NFKC says as a number; None where it holds something else."""
    if len(text) > LONGEST_NUMBER:
        return None
    text = _SPACES.sub(" ", text.replace("’", "'").replace("\u2009", " "))
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    minus = match["bracket"] or match["inner"] or match["behind"] or match["sign"] in {*"-−△▲"}
    factor = (-1 if minus else 1) * (0.01 if match["percent"] else 1)
    figures = match["rest"].strip()
    point, comma = _by_both(figures)
    if point is None and comma is None:
        return None
    return Spelled(
        None if point is None else _times(point, factor),
        None if comma is None else _times(comma, factor),
        _hint(figures, match["before"] or "", match["after"] or ""),
        _EXPLICIT.fullmatch(figures) is not None,
    )


def _by_both(figures: str) -> tuple[float | None, float | None]:
    if power := _POWER.fullmatch(figures):
        point = _float(power[1], "e" + power[2]) if "," not in power[1] else None
        comma = _float(power[1].replace(",", "."), "e" + power[2]) if "." not in power[1] else None
        return point, comma
    totals: list[float | None] = [0.0, 0.0]
    at, last = 0, math.inf
    while at < len(figures):
        part = _PARTS.match(figures, at)
        multiple = MULTIPLES[part[2].lower()] if part and part[2] else 1.0
        if part is None or multiple >= last:  # 1億2000万 goes down
            return None, None
        for way, pattern in enumerate((_POINT_BODY, _COMMA_BODY)):
            found, total = _body(part[1].strip(), pattern, way == 1), totals[way]
            totals[way] = None if found is None or total is None else total + found * multiple
        at, last = part.end(), multiple
    return totals[0], totals[1]


def _body(figures: str, pattern: re.Pattern[str], comma: bool) -> float | None:
    if pattern.fullmatch(figures) is None:
        return None
    bare = figures.replace(" ", "").replace("'", "")
    return _float(bare.replace(".", "").replace(",", ".") if comma else bare.replace(",", ""), "")


def _float(figures: str, power: str) -> float | None:
    try:
        found = float(figures + power)
    except ValueError:
        return None
    return None if math.isinf(found) else found


def _times(number: float, factor: float) -> float:
    return number / 100 * (factor * 100) if abs(factor) == 0.01 else number * factor


def _hint(figures: str, before: str, after: str) -> Decimal | None:
    """Three figures after one separator: the currencies that would write no such decimals."""
    if re.search("[兆億万千]", figures):
        return Decimal.POINT
    money = before + after
    if "," in figures and (money == "円" or re.fullmatch(_POINT_MONEY, money, re.IGNORECASE)):
        return Decimal.POINT
    leading_euro = before.upper() in ("€", "EUR")
    if "." in figures and not leading_euro and re.fullmatch(_COMMA_MONEY, money, re.IGNORECASE):
        return Decimal.COMMA
    return None
