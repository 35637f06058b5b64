"""What an import says against what was current before it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.receipt import Case, MonthChange, Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts import aggregate_sql, cache
from kpi_core.facts.change import Change
from kpi_core.facts.queries import query
from kpi_core.records import import_receipts
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records
from kpi_core.sql_text import literal, literals

CASES_SHOWN = 10
"""Leads that are named for one reason; the rest is a number."""
_ALL = "all_cases_"
FULL_LIST = 0.8
"""A file with so large a share of the known ids is taken for a full list."""


@dataclass(frozen=True)
class Comparison:
    """Counts of facts against what was current: see Receipt. `flagged` are issues found by it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    new_leads: int = 0
    undated: int = 0
    months: tuple[MonthChange, ...] = ()
    cases: tuple[Case, ...] = ()
    case_counts: tuple[tuple[str, int], ...] = ()
    flagged: tuple[Issue, ...] = ()

    def plus(self, other: "Comparison") -> "Comparison":
        """Both together: of events and of numbers."""
        return Comparison(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.new_leads + other.new_leads,
            self.undated + other.undated,
            self.months + other.months,
            self.cases + other.cases,
            self.case_counts + other.case_counts,
            self.flagged + other.flagged,
        )


def compare(cursor: DuckDBPyConnection, change: Change, import_id: int) -> Comparison:
    """The counts of an import whose change is resolved."""
    if change.known:
        new, changed, unchanged, undated = cursor.execute(
            query("compare"), {"import_id": import_id}
        ).fetchall()[0]
        if not change.all_touched:
            unchanged += _untouched(cursor, import_id)
        leads = (
            "select count(*) from "
            "(select key from current_rows group by key having min(side) = 1) k"
        )
    else:
        stated = new = cache.one(cursor, "select count(*) from new_events where not withdrawn")
        if not change.is_settled:
            stated, new = cursor.execute(query("stated"), {"import_id": import_id}).fetchall()[0]
        changed, unchanged = 0, stated - new
        undated = int(
            cache.one(
                cursor,
                "select count(*) from new_events where occurred_at is null and not withdrawn",
            )
        )
        leads = "select count(distinct key) from current_rows"
    return Comparison(
        int(new),
        int(changed),
        int(unchanged),
        int(cache.one(cursor, leads)),
        int(undated),
        months(cursor),
    )


def _untouched(cursor: DuckDBPyConnection, import_id: int) -> int:
    """The facts of leads of which an import says what was said before."""
    return int(
        cache.one(
            cursor,
            "select count(*) from new_events e anti join touched t on t.key = e.key "
            f"where not e.withdrawn and e.import_id = {import_id}",
        )
    )


def before_earlier_stage(cursor: DuckDBPyConnection, import_id: int) -> tuple[Issue, ...]:
    """Dates of an import that lie before one of an earlier stage, or after one of a later stage."""
    positions = cursor.execute(
        "select distinct position from stages where kind <> 'activity' order by 1"
    ).fetchall()
    sql = query("before_earlier_stage").replace(
        "{inversions}", inversions([position for (position,) in positions])
    )
    found = cursor.execute(sql, {"import_id": import_id}).fetchall()
    return tuple(
        Issue("before_earlier_stage", line, stage, days, Severity.FLAGGED)
        for line, stage, days in found
    )


def inversions(positions: Sequence[int]) -> str:
    """SQL for a lead with a date of a later stage before one of an earlier stage."""
    day = "cast(c.occurred_at as date)"
    return " or ".join(
        f"min(case when s.position >= {place} then {day} end) < "
        f"max(case when s.position < {place} then {day} end)"
        for place in positions[1:]
    )


def months(cursor: DuckDBPyConnection) -> tuple[MonthChange, ...]:
    """Leads and amounts per stage, activity and month, before and after, where `cells` changes."""
    changes = cursor.execute(
        "select s.name, s.kind, cast(date_trunc('month', c.on_day) as date) as on_month, "
        "sum(c.leads), coalesce(sum(c.amount), 0) from cells c join stages s on s.stage = c.stage "
        "where c.on_day is not null group by s.name, s.kind, s.position, "
        "cast(date_trunc('month', c.on_day) as date) order by s.position, s.name, on_month"
    ).fetchall()
    if not changes:
        return ()
    plain = {
        name: aggregate_sql.ACTIVITY + name if kind == "activity" else plain_key(name)
        for name, kind, *_ in changes
    }
    sums = {name: aggregate_sql.AMOUNT_OF + name for name in plain}
    first = min(row[2] for row in changes)
    before = by_month(cursor, [*plain.values(), *sums.values()], first)
    found = []
    for name, _, month, leads, amount in changes:
        stood = before.get((plain[name], month), 0.0)
        summed = before.get((sums[name], month), 0.0)
        has_amounts = bool(summed or amount)
        found.append(
            MonthChange(
                name,
                month,
                stood,
                stood + float(leads),
                summed if has_amounts else None,
                summed + float(amount) if has_amounts else None,
            )
        )
    return tuple(found)


def plain_key(stage: str) -> str:
    """The aggregate that counts the leads of a stage."""
    try:
        return Tally(TallyKind.REACHED, stage=Stage(stage)).key
    except ValueError:
        return stage


