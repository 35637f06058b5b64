"""Places and values of a plan's document in the reader's words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from kpi_core.domain.period import Month
from kpi_core.domain.stage import Stage, stage_named
from kpi_core.i18n.catalog import Language, Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Occasion
from kpi_core.plans.editing.differences import Difference, Path, value_at
from kpi_core.plans.errors import Problem
from kpi_core.reports.countable import Preview

PARTS = (
    "id", "name", "csf", "kgi", "kpi", "reason_for_second_kpi", "indicators", "actions", "rules",
    "calendar", "checkpoints", "levels", "wall", "review_on", "not_ours",
    "stale_after_working_days",
)  # fmt: skip
"""What stands at the top of a plan's document."""
FIELDS = (
    "id", "name", "target", "unit", "deadline", "per", "indicator", "owner", "direction", "why",
    "decision", "targets", "teams", "by", "definition", "version", "text", "agreed_by",
    "agreed_on", "source", "where", "kind", "stage", "of", "activity", "at_least", "measure",
    "aggregate", "formula", "numerator", "denominator", "basis", "matures_after_days",
    "min_sample", "minimum", "when", "do", "country", "zone", "closing_day", "fiscal_year_start",
    "weekend", "days_off", "work_from", "work_to", "weeks", "shares", "attention", "warning",
    "distance_m", "screen_inches", "sleeps", "awake_from", "awake_to",
)  # fmt: skip
"""What stands within its tables."""
CHOICES = {
    "aggregate": ("sum", "last"),
    "basis": ("event", "cohort"),
    "by": ("channel", "owner"),
    "direction": ("up", "down"),
    "kind": ("count", "sum", "active", "ratio", "measure", "formula", "floor", "plan"),
    "of": ("amount", "quality"),
    "per": ("day", "week", "month", "year", "channel"),
    "weeks": ("quarters", "days", "fridays"),
}
"""Values that stand for one of several choices, by their fields."""
FIELDS_OF_LEADS = ("channel", "campaign", "owner", "account")
ATTRIBUTES = (
    "role", "department", "industry", "employees", "annual_revenue", "country", "region",
    "product", "deal_type", "segment", "rating", "pipeline", "lost_reason", "budget_range",
    "purchase_time",
)  # fmt: skip
"""Attributes that have a name of their own in the catalogs."""

_TABLES_BY_ID = ("kpi", "indicators", "actions")
_OPERATORS = ("in", "not_in", "at_least", "at_most")
_SHARES = ("shares", "attention", "warning")
_LEVELS = (Occasion.ATTENTION, Occasion.WARNING, Occasion.CRISIS)


@dataclass(frozen=True)
class Changed:
    """One place that differs, in words. An empty text is no value."""

    place: str
    before: str
    after: str

    def sentence(self, words: Words) -> str:
        """The place with what it said and what it says."""
        if not self.before:
            return words("plan_text.added", place=self.place, after=self.after)
        if not self.after:
            return words("plan_text.removed", place=self.place, before=self.before)
        return words("plan_text.changed", place=self.place, before=self.before, after=self.after)


def changed(
    difference: Difference, before: Mapping[str, Any], after: Mapping[str, Any], words: Words
) -> Changed:
    """A difference of two documents in words."""
    path = difference.path
    return Changed(
        place(path, (after, before), words),
        worded(difference.before, path, words),
        worded(difference.after, path, words),
    )


def place(path: Path, documents: Sequence[Mapping[str, Any]], words: Words) -> str:
    """The name of a place: `KPI “MQLs” · Target · December 2026`.

    An entry goes by its name in the first of the documents that has it.
    """
    return words("plan_text.place_gap").join(_steps(path, documents, words))


def mistake(problem: Problem, document: Mapping[str, Any], words: Words) -> str:
    """A mistake in a sentence, its place named as the reader knows it, not as the file does."""
    path = _path_of(problem.path, document)
    known = {*PARTS, *FIELDS}
    if not path or not any(step in known for step in path):
        return problem.sentence(words)
    return replace(problem, path=place(path, (document,), words)).sentence(words)


