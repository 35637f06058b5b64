"""From a plan's text to a plan, or to sentences that say what to repair."""

import re
import tomllib
from functools import lru_cache

from pydantic import ValidationError

from kpi_core.plans.check import check
from kpi_core.plans.complaints import complaints
from kpi_core.plans.document import Plan
from kpi_core.plans.problem import Problem

MAX_CHARACTERS = 100_000
MAX_LINE = 4_000
"""Longer than any plan and any line of one. tomllib takes a minute over a key of 100,000 dots."""

_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")


@lru_cache(maxsize=64)
def read_plan(text: str) -> Plan | tuple[Problem, ...]:
    """The plan that a TOML text declares, or every mistake in it."""
    if len(text) > MAX_CHARACTERS:
        return (Problem("", "too_large", {"bound": f"{MAX_CHARACTERS:,}"}),)
    if not _is_unicode(text):
        return (Problem("", "not_unicode"),)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE:
            return (Problem("", "line_too_long", {"line": str(number), "bound": f"{MAX_LINE:,}"}),)
    try:
        document = tomllib.loads(text.removeprefix("\ufeff") + "\n")
    except tomllib.TOMLDecodeError as error:
        return (_not_toml(str(error)),)
    except (RecursionError, ValueError):
        # tomllib lets two things through, without a place: brackets nested too deep, and
        # an integer of more digits than this process converts.
        return (Problem("", "too_deep"),)
    single_kpi = not isinstance(document.get("kpi"), list)
    try:
        plan = Plan.model_validate(document)
    except ValidationError as error:
        return tuple(complaints(error, single_kpi=single_kpi))
    return check(plan, single_kpi=single_kpi) or plan


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_toml(finding: str) -> Problem:
    """tomllib words its findings in English only: we keep the place, and tell two kinds apart."""
    position = _POSITION.search(finding)
    if position is None:
        return Problem("", "not_toml_end")
    code = "defined_twice" if finding.startswith(_TWICE) else "not_toml"
    return Problem("", code, {"line": position[1], "column": position[2]})
