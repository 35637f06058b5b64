"""What has to be asked before an import: where it meets what is stored, and only a user knows."""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from kpi_core.domain.receipt import Conflict
from kpi_core.facts import cache
from kpi_core.facts.batch import EVENTS, LEADS
from kpi_core.facts.change import Statements
from kpi_core.records.errors import StoreError
from kpi_core.records.ledger import ImportRecord
from kpi_core.sql_text import literal

OLDER, REPLACES, BREAKDOWN, SAME_IDS = "older", "replaces", "breakdown", "same_ids"
OPTIONS: dict[str, tuple[str, ...]] = {
    OLDER: ("fill_gaps", "overwrite"),
    REPLACES: ("yes", "no"),
    BREAKDOWN: ("replace", "add"),
    SAME_IDS: ("different", "same"),
}
"""What may be answered to each, the first offer first."""
EXAMPLES = 3


class Undecided(StoreError):
    """An import that has to be asked about first; nothing was changed."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__("undecided", count=len(conflicts))
        self.conflicts = tuple(conflicts)


def open_conflicts(
    conflicts: Sequence[Conflict], decisions: Mapping[str, str]
) -> tuple[Conflict, ...]:
    """Those that are not answered by one of their options."""
    return tuple(each for each in conflicts if decisions.get(each.code) not in each.options)


def older(cursor: DuckDBPyConnection, import_id: int, names: str | None) -> tuple[Conflict, ...]:
    """Statements of an import that differ from those with later data through.

    Reads `new_events`, in which are the rows of all imports of the leads. `names` is SQL, to
    follow `from`, for `key` and `lead` of the import's rows; None where no lead has a name.
    """
    found = (
        "select distinct n.key, n.stage from new_events n "
        "join imports m on m.import_id = n.import_id "
        "join new_events o on o.key = n.key and o.stage = n.stage and o.import_id <> n.import_id "
        "join imports i on i.import_id = o.import_id and i.sequence > m.sequence "
        "and i.mapping = m.mapping "
        f"where n.import_id = {import_id} and not m.continues and not i.continues and ("
        "o.withdrawn <> n.withdrawn or (o.occurred_at is not null and n.occurred_at is not null "
        "and o.occurred_at <> n.occurred_at))"
    )
    examples = (
        f"select distinct l.lead from {names} join ({found}) f on f.key = l.key" if names else None
    )
    return _counted(cursor, OLDER, f"select count(*) from ({found}) f", examples)


def older_numbers(cursor: DuckDBPyConnection, import_id: int) -> tuple[Conflict, ...]:
    """Numbers of an import that differ from those with later data through."""
    found = (
        "select n.day from new_numbers n join imports m on m.import_id = n.import_id "
        "join old_numbers o on o.is_stage = n.is_stage and o.name = n.name and o.day = n.day "
        "and o.channel = n.channel and o.value <> n.value "
        "join imports i on i.import_id = o.import_id and i.sequence > m.sequence "
        f"where n.import_id = {import_id}"
    )
    return _counted(cursor, OLDER, f"select count(*) from ({found}) f", _days(found))


def breakdown(cursor: DuckDBPyConnection, import_id: int) -> tuple[Conflict, ...]:
    """Days for which numbers are stored that are broken down by other columns."""
    found = (
        "select distinct n.is_stage, n.name, n.day from new_numbers n "
        "join imports m on m.import_id = n.import_id "
        "join old_numbers o on o.is_stage = n.is_stage and o.name = n.name and o.day = n.day "
        "join imports i on i.import_id = o.import_id and i.breakdown <> m.breakdown "
        f"where n.import_id = {import_id}"
    )
    return _counted(cursor, BREAKDOWN, f"select count(*) from ({found}) f", _days(found))


def replaces(cursor: DuckDBPyConnection, record: ImportRecord) -> tuple[Conflict, ...]:
    """Whether half of the rows or more, which have no ids, are known from an older import."""
    rows = cursor.execute(
        "select count(*), count(case when t.key is not null and k.key is null then 1 end) "
        "from (select key from new_events union select key from new_leads) n "
        "left join touched t on t.key = n.key "
        "left join (select key from old_events union select key from old_leads) k on k.key = n.key"
    ).fetchall()
    total, new = rows[0]
    known = total - new
    if not known or 2 * known < total:
        return ()
    newest = cache.one(
        cursor,
        "select max(i.import_id) from imports i join mappings m on m.mapping = i.mapping "
        "where i.source = ? and m.name = ? and i.import_id <> ?",
        [record.source, record.mapping_name, record.import_id],
    )
    return (Conflict(REPLACES, int(known), OPTIONS[REPLACES], newest),) if newest else ()


def same_ids(
    cursor: DuckDBPyConnection, record: ImportRecord, statements: Sequence[Statements]
) -> tuple[Conflict, ...]:
    """Ids that another thing of the source has, too."""
    others = [
        thing
        for (thing,) in cursor.execute(
            "select distinct thing from imports where source = ? and thing <> ?",
            [record.source, record.thing],
        ).fetchall()
    ]
    ids = [each.relation for each in statements if each.kind in (EVENTS, LEADS)]
    if not others or not ids:
        return ()
    for other in others:
        leads = " union ".join(f"select lead from {relation}" for relation in ids)
        found = (
            f"select l.lead from ({leads}) l where hash({literal(record.source)}, "
            f"{literal(other)}, l.lead) in (select key from events union select key from leads)"
        )
        count = int(cache.one(cursor, f"select count(*) from ({found}) f"))
        if count:
            examples = cursor.execute(f"{found} order by 1 limit {EXAMPLES}").fetchall()
            return (
                Conflict(
                    SAME_IDS,
                    count,
                    OPTIONS[SAME_IDS],
                    None,
                    (other, *(str(lead) for (lead,) in examples)),
                ),
            )
    return ()


def _days(found: str) -> str:
    """The days of rows, each once."""
    return f"select distinct cast(f.day as varchar) from ({found}) f"


def _counted(
    cursor: DuckDBPyConnection, code: str, question: str, examples: str | None
) -> tuple[Conflict, ...]:
    count = int(cache.one(cursor, question))
    if not count:
        return ()
    rows = cursor.execute(f"{examples} order by 1 limit {EXAMPLES}").fetchall() if examples else []
    return (Conflict(code, count, OPTIONS[code], None, tuple(str(each) for (each,) in rows)),)
