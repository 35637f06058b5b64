"""The cases of a receipt in words: leads and days by name, by what they are named for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from kpi_core.domain.receipt import Case, Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.rejected_rows import csv_file

BLANK, GONE, MISSING = "blank_over_date", "gone", "missing_day"
CODES = (BLANK, GONE, MISSING)
"""In the order in which they are shown."""
_COLUMNS = {
    BLANK: ("lead", "stage", "day"),
    GONE: ("lead",),
    MISSING: ("measure", "day"),
}
"""The columns of the file that names them all."""


@dataclass(frozen=True)
class CaseGroup:
    """The cases of one kind: the first by name, and how many there are."""

    code: str
    cases: tuple[Case, ...]
    count: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.cases)


def groups(receipt: Receipt) -> tuple[CaseGroup, ...]:
    """The cases of a receipt by kind."""
    counts = dict(receipt.case_counts)
    return tuple(
        CaseGroup(code, tuple(each for each in receipt.cases if each.code == code), counts[code])
        for code in CODES
        if counts.get(code)
    )


def stage_of(case: Case) -> str:
    """The stage of a blank over a date."""
    return case.detail.rpartition(" ")[0]


def sentence(
    case: Case, words: Words, *, name: Callable[[str], str], day: Callable[[date], str]
) -> str:
    """A case in words; `name` and `day` say how a stage or a measure, and a day, is written."""
    if case.code == BLANK:
        stage, _, dated = case.detail.rpartition(" ")
        return words(
            "receipt.stage_of_lead",
            lead=case.lead,
            stage=name(stage),
            day=day(date.fromisoformat(dated)),
        )
    if case.code == MISSING:
        dated = day(date.fromisoformat(case.detail))
        return words("receipt.day_of_measure", measure=name(case.lead), day=dated)
    return case.lead


def case_lines(receipt: Receipt, words: Words) -> Iterator[tuple[str, list[str]]]:
    """For text alone: a heading for each kind, and under it the cases and how many more."""
    number = Formats(words.language).number
    for group in groups(receipt):
        lines = [
            sentence(each, words, name=lambda name: tallied(name, words), day=date.isoformat)
            for each in group.cases
        ]
        if group.more:
            lines.append(words("receipt.and_more", count=number(group.more)))
        heading = words(f"receipt.case_{group.code}", count=number(group.count))
        yield heading, lines


def cases_csv(store: Store, import_id: int, code: str, words: Words) -> bytes:
    """A CSV file in UTF-8 of all cases of one kind that an import's receipt names."""
    rows = [[words(f"receipt.csv_{name}") for name in _COLUMNS[code]]]
    for each in store.records.cases(import_id, code):
        if code == BLANK:
            stage, _, dated = each.detail.rpartition(" ")
            rows.append([each.lead, _named(stage, words), dated])
        elif code == MISSING:
            rows.append([_named(each.lead, words), each.detail])
        else:
            rows.append([each.lead])
    return csv_file(rows)


def _named(name: str, words: Words) -> str:
    return words(f"imports.stage_{name}") if name in list(Stage) else name


def tallied(name: str, words: Words) -> str:
    """A stage in words; an activity or a measure by its own name."""
    return words(f"funnel.stage_{name}") if name in list(Stage) else name
