"""The ledger of imports, with files, small facts and changes."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.receipt import Receipt
from kpi_core.records import Records, StoreError, import_receipts, ledger
from kpi_core.records.audit import AuditAction
from kpi_core.records.changes import Change, ChangeKind, changes_since
from kpi_core.records.fact_files import FactFile, add_files, files, replace_files
from kpi_core.records.small_facts import SmallFacts, add_small, remove_small, small
from tests.records.imports import NOW, commit

RECEIPT = Receipt(1, "crm", "leads.csv", 4, 3, 2, 1, 2, 0, 2, 1, NOW, 4, ())
FILE = FactFile("facts/1.parquet", "events", 4, 2**40, "abc")


def test_an_import_reads_back_as_it_was_committed(records: Records) -> None:
    through, first_event = NOW - timedelta(days=1), NOW.replace(microsecond=678901)
    number = commit(
        records,
        data_through=through,
        ranks_at=NOW,
        demo=True,
        covers={("stage", "won"), ("activity", "login")},
        first_event=first_event,
        rows=3_000_000_000,
    )
    [found] = records.imports()
    assert found == records.find_import(number)
    assert (found.import_id, found.source, found.thing, found.grain) == (1, "crm", "lead", "lead")
    assert (found.data_through, found.ranks_at, found.demo) == (through, NOW, True)
    assert found.covers == (("activity", "login"), ("stage", "won"))
    assert found.first_event == first_event
    assert found.rows == 3_000_000_000
    assert (found.is_current, found.is_applied, found.new, found.repeats) == (True, False, 0, None)
    assert records.mapping_of(number) == "name = 'leads'"
    assert [(entry.action, entry.subject) for entry in records.audit()] == [
        (AuditAction.IMPORT, "1")
    ]


def test_an_unknown_import_is_said(records: Records) -> None:
    for ask in (records.find_import, records.mapping_of, records.receipt):
        with pytest.raises(StoreError, match="unknown_import import_id=2"):
            ask(2)
    assert records.issues(2) == ()


def test_the_number_of_an_import_is_never_used_again(records: Records) -> None:
    with records.writing() as conn:
        assert ledger.reserve_id(conn) == 1
    assert commit(records) == 2
    assert commit(records) == 3


def test_a_rejected_row_counts_once_whatever_is_wrong_with_it(records: Records) -> None:
    found = [
        Issue("bad_date", 3, "作成日", "四月"),
        Issue("bad_number", 3, "金額", "x"),
        Issue("bad_date", 2, "作成日", "五月"),
        Issue("far_date", 5, "受注日", "2062", Severity.FLAGGED),
        Issue("no_ids"),
    ]
    number = commit(records, issues=iter(found))
    ledger_row = records.find_import(number)
    assert (ledger_row.rejected_rows, ledger_row.flagged) == (2, 1)
    assert records.issues(number) == (found[4], found[2], found[0], found[1], found[3])
    assert records.issues(number, limit=1) == (found[4],)
    with records.writing() as conn:
        import_receipts.add_issues(conn, number, [Issue("late", 9, severity=Severity.FLAGGED)])
    assert records.find_import(number).flagged == 2


def test_what_no_database_can_hold_is_replaced(records: Records) -> None:
    cell = "a\0b\udc80表"
    number = commit(
        records,
        file_name=cell,
        issues=[Issue("bad_date", 2, cell, cell)],
        small={"events": {"lead": [cell]}},
    )
    seen = "a\ufffdb\ufffd表"
    assert records.find_import(number).file_name == records.audit()[0].detail == seen
    assert records.issues(number) == (Issue("bad_date", 2, seen, seen),)
    with records.reading() as conn:
        assert small(conn)[0].columns == {"lead": [cell]}


def test_a_receipt_is_there_once_it_is_written(records: Records) -> None:
    issue = Issue("bad_date", 3, "作成日", "四月")
    number = commit(records, issues=[issue], data_through=NOW)
    assert records.receipt(number) is None
    with records.writing() as conn:
        import_receipts.save_receipt(conn, number, RECEIPT)
    receipt = records.receipt(number)
    assert receipt is not None
    assert (receipt.new, receipt.issue_count, receipt.issues) == (3, 4, (issue,))
    found = records.find_import(number)
    assert (found.is_applied, found.new, found.changed, found.unchanged) == (True, 3, 2, 1)
    assert (found.rejected_rows, found.flagged) == (2, 1)
    assert records.data_version() == 1


def test_a_corrected_data_through_shows_in_ledger_and_receipt(records: Records) -> None:
    number = commit(records)
    later = NOW + timedelta(days=1)
    with records.writing() as conn:
        import_receipts.save_receipt(conn, number, RECEIPT)
        ledger.set_data_through(conn, number, later, "Ito", NOW)
    receipt = records.receipt(number)
    assert receipt is not None
    assert receipt.data_through == records.find_import(number).data_through == later
    entry = records.audit()[0]
    assert (entry.action, entry.who, entry.detail) == (
        AuditAction.DATA_THROUGH,
        "Ito",
        "2026-06-01 12:00:00",
    )


def test_an_import_is_undone_once(records: Records) -> None:
    number = commit(records)
    with records.writing() as conn:
        ledger.mark_undone(conn, number, "Ito", NOW)
    undone = records.find_import(number)
    assert (undone.is_current, undone.undone_at, undone.undone_by) == (False, NOW, "Ito")
    with pytest.raises(StoreError, match="already_undone import_id=1"), records.writing() as conn:
        ledger.mark_undone(conn, number, "Ito", NOW)
    assert [entry.action for entry in records.audit()] == [AuditAction.UNDO, AuditAction.IMPORT]


def test_an_import_that_replaces_another_says_so_until_it_is_undone(records: Records) -> None:
    small = {"events": {"line": [1]}}
    first = commit(records, small=small)
    second = commit(records, replaces=first, small=small)
    assert records.find_import(first).replaced_by == second
    assert (records.replaced(second), records.replaced(first)) == ((first,), ())
    with records.writing() as conn:
        ledger.mark_undone(conn, second, "import of 2026", NOW)
    assert records.find_import(second).replaced_by is None
    assert records.find_import(first).replaced_by is None
    assert records.replaced(second) == ()


def test_the_newest_current_import_of_the_same_bytes_is_the_one_repeated(
    records: Records,
) -> None:
    first, second = commit(records), commit(records, repeats=1)
    commit(records, content_hash="other")
    commit(records, source="shop")
    with records.reading() as conn:
        found = ledger.standing_repeat(conn, "crm", "c")
        assert found is not None
        assert (found.import_id, found.repeats) == (second, first)
        assert ledger.standing_repeat(conn, "crm", "none") is None
    with records.writing() as conn:
        ledger.mark_undone(conn, second, "Ito", NOW)
    with records.reading() as conn:
        found = ledger.standing_repeat(conn, "crm", "c")
    assert found is not None
    assert found.import_id == first


def test_demo_imports_are_known_until_they_are_undone(records: Records) -> None:
    first, second = commit(records, demo=True), commit(records, demo=True)
    commit(records)
    with records.writing() as conn:
        assert ledger.current_demos(conn) == (second, first)
        ledger.mark_undone(conn, second, "demo", NOW)
        assert ledger.current_demos(conn) == (first,)


def test_changes_are_told_from_any_version_on(records: Records) -> None:
    number = commit(records)
    records.save_revision("saas", "", effective_from=None, who="a", why="b", now=NOW)
    with records.writing() as conn:
        ledger.mark_undone(conn, number, "Ito", NOW)
    with records.reading() as conn:
        every, last = changes_since(conn, 0), changes_since(conn, 2)
    assert every == [
        Change(1, ChangeKind.IMPORT, 1),
        Change(2, ChangeKind.REVISION, None),
        Change(3, ChangeKind.UNDO, 1),
    ]
    assert last == every[2:]
    assert records.data_version() == 3


def test_files_are_found_by_the_imports_they_hold(records: Records) -> None:
    first, second, third = commit(records, files=[FILE]), commit(records), commit(records)
    gathered = FactFile("facts/2.parquet", "events", 2, 20, "def", (second, third))
    own = FactFile("facts/1.parquet", "events", 4, 2**40, "abc", (first,))
    with records.writing() as conn:
        add_files(conn, [gathered])
        assert files(conn) == (own, gathered)
        assert files(conn, [third]) == (gathered,)
        assert files(conn, range(1000)) == (own, gathered)
        assert files(conn, [99]) == files(conn, []) == ()


def test_a_gathered_file_takes_the_place_of_those_it_was_made_of(records: Records) -> None:
    for number in range(1, 4):
        commit(records, files=[FactFile(f"facts/{number}.parquet", "events", 1, 1, "x")])
    whole = FactFile("facts/all.parquet", "events", 2, 2, "y", (1, 2))
    with records.writing() as conn:
        replace_files(conn, ["facts/1.parquet", "facts/2.parquet"], [whole])
    with records.reading() as conn:
        assert [file.path for file in files(conn)] == ["facts/all.parquet", "facts/3.parquet"]
        assert files(conn, [2]) == (whole,)


def test_small_facts_live_beside_their_import_until_they_are_removed(records: Records) -> None:
    columns = {"line": [2, 3], "lead": ["あ", None], "occurred_at": [NOW, date(2026, 5, 1)]}
    first, second = commit(records, small={"events": columns}), commit(records)
    with records.writing() as conn:
        add_small(conn, second, "numbers", {"value": [1.5]})
    kept = SmallFacts(
        first,
        "events",
        {"line": [2, 3], "lead": ["あ", None], "occurred_at": [NOW.isoformat(), "2026-05-01"]},
    )
    with records.writing() as conn:
        assert small(conn) == (kept, SmallFacts(second, "numbers", {"value": [1.5]}))
        assert small(conn, [first]) == (kept,)
        remove_small(conn, [first])
        assert [facts.import_id for facts in small(conn)] == [second]


def test_nan_is_no_small_fact(records: Records) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        commit(records, small={"events": {"amount": [float("nan")]}})
    assert records.imports() == ()


def test_an_import_that_fails_leaves_nothing(records: Records) -> None:
    with pytest.raises(IntegrityError):
        commit(records, issues=[Issue("no_ids")], files=[FILE, FILE])
    assert (records.imports(), records.audit(), records.data_version()) == ((), (), 0)
    with records.reading() as conn:
        assert files(conn) == ()
