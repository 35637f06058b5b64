"""Numbers of a plan's document: found by what they count, added, picked as the KPI."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

Document = dict[str, Any]

_NOT_OF_ITS_KIND = (
    "id", "name", "unit", "owner", "direction", "why", "decision", "targets", "teams", "definition",
)  # fmt: skip
"""What an indicator says beside what it counts."""
_SIGNS = re.compile(r"[^a-z0-9]+")
LONGEST_ID = 40


def what_it_counts(indicator: Mapping[str, Any]) -> Document:
    """What makes the number, without its name, owner, targets and words."""
    return {key: each for key, each in indicator.items() if key not in _NOT_OF_ITS_KIND}


def id_of(document: Mapping[str, Any], counted: Mapping[str, Any]) -> str | None:
    """The id of the KPI or indicator that counts the same; None where the plan has none."""
    for each in _measured(document):
        if what_it_counts(each) == what_it_counts(counted):
            return str(each.get("id", ""))
    return None


def with_indicator(
    document: Mapping[str, Any], name: Any, unit: Any, counted: Mapping[str, Any]
) -> tuple[Document, str]:
    """The document with a number among its management indicators, and the number's id."""
    known = id_of(document, counted)
    changed = deepcopy(dict(document))
    if known is not None:
        return changed, known
    new = _named(changed, name, unit, counted)
    changed["indicators"] = [*changed.get("indicators", []), new]
    return changed, str(new["id"])


def with_kpi(
    document: Mapping[str, Any], name: Any, unit: Any, counted: Mapping[str, Any]
) -> Document:
    """The document with this number as its KPI.

    The one before becomes a management indicator; its targets stay with it. A number that was an
    indicator keeps its id. The same number again changes nothing.
    """
    changed = deepcopy(dict(document))
    before = changed.get("kpi")
    if isinstance(before, Mapping) and what_it_counts(before) == what_it_counts(counted):
        return changed
    others = list(changed.get("indicators", []))
    same = [each for each in others if what_it_counts(each) == what_it_counts(counted)]
    new = dict(same[0]) if same else _named(changed, name, unit, counted)
    kept = [each for each in others if each not in same]
    if isinstance(before, Mapping) and before.get("kind"):
        kept.insert(0, dict(before))
    changed["kpi"] = new
    if kept:
        changed["indicators"] = kept
    else:
        changed.pop("indicators", None)
    return changed


def without_indicator(document: Mapping[str, Any], name: str) -> Document:
    """The document without an indicator, and without what showed the goal by it."""
    changed = deepcopy(dict(document))
    left = [each for each in changed.get("indicators", []) if each.get("id") != name]
    if left:
        changed["indicators"] = left
    else:
        changed.pop("indicators", None)
    goal = changed.get("kgi")
    if isinstance(goal, dict) and goal.get("indicator") == name:
        del goal["indicator"]
    return changed


def new_id(text: str, taken: Iterable[str], *, sign: str = "_", otherwise: str = "number") -> str:
    """An id like the text that nothing has yet: lower-case letters, digits and the sign."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    stem = _SIGNS.sub(sign, folded).strip(sign).lstrip("0123456789" + sign)[:LONGEST_ID]
    stem = stem.strip(sign) or otherwise
    known, candidate, count = set(taken), stem, 2
    while candidate in known:
        tail = f"{sign}{count}"
        candidate, count = f"{stem[: LONGEST_ID - len(tail)]}{tail}", count + 1
    return candidate


def _named(
    document: Mapping[str, Any], name: Any, unit: Any, counted: Mapping[str, Any]
) -> Document:
    taken = [str(each.get("id")) for each in (*_measured(document), *document.get("actions", []))]
    english = name.get("en", "") if isinstance(name, Mapping) else str(name)
    fact = str(counted.get("stage") or counted.get("measure") or counted.get("activity") or "")
    new: Document = {"id": new_id(english or fact, taken), "name": deepcopy(name)}
    if unit:
        new["unit"] = deepcopy(unit)
    return new | deepcopy(dict(counted))


def _measured(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    kpi = document.get("kpi", [])
    found = [kpi] if isinstance(kpi, Mapping) else list(kpi)
    return [each for each in (*found, *document.get("indicators", [])) if each.get("kind")]
