"""The table of a file as it may be archived: as it was read, without personal data."""

from collections.abc import Sequence

from kpi_core.ingest.extract.cell_sql import without_mail
from kpi_core.ingest.extract.column_types import Id
from kpi_core.ingest.extract.scratch_query import any_row
from kpi_core.ingest.extract.staging import Staged
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.synonyms import says_something
from kpi_core.parsing.phone_numbers import without_phones
from kpi_core.parsing.pii import may_name_persons, person_kind
from kpi_core.parsing.text_column import trimmed_sql
from kpi_core.tabular.rows import columns
from kpi_core.tabular.table import Table

KEPT = "table_to_archive"
FIRST_DAY = "first_day"
"""A column of the kept table: where the days are numbered, which is the first."""
SAMPLE = 2_000


def kept(table: Table, staged: Staged, mapping: Mapping, secret: bytes) -> Staged:
    """The table as it may be kept.

    Columns that look like names, addresses and so on are left out, unless the mapping reads or
    keeps them. Mail addresses are hashed where they are ids, and made unreadable elsewhere; so
    are phone numbers in columns that nobody reads.
    """
    rows = [cells for _, cells in table.head(SAMPLE)]
    places = {name: place for place, name in enumerate(table.header)}
    header = [
        name
        for name in staged.header
        if name in mapping.keep
        or name in mapping.columns
        or not may_be_somebodys(name, [row[places[name]] for row in rows])
    ]
    chosen, join = [], ""
    for place, name in zip(columns(len(header)), header, strict=True):
        cell = f"s.{staged.cell(name)}"
        if name == mapping.id and _hash_ids(staged, staged.cell(name), secret):
            join = f" left join ids_hashed h on h.cell = {trimmed_sql(cell)}"
            cell = f"coalesce(h.value, {cell})"
        elif name not in mapping.keep:
            cell = without_mail(cell if name in mapping.columns else without_phones(cell))
        chosen.append(f"{cell} as {place}")
    if table.first_day is not None:
        chosen.append(f"date '{table.first_day.isoformat()}' as {FIRST_DAY}")
    staged.scratch.execute(
        f"create or replace temp view {KEPT} as select {', '.join(['s.line', *chosen])} "
        f"from {staged.relation} s{join}"
    )
    return Staged(staged.scratch, KEPT, tuple(header))


def may_be_somebodys(name: str, cells: Sequence[str]) -> bool:
    """Whether a column that nobody reads may be personal.

    Where its header says nothing, and no list of words comes again and again, that goes for
    what looks like full names as well: a city is lost for it, and never counted.
    """
    filled = [bare for cell in cells if (bare := cell.strip())]
    values = tuple(dict.fromkeys(filled))
    if person_kind(name, values) is not None:
        return True
    is_list = len(values) * 2 <= len(filled)
    return not is_list and not says_something(name) and may_name_persons(values)


def _hash_ids(staged: Staged, cell: str, secret: bytes) -> bool:
    """Make `ids_hashed` of those ids that hold a mail address; whether there is any."""
    scratch = staged.scratch
    some = f"{staged.relation} where contains({cell}, '@') or contains({cell}, '＠')"
    if not any_row(scratch, some):
        return False
    distinct = scratch.execute(f"select distinct {trimmed_sql(cell)} as cell from {some}")
    found = distinct.df()["cell"].astype("str")
    frame = Id(secret).read(found)[["value"]].assign(cell=found)
    scratch.register("ids_read", frame)
    scratch.execute("create or replace temp table ids_hashed as select cell, value from ids_read")
    scratch.unregister("ids_read")
    return True
