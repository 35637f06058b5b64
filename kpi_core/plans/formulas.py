"""How the formulas of a plan stand on other indicators, and on each other."""

from collections.abc import Mapping

from kpi_core.plans.indicators import Derived, Indicator

MAX_LEVELS = 3
"""Formulas on formulas, at most so many: more than anybody follows."""


def reached_from(indicator: Indicator, by_id: Mapping[str, Indicator]) -> tuple[Indicator, ...]:
    """Every indicator below a formula, nearest first; itself only where it goes in a circle."""
    found: dict[str, Indicator] = {}
    waiting = [indicator]
    while waiting:
        each = waiting.pop(0)
        names = sorted(each.parsed.names) if isinstance(each, Derived) else []
        for name in names:
            if name in by_id and name not in found:
                found[name] = by_id[name]
                waiting.append(by_id[name])
    return tuple(found.values())


def in_circles(by_id: Mapping[str, Indicator]) -> frozenset[str]:
    """The ids of the formulas that need their own result."""
    formulas = (each for each in by_id.values() if isinstance(each, Derived))
    return frozenset(each.id for each in formulas if each in reached_from(each, by_id))


def levels(by_id: Mapping[str, Indicator]) -> dict[str, int]:
    """How many formulas lie on the longest way from each indicator to the facts.

    Those in a circle, and those that stand on one, have no such way and are left out.
    """
    known: dict[str, int] = {}
    left = dict(by_id)
    while left:
        ready = {
            name: 1 + max((known[part] for part in each.parsed.names & by_id.keys()), default=0)
            if isinstance(each, Derived)
            else 0
            for name, each in left.items()
            if not isinstance(each, Derived) or each.parsed.names & by_id.keys() <= known.keys()
        }
        if not ready:
            break
        known |= ready
        left = {name: each for name, each in left.items() if name not in ready}
    return known
