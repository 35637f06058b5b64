"""What a newer file says about an older one, rule by rule."""

import time
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Conflict, Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts import change
from kpi_core.facts.conflicts import Undecided
from kpi_core.facts.store import Store, open_store
from tests.facts.batches import batch
from tests.facts.cases import BLANK, CASES, LOST, OLD, WHOLE, Case
from tests.facts.files import (
    NOW,
    File,
    Number,
    Row,
    at,
    corrected,
    cost,
    event,
    history,
    leads,
    numbers,
    push,
    row,
    snapshot,
    unnamed,
)

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
AMOUNT = Tally(TallyKind.AMOUNT, stage=Stage.WON)
QUALITY = Tally(TallyKind.QUALITY, stage=Stage.MARKETING_QUALIFIED)
COST = Tally(TallyKind.MEASURE, name="cost")


def put(store: Store, file: File, **decisions: str) -> Receipt:
    return store.commit(batch(file), who="me", now=NOW, decisions=decisions)


def counted(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.new, receipt.changed, receipt.unchanged


def values(store: Store, tally: Tally) -> dict[str, float]:
    """Value per day, `05-01` being one of 2026."""
    store.register([tally])
    return {f"{day:%m-%d}": value for day, value in store.daily([tally], YEAR)[tally].items()}


def reached(store: Store, stage: str) -> str:
    """The days of all who reached a stage, "?" for an unknown one."""
    days = values(store, Tally(TallyKind.REACHED, stage=Stage(stage)))
    dated = [day for day, leads in days.items() for _ in range(int(leads))]
    return " ".join(sorted(dated + ["?"] * store.undated(Stage(stage))))


def channels(store: Store, stage: str) -> dict[str, float]:
    tally = Tally(TallyKind.REACHED, stage=Stage(stage))
    return store.by_channel([tally], YEAR)[tally]


def asked(store: Store, file: File) -> Conflict:
    """The one question that a commit without an answer raises; nothing is imported."""
    before = store.imports()
    with pytest.raises(Undecided) as refused:
        put(store, file)
    assert store.imports() == before
    (conflict,) = refused.value.conflicts
    assert store.preview(batch(file), now=NOW).conflicts == (conflict,)
    return conflict


def named(receipt: Receipt, code: str) -> list[str]:
    """The leads, or the measures, of the cases of one kind."""
    return sorted(each.lead for each in receipt.cases if each.code == code)


def ids(count: int, first: int = 1, day: str = "05-01") -> File:
    """A file of leads with these numbers."""
    return leads(*(row(str(n), lead=day) for n in range(first, first + count)))


# --- 1 to 7: what two or three files say of one stage ---


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_few_files_say_of_one_stage(store: Store, case: Case) -> None:
    for file in case.files:
        put(store, file)
    assert reached(store, case.stage) == case.expected


# --- 1. A missing column or a blank cell says nothing ---


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (leads(row("1", won="05-09")), 100.0),  # no column, or a blank cell
        (leads(row("1", won="05-09", amount=0)), 0.0),
        (leads(row("1", won="05-09", amount=120)), 120.0),
        (leads(row("1", won="?", amount=120)), 120.0),
        (leads(row("1", won="05-09", amount=120), through="05-09"), 100.0),
    ],
)
def test_the_newest_amount_stated_counts(store: Store, newer: File, expected: float) -> None:
    put(store, OLD)
    put(store, newer, older="fill_gaps")
    assert values(store, AMOUNT) == {"05-09": expected}


def test_an_older_file_fills_the_amount_that_a_newer_one_leaves_blank(store: Store) -> None:
    put(store, leads(row("1", won="05-09")))
    put(store, OLD)
    assert values(store, AMOUNT) == {"05-09": 100.0}


def test_a_reopened_deal_won_again_keeps_the_amount_stated_before(store: Store) -> None:
    for file in (OLD, BLANK):
        put(store, file)
    assert values(store, AMOUNT) == {}
    put(store, leads(row("1", won="05-25")))
    assert values(store, AMOUNT) == {"05-25": 100.0}


def test_quality_is_stated_beside_amounts(store: Store) -> None:
    put(store, leads(row("1", marketing_qualified="05-02", quality=0.5), through="05-03"))
    put(store, leads(row("1", marketing_qualified="05-04")))
    assert values(store, QUALITY) == {"05-04": 0.5}


