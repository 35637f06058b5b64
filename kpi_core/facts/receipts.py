"""What an import says against what was current before it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

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


def compare(cursor: DuckDBPyConnection, change: Change) -> dict[int, Comparison]:
    """The counts of each import of a change that is resolved.

    They are those of imports that come one after the other: no lead is named by two of them.
    """
    found = dict.fromkeys(change.imports, Comparison())
    if change.known:
        sql = query("compare").replace("{imports}", change.given)
        for import_id, new, changed, unchanged, undated in cursor.execute(sql).fetchall():
            found[import_id] = Comparison(
                int(new), int(changed), int(unchanged), undated=int(undated)
            )
        if not change.all_touched:
            for import_id, count in _untouched(cursor, change):
                found[import_id] = found[import_id].plus(Comparison(unchanged=count))
    else:
        (import_id,) = change.imports
        found[import_id] = _stated(cursor, change, import_id)
    owner, join = change.owner("k")
    leads = cursor.execute(
        f"select {owner}, count(*) from (select key from current_rows group by key "
        f"having min(side) = 1) k {join} group by {owner}"
    ).fetchall()
    for import_id, count in leads:
        found[import_id] = replace(found[import_id], new_leads=count)
    for import_id, changes in months(cursor, change.imports).items():
        found[import_id] = replace(found[import_id], months=changes)
    for import_id, issues in before_earlier_stage(cursor, change.given).items():
        found[import_id] = replace(found[import_id], flagged=issues)
    return found


def _stated(cursor: DuckDBPyConnection, change: Change, import_id: int) -> Comparison:
    """The counts of the first import of its source."""
    stated = new = cache.one(cursor, "select count(*) from new_events where not withdrawn")
    if not change.is_settled:
        stated, new = cursor.execute(query("stated"), {"import_id": import_id}).fetchall()[0]
    undated = cache.one(
        cursor, "select count(*) from new_events where occurred_at is null and not withdrawn"
    )
    return Comparison(new=int(new), unchanged=int(stated - new), undated=int(undated))


def _untouched(cursor: DuckDBPyConnection, change: Change) -> list[tuple[int, int]]:
    """The facts of leads of which imports say what was said before."""
    return cursor.execute(
        "select e.import_id, count(*) from new_events e anti join touched t on t.key = e.key "
        f"where not e.withdrawn and e.import_id in ({change.given}) group by e.import_id"
    ).fetchall()


def before_earlier_stage(cursor: DuckDBPyConnection, imports: str) -> dict[int, tuple[Issue, ...]]:
    """Dates of imports that lie before one of an earlier stage, or after one of a later stage."""
    positions = cursor.execute(
        "select distinct position from stages where kind <> 'activity' order by 1"
    ).fetchall()
    sql = query("before_earlier_stage").replace("{imports}", imports)
    sql = sql.replace("{inversions}", inversions([position for (position,) in positions]))
    found: dict[int, tuple[Issue, ...]] = {}
    for import_id, line, stage, days in cursor.execute(sql).fetchall():
        issue = Issue("before_earlier_stage", line, stage, days, Severity.FLAGGED)
        found[import_id] = (*found.get(import_id, ()), issue)
    return found


def inversions(positions: Sequence[int]) -> str:
    """SQL for a lead with a date of a later stage before one of an earlier stage."""
    day = "cast(c.occurred_at as date)"
    return " or ".join(
        f"min(case when s.position >= {place} then {day} end) < "
        f"max(case when s.position < {place} then {day} end)"
        for place in positions[1:]
    )


def months(
    cursor: DuckDBPyConnection, imports: Sequence[int]
) -> dict[int, tuple[MonthChange, ...]]:
    """Leads and amounts per stage, activity and month, before and after each of the imports.

    Of the months in which `cells` changes.
    """
    changes = cursor.execute(
        "select c.import_id, s.name, s.kind, cast(date_trunc('month', c.on_day) as date) as month, "
        "sum(c.leads), coalesce(sum(c.amount), 0) from cells c join stages s on s.stage = c.stage "
        "where c.on_day is not null group by c.import_id, s.name, s.kind, s.position, "
        "cast(date_trunc('month', c.on_day) as date) order by s.position, s.name, month"
    ).fetchall()
    if not changes:
        return {}
    plain = {
        name: aggregate_sql.ACTIVITY + name if kind == "activity" else plain_key(name)
        for _, name, kind, *_ in changes
    }
    sums = {name: aggregate_sql.AMOUNT_OF + name for name in plain}
    first = min(row[3] for row in changes)
    stands = by_month(cursor, [*plain.values(), *sums.values()], first)
    found: dict[int, list[MonthChange]] = {}
    changes.sort(key=lambda row: imports.index(row[0]))  # of one import in the order above
    for import_id, name, _, month, leads, amount in changes:
        of_leads, of_amounts = (plain[name], month), (sums[name], month)
        stood, summed = stands.get(of_leads, Decimal()), stands.get(of_amounts, Decimal())
        has_amounts = bool(summed or amount)
        found.setdefault(import_id, []).append(
            MonthChange(
                name,
                month,
                float(stood),
                float(stood) + float(leads),
                float(summed) if has_amounts else None,
                float(summed) + float(amount) if has_amounts else None,
            )
        )
        stands[of_leads], stands[of_amounts] = stood + leads, summed + amount
    return {import_id: tuple(changed) for import_id, changed in found.items()}


def plain_key(stage: str) -> str:
    """The aggregate that counts the leads of a stage."""
    try:
        return Tally(TallyKind.REACHED, stage=Stage(stage)).key
    except ValueError:
        return stage


def by_month(
    cursor: DuckDBPyConnection, keys: Iterable[str], first: date
) -> dict[tuple[str, date], Decimal]:
    """What aggregates add up to per month, from the month of `first` on."""
    rows = cursor.execute(
        "select aggregate, cast(date_trunc('month', day) as date), sum(value) from daily "
        f"where aggregate in ({literals(keys)}) and day >= $first "
        "group by aggregate, cast(date_trunc('month', day) as date)",
        {"first": first},
    ).fetchall()
    return {(key, month): value for key, month, value in rows}


def may_have_cases(cursor: DuckDBPyConnection, run: Sequence[ImportRecord]) -> bool:
    """Whether any import of a run may have blanks over dates, or lack leads as a full list."""
    record = run[0]
    imports = ", ".join(str(each.import_id) for each in run)
    covered = {name for each in run for what, name in each.covers if what == "stage"}
    if cache.one(cursor, f"select 1 from ({_blanks(covered, imports)}) b limit 1"):
        return True
    lost = "select key from current_rows group by key having max(side) = 0"
    most = cache.one(
        cursor,
        "select max(known) from (select n.import_id, count(*) as known from named_by n "
        "where n.key in (select key from old_events) group by n.import_id) k",
    )
    known = _known_leads(cursor, record) - cache.one(cursor, f"select count(*) from ({lost}) l")
    return bool(most) and most >= FULL_LIST * known


def _known_leads(cursor: DuckDBPyConnection, record: ImportRecord) -> float:
    """How many leads of an import's source and thing are current."""
    own = aggregate_sql.LEADS + record.source + "\x1f" + record.thing
    return float(cache.one(cursor, "select sum(value) from daily where aggregate = ?", [own]) or 0)


