"""Files of rejected rows: written so that a spreadsheet runs nothing in them, and read back."""

import re
from dataclasses import replace

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.facts.asking import one_row
from kpi_core.ingest.facts.sql import literal
from kpi_core.ingest.facts.staged import Staged
from kpi_core.ingest.files.rows import all_blank, columns
from kpi_core.ingest.files.table import Table

REASON = "issues.reason_column"
"""The header of the last column, in the words of each language."""
MARK = "'"

_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_MARKED = r"^'+[=+\-@\t\r＝＋－＠]"
_NEGATIVE = re.compile(r"-\d[\d,]*(?:\.\d+)?")


def safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run; `plain` takes it away."""
    return MARK + cell if _RUNS.match(cell) and not _NEGATIVE.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """The cell as it was before `safe`."""
    return cell[1:] if re.match(_MARKED, cell) else cell


def corrected(table: Table, staged: Staged) -> tuple[Table, Staged]:
    """A file of rejected rows as the file that they came from: without reasons and apostrophes.

    A row with nothing but a reason is none. Any other table is handed back as it is.
    """
    if len(table.header) < 2 or table.header[-1] not in _reasons():
        return table, staged
    header = tuple(plain(name) for name in table.header[:-1])
    cells = columns(len(header))
    chosen = [
        f"case when regexp_matches({cell}, {literal(_MARKED)}) then substr({cell}, 2) "
        f"else {cell} end as {cell}"
        for cell in cells
    ]
    blank = all_blank(len(header))
    staged.scratch.execute(
        f"create or replace temp view rows_corrected as select {', '.join(['line', *chosen])} "
        f"from {staged.relation} where not ({blank})"
    )
    (left_out,) = one_row(
        staged.scratch, f"select count(*) filter ({blank}) from {staged.relation}"
    )
    rows = replace(table, header=header, rows=table.rows - left_out)
    return rows, Staged(staged.scratch, "rows_corrected", header)


def _reasons() -> set[str]:
    return {Words(language)(REASON) for language in Language}
