"""Taking one batch in: facts, what stands, the rollup and the ledger, in one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from kpi_core.domain.calendar import end_of
from kpi_core.storage import audit, ledger, rollup
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.facts import Batch, Receipt
from kpi_core.storage.incoming import hide_batch, show_batch
from kpi_core.storage.ledger import Novelty
from kpi_core.storage.scripts import ask_one, run
from kpi_core.storage.session import Transaction
from kpi_core.storage.withdrawal import withdraw

DEMO = "demo"
"""Who undoes the demo when real data comes."""

MAX_AGE = timedelta(days=7)
"""Facts no older than this are taken to tell of everything up to now."""


def take_in(transaction: Transaction, batch: Batch, *, who: str, now: datetime) -> Receipt:
    """Add a batch to the store. `transaction.keep` is taken back where it says nothing new.

    The first batch that is not a demo undoes what stands of the demo.
    """
    cursor = transaction.cursor
    demos = [] if batch.demo else ledger.standing_demos(cursor)
    for import_id in demos:
        withdraw(cursor, import_id, who=DEMO, now=now)
    import_id = ledger.next_import_id(cursor)
    show_batch(cursor, batch)
    _add_facts(cursor, import_id, batch)
    novelty = Novelty(*ask_one(cursor, "questions/novelty", import_id=import_id, now=now))
    repeat = None if demos else _repeat(cursor, batch, novelty)
    run(cursor, "writes/compare_months", import_id=import_id, source=batch.source)
    run(cursor, "writes/add_issues", import_id=import_id)
    run(cursor, "writes/flag_contradictions", import_id=import_id)
    run(cursor, "writes/flag_rows", import_id=import_id)
    through = batch.data_through or _data_through(novelty, batch.written_at or now)
    ledger.add_import(cursor, import_id, batch, novelty, data_through=through, who=who, now=now)
    receipt = ledger.receipt(cursor, import_id)
    hide_batch(cursor)
    if repeat is not None:
        transaction.keep = False
        standing, through = repeat
        return replace(receipt, import_id=None, repeats=standing, data_through=through)
    if not transaction.keep:
        return replace(receipt, import_id=None)
    run(cursor, "writes/due_after_import")
    run(cursor, "writes/keep_incoming", source=batch.source)
    run(cursor, "writes/cover", import_id=import_id)
    change = novelty.new_leads - novelty.lost_leads
    run(cursor, "writes/count_leads", change=change)
    rollup.refresh(cursor)
    entry = AuditEntry(now, who, AuditAction.IMPORT, str(import_id), batch.file_name)
    audit.record(cursor, entry)
    return receipt


def _add_facts(cursor: DuckDBPyConnection, import_id: int, batch: Batch) -> None:
    """Write the facts down, marked where they stand, and compare them with what stood."""
    source = batch.source
    a_line_each = batch.a_line_each or bool(ask_one(cursor, "questions/lines_are_leads")[0])
    by_line = a_line_each and bool(ask_one(cursor, "questions/is_new_source", source=source)[0])
    if by_line:
        run(cursor, "writes/number_by_line", source=source)
        run(cursor, "writes/number_leads", source=source, by_line=True)
        run(cursor, "writes/know_nothing")
        run(cursor, "writes/take_in_new_rows", import_id=import_id, source=source)
    else:
        run(cursor, "writes/hash_rows")
        if a_line_each and ask_one(cursor, "questions/rows_alone")[0]:
            run(cursor, "writes/number_by_lookup", source=source)
        else:
            run(cursor, "writes/number_leads", source=source, by_line=False)
            run(cursor, "writes/number_rows")
        run(cursor, "writes/find_echoes", import_id=import_id)
        run(cursor, "writes/find_known")
        run(cursor, "writes/take_in_rows", import_id=import_id, source=source)
    run(cursor, "writes/take_in_events", import_id=import_id, source=source)
    run(cursor, "writes/take_in_rest", import_id=import_id, source=source)
    run(cursor, "writes/compare_rows", import_id=import_id)
    run(cursor, "writes/open_leads", import_id=import_id)
    if ask_one(cursor, "questions/any_open")[0]:
        run(cursor, "writes/compare_events", import_id=import_id)
        run(cursor, "writes/mark_events", import_id=import_id)
        run(cursor, "writes/inherit_channels")
    else:
        run(cursor, "writes/compare_nothing")
    run(cursor, "writes/count_facts", import_id=import_id, all_new=by_line)
    run(cursor, "writes/compare_rest", import_id=import_id, source=source)


def _repeat(
    cursor: DuckDBPyConnection, batch: Batch, novelty: Novelty
) -> tuple[int, datetime | None] | None:
    """The standing import that has said all this; a later export time of the same facts is news."""
    if not novelty.says_nothing:
        return None
    repeat = ledger.standing_repeat(cursor, batch)
    if repeat is None or batch.data_through is None:
        return repeat
    known_through = repeat[1]
    return None if known_through is None or known_through < batch.data_through else repeat


def _data_through(novelty: Novelty, now: datetime) -> datetime | None:
    """Up to when the batch, written now, can be taken to tell everything; None for nothing."""
    if novelty.new + novelty.changed + novelty.unchanged == 0:
        return None
    if novelty.newest is None:
        return now
    end_of_newest = end_of(novelty.newest)
    return end_of_newest if end_of_newest < now - MAX_AGE else now