def blank_over_date(
    cursor: DuckDBPyConnection, covered: Iterable[str], names: str, import_id: int
) -> Comparison:
    """Leads with a blank where a date of a covered stage is current: it changes nothing.

    `names` is SQL, to follow `from`, for `key` and `lead` of the import's rows.
    """
    return cases_of(
        cursor,
        "blank_over_date",
        _blanks(covered, str(import_id)),
        "select n.lead, f.stage || ' ' || f.dated from "
        "({found}) f "
        f"join (select key, min(lead) as lead from {names} group by key) n on n.key = f.key "
        "order by 1, 2",
    )


def _blanks(covered: Iterable[str], imports: str) -> str:
    """SQL for the leads of imports, and the stages of which they leave the date blank."""
    return (
        "select c.key, s.name as stage, cast(cast(c.occurred_at as date) as varchar) as dated "
        "from current_rows c join stages s on s.stage = c.stage "
        f"join (select distinct key from new_leads where import_id in ({imports})) n "
        "on n.key = c.key left join new_events e on e.key = c.key and e.stage = c.stage "
        f"and e.import_id in ({imports}) "
        f"where c.side = 1 and s.kind = 'lead' and s.name in ({literals(covered) or 'null'}) "
        "and c.occurred_at is not null and e.key is null"
    )


def gone(cursor: DuckDBPyConnection, record: ImportRecord) -> str | None:
    """SQL for the leads that a full list lacks; None where the file is no full list."""
    known = _known_leads(cursor, record)
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
