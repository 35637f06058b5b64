"""The text of a mapping, from what was decided."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import tomli_w

from kpi_core.domain.stage import ORDER, Stage
from kpi_core.mapping import synonyms
from kpi_core.mapping.columns import Layout
from kpi_core.mapping.document import RESERVED, Blank, fingerprint
from kpi_core.mapping.questions import MOST_VALUES
from kpi_core.mapping.stage_dates import Outcome, closes
from kpi_core.parsing.text_column import folded

Document = dict[str, Any]

PRICED = (Stage.OPPORTUNITY, Stage.WON)
SCORED = (Stage.MARKETING_QUALIFIED, Stage.SALES_QUALIFIED)
_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")


def draft(document: Document) -> str:
    """The document as TOML; what is empty is left out."""
    kept = {key: value for key, value in document.items() if value not in (None, "", {}, [], ())}
    return tomli_w.dumps(kept, multiline_strings=False)


def name_of(source: str, grain: str, header: Sequence[str]) -> str:
    """A name for a mapping: whose files it reads, what their rows are, and the header's mark."""
    start = _OTHER_SIGNS.sub("-", source.casefold()).strip("-")
    return "-".join(filter(None, (start, grain, fingerprint(header)[:6])))


def staged_rows(
    layout: Layout, dates: Mapping[str, str], outcome: Outcome | None, *, each: bool = True
) -> list[Document]:
    """The stages of a row that is a lead. `dates` has a stage or a close by column.

    `each` row is a lead, or a deal, whether or not the day is known on which it became one.
    """
    closing = closes(layout, dates) if outcome is not None else ()
    entries: list[Document] = []
    for column, role in dates.items():
        if outcome is not None and column in closing:
            entries += outcome.entries(column, role)
        elif role in list(Stage):
            entries.append({"stage": role, "date": column})
    base = [entry for entry in entries if entry["stage"] == layout.base]
    if each or not entries:
        if len(base) == 1:
            base[0]["blank"] = Blank.UNDATED.value
        elif not base and (not entries or layout.is_deals or layout.stage_columns):
            entries.append({"stage": layout.base.value, "blank": Blank.UNDATED.value})
    return sorted(entries, key=lambda entry: ORDER[Stage(entry["stage"])])


def valued(entries: list[Document], amount: str | None, quality: str | None) -> list[Document]:
    """With the amount at the stages that have a price, the score at those that are judged."""
    for key, column, stages in (("amount", amount, PRICED), ("quality", quality, SCORED)):
        if column is not None:
            fitting = [entry for entry in entries if entry["stage"] in stages]
            for entry in fitting or entries[-1:]:
                entry[key] = column
    return entries


def state_rows(
    layout: Layout, at: str | None, column: str, values: Mapping[str, str]
) -> list[Document]:
    """The stages of a deal of which only the state of today is known: undated, but its creation."""
    created: Document = {"stage": layout.base.value, "blank": Blank.UNDATED.value}
    entries = [created if at is None else {**created, "date": at}]
    for stage in dict.fromkeys(values.values()):
        if stage and stage != layout.base:
            reached = [value for value, each in values.items() if each == stage]
            entries.append(
                {"stage": stage, "blank": Blank.UNDATED.value, "where": {column: reached}}
            )
    return sorted(entries, key=lambda entry: ORDER[Stage(entry["stage"])])


def passed_over(
    layout: Layout, entries: Iterable[Document], column: str | None
) -> dict[str, list[str]]:
    """The other values of each column that stages depend on, and of `column`."""
    stated: dict[str, set[str]] = {} if column is None else {column: set()}
    for entry in entries:
        for name, values in entry.get("where", {}).items():
            stated.setdefault(name, set()).update(map(folded, values))
    return {
        name: [each for each in layout.profile.values(name, MOST_VALUES) if folded(each) not in of]
        for name, of in stated.items()
    }


def attributes_of(headers: Iterable[str]) -> dict[str, str]:
    """Columns by the names that conditions call them by."""
    found: dict[str, str] = {}
    for header in headers:
        name = synonyms.attribute(header) or synonyms.spelled(header).replace(" ", "_")
        while name in found or name in RESERVED:
            name += "_"
        found[name] = header
    return found


def periods_of(layout: Layout) -> dict[str, str]:
    """The month of each column that is one."""
    return {
        header: f"{date(year, month, 1):%Y-%m}" for header, (year, month) in layout.months.items()
    }