def by_month(
    cursor: DuckDBPyConnection, keys: Iterable[str], first: date
) -> dict[tuple[str, date], float]:
    """What aggregates add up to per month, from the month of `first` on."""
    rows = cursor.execute(
        "select aggregate, cast(date_trunc('month', day) as date), sum(value) from daily "
        f"where aggregate in ({literals(keys)}) and day >= $first "
        "group by aggregate, cast(date_trunc('month', day) as date)",
        {"first": first},
    ).fetchall()
    return {(key, month): float(value) for key, month, value in rows}


def blank_over_date(
    cursor: DuckDBPyConnection, covered: Iterable[str], names: str, import_id: int
) -> Comparison:
    """Leads with a blank where a date of a covered stage is current: it changes nothing.

    `names` is SQL, to follow `from`, for `key` and `lead` of the import's rows.
    """
    found = (
        "select c.key, s.name as stage, cast(cast(c.occurred_at as date) as varchar) as dated "
        "from current_rows c join stages s on s.stage = c.stage "
        f"join (select distinct key from new_leads where import_id = {import_id}) n "
        "on n.key = c.key left join new_events e on e.key = c.key and e.stage = c.stage "
        f"and e.import_id = {import_id} "
        f"where c.side = 1 and s.kind = 'lead' and s.name in ({literals(covered) or 'null'}) "
        "and c.occurred_at is not null and e.key is null"
    )
    return cases_of(
        cursor,
        "blank_over_date",
        found,
        "select n.lead, f.stage || ' ' || f.dated from "
        "({found}) f "
        f"join (select key, min(lead) as lead from {names} group by key) n on n.key = f.key "
        "order by 1, 2",
    )


def gone(cursor: DuckDBPyConnection, record: ImportRecord) -> str | None:
    """SQL for the leads that a full list lacks; None where the file is no full list."""
    own = aggregate_sql.LEADS + record.source + "\x1f" + record.thing
    known = float(cache.one(cursor, "select sum(value) from daily where aggregate = ?", [own]) or 0)
    stated = "select key from new_events where import_id = $id union select key from new_leads "
    stated = (stated + "where import_id = $id").replace("$id", str(record.import_id))
    if not known or int(cache.one(cursor, f"select count(*) from ({stated}) s")) < (
        FULL_LIST * known
    ):
        return None
    missing = (
        "select distinct e.key from events e join imports i on i.import_id = e.import_id "
        f"where i.source = {literal(record.source)} and i.thing = {literal(record.thing)} "
        f"and e.key not in ({stated})"
    )
    count = int(cache.one(cursor, f"select count(*) from ({missing}) m"))
    total = int(
        cache.one(
            cursor, f"select count(*) from ({stated}) s where key in (select key from events)"
        )
    )
    return missing if count and total >= FULL_LIST * known else None


def named_gone(cursor: DuckDBPyConnection, missing: str, names: str) -> Comparison:
    """The leads that a full list lacks, by name."""
    return cases_of(
        cursor,
        "gone",
        missing,
        "select n.lead, '' from ({found}) f "
        f"join (select key, min(lead) as lead from {names} group by key) n on n.key = f.key "
        "order by 1",
    )


def cases_of(cursor: DuckDBPyConnection, code: str, found: str, names: str) -> Comparison:
    """How many rows `found` has, and the first by name: `names` gives lead and detail of them.

    Where there are more than are shown, `all_cases` has them all.
    """
    count = int(cache.one(cursor, f"select count(*) from ({found}) f"))
    if not count:
        return Comparison()
    named = names.format(found=found)
    if count > CASES_SHOWN:
        cursor.execute(
            f"create or replace temp table {_ALL}{code} as "
            f"select cast(n.lead as varchar) as lead, cast(n.detail as varchar) as detail "
            f"from ({named}) n (lead, detail)"
        )
        named = f"select lead, detail from {_ALL}{code} order by 1, 2"
    rows = cursor.execute(f"{named} limit {CASES_SHOWN}").fetchall()
    cases = tuple(Case(code, str(lead), str(detail)) for lead, detail in rows)
    return Comparison(cases=cases, case_counts=((code, count),))


def all_cases(cursor: DuckDBPyConnection, code: str) -> Iterator[Case]:
    """Every case of one code, where there are more than are shown."""
    found = cursor.execute(f"select lead, detail from {_ALL}{code} order by 1, 2")
    while rows := found.fetchmany(10_000):
        for lead, detail in rows:
            yield Case(code, lead, detail)


def receipt_of(records: Records, record: ImportRecord, counts: Comparison | None) -> Receipt:
    """The receipt of an import with its counts; `counts` None: it is not counted yet."""
    with records.reading() as conn:
        issues = import_receipts.issues(conn, record.import_id)
        issue_count = import_receipts.issue_count(conn, record.import_id)
    is_counted = counts is not None
    counts = counts or Comparison()
    return Receipt(
        import_id=record.import_id,
        source=record.source,
        file_name=record.file_name,
        rows=record.rows,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        new_leads=counts.new_leads,
        undated=counts.undated,
        rejected_rows=record.rejected_rows,
        flagged=record.flagged,
        data_through=record.data_through,
        issue_count=issue_count,
        issues=issues,
        repeats=record.repeats,
        file_hash=record.file_hash,
        months=counts.months,
        cases=counts.cases,
        case_counts=counts.case_counts,
        is_counted=is_counted,
    )


def stored_receipt(records: Records, import_id: int) -> Receipt:
    """The receipt of an import as it was stored, else without counts; StoreError if unknown."""
    receipt = records.receipt(import_id)
    if receipt is not None:
        return receipt
    return receipt_of(records, records.find_import(import_id), None)