def test_a_channel_is_the_events_own_then_its_leads_then_the_earliest(store: Store) -> None:
    put(store, OLD)
    assert channels(store, "won") == {"": 1.0}
    put(store, push(event("1", "lead", "05-02", channel="web"), through="05-11"))
    assert channels(store, "won") == {"web": 1.0}
    put(store, leads(row("1", channel="fair"), columns=["lead"], through="05-12"))
    put(store, leads(row("1"), columns=["lead"], through="05-13"))  # a blank says nothing
    assert channels(store, "won") == {"fair": 1.0}
    assert channels(store, "lead") == {"web": 1.0}
    put(store, push(event("1", "won", "05-20", channel="ads")))
    assert channels(store, "won") == {"ads": 1.0}


def test_of_an_attribute_the_newest_counts_and_a_blank_says_nothing(store: Store) -> None:
    large = Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(Condition("employees", Operator.AT_LEAST, number=100),),
    )
    for through, employees, expected in (
        ("05-10", {"employees": "1,200"}, {"05-01": 1.0}),
        ("05-11", {}, {"05-01": 1.0}),
        ("05-12", {"employees": "99"}, {}),
    ):
        put(store, leads(row("1", lead="05-01", attributes=employees), through=through))
        assert values(store, large) == expected


# --- 2. A lead stage once dated is reached ---


def test_a_blank_over_a_date_is_named_and_can_be_taken_back(store: Store) -> None:
    put(store, leads(row("1", lead="05-01"), row("2", lead="05-02"), through="05-10"))
    receipt = put(store, leads(row("1"), row("2", lead="05-02"), columns=["lead"]))
    assert reached(store, "lead") == "05-01 05-02"
    assert named(receipt, "blank_over_date") == ["1"]
    assert dict(receipt.case_counts)["blank_over_date"] == 1
    store.take_back("crm", [("1", "lead")], who="me", now=NOW)
    assert reached(store, "lead") == "05-02"


def test_a_receipt_names_ten_and_counts_the_rest(store: Store) -> None:
    put(store, ids(12))
    blank = leads(*(row(str(n)) for n in range(1, 13)), columns=["lead"], through="06-02")
    receipt = put(store, blank)
    assert len(named(receipt, "blank_over_date")) == 10
    assert dict(receipt.case_counts) == {"blank_over_date": 12}
    assert receipt.import_id is not None
    every = store.records.cases(receipt.import_id, "blank_over_date")
    assert {each.lead for each in every} == {str(n) for n in range(1, 13)}


def test_a_missing_column_or_a_blank_outcome_is_no_blank_over_a_date(store: Store) -> None:
    put(store, OLD)
    assert put(store, BLANK).cases == ()


# --- 3. An outcome is state ---


def test_a_win_is_counted_once_and_its_amount_goes_with_it(store: Store) -> None:
    put(store, OLD)
    receipt = put(store, LOST)
    assert (reached(store, "won"), reached(store, "lost")) == ("", "05-20")
    assert values(store, AMOUNT) == {}
    assert counted(receipt) == (1, 0, 1)  # lost is new, the lead as it was
    months = {(each.name, each.month.month): (each.before, each.after) for each in receipt.months}
    assert months["won", 5] == (1.0, 0.0)
    assert months["lost", 5] == (0.0, 1.0)


def test_a_won_deal_has_converted_while_it_is_won(store: Store) -> None:
    converted = Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.WON)
    for file, expected in ((OLD, {"05-01": 1.0}), (BLANK, {})):
        put(store, file)
        assert values(store, converted) == expected


# --- 4. A history ---


@pytest.mark.parametrize("day", ["05-02", "05-05", "05-06", "05-12", "05-15 12:00"])
@pytest.mark.parametrize("late_first", [False, True], ids=["in order", "late part first"])
def test_a_history_cut_at_any_moment_equals_the_whole(
    store: Store, day: str, late_first: bool
) -> None:
    changes = [
        event("1", "lead", "05-01"),
        event("1", "opportunity", "05-03"),
        event("1", "won", "05-05", amount=100),
        event("2", "lead", "05-05"),
        event("1", "opportunity", "05-10"),
        event("1", "lost", "05-12"),
        event("1", "won", "05-15", amount=70),
    ]
    early = [each for each in changes if each.occurred_at and each.occurred_at < at(day)]
    parts = [history(*early, through=day), history(*changes[len(early) :])]
    for part in reversed(parts) if late_first else parts:
        if part.lines:
            put(store, part)
    found = {stage: reached(store, stage) for stage in ("lead", "opportunity", "won", "lost")}
    assert found == {"lead": "05-01 05-05", "opportunity": "05-03", "won": "05-15", "lost": ""}
    assert values(store, AMOUNT) == {"05-15": 70.0}


