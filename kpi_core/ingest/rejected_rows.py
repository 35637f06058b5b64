"""The rejected rows of an import, as a file to be corrected and imported again."""

import csv
import io
from collections.abc import Iterable, Sequence

import pandas as pd

from kpi_core.domain.issue import Severity
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.archive import archived
from kpi_core.ingest.csv_safety import REASON, safe
from kpi_core.ingest.extract.merge_rows import lines_of_records
from kpi_core.ingest.extract.staging import Staged
from kpi_core.ingest.issue_text import sentence
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping

ORIGINAL_NEEDED = "issues.original_needed"
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the file for one in the old encoding."""


def rejected_rows(store: Store, import_id: int, words: Words) -> bytes:
    """A CSV file in UTF-8: the kept columns as they stood, and last the reasons in words.

    Imported as it is, once corrected, by the same mapping. Records that could not be read are not
    kept, as it is unknown which of their cells are personal: their cells are blank, and the reason
    says that the original has them. So it is of all rows where the table is no longer kept.
    StoreError for an unknown import.
    """
    receipt = store.receipt(import_id)
    reasons = _reasons(store, import_id, receipt.issue_count, words)
    with store.scratch() as scratch:
        found = archived(store, receipt, scratch)
        header, rows = ((), {}) if found is None else _cells(found[1], reasons, store, import_id)
    written = [[*header, words(REASON)]]
    blank = [""] * len(header)
    for line in sorted({*reasons, *rows}):
        reason = reasons.get(line, "")
        if line not in rows:
            reason = f"{reason} {words(ORIGINAL_NEEDED)}"
        written.append([*rows.get(line, blank), reason])
    return csv_file(written)


def csv_file(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a CSV file in UTF-8 that a spreadsheet opens without running a cell of it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[safe(cell) for cell in row] for row in rows])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _reasons(store: Store, import_id: int, count: int, words: Words) -> dict[int, str]:
    """What was wrong, by line."""
    told: dict[int, list[str]] = {}
    for issue in store.issues(import_id, limit=count):
        if issue.severity is Severity.REJECTED and issue.line is not None:
            told.setdefault(issue.line, []).append(sentence(issue, words))
    return {line: " ".join(sentences) for line, sentences in told.items()}


def _cells(
    staged: Staged, lines: Iterable[int], store: Store, import_id: int
) -> tuple[tuple[str, ...], dict[int, list[str]]]:
    """The header, and the cells of these lines and of those that belong to the same leads."""
    mapping = read_mapping(store.records.mapping_of(import_id))
    asked = pd.DataFrame({"line": pd.Series(list(lines), dtype="int64")})
    scratch = staged.scratch
    scratch.register("lines_asked", asked)
    relation = "select line from lines_asked"
    if isinstance(mapping, Mapping) and mapping.merge is not None:
        relation = lines_of_records(staged, mapping, relation)
    cells = ", ".join(f"coalesce({staged.cell(name)}, '')" for name in staged.header)
    found = scratch.execute(
        f"select {', '.join(['line', cells])} from {staged.relation} where line in ({relation})"
    ).fetchall()
    scratch.unregister("lines_asked")
    return staged.header, {line: list(row) for line, *row in found}
