"""One mistake in a plan: where it is, what was found, what to do."""

import json
import re
from typing import Any

from kpi_core.i18n import problem
from kpi_core.plans.document_values import BOTH, ONE

Loc = tuple[int | str, ...]
"""The way to a value: keys, and positions from 0. One KPI stands at `("kpi", 0)` as two would."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PYDANTICS_OWN = {ONE, BOTH, "[key]"}
SHOWN_CHARACTERS = 60


class Problem(problem.Problem):
    """One mistake in a plan. `code` names the sentence in the catalogs (`plans.<code>`)."""

    namespace = "plans"


def path_of(loc: Loc, *, single_kpi: bool) -> str:
    """`("kpi", 0, "targets", "2026-13", "[key]")` as `kpi.targets.2026-13`.

    Positions count from 1. A KPI that is a table, not one of several, has none.
    """
    path = ""
    for at, step in enumerate(loc):
        if isinstance(step, int):
            if not (single_kpi and at == 1 and loc[0] == "kpi"):
                path += f"[{step + 1}]"
        elif step not in _PYDANTICS_OWN:
            bare = step if _BARE.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            path += ("." if path else "") + _cut(bare)
    return path


def shown(value: Any) -> str:
    """A value as the document has it, cut to a length that fits a sentence."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{_cut(value)}"'
        case list() | tuple():
            return "[…]"
        case dict():
            return "{…}"
        case int() if value.bit_length() > 200:
            return "…"
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
