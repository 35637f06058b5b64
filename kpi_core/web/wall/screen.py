"""How a screen is asked for: which plans, how they look, how large its texts have to be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_core.i18n.catalog import Language

EVERY_SECONDS = 20
SHORTEST_SECONDS, LONGEST_SECONDS = 5, 3600
MOST_DIGITS = 9
"""Of a number in an address that are read."""
MOST_PLANS = 20
LEGIBLE = 1 / 200
"""The height of the smallest text, of the distance from which it is read."""
_MM_PER_INCH = 25.4
_SHORT_SIDE = 9 / math.hypot(16, 9)
"""Of a screen's diagonal, at 16:9."""


@dataclass(frozen=True)
class Screen:
    """What one wall shows. `plans` empty: the first plan there is. `every`: seconds for each."""

    plans: tuple[str, ...]
    language: Language
    light: bool
    every: int
    sound: bool

    @classmethod
    def asked(cls, plan: str, query: Mapping[str, str], accepted: str) -> "Screen":
        """By path, query and the browser's languages. Values that make no sense are ignored."""
        named = [each.strip() for each in query.get("plans", "").split(",") if each.strip()]
        plans = tuple(dict.fromkeys([plan] if plan else named))[:MOST_PLANS]
        every = query.get("every", "")[:MOST_DIGITS]
        seconds = int(every) if every.isascii() and every.isdecimal() else EVERY_SECONDS
        asked = query.get("lang", "")
        language = Language(asked) if asked in list(Language) else Language.of(accepted)
        return cls(
            plans,
            language,
            light=query.get("theme") == "light",
            every=min(max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS),
            sound=query.get("sound") == "1",
        )


def least_vmin(distance_m: float, inches: float) -> float:
    """The smallest font size in vmin that can be read on a 16:9 screen from so far away."""
    return 100 * distance_m * 1000 * LEGIBLE / (inches * _MM_PER_INCH * _SHORT_SIDE)