def test_a_history_exported_again_counts_what_it_changes(store: Store) -> None:
    put(store, history(event("1", "lead", "05-01"), event("1", "won", "05-12"), through="05-20"))
    receipt = put(store, history(event("1", "lead", "05-01"), event("1", "won", "05-10")))
    assert counted(receipt) == (0, 1, 1)
    assert reached(store, "won") == "05-10"


def test_an_activity_at_one_moment_is_one_however_often_it_is_exported(store: Store) -> None:
    logins = Tally(TallyKind.ACTIVE, name="login", at_least=2)
    days = [event("1", "login", day) for day in ("05-01 09:00", "05-01 10:00")]
    put(store, history(days[0], through="05-02"))
    assert counted(put(store, history(*days, through="05-03"))) == (1, 0, 1)
    assert counted(put(store, history(*days))) == (0, 0, 2)
    assert values(store, logins) == {"05-01": 1.0}


# --- 5. A push ---


def test_a_push_that_corrects_changes_one_fact(store: Store) -> None:
    put(store, OLD)
    receipt = put(store, push(*corrected("1", "won", "05-12", amount=80)))
    assert counted(receipt) == (0, 1, 0)
    assert values(store, AMOUNT) == {"05-12": 80.0}


def test_a_push_takes_back_across_mappings_and_its_undo_brings_back(store: Store) -> None:
    put(store, OLD)
    put(store, leads(row("1", lead="05-03"), mapping="other", through="05-11"))
    receipt = put(store, push(event("1", "lead", withdrawn=True)))
    assert (reached(store, "lead"), counted(receipt)) == ("", (0, 0, 0))
    assert receipt.import_id is not None
    store.undo(receipt.import_id, who="me", now=NOW)
    assert reached(store, "lead") == "05-01"


# --- 6. A snapshot ---


def test_a_snapshot_says_nothing_of_leads_that_it_lacks(store: Store) -> None:
    put(store, leads(row("1", won="05-09"), row("2", won="05-10"), through="05-11"))
    put(store, snapshot(("1", "opportunity")))
    assert reached(store, "won") == "05-10"


# --- 7. Rows without ids ---


def alike(count: int, *others: str, through: str) -> File:
    """Alike rows of the first of May without ids, and one row for each other day."""
    rows = [row(unnamed("05-01", n), lead="05-01") for n in range(1, count + 1)]
    return leads(*rows, *(row(unnamed(day, 1), lead=day) for day in others), through=through)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1), (2, 2)])
def test_between_files_the_larger_number_of_alike_rows_counts(
    store: Store, first: int, second: int
) -> None:
    put(store, alike(first, through="05-10"))
    put(store, alike(second, "05-02", through="05-11"), replaces="no")
    expected = " ".join(["05-01"] * max(first, second) + ["05-02"])
    assert reached(store, "lead") == expected


def test_rows_of_which_half_are_known_may_replace_their_import(store: Store) -> None:
    put(store, alike(1, "05-02", through="05-10"))
    newer = alike(1, "05-03", through="05-11")
    conflict = asked(store, newer)
    assert (conflict.code, conflict.import_id) == ("replaces", 1)
    assert conflict.options == ("yes", "no")
    preview = store.preview(batch(newer), now=NOW, decisions={"replaces": "yes"})
    receipt = put(store, newer, replaces="yes")
    assert reached(store, "lead") == "05-01 05-03"
    (month,) = receipt.months
    assert (month.before, month.after, receipt.new) == (0, 2, 2)  # “before” is without the import
    assert (preview.months, preview.new, preview.cases) == (receipt.months, 2, receipt.cases)
    assert receipt.import_id is not None
    store.undo(receipt.import_id, who="me", now=NOW)
    assert reached(store, "lead") == "05-01 05-02"  # as if it had never been imported


