"""The stages, activities and measures that a file has columns for, whatever is in them."""

from collections.abc import Collection, Iterable

from kpi_core.domain.stage import Stage
from kpi_core.mapping.document import Grain, Mapping


def covers(mapping: Mapping, header: Collection[str]) -> frozenset[tuple[str, str]]:
    """As ("stage", "won"), ("activity", "login"), ("measure", "cost")."""
    found = {("stage", stage.value) for stage in covered_stages(mapping, header)}
    if mapping.activity is not None:
        found.add(("activity", mapping.activity))
    for count in mapping.counts:
        if count.measure is not None and _has(header, (count.column, *count.where)):
            found.add(("measure", count.measure))
    return frozenset(found)


def covered_stages(mapping: Mapping, header: Collection[str]) -> frozenset[Stage]:
    """The stages among them."""
    match mapping.grain:
        case Grain.LEAD:
            dated = (e for e in mapping.stages if _has(header, (e.date, *e.where)))
            return frozenset(each.stage for each in dated)
        case Grain.DAY:
            counted = (e for e in mapping.counts if _has(header, (e.column, *e.where)))
            return frozenset(each.stage for each in counted if each.stage is not None)
    if mapping.stage is None or mapping.stage not in header:
        return frozenset()
    named = frozenset(stage for stage in mapping.stage_values.values() if stage is not None)
    return named | {Stage.LEAD} if mapping.grain is Grain.SNAPSHOT else named


def _has(header: Collection[str], columns: Iterable[str | None]) -> bool:
    return all(column is None or column in header for column in columns)
