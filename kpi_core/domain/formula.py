"""Arithmetic on other indicators, such as `cost / mql`."""

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MAX_LENGTH = 400
"""In characters: enough for any formula that a person can check."""

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_NEGATE = "~"
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, _NEGATE: 3}

_PART = re.compile(
    r"(?P<number>[0-9]+(\.[0-9]+)?)(?![A-Za-z0-9_.])|(?P<name>[a-z][a-z0-9_]*)|[-+*/()]"
)


class Fault(StrEnum):
    """Why a text is no formula."""

    PART = "part"
    """a part of it cannot stand where it stands"""
    END = "end"
    """it breaks off"""
    NO_NAME = "no_name"
    """it names no indicator"""
    TOO_LONG = "too_long"


class FormulaError(ValueError):
    """A text is no formula; `part` is where reading stopped, empty at its end."""

    def __init__(self, fault: Fault, text: str, part: str = "") -> None:
        super().__init__(f"Not a formula ({fault} {part!r}): {text[:80]!r}")
        self.fault = fault
        self.part = part

    def said(self) -> dict[str, str]:
        """Fault and part, as a message needs them."""
        return {"fault": self.fault.value, "part": self.part}


@dataclass(frozen=True)
class Formula:
    """A checked expression: names, numbers, + - * / and brackets.

    `steps` is the expression in postfix order, so that no nesting is too deep to work out.
    """

    text: str
    names: frozenset[str]
    steps: tuple[str | float, ...]

    def value(self, values: Mapping[str, float | None]) -> float | None:
        """The result; None where a name has no value, a divisor is zero or a number overflows."""
        stack: list[float] = []
        for step in self.steps:
            if isinstance(step, float):
                stack.append(step)
            elif step == _NEGATE:
                stack.append(-stack.pop())
            elif step in _OPERATORS:
                right, left = stack.pop(), stack.pop()
                if step == "/" and right == 0:
                    return None
                stack.append(_OPERATORS[step](left, right))
            else:
                known = values.get(step)
                if known is None:
                    return None
                stack.append(float(known))
        result = stack.pop()
        return result if math.isfinite(result) else None

    def grows(self, growing: Collection[str]) -> bool:
        """A sum of growing parts, or a positive multiple of one; `growing` are names that do."""
        stack: list[float | bool] = []  # a number, or whether a part grows
        for step in self.steps:
            if isinstance(step, float):
                stack.append(step)
            elif step == _NEGATE:
                part = stack.pop()
                stack.append(False if isinstance(part, bool) else -part)
            elif step in _OPERATORS:
                right, left = stack.pop(), stack.pop()
                stack.append(_combined(step, left, right))
            else:
                stack.append(step in growing)
        return stack.pop() is True


def _combined(sign: str, left: float | bool, right: float | bool) -> float | bool:
    """Two numbers make a number; else whether what comes of two parts grows."""
    numbers = [each for each in (left, right) if not isinstance(each, bool)]
    if len(numbers) == 2:
        if sign == "/" and right == 0:
            return False
        return _OPERATORS[sign](left, right)
    if not numbers:
        return sign == "+" and bool(left and right)
    by_number = sign == "*" or (sign == "/" and not isinstance(right, bool))
    return by_number and numbers[0] > 0 and (left is True or right is True)


@lru_cache(maxsize=256)
def parse_formula(text: str) -> Formula:
    """Read a formula; FormulaError for anything else."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(Fault.TOO_LONG, text)
    steps = _postfix(text)
    names = {s for s in steps if isinstance(s, str) and s not in _PRECEDENCE}
    if not names:
        raise FormulaError(Fault.NO_NAME, text)
    return Formula(text, frozenset(names), steps)


def _parts(text: str) -> Iterator[str]:
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        match = _PART.match(rest)
        if match is None:
            raise FormulaError(Fault.PART, text, rest.split(maxsplit=1)[0])
        yield match[0]
        at += match.end()


def _postfix(text: str) -> tuple[str | float, ...]:
    """Dijkstra's shunting yard: operators wait until all that binds closer has been written."""
    written: list[str | float] = []
    waiting: list[str] = []
    value_due = True
    for part in _parts(text):
        if value_due:
            if part in ("-", "("):
                waiting.append(_NEGATE if part == "-" else part)
                continue
            if part in ("+", "*", "/", ")"):
                raise FormulaError(Fault.PART, text, part)
            written.append(float(part) if part[0].isdigit() else part)
            value_due = False
        elif part == ")":
            while waiting and waiting[-1] != "(":
                written.append(waiting.pop())
            if not waiting:
                raise FormulaError(Fault.PART, text, part)
            waiting.pop()
        elif part in _OPERATORS:
            while waiting and _PRECEDENCE.get(waiting[-1], 0) >= _PRECEDENCE[part]:
                written.append(waiting.pop())
            waiting.append(part)
            value_due = True
        else:
            raise FormulaError(Fault.PART, text, part)
    if value_due or "(" in waiting:
        raise FormulaError(Fault.END, text)
    return (*written, *reversed(waiting))
