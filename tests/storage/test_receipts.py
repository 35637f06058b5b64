"""What an import says it did."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import ORDER, Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.audit import AuditAction
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import Issue, Receipt, Severity
from kpi_core.storage.ledger import ISSUES_SHOWN
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Attribute, Count, Event, Measure, at, batch

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
WON = Tally(TallyKind.REACHED, stage=Stage.WON)


def numbers(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.new, receipt.changed, receipt.unchanged


def test_a_receipt_tells_new_changed_and_unchanged_facts_apart(store: Store) -> None:
    store.commit(
        batch(
            Event("1", "lead", at("2026-05-01"), channel="web"),
            Event("2", "lead", at("2026-05-02")),
            Event("3", "won", at("2026-05-03"), amount=100.0),
            Count("lead", date(2026, 5, 4), 5.0),
            Measure("cost", date(2026, 5, 4), 900.0),
        ),
        who="me",
        now=NOW,
    )
    receipt = store.commit(
        batch(
            Event("1", "lead", at("2026-05-01"), channel="ads"),  # another channel
            Event("2", "lead", at("2026-05-02")),  # the same
            Event("2", "won", at("2026-05-09")),  # new, of a known lead
            Event("3", "won", at("2026-05-03"), amount=120.0),  # another amount
            Event("4", "lead"),  # new, of a new lead, undated
            Count("lead", date(2026, 5, 4), 6.0),  # another count
            Measure("cost", date(2026, 5, 4), 900.0),  # the same
            Measure("cost", date(2026, 5, 5), 900.0),  # new
        ),
        who="me",
        now=NOW,
    )
    assert numbers(receipt) == (3, 3, 2)
    assert receipt.facts == 8
    assert receipt.new_leads == 1
    assert receipt.undated == 1
    assert receipt.rows == 8
    assert store.receipt(2) == receipt
    assert store.leads() == 4


def test_of_events_of_one_stage_in_one_file_the_earliest_counts(store: Store) -> None:
    receipt = store.commit(
        batch(
            Event("1", "lead"),
            Event("1", "lead", at("2026-05-09")),
            Event("1", "lead", at("2026-05-02")),
        ),
        who="me",
        now=NOW,
    )
    assert numbers(receipt) == (1, 0, 0)
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 2): 1.0}
    assert store.undated(Stage.LEAD) == 0


def test_a_rejected_row_is_counted_once_whatever_is_wrong_with_it(store: Store) -> None:
    wrong = (
        Issue("bad_date", 3, "won", "四月"),
        Issue("bad_number", 3, "amount", "?"),
        Issue("bad_date", 9, "won", "x"),
        Issue("odd", 4, "won", "y", Severity.FLAGGED),
        Issue("whole_file"),
    )
    receipt = store.commit(
        batch(Event("1", "lead", at("2026-05-01")), issues=wrong), who="me", now=NOW
    )
    assert (receipt.rejected_rows, receipt.flagged) == (2, 1)
    assert set(receipt.issues) == set(wrong)
    assert receipt.issues[0].code == "whole_file"
    assert store.issues(1, limit=2) == receipt.issues[:2]


def test_a_receipt_shows_the_first_issues_and_the_ledger_keeps_all(store: Store) -> None:
    many = tuple(Issue("bad_date", line, "won", "x") for line in range(2, ISSUES_SHOWN + 502))
    receipt = store.commit(
        batch(Event("1", "lead", at("2026-05-01")), issues=many), who="me", now=NOW
    )
    assert len(receipt.issues) == ISSUES_SHOWN
    assert receipt.issue_count == ISSUES_SHOWN + 500
    assert receipt.rejected_rows == ISSUES_SHOWN + 500
    assert len(store.issues(1, limit=9999)) == ISSUES_SHOWN + 500
    assert store.receipt(1) == receipt


def test_a_preview_counts_the_issues_that_the_import_will_have(store: Store) -> None:
    many = tuple(Issue("bad_date", line, "won", "x") for line in range(2, ISSUES_SHOWN + 502))
    said = batch(
        Event("1", "lead", at("2026-05-10")),
        Event("1", "won", at("2026-05-09")),  # found by the store, not while reading
        issues=many,
    )
    preview = store.preview(said, now=NOW)
    assert (len(preview.issues), preview.issue_count) == (ISSUES_SHOWN, ISSUES_SHOWN + 501)
    assert store.commit(said, who="me", now=NOW).issue_count == ISSUES_SHOWN + 501
    # Said again: it is not taken in, but all that is wrong in it is counted.
    repeat = store.commit(said, who="me", now=NOW)
    assert (repeat.import_id, repeat.issue_count) == (None, ISSUES_SHOWN + 501)


def test_the_issues_of_other_imports_are_not_counted(store: Store) -> None:
    for name in ("1", "2"):
        said = batch(Event(name, "lead", at("2026-05-01")), issues=(Issue("bad_date", 3),))
        assert store.commit(said, who="me", now=NOW).issue_count == 1
    clean = store.commit(batch(Event("3", "lead", at("2026-05-01"))), who="me", now=NOW)
    assert (clean.issue_count, clean.issues) == (0, ())


def test_a_file_that_was_right_before_a_wrong_one_is_taken_in_again(store: Store) -> None:
    right = batch(Event("1", "lead", at("2026-05-01")))
    wrong = batch(Event("1", "lead", at("2026-05-20")))
    store.commit(right, who="me", now=NOW)
    store.commit(wrong, who="me", now=NOW)
    again = store.commit(right, who="me", now=NOW)
    assert (again.import_id, again.repeats) == (3, None)
    assert numbers(again) == (0, 1, 0)
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0}


def test_the_same_facts_exported_later_tell_of_a_later_time(store: Store) -> None:
    first = batch(Event("1", "lead", at("2026-05-01")), data_through=at("2026-05-02 06:00"))
    later = replace(first, data_through=at("2026-05-03 06:00"))
    store.commit(first, who="inbox", now=NOW)
    assert store.commit(first, who="inbox", now=NOW).repeats == 1
    assert store.commit(later, who="inbox", now=NOW).import_id == 2
    assert store.data_through([LEADS]) == at("2026-05-03 06:00")


def test_only_an_attribute_corrected_is_news(store: Store) -> None:
    said = (Event("1", "lead", at("2026-05-01")), Attribute("1", "role", "課長"))
    store.commit(batch(*said), who="me", now=NOW)
    corrected = (said[0], Attribute("1", "role", "部長"))
    assert store.commit(batch(*corrected), who="me", now=NOW).import_id == 2
    assert store.commit(batch(*said), who="me", now=NOW).import_id == 3


def test_an_event_has_the_first_channel_of_its_lead_in_whatever_order_files_come(
    store: Store,
) -> None:
    store.commit(batch(Event("1", "won", at("2026-05-20"))), who="me", now=NOW)
    assert store.by_channel([WON], MAY)[WON] == {"": 1.0}
    store.commit(batch(Event("1", "lead", at("2026-05-02"), channel="web")), who="me", now=NOW)
    assert store.by_channel([WON], MAY)[WON] == {"web": 1.0}
    store.undo(2, who="me", now=NOW)
    assert store.by_channel([WON], MAY)[WON] == {"": 1.0}


@pytest.mark.parametrize("won_first", [False, True], ids=["lead first", "won first"])
def test_a_win_before_its_lead_is_flagged_in_whatever_order_files_come(
    store: Store, won_first: bool
) -> None:
    leads = batch(
        Event("0", "lead", at("2026-05-01")),
        Event("1", "lead", at("2026-05-10 09:00")),
        Event("2", "lead", at("2026-05-10 18:00")),
    )
    wins = batch(
        Event("1", "won", at("2026-05-09 23:00")),
        Event("2", "won", at("2026-05-10 01:00")),  # the same day is fine
    )
    first, second = (wins, leads) if won_first else (leads, wins)
    assert store.commit(first, who="me", now=NOW).flagged == 0
    receipt = store.commit(second, who="me", now=NOW)
    line, stage = (3, "lead") if won_first else (2, "won")
    assert receipt.flagged == 1
    assert receipt.issues == (
        Issue("before_earlier_stage", line, stage, "2026-05-09 < 2026-05-10", Severity.FLAGGED),
    )
    assert store.daily([WON], MAY)[WON] == {date(2026, 5, 9): 1.0, date(2026, 5, 10): 1.0}
    assert store.commit(second, who="me", now=NOW).flagged == 1  # it says so again


def test_each_event_dated_before_an_earlier_stage_is_flagged_once(store: Store) -> None:
    receipt = store.commit(
        batch(
            Event("1", "lead", at("2026-05-10")),
            Event("1", "marketing_qualified", at("2026-05-09")),
            Event("1", "opportunity", at("2026-05-08")),
            Event("1", "won", at("2026-05-12")),
            Event("1", "lost", at("2026-05-11")),  # as far along as won: no contradiction
        ),
        who="me",
        now=NOW,
    )
    assert [(issue.line, issue.column, issue.value) for issue in receipt.issues] == [
        (3, "marketing_qualified", "2026-05-09 < 2026-05-10"),
        (4, "opportunity", "2026-05-08 < 2026-05-10"),
    ]


def test_the_store_knows_the_order_of_the_stages(store: Store) -> None:
    """Every pair of stages: the later one a day before the earlier is flagged, and only that."""
    events = [
        Event(f"{one}-{other}", stage, day)
        for one in Stage
        for other in Stage
        if one != other
        for stage, day in ((one.value, at("2026-05-01")), (other.value, at("2026-05-02")))
    ]
    expected = sum(ORDER[one] > ORDER[other] for one in Stage for other in Stage)
    assert store.commit(batch(*events), who="me", now=NOW).flagged == expected


# --- data through ---


@pytest.mark.parametrize(
    ("newest", "through"),
    [
        ("2026-06-30 10:00", "2026-07-01 09:00"),  # recent: everything up to now
        ("2026-06-23 10:00", "2026-06-24 00:00"),  # its day ended 7 days and 9 hours ago
        ("2026-06-24 10:00", "2026-07-01 09:00"),  # its day ended 6 days and 9 hours ago
        ("2026-05-01 10:00", "2026-05-02 00:00"),
    ],
)
def test_data_through_is_now_or_the_end_of_the_newest_day(
    store: Store, newest: str, through: str
) -> None:
    receipt = store.commit(batch(Event("1", "lead", at(newest))), who="me", now=NOW)
    assert receipt.data_through == at(through)
    assert store.imports()[0].data_through == at(through)


def test_facts_in_the_future_do_not_count_for_data_through(store: Store) -> None:
    said = batch(
        Event("1", "lead", at("2026-05-01")),
        Event("2", "lead", at("2026-07-01 09:01")),
        Count("lead", date(2026, 7, 2), 1.0),
    )
    assert store.commit(said, who="me", now=NOW).data_through == at("2026-05-02")


def test_data_through_of_nothing_is_nothing(store: Store) -> None:
    receipt = store.commit(batch(issues=(Issue("bad_date", 2),)), who="me", now=NOW)
    assert receipt.data_through is None
    assert store.data_through([LEADS]) is None
    assert store.is_empty()


def test_of_several_tallies_the_one_with_the_oldest_data_decides(store: Store) -> None:
    cost = Tally(TallyKind.MEASURE, name="cost")
    converted = Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON)
    store.commit(
        batch(Event("1", "lead", at("2026-05-01")), data_through=at("2026-05-09")),
        who="me",
        now=NOW,
    )
    store.commit(
        batch(
            Event("1", "won", at("2026-05-02")),
            Event("9", "lead", at("2026-05-02")),
            data_through=at("2026-05-07"),
            source="erp",
        ),
        who="me",
        now=NOW,
    )
    assert store.data_through([LEADS]) == at("2026-05-09")
    assert store.data_through([LEADS, WON]) == at("2026-05-07")
    assert store.data_through([converted]) == at("2026-05-07")
    assert store.data_through([replace(LEADS, source="erp")]) == at("2026-05-07")
    assert store.data_through([LEADS, cost]) == at("2026-05-09")
    assert store.data_through([cost]) is None
    store.undo(2, who="me", now=NOW)
    assert store.data_through([WON]) is None


def test_the_user_corrects_data_through(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    version = store.data_version()
    store.set_data_through(1, at("2026-05-31 18:00"), who="Sato", now=NOW)
    assert store.data_through([LEADS]) == at("2026-05-31 18:00")
    assert store.imports()[0].data_through == at("2026-05-31 18:00")
    assert store.data_version() == version + 1
    newest = store.audit()[0]
    assert (newest.who, newest.action, newest.subject) == ("Sato", AuditAction.DATA_THROUGH, "1")
    with pytest.raises(StoreError, match="unknown_import"):
        store.set_data_through(7, NOW, who="Sato", now=NOW)


# --- undo, demo, who did what ---


def test_an_undone_import_stays_in_the_ledger(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01")), name="a.csv"), who="me", now=NOW)
    store.undo(1, who="Sato", now=NOW + timedelta(hours=1))
    (record,) = store.imports()
    assert not record.stands
    assert (record.undone_by, record.undone_at) == ("Sato", NOW + timedelta(hours=1))
    assert store.is_empty()
    assert [(deed.who, deed.action, deed.detail) for deed in store.audit()] == [
        ("Sato", AuditAction.UNDO, "a.csv"),
        ("me", AuditAction.IMPORT, "a.csv"),
    ]


def test_an_unknown_or_undone_import_cannot_be_undone(store: Store) -> None:
    with pytest.raises(StoreError, match="unknown_import import_id=1"):
        store.undo(1, who="me", now=NOW)
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    store.undo(1, who="me", now=NOW)
    version = store.data_version()
    with pytest.raises(StoreError, match="already_undone import_id=1"):
        store.undo(1, who="me", now=NOW)
    assert store.data_version() == version
    with pytest.raises(StoreError, match="unknown_import"):
        store.receipt(2)


def test_an_undone_file_can_be_imported_again(store: Store) -> None:
    said = batch(Event("1", "lead", at("2026-05-01")))
    store.commit(said, who="me", now=NOW)
    store.undo(1, who="me", now=NOW)
    assert store.commit(said, who="me", now=NOW).import_id == 2
    assert store.leads() == 1


def test_undo_brings_back_what_stood_before(store: Store) -> None:
    amount = Tally(TallyKind.AMOUNT, stage=Stage.WON)
    store.register([amount])
    for value in (100.0, 200.0, 300.0):
        said = batch(Event("1", "won", at("2026-05-01"), amount=value))
        store.commit(said, who="me", now=NOW)
    day = date(2026, 5, 1)
    assert store.daily([amount], MAY)[amount] == {day: 300.0}
    store.undo(2, who="me", now=NOW)
    assert store.daily([amount], MAY)[amount] == {day: 300.0}
    store.undo(3, who="me", now=NOW)
    assert store.daily([amount], MAY)[amount] == {day: 100.0}


def test_the_first_real_import_takes_the_demo_away(store: Store) -> None:
    demos = [
        batch(Event(str(lead), "lead", at("2026-05-01")), demo=True, source="demo", name=str(lead))
        for lead in range(2)
    ]
    for demo in demos:
        store.commit(demo, who="start", now=NOW)
    assert store.holds_demo()
    real = batch(Event("1", "lead", at("2026-05-08")))
    assert store.preview(real, now=NOW).new == 1
    assert store.holds_demo()
    version = store.data_version()
    store.commit(real, who="me", now=NOW)
    assert not store.holds_demo()
    assert store.data_version() == version + 1  # in the same transaction
    assert store.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 8): 1.0}
    assert [record.undone_by for record in store.imports()] == [None, "demo", "demo"]


def test_a_moment_with_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="carries no zone"):
        store.commit(batch(), who="me", now=at("2026-07-01T09:00+09:00"))
