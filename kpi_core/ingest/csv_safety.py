"""Files of rejected rows: written so that a spreadsheet runs nothing in them, and read back."""

import re
from dataclasses import replace

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.extract.cell_sql import literal
from kpi_core.ingest.extract.staging import Staged, one_row
from kpi_core.tabular.rows import all_blank, columns
from kpi_core.tabular.table import Table

REASON = "issues.reason_column"
"""The header of the last column, in the words of each language."""
MARK = "'"

_BEGINS = r'(^|[;,\t\r\n])([ "]*)'
"""Where a cell begins, or would for a spreadsheet that parts columns by another sign."""
_SIGN = "[=+\\-@＝＋－＠]"
_NEGATIVE = r'-\d[\d,]*(?:\.\d+)?"*(?:\Z|[;,\t\r\n])'
_RUNS = re.compile(f"{_BEGINS}(?!{_NEGATIVE})(?='*{_SIGN})")
_MARKED = f"{_BEGINS}'('*{_SIGN})"
_BLANK_RUNS = re.compile(r"'*[\t\r]")
_BLANK_MARKED = r"^'+[\t\r]"


def safe(cell: str) -> str:
    """The cell with an apostrophe before all that a spreadsheet would run; `plain` takes it away.

    That is what stands at its beginning, and after a sign that may part columns elsewhere.
    """
    marked = _RUNS.sub(rf"\1\2{MARK}", cell)
    return MARK + marked if _BLANK_RUNS.match(marked) else marked


def plain(cell: str) -> str:
    """The cell as it was before `safe`."""
    return re.sub(_MARKED, r"\1\2\3", cell[1:] if re.match(_BLANK_MARKED, cell) else cell)


def corrected(table: Table, staged: Staged) -> tuple[Table, Staged]:
    """A file of rejected rows as the file that they came from: without reasons and apostrophes.

    A row with nothing but a reason is none. Any other table is handed back as it is.
    """
    if len(table.header) < 2 or table.header[-1] not in _reasons():
        return table, staged
    header = tuple(plain(name) for name in table.header[:-1])
    cells = columns(len(header))
    chosen = [
        f"regexp_replace(case when regexp_matches({cell}, {literal(_BLANK_MARKED)}) "
        f"then substr({cell}, 2) else {cell} end, {literal(_MARKED)}, '\\1\\2\\3', 'g') as {cell}"
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