def test_one_list_after_another_takes_the_place_of_the_one_before(store: Store) -> None:
    for days, through in (("05-01 05-02", "10"), ("05-01 05-03", "11"), ("05-01 05-04", "12")):
        first, second = days.split()
        assert first == "05-01"
        put(store, alike(1, second, through=f"05-{through}"), replaces="yes")
        assert reached(store, "lead") == days
    for days in ("05-01 05-03", "05-01 05-02", ""):
        newest = max(each.import_id for each in store.imports() if each.is_current)
        store.undo(newest, who="me", now=NOW)
        assert reached(store, "lead") == days


def test_a_process_beside_previews_what_takes_anothers_place_alike(store: Store) -> None:
    put(store, alike(1, "05-02", through="05-10"))
    newer = alike(1, "05-03", through="05-11")
    store.watch()
    with closing(open_store(store.data)) as beside:
        give_up = time.monotonic() + 30
        while beside.data_version() < store.data_version() and time.monotonic() < give_up:
            time.sleep(0.05)
        preview = beside.preview(batch(newer), now=NOW, decisions={"replaces": "yes"})
    receipt = put(store, newer, replaces="yes")
    assert (preview.months, preview.new, preview.cases) == (receipt.months, 2, receipt.cases)


def test_rows_of_which_fewer_are_known_are_added(store: Store) -> None:
    put(store, alike(1, "05-02", through="05-10"))
    put(store, alike(1, "05-03", "05-04", through="05-11"))
    assert reached(store, "lead") == "05-01 05-02 05-03 05-04"


def test_rows_without_ids_replace_nothing_of_a_source_that_has_other_things(store: Store) -> None:
    put(store, numbers(cost("05-01", 5), source="crm", through="05-02"))
    put(store, leads(row("9", lead="05-01"), thing="account", mapping="accounts"))
    put(store, alike(1, through="05-10"))
    assert store.leads() == 2


# --- 8. Daily numbers ---


def test_of_daily_numbers_the_newest_counts(store: Store) -> None:
    put(store, numbers(cost("05-01", 5, "web"), cost("05-01", 7, "ads"), through="05-02"))
    receipt = put(
        store, numbers(cost("05-01", 0, "web"), cost("05-01", 7, "ads"), cost("05-02", 1, "ads"))
    )
    assert counted(receipt) == (1, 1, 1)
    assert values(store, COST) == {"05-01": 7.0, "05-02": 1.0}


def test_an_older_file_of_numbers_fills_gaps(store: Store) -> None:
    put(store, numbers(cost("05-02", 5, "web")))
    put(store, numbers(cost("05-01", 7, "web"), through="05-02"))
    assert values(store, COST) == {"05-01": 7.0, "05-02": 5.0}


def test_a_missing_day_within_those_covered_stays_and_is_named(store: Store) -> None:
    put(store, numbers(*(cost(f"05-0{day}", day) for day in (1, 2, 3, 4)), through="05-05"))
    receipt = put(store, numbers(cost("05-01", 1), cost("05-03", 3)))
    assert values(store, COST) == {"05-01": 1.0, "05-02": 2.0, "05-03": 3.0, "05-04": 4.0}
    (missing,) = [each for each in receipt.cases if each.code == "missing_day"]
    assert "2026-05-02" in missing.lead + missing.detail
    assert dict(receipt.case_counts)["missing_day"] == 1


@pytest.mark.parametrize(("answer", "expected"), [("replace", 9.0), ("add", 14.0)])
def test_numbers_with_another_breakdown_are_asked_about(
    store: Store, answer: str, expected: float
) -> None:
    put(store, numbers(cost("05-01", 5, "web"), cost("05-02", 5, "web"), through="05-03"))
    total = numbers(cost("05-01", 9))
    conflict = asked(store, total)
    assert (conflict.code, conflict.count) == ("breakdown", 1)
    assert conflict.options == ("replace", "add")
    put(store, total, breakdown=answer)
    assert values(store, COST) == {"05-01": expected, "05-02": 5.0}
    store.undo(2, who="me", now=NOW)
    assert values(store, COST) == {"05-01": 5.0, "05-02": 5.0}