_STEP = re.compile(r"""([\w-]+|"(?:[^"\\]|\\.)*")|\[(\d+)\]""")


def _path_of(text: str, document: Mapping[str, Any]) -> Path:
    """`indicators[2].formula` as a path, entries of lists by their names."""
    path: list[str] = []
    value: Any = document
    for key, number in _STEP.findall(text):
        if key:
            step = key.strip('"')
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            at = int(number) - 1
            value = value[at] if isinstance(value, list) and at < len(value) else None
            names = value if isinstance(value, Mapping) else {}
            step = str(names.get("id") or names.get("when") or number)
        path.append(step)
    return tuple(path)


def worded(value: Any, path: Path, words: Words) -> str:
    """A value at a place, as a reader would say it; "" for none."""
    formats, name = Formats(words.language), path[-1] if path else ""
    match value:
        case None:
            return ""
        case bool():
            return words("plan_text.yes" if value else "plan_text.no")
        case int() | float() if name in _SHARES or (len(path) > 1 and path[-2] in _SHARES):
            return formats.stated_percent(float(value))
        case int() | float():
            return str(value) if name == "version" else formats.stated(float(value))
        case date():
            return formats.full_day(value)
        case time():
            return f"{value:%H:%M}"
        case str():
            return _text(value, name, words)
        case list() | tuple():
            is_where = any(isinstance(each, Mapping) and "attribute" in each for each in value)
            gap = words("plan_text.condition_gap" if is_where else "plan_text.and")
            return gap.join(worded(each, path, words) for each in value)
        case Mapping():
            return _table(value, path, words)
    return str(value)


def condition(where: Mapping[str, Any], words: Words) -> str:
    """What must hold of a lead, as a sentence."""
    name = attribute(str(where.get("attribute", "")), words)
    formats = Formats(words.language)
    for operator in _OPERATORS:
        if operator in where:
            stated = where[operator]
            if isinstance(stated, list | tuple):
                value = words("plan_text.or").join(str(each) for each in stated)
            else:
                value = formats.stated(float(stated))
            return words(f"plan_text.condition_{operator}", name=name, value=value)
    return name


def attribute(name: str, words: Words) -> str:
    """What an attribute of a lead is called."""
    if name in FIELDS_OF_LEADS:
        return words(f"plan_text.of_lead_{name}")
    if name in ATTRIBUTES:
        return words(f"plan_text.attribute_{name}")
    return name


def occasion(when: str, words: Words) -> str:
    """On which occasion a rule comes into force."""
    try:
        known = Occasion(when)
    except ValueError:
        return when
    if known.checkpoint is not None:
        return words("plan_text.when_checkpoint", number=known.checkpoint)
    if known in _LEVELS:
        return words("plan_text.when_level", status=words(f"status.{known.value}"))
    if known is Occasion.TWO_MONTHS:
        return words("plan_text.when_two_months")
    return words("plan_text.when_month_end")


def counted(indicator: Mapping[str, Any], words: Words) -> str:
    """What an indicator counts, without its conditions: `Leads that became MQLs`."""
    kind = str(indicator.get("kind", ""))
    if kind not in CHOICES["kind"][:6]:
        return ""
    parts = {"stage": stage(indicator.get("stage"), words)}
    for side in ("numerator", "denominator"):
        part = indicator.get(side)
        parts[side] = stage(part.get("stage") if isinstance(part, Mapping) else None, words)
    if kind == "ratio" and not parts["denominator"]:
        return words("plan_text.counted_per_channel", numerator=parts["numerator"])
    of = str(indicator.get("of", "amount"))
    return words(
        f"plan_text.counted_{kind}",
        of=words(f"plan_text.choice_of_{of}") if of in CHOICES["of"] else of,
        activity=indicator.get("activity", ""),
        times=Formats(words.language).number(_number(indicator.get("at_least", 1))),
        measure=indicator.get("measure", ""),
        formula=indicator.get("formula", ""),
        **parts,
    )


