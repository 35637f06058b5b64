"""From a plan's text to a plan, or to sentences that say what to repair."""

from functools import lru_cache

from pydantic import ValidationError

from kpi_core.documents.toml import NotToml, read_toml
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem, complaints
from kpi_core.plans.validate import check

MAX_CHARACTERS = 100_000
"""Longer than any plan."""


@lru_cache(maxsize=64)
def read_plan(text: str) -> Plan | tuple[Problem, ...]:
    """The plan that a TOML text declares, or every mistake in it."""
    document = read_toml(text, MAX_CHARACTERS)
    if isinstance(document, NotToml):
        return (Problem("", document.code, document.params),)
    single_kpi = not isinstance(document.get("kpi"), list)
    try:
        plan = Plan.model_validate(document)
    except ValidationError as error:
        return tuple(complaints(error, single_kpi=single_kpi))
    return check(plan, single_kpi=single_kpi) or plan
