"""From a mapping's text to a mapping, or to sentences that say what to repair."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from kpi_core.documents.pydantic_errors import Mistake, mistakes, path_of, shown, unknown_key
from kpi_core.documents.toml import NotToml, read_toml
from kpi_core.domain.stage import Stage
from kpi_core.i18n import problem
from kpi_core.mapping.document import Grain, Mapping

COMMON = (
    "name", "title", "source", "grain", "channel", "zone", "date_format", "optional",
    "file", "dates", "numbers",
)  # fmt: skip
LEADS = ("thing", "id", "campaign", "owner", "account", "attributes", "keep", "merge")
STAGED = ("stage", "stage_values", "at", "amount", "quality")
KEYS: dict[Grain, tuple[str, ...]] = {
    Grain.LEAD: (*COMMON, *LEADS, "stages", "passed_over"),
    Grain.EVENT: (*COMMON, *LEADS, *STAGED, "activity", "where", "corrects"),
    Grain.SNAPSHOT: (*COMMON, *LEADS, *STAGED),
    Grain.DAY: (*COMMON, "date", "per", "periods", "counts"),
}

MAX_CHARACTERS = 4_000_000
"""Longer than a mapping that names every column of the widest table."""
MOST_PROBLEMS = 100
"""So many mistakes of a mapping are listed."""
MOST_MISTAKES = 50_000
"""Beyond so many none is listed: pydantic would need 1 GB for those that fit in a mapping."""


class Problem(problem.Problem):
    """One mistake in a mapping. `code` names the sentence in the catalogs (`mapping.<code>`)."""

    namespace = "mapping"


def read_mapping(text: str) -> Mapping | tuple[Problem, ...]:
    """The mapping that a TOML text declares, or every mistake in it."""
    document = read_toml(text, MAX_CHARACTERS)
    if isinstance(document, NotToml):
        return (Problem("", document.code, document.params),)
    given = document.get("grain")
    if given not in list(Grain):
        code = "missing_choice" if given is None else "no_such_grain"
        return (Problem("grain", code, {"value": shown(given), "expected": ", ".join(Grain)}),)
    grain, keys = Grain(given), KEYS[Grain(given)]
    known = {key: value for key, value in document.items() if key in keys}
    unknown = (unknown_key((key,), keys) for key in document if key not in keys)
    found = [*islice(chain(unknown, _incomplete(grain, known)), MOST_PROBLEMS)]
    try:
        mapping = Mapping.model_validate(known, context=text)
    except ValidationError as error:
        if error.error_count() > MOST_MISTAKES:
            return (Problem("", "too_many_mistakes", {"bound": f"{MOST_MISTAKES:,}"}),)
        found += islice(map(_own, mistakes(error, Mapping)), MOST_PROBLEMS)
    else:
        found += _unused(mapping)
        if not found:
            return mapping
    return tuple(Problem(path_of(loc), code, params) for loc, code, params in found[:MOST_PROBLEMS])


def _own(mistake: Mistake) -> Mistake:
    """With the sentence that mappings have for it."""
    loc, code, params = mistake
    match loc, code:
        case ("file", "delimiter"), _:
            code = "not_a_sign"
        case ("file", "header"), _:
            code = "not_whole"
        case ("stages" | "counts",), "not_a_list" | "empty_list":
            code = "no_sections"
        case ("stages", _, "blank"), "not_one_of":
            code = "no_such_blank"
        case ("stages", _, "stage"), "missing":
            code, params = "missing_choice", {"expected": ", ".join(Stage)}
        case ("stages" | "counts", _, "stage") | ("stage_values", _), "not_one_of":
            code = "no_such_stage"
    return loc, code, params


def _incomplete(grain: Grain, given: dict[str, Any]) -> Iterator[Mistake]:
    """What keys say together by being there, whatever they hold."""
    is_event, is_day = grain is Grain.EVENT, grain is Grain.DAY
    stage, periods = "stage" in given, bool(given.get("periods"))
    rules = (
        (grain is Grain.LEAD and "stages" not in given, "stages", "no_sections"),
        (is_day and "counts" not in given, "counts", "no_sections"),
        (is_event and "at" not in given, "at", "missing"),
        (grain is Grain.SNAPSHOT and not stage, "stage", "missing"),
        (is_event and stage == ("activity" in given), "stage", "stage_or_activity"),
        (stage and not given.get("stage_values"), "stage_values", "no_stage_values"),
        (is_day and "date" not in given and not periods, "date", "missing"),
        ("date" in given and periods, "date", "date_or_periods"),
    )
    for is_broken, key, code in rules:
        if is_broken:
            yield (key,), code, {"expected": ", ".join(Stage)}
    counts = given.get("counts")
    for at, count in enumerate(counts if isinstance(counts, list) else ()):
        if isinstance(count, dict):
            if ("column" in count) is periods:
                code = "date_or_periods" if periods else "missing"
                yield ("counts", at, "column"), code, {}
            if ("stage" in count) is ("measure" in count):
                yield ("counts", at, "stage"), "stage_or_measure", {}


def _unused(mapping: Mapping) -> Iterator[Mistake]:
    """Columns that are said to be optional, or to be kept, and are not read."""
    for key in ("optional", "keep"):
        for name in sorted(getattr(mapping, key) - set(mapping.columns)):
            yield (key,), "optional_unused", {"value": shown(name)}
