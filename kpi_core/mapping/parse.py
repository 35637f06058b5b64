"""From a mapping's text to a mapping, or to sentences that say what to repair."""

from collections.abc import Iterator
from itertools import islice

from pydantic import ValidationError

from kpi_core.documents.pydantic_errors import Loc, Mistake, mistakes, path_of, shown, unknown_key
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
    Grain.EVENT: (*COMMON, *LEADS, *STAGED, "activity", "corrects"),
    Grain.SNAPSHOT: (*COMMON, *LEADS, *STAGED),
    Grain.DAY: (*COMMON, "date", "per", "periods", "counts"),
}

NEEDED = {Grain.LEAD: "stages", Grain.EVENT: "at", Grain.SNAPSHOT: "stage", Grain.DAY: "counts"}

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
    keys, needed = KEYS[Grain(given)], NEEDED[Grain(given)]
    known = {key: value for key, value in document.items() if key in keys}
    unknown = (unknown_key((key,), keys) for key in document if key not in keys)
    found = [*islice(unknown, MOST_PROBLEMS)]
    if needed not in known:
        found.append(_own(((needed,), "missing", {})))
    try:
        mapping = Mapping.model_validate(known, context=text)
    except ValidationError as error:
        if error.error_count() > MOST_MISTAKES:
            return (Problem("", "too_many_mistakes", {"bound": f"{MOST_MISTAKES:,}"}),)
        found += islice(map(_own, mistakes(error, Mapping)), MOST_PROBLEMS)
    else:
        found += _broken_rules(mapping)
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
        case ("stages" | "counts",), "not_a_list" | "empty_list" | "missing":
            code = "no_sections"
        case ("stages", _, "blank"), "not_one_of":
            code = "no_such_blank"
        case ("stages", _, "stage"), "missing":
            code, params = "missing_choice", {"expected": ", ".join(Stage)}
        case ("stages" | "counts", _, "stage") | ("stage_values", _), "not_one_of":
            code = "no_such_stage"
    return loc, code, params


def _broken_rules(mapping: Mapping) -> Iterator[Mistake]:
    """What does not hold between the keys of a mapping."""
    is_event, is_day = mapping.grain is Grain.EVENT, mapping.grain is Grain.DAY
    stage, date = mapping.stage is not None, mapping.date is not None
    periods = bool(mapping.periods)
    broken: list[tuple[bool, Loc, str]] = [
        (is_event and stage == (mapping.activity is not None), ("stage",), "stage_or_activity"),
        (stage and not mapping.stage_values, ("stage_values",), "no_stage_values"),
        (is_day and not date and not periods, ("date",), "missing"),
        (date and periods, ("date",), "date_or_periods"),
    ]
    for at, count in enumerate(mapping.counts):
        column, counted = ("counts", at, "column"), (count.stage is None, count.measure is None)
        broken += [
            (periods and count.column is not None, column, "date_or_periods"),
            (not periods and count.column is None, column, "missing"),
            (counted[0] is counted[1], ("counts", at, "stage"), "stage_or_measure"),
        ]
    for is_broken, loc, code in broken:
        if is_broken:
            yield loc, code, {"expected": ", ".join(Stage)}
    for key in ("optional", "keep"):
        for name in sorted(getattr(mapping, key) - set(mapping.columns)):
            yield (key,), "optional_unused", {"value": shown(name)}
