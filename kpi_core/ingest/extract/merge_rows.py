"""Rows that belong to the lead of the row above: a record's table, or a continuation."""

from kpi_core.ingest.extract.staging import Staged
from kpi_core.mapping.document import Grain, Mapping, Merge

BEGINS = "*"
"""What kintone writes into the first column of the row in which a record begins."""


def merged(staged: Staged, mapping: Mapping, relation: str = "merged_rows") -> Staged:
    """The table with each record in one row; of an event log, with each row knowing its record.

    Of each column the first cell of the record that is not blank. In an event log the columns
    of the event stay those of the row.
    """
    if mapping.merge is None:
        return staged
    cells = [staged.cell(name) for name in staged.header]
    records = _records(staged, mapping)
    if mapping.grain is Grain.EVENT:
        own = {mapping.stage, mapping.at, mapping.amount, mapping.quality}
        chosen = [
            cell
            if name in own
            else f"first_value({_filled(cell)} ignore nulls) over (partition by record order by "
            f"line rows between unbounded preceding and unbounded following) as {cell}"
            for name, cell in zip(staged.header, cells, strict=True)
        ]
        select = f"select line, {', '.join(chosen)} from ({records})"
    else:
        chosen = [f"arg_min({_filled(cell)}, line) as {cell}" for cell in cells]
        select = f"select min(line) as line, {', '.join(chosen)} from ({records}) group by record"
    staged.scratch.execute(f"create or replace temp table {relation} as {select}")
    return Staged(staged.scratch, relation, staged.header)


def _filled(cell: str) -> str:
    return f"nullif(trim({cell}), '')"


def lines_of_records(staged: Staged, mapping: Mapping, lines: str) -> str:
    """SQL for all lines of the records that these lines, SQL too, are in."""
    records = _records(staged, mapping)
    return (
        f"select line from ({records}) where record in "
        f"(select record from ({records}) where line in ({lines}))"
    )


def _records(staged: Staged, mapping: Mapping) -> str:
    """SQL for the rows with the number of their `record`."""
    if mapping.merge is Merge.KINTONE:
        begins = f"trim(coalesce(c0, '')) = '{BEGINS}'"
    else:
        begins = f"trim(coalesce({staged.cell(mapping.id or '')}, '')) <> ''"
    return (
        f"select *, sum(case when {begins} then 1 else 0 end) over (order by line "
        f"rows unbounded preceding) as record from {staged.relation}"
    )