def would_count(preview: Preview, words: Words) -> str:
    """What a plan counts and needs, and what it would count in the data at hand."""
    formats, gap = Formats(words.language), words("plan_text.and")
    sentences = [
        words(
            "plan_text.preview_counts",
            name=words.localize(preview.name),
            counts=words.localize(preview.counts),
        )
        if preview.counts
        else words.localize(preview.name),
        words("plan_text.preview_needs", needs=gap.join(_needed(preview.needs, words))),
    ]
    if preview.months:
        months = gap.join(
            words(
                "plan_text.preview_month",
                month=formats.month(each.month),
                value=formats.stated(each.value),
            )
            for each in preview.months
        )
        sentences.append(words("plan_text.preview_months", months=months))
    elif preview.lacks:
        lacks = gap.join(_needed(preview.lacks, words))
        sentences.append(words("plan_text.preview_lacks", lacks=lacks))
    else:
        sentences.append(words("plan_text.preview_none"))
    return words("plan_text.preview_gap").join(sentences)


def _needed(names: Sequence[str], words: Words) -> Iterator[str]:
    for name in names:
        yield stage(name, words) if stage_named(name) is not None else attribute(name, words)


def stage(name: Any, words: Words) -> str:
    """What a stage is called; "" for none."""
    known = stage_named(name) if isinstance(name, str) else None
    if known is None:
        return str(name or "")
    return words(f"funnel.stage_{Stage(known).value}")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 1.0


def _steps(path: Path, documents: Sequence[Mapping[str, Any]], words: Words) -> Iterator[str]:
    if not path:
        return
    part, rest = path[0], path[1:]
    head = words(f"plan_text.part_{part}") if part in PARTS else part
    if rest and part == "rules":
        yield words("plan_text.entry", part=head, name=occasion(rest[0], words))
        rest = rest[1:]
    elif part in _TABLES_BY_ID and (named := _named(path, documents, words)):
        yield words("plan_text.entry", part=head, name=named[0])
        rest = rest[named[1] :]
    else:
        yield head
    for at, step in enumerate(rest):
        if step != words.language.value:
            yield _step(step, rest[:at], words)


def _named(
    path: Path, documents: Sequence[Mapping[str, Any]], words: Words
) -> tuple[str, int] | None:
    """The name of the entry that a path leads into, and how many steps name it."""
    for document in documents:
        table = document.get(path[0])
        if isinstance(table, Mapping):
            return (words.localize(table["name"]), 0) if "name" in table else None
        entry = value_at(document, path[:2]) if len(path) > 1 else None
        if isinstance(entry, Mapping):
            return words.localize(entry.get("name")) or path[1], 1
    return (path[1], 1) if len(path) > 1 and path[1] not in FIELDS else None


def _step(step: str, before: Path, words: Words) -> str:
    formats = Formats(words.language)
    if "targets" in before and step == "default":
        return words("plan_text.every_month")
    if "targets" in before:
        try:
            return formats.month(Month.parse(step))
        except ValueError:
            pass
        try:
            return words("plan_text.from_day", day=formats.full_day(date.fromisoformat(step)))
        except ValueError:
            return step
    if step in set(Language):
        return words(f"frame.{step}")
    return words(f"plan_text.field_{step}") if step in FIELDS else step


def _text(value: str, name: str, words: Words) -> str:
    if name == "stage":
        return stage(value, words)
    if name == "when":
        return occasion(value, words)
    if value in CHOICES.get(name, ()):
        return words(f"plan_text.choice_{name}_{value}")
    if name == "weekend" and value in _DAYS:
        return words(f"plan_text.day_{value}")
    return value


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _table(value: Mapping[str, Any], path: Path, words: Words) -> str:
    if value and set(value) <= {"ja", "en"}:
        return words.localize(value)
    if "attribute" in value:
        return condition(value, words)
    if "name" in value:
        return words.localize(value["name"])
    if "do" in value:
        return worded(value["do"], (*path, "do"), words)
    pairs = (
        words("plan_text.pair", name=_step(key, path[-1:], words), value=told)
        for key, each in value.items()
        if (told := worded(each, (*path, key), words))
    )
    return words("plan_text.and").join(pairs)
