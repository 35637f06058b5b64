"""The sections of the Plan page, and what edits each of them."""

from __future__ import annotations

from collections.abc import Callable

from kpi_core.i18n.catalog import Words
from pages._plan import days, definition, goal, number, others, rules, targets
from pages._plan.draft import Draft

EDITORS: dict[str, Callable[[Draft, Words], None]] = {
    "goal": goal.draw,
    "number": number.draw,
    "targets": targets.draw,
    "days": days.draw,
    "rules": rules.draw,
    "others": others.draw,
    "definition": definition.draw,
}
"""By section, in the order of the page."""