def test_numbers_of_two_sources_and_leads_counted_elsewhere_add_up(store: Store) -> None:
    day = date(2026, 5, 1)
    put(store, numbers(Number(day, 5, stage="lead")))
    put(store, numbers(Number(day, 2, stage="lead"), source="portal"))
    put(store, leads(row("1", lead="05-01")))
    assert values(store, Tally(TallyKind.REACHED, stage=Stage.LEAD)) == {"05-01": 8.0}


def test_a_levels_last_value_counts_per_channel_and_source(store: Store) -> None:
    level = Tally(TallyKind.LEVEL, name="cost")
    store.register([level])
    put(store, numbers(cost("04-30", 10, "web"), cost("05-01", 5, "fair"), through="05-01"))
    put(store, numbers(cost("05-01", 2, "web"), source="portal", through="05-01"))
    # Web stays 10 in ads until it is stated anew; the portal's web is another.
    assert values(store, level) == {"04-30": 10.0, "05-01": 17.0}
    put(store, numbers(cost("05-03", 11, "web"), through="05-03"))
    assert values(store, level) == {"04-30": 10.0, "05-01": 17.0, "05-03": 18.0}
    put(store, numbers(cost("05-04", 0, "fair"), through="05-04"))
    assert values(store, level)["05-04"] == 13.0
    store.undo(3, who="me", now=NOW)
    assert values(store, level) == {"04-30": 10.0, "05-01": 17.0, "05-04": 12.0}
    assert store.data_through([level]) == at("05-04")


# --- 9. Gone ---


@pytest.mark.parametrize(("known", "gone"), [(10, []), (8, ["10", "9"]), (7, [])])
def test_ids_that_a_full_list_lacks_are_named_and_stay(
    store: Store, known: int, gone: list[str]
) -> None:
    put(store, ids(10))
    receipt = put(store, replace(ids(known, day="05-02"), data_through=at("06-02")))
    assert named(receipt, "gone") == gone
    assert store.leads() == 10


def test_what_is_gone_can_be_withdrawn_by_the_user(store: Store) -> None:
    put(store, ids(10))
    store.withdraw("crm", ["9", "10"], who="me", now=NOW)
    assert store.leads() == 8
    assert len(reached(store, "lead").split()) == 8
    newest = max(store.imports(), key=lambda record: record.import_id)
    store.undo(newest.import_id, who="me", now=NOW)
    assert store.leads() == 10


# --- 10. The same bytes ---


def test_the_same_bytes_again_are_no_import(store: Store) -> None:
    put(store, OLD)
    version = store.data_version()
    again = put(store, OLD)
    assert (again.import_id, again.repeats, counted(again)) == (None, 1, (0, 0, 2))
    assert (len(store.imports()), store.data_version()) == (1, version)


@pytest.mark.parametrize("between", ["05-10", "05-12"])
def test_the_same_bytes_are_never_newer_than_what_came_between(store: Store, between: str) -> None:
    put(store, OLD)
    put(store, leads(row("1", lead="05-03"), through=between))
    again = put(store, OLD.through("05-20"))
    assert (again.repeats, again.new, again.changed) == (1, 0, 0)
    assert reached(store, "lead") == "05-03"
    assert store.data_through([AMOUNT]) == at("05-20")


@pytest.mark.parametrize("between", ["05-10", "05-12"])
def test_facts_stay_as_long_as_one_of_their_imports_does(store: Store, between: str) -> None:
    put(store, OLD)
    put(store, leads(row("1", lead="05-03"), through=between))
    put(store, OLD.through("05-20"))
    store.undo(1, who="me", now=NOW)
    assert (reached(store, "lead"), reached(store, "won")) == ("05-03", "05-09")
    store.undo(3, who="me", now=NOW)
    assert (reached(store, "lead"), reached(store, "won")) == ("05-03", "")


def test_the_same_bytes_by_another_mapping_or_of_another_source_are_news(store: Store) -> None:
    put(store, OLD)
    assert put(store, replace(OLD, source="web")).new == 2
    assert put(store, replace(OLD, mapping="other")).repeats is None


def test_an_undone_file_can_be_imported_again(store: Store) -> None:
    put(store, OLD)
    store.undo(1, who="me", now=NOW)
    again = put(store, OLD)
    assert (again.import_id, again.repeats, again.new) == (2, None, 2)


# --- 11. Undo ---


@pytest.mark.parametrize(
    ("undone", "expected"),
    [
        ([1], "05-03"),
        ([2], "05-03"),
        ([3], "05-02"),
        ([3, 2], "05-01"),
        ([1, 3], "05-02"),
        ([1, 2, 3], ""),
    ],
)
def test_undo_at_each_place_is_as_if_it_had_never_been_imported(
    store: Store, undone: list[int], expected: str
) -> None:
    for n in (1, 2, 3):
        put(store, leads(row("1", lead=f"05-0{n}"), through=f"05-1{n}"))
    for import_id in undone:
        store.undo(import_id, who="me", now=NOW)
    assert reached(store, "lead") == expected
    assert store.is_empty() == (expected == "")


def test_undo_of_an_import_that_came_late_leaves_what_is_newer(store: Store) -> None:
    put(store, LOST)
    put(store, OLD, older="fill_gaps")
    assert (reached(store, "won"), reached(store, "lost")) == ("", "05-20")
    store.undo(1, who="me", now=NOW)
    assert (reached(store, "won"), reached(store, "lost")) == ("05-09", "")


def test_undo_of_a_blank_brings_the_outcome_and_its_amount_back(store: Store) -> None:
    for file in (OLD, BLANK):
        put(store, file)
    store.undo(2, who="me", now=NOW)
    assert values(store, AMOUNT) == {"05-09": 100.0}


# --- Newest is the later data through, then the later import ---


def test_what_contradicts_a_later_data_through_is_asked_about(store: Store) -> None:
    put(store, leads(row("1", lead="05-03"), row("2", lead="05-02")))
    older = leads(
        row("1", lead="05-01"), row("2", lead="05-02"), row("3", lead="05-04"), through="05-10"
    )
    conflict = asked(store, older)
    assert (conflict.code, conflict.count) == ("older", 1)
    assert conflict.options == ("fill_gaps", "overwrite")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("fill_gaps", "05-03 05-04"), ("overwrite", "05-01 05-04")],
)
@pytest.mark.parametrize("undo", [False, True])
def test_both_answers_and_their_undo(store: Store, answer: str, expected: str, undo: bool) -> None:
    put(store, leads(row("1", lead="05-03")))
    put(store, leads(row("1", lead="05-01"), row("3", lead="05-04"), through="05-10"), older=answer)
    assert reached(store, "lead") == expected
    if undo:
        store.undo(2, who="me", now=NOW)
        assert reached(store, "lead") == "05-03"


def test_a_newer_file_counts_over_one_that_was_let_overwrite(store: Store) -> None:
    put(store, leads(row("1", lead="05-03")))
    put(store, leads(row("1", lead="05-01"), through="05-10"), older="overwrite")
    put(store, leads(row("1", lead="05-05"), through="06-02"))
    assert reached(store, "lead") == "05-05"


@pytest.mark.parametrize(
    "older",
    [
        leads(row("2", lead="05-02"), through="05-10"),
        leads(row("1", lead="05-03"), row("2", lead="05-02"), through="05-10"),
        leads(row("1", marketing_qualified="05-02"), through="05-10"),
        history(event("1", "won", "05-05"), through="05-10"),
        push(event("1", "opportunity", "05-04"), through="05-10"),
        numbers(cost("05-01", 5), source="crm", through="05-10"),
    ],
    ids=["another lead", "the same", "another stage", "history", "push", "number"],
)
def test_what_contradicts_nothing_goes_in(store: Store, older: File) -> None:
    put(store, leads(row("1", lead="05-03")))
    receipt = put(store, older)
    assert (receipt.import_id, receipt.conflicts) == (2, ())


def test_with_equal_data_through_the_later_import_counts(store: Store) -> None:
    for day in ("05-03", "05-01"):
        put(store, leads(row("1", lead=day)))
    assert reached(store, "lead") == "05-01"


def test_a_corrected_data_through_changes_the_order(store: Store) -> None:
    put(store, leads(row("1", lead="05-01"), through="05-10"))
    put(store, leads(row("1", lead="05-03"), through="05-12"))
    store.set_data_through(1, at("05-20"), who="me", now=NOW)
    assert reached(store, "lead") == "05-01"


# --- Things ---


@pytest.mark.parametrize(("answer", "leads_then"), [("different", 3), ("same", 2)])
def test_ids_of_two_things_that_overlap_are_asked_about(
    store: Store, answer: str, leads_then: int
) -> None:
    put(store, OLD)
    deals = leads(row("1", won="05-12"), row("2", won="05-13"), thing="deal", mapping="other")
    conflict = asked(store, deals)
    assert (conflict.code, conflict.count) == ("same_ids", 1)
    assert conflict.options == ("different", "same")
    put(store, deals, same_ids=answer)
    assert store.leads() == leads_then


def test_things_whose_ids_do_not_overlap_go_in(store: Store) -> None:
    put(store, OLD)
    put(store, leads(row("D1", won="05-12"), thing="deal", mapping="other"))
    assert store.leads() == 2


# --- Receipts ---


def test_a_receipt_tells_new_changed_and_unchanged_apart(store: Store) -> None:
    put(
        store,
        leads(row("1", lead="05-01"), row("2", lead="05-02"), row("3", won="05-03", amount=100)),
    )
    newer = leads(
        row("1", lead="05-04"),  # another date
        row("2", lead="05-02", won="05-09", channel="web"),  # the same, and one that is new
        row("3", won="05-03", amount=120),  # another amount
        row("4", lead="?"),  # new, of a new lead
        through="06-02",
    )
    preview = store.preview(batch(newer), now=NOW)
    receipt = put(store, newer)
    assert replace(preview, import_id=receipt.import_id) == receipt
    assert counted(receipt) == (2, 2, 1)
    assert (receipt.new_leads, receipt.undated, receipt.rows) == (1, 1, 4)
    assert store.receipt(2) == receipt


def test_a_first_receipt_counts_as_new_what_is_current(store: Store) -> None:
    receipt = put(store, history(*WHOLE[:3]))
    assert reached(store, "won") == ""
    assert counted(receipt) == (2, 0, 1)  # the win is over by the opportunity after it


@pytest.mark.parametrize(
    ("older", "newest", "stage", "expected"),
    [
        (
            [OLD, push(event("1", "lead", withdrawn=True), through="05-20")],
            (row("1", lead="05-01", won="05-09", amount=100),),
            "lead",
            "05-01 06-01",
        ),
        (
            [OLD, push(*corrected("1", "lead", "05-04"), through="05-20")],
            (row("1", lead="05-01", won="05-09", amount=100),),
            "lead",
            "05-01 06-01",
        ),
        (
            [OLD, push(event("1", "opportunity", "05-12"), through="05-20")],
            (row("1", lead="05-01", won="05-09", amount=100),),
            "won",
            "05-09",
        ),
        (
            [leads(row("1", lead="05-01"), row("1", lead="05-01"), through="05-10")],
            (row("1", lead="05-03"), row("1", lead="05-03")),
            "lead",
            "05-03 06-01",
        ),
    ],
    ids=["taken back", "corrected", "reopened", "each row twice"],
)
def test_what_a_large_file_says_again_counts_over_what_came_between(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    older: list[File],
    newest: tuple[Row, ...],
    stage: str,
    expected: str,
) -> None:
    """Leads of which a large file says nothing new are not looked at."""
    monkeypatch.setattr(change, "FEW", 0)
    for file in older:
        put(store, file)
    put(store, leads(*newest, row("2", lead="06-01"), through="06-02"))
    assert reached(store, stage) == expected


def test_an_import_may_replace_another(store: Store) -> None:
    put(store, OLD)
    other = leads(row("9", lead="05-04"), mapping="other")
    store.commit(batch(other), who="me", now=NOW, replaces=1)
    assert reached(store, "lead") == "05-04"


def test_a_small_import_says_what_a_large_one_says(store: Store) -> None:
    """Imports of more than 1,000 events have a file of their own."""
    days = [f"05-{1 + n % 28:02d}" for n in range(1500)]
    large = leads(*(row(str(n), lead=day) for n, day in enumerate(days)), through="06-01")
    put(store, large)
    put(store, leads(row("0", lead="05-30"), through="06-02"))
    found = values(store, Tally(TallyKind.REACHED, stage=Stage.LEAD))
    assert (sum(found.values()), found["05-30"]) == (1500.0, 1.0)
    store.undo(1, who="me", now=NOW)
    assert reached(store, "lead") == "05-30"
