"""Up to when data reach: each sentence of the rule, worked out by hand.

2026-06-01 is a Monday.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.figures import SourceReach
from kpi_core.facts.store import Store, open_store
from tests.facts.batches import batch
from tests.facts.files import NOW, File, Number, at, event, history, leads, numbers, push, row

WON = Tally(TallyKind.REACHED, stage=Stage.WON)
LEAD = Tally(TallyKind.REACHED, stage=Stage.LEAD)
BOTH_MONTHS = Period(date(2026, 5, 1), date(2026, 6, 30))


def put(store: Store, file: File, now: str, through: str | None = None) -> str:
    """Import a file without an export's time; its data through as text."""
    stated = None if through is None else at(through)
    given = replace(batch(file), data_through=stated, content_hash=f"{file.content_hash} {now}")
    receipt = store.commit(given, who="me", now=at(now))
    assert receipt.data_through is not None
    return f"{receipt.data_through:%m-%d %H:%M}"


def created(*days: str) -> File:
    """A file of leads with these dates."""
    return leads(*(row(str(number), lead=day) for number, day in enumerate(days)))


def of_days(days: Iterable[date]) -> File:
    """A lead on each day."""
    return created(*(f"{day:%m-%d}" for day in days))


def test_what_the_sender_states_wins(store: Store) -> None:
    assert put(store, created("05-31"), "06-01 12:00", through="05-30 08:00") == "05-30 08:00"


def test_a_close_date_typed_in_advance_moves_nothing(store: Store) -> None:
    file = leads(row("1", lead="05-10", won="06-01"), row("2", lead="05-12", won="05-31"))
    assert put(store, file, "06-01 12:00") == "05-13 00:00"


def test_a_stage_of_the_funnel_records_and_a_renewal_does_not(store: Store) -> None:
    file = leads(row("1", lead="05-02", opportunity="05-12", won="05-14", renewed="05-31"))
    assert put(store, file, "06-01 12:00") == "05-13 00:00"


def test_a_date_after_the_import_moves_nothing(store: Store) -> None:
    assert put(store, created("05-12", "06-02"), "06-01 12:00") == "05-13 00:00"


def test_in_a_file_with_outcomes_alone_their_dates_count_up_to_the_import(store: Store) -> None:
    file = leads(row("1", won="05-12"), row("2", won="07-01"))
    assert put(store, file, "06-01 12:00") == "05-13 00:00"


@pytest.mark.parametrize("make", [history, push])
def test_an_event_that_carries_its_own_time_records_whatever_it_is(
    store: Store, make: Callable[..., File]
) -> None:
    file = make(event("1", "lead", "05-02"), event("1", "won", "05-31"))
    assert put(store, file, "06-01 12:00") == "06-01 00:00"


def test_days_of_numbers_record(store: Store) -> None:
    file = numbers(Number(date(2026, 5, 31), 3, stage="won"))
    assert put(store, file, "06-01 12:00") == "06-01 00:00"


def test_a_file_that_dates_nothing_tells_of_the_moment(store: Store) -> None:
    assert put(store, leads(row("1", won="?")), "06-01 12:00") == "06-01 12:00"


@pytest.mark.parametrize(
    ("newest", "through"), [("05-25", "06-01 00:00"), ("05-24", "05-25 00:00")]
)
def test_with_few_events_a_source_may_be_quiet_for_seven_days(
    store: Store, newest: str, through: str
) -> None:
    assert put(store, created("05-20", newest), "06-01 12:00") == through


@pytest.mark.parametrize(
    ("every", "later", "through"),
    [
        (1, 1, "06-01 00:00"),
        (1, 2, "05-31 00:00"),
        (2, 2, "06-01 00:00"),
        (2, 3, "05-30 00:00"),
        (9, 9, "06-01 00:00"),
        (9, 10, "05-23 00:00"),
    ],
)
def test_a_source_is_as_quiet_as_it_has_been_in_eight_weeks(
    store: Store, every: int, later: int, through: str
) -> None:
    newest = date(2026, 6, 1) - timedelta(days=later)
    days = [newest - timedelta(days=every * n) for n in range(-(-56 // every))]
    assert put(store, of_days(days * 4), "06-01 12:00") == through


@pytest.mark.parametrize("make", [history, push])
@pytest.mark.parametrize(
    ("newest", "through"), [("05-25", "06-01 00:00"), ("05-24", "05-25 00:00")]
)
def test_events_of_few_pushes_may_be_seven_days_old_as_well(
    store: Store, make: Callable[..., File], newest: str, through: str
) -> None:
    file = make(event("1", "lead", "05-20"), event("2", "lead", newest))
    assert put(store, file, "06-01 12:00") == through


@pytest.mark.parametrize(("later", "through"), [(9, "06-01 00:00"), (10, "05-23 00:00")])
def test_a_source_that_pushes_every_nine_days_may_be_nine_days_old(
    store: Store, later: int, through: str
) -> None:
    newest = date(2026, 6, 1) - timedelta(days=later)
    days = [newest - timedelta(days=9 * n) for n in range(6, 0, -1)]
    for number, day in enumerate(days):
        pushed = [event(f"{number}-{n}", "lead", f"{day:%m-%d} 09:00") for n in range(4)]
        put(store, push(*pushed), f"{day:%m-%d} 09:00")
    file = push(event("new", "lead", f"{newest:%m-%d} 09:00"))
    assert put(store, file, "06-01 12:00") == through


def test_a_quiet_stretch_longer_ago_does_not_count(store: Store) -> None:
    newest = date(2026, 5, 29)
    days = [newest - timedelta(days=n) for n in range(56)] + [date(2026, 3, 1)]
    assert put(store, of_days(days), "06-01 12:00") == "05-30 00:00"


@pytest.mark.parametrize("is_maintainer", [True, False])
def test_what_was_imported_before_tells_how_quiet_a_source_is(
    tmp_path: Path, *, is_maintainer: bool
) -> None:
    newest = date(2026, 5, 28)
    before = open_store(tmp_path / "data")
    days = [newest - timedelta(days=n) for n in range(30)]
    put(before, of_days(days), "05-29 12:00")
    before.close()
    first = open_store(tmp_path / "data")
    second = open_store(tmp_path / "data")
    asked = first if is_maintainer else second
    file = leads(row("90", lead="05-29"), row("91", lead="05-29 08:00"))
    found = asked.preview(replace(batch(file), data_through=None), now=at("06-01 12:00"))
    second.close()
    first.close()
    assert found.data_through == at("05-30")


def test_a_running_day_counts_to_the_newest_time_recorded_in_it(store: Store) -> None:
    file = created("05-31 16:00", "06-01 08:30", "06-01 09:40")
    assert put(store, file, "06-01 12:00") == "06-01 09:40"


def test_a_running_day_of_dates_without_times_counts_to_the_import(store: Store) -> None:
    assert put(store, created("05-31", "06-01"), "06-01 12:00") == "06-01 12:00"


def test_a_running_day_without_a_row_does_not_count(store: Store) -> None:
    assert put(store, created("05-31 16:00"), "06-01 12:00") == "06-01 00:00"


def test_the_file_of_the_afternoon_is_newer_than_what_was_pushed_at_noon(store: Store) -> None:
    put(store, created("06-01 08:30"), "06-01 09:00")
    put(store, push(event("0", "won", "06-01 11:00")), "06-01 12:00")
    now = at("06-01 15:00")
    file = leads(row("0", lead="06-01 08:30"), row("1", lead="06-01 09:00"), columns=["won"])
    store.commit(replace(batch(file), data_through=None), who="me", now=now)  # nothing is asked
    assert store.daily([WON], BOTH_MONTHS)[WON] == {}


def test_a_stage_with_a_column_and_no_event_moves_with_the_file(store: Store) -> None:
    put(store, leads(row("1", lead="05-28", won="05-29")), "05-29 12:00")
    file = leads(row("2", lead="06-01"), columns=["won"])
    assert put(store, file, "06-01 12:00") == "06-01 12:00"
    assert store.data_through([WON]) == at("06-01 12:00")


def test_the_same_bytes_on_the_next_day_reach_further(store: Store) -> None:
    given = replace(batch(created("05-30", "05-31")), data_through=None)
    store.commit(given, who="me", now=at("05-31 18:00"))
    assert store.data_through([LEAD]) == at("05-31 18:00")
    again = store.commit(given, who="me", now=at("06-01 09:00"))
    assert (again.repeats, again.new, store.data_through([LEAD])) == (1, 0, at("06-01"))
    assert store.daily([LEAD], BOTH_MONTHS)[LEAD] == {date(2026, 5, 30): 1, date(2026, 5, 31): 1}


def test_days_of_events_are_forgotten_with_their_import(store: Store) -> None:
    days = [date(2026, 5, 28) - timedelta(days=n) for n in range(30)]
    put(store, of_days(days), "05-28 12:00")
    store.undo(1, who="me", now=at("05-28 13:00"))
    assert put(store, leads(row("90", lead="05-29")), "06-01 12:00") == "06-01 00:00"


# --- several sources ---


def weekly(store: Store, source: str, *moments: str) -> None:
    """Import a lead of a source at each moment, dated then."""
    for number, moment in enumerate(moments):
        file = leads(row(f"{source}{number}", lead=moment), source=source)
        put(store, file, moment, through=moment)


MONDAYS = ("05-04 10:00", "05-11 10:00", "05-18 10:00")


def test_a_number_reaches_as_far_as_the_regular_source_furthest_behind(store: Store) -> None:
    weekly(store, "crm", *MONDAYS)
    weekly(store, "web", *MONDAYS, "05-25 10:00")
    weekly(store, "fair", "05-06 10:00")
    assert store.data_through([LEAD]) == at("05-18 10:00")
    assert store.coverage().behind([LEAD]) == SourceReach("crm", at("05-18 10:00"))


def test_a_regular_source_that_is_quiet_holds_a_number_at_its_last_push(store: Store) -> None:
    for number, moment in enumerate(MONDAYS):
        put(store, push(event(f"{number}", "lead", moment), source="crm"), moment)
    weekly(store, "web", *MONDAYS, "05-20 10:00")
    assert store.data_through([LEAD]) == at("05-18 10:00")
    assert store.coverage().held_by([LEAD]) == "crm"
    # One that says that nothing happened, however old what it repeats, lets it go on.
    put(store, push(event("2", "lead", MONDAYS[-1]), source="crm"), "05-20 12:00")
    assert store.data_through([LEAD]) == at("05-20 00:00")


def test_where_no_source_is_regular_a_number_reaches_as_far_as_the_newest(store: Store) -> None:
    weekly(store, "crm", "05-04 10:00", "05-10 10:00", "05-11 10:00")  # two weeks: May 4 and 11
    weekly(store, "web", "05-25 10:00")
    assert store.data_through([LEAD]) == at("05-25 10:00")
    assert store.coverage().behind([LEAD]) is None


def test_an_undone_import_makes_no_source_regular(store: Store) -> None:
    weekly(store, "crm", *MONDAYS)
    weekly(store, "web", "05-25 10:00")
    assert store.data_through([LEAD]) == at("05-18 10:00")
    store.undo(1, who="me", now=NOW)
    assert store.data_through([LEAD]) == at("05-25 10:00")


def test_no_number_waits_for_a_source_that_has_ended_until_its_next_import(store: Store) -> None:
    weekly(store, "crm", *MONDAYS)
    weekly(store, "web", *MONDAYS, "06-08 10:00")
    version = store.data_version()
    store.end_source("crm", who="Ito", now=at("06-08 11:00"))
    assert store.data_version() > version
    assert store.data_through([LEAD]) == at("06-08 10:00")
    entry = store.records.audit()[0]
    assert (entry.action, entry.who, entry.subject) == ("source_ended", "Ito", "crm")
    weekly(store, "crm", "05-20 10:00")
    assert store.records.audit()[1].action == "source_resumed"
    assert store.data_through([LEAD]) == at("05-20 10:00")


def test_that_a_source_has_ended_is_taken_back_by_hand(store: Store) -> None:
    weekly(store, "crm", *MONDAYS)
    weekly(store, "web", *MONDAYS, "06-08 10:00")
    store.end_source("crm", who="Ito", now=at("06-08 11:00"))
    store.resume_source("crm", who="Ito", now=at("06-08 12:00"))
    assert store.data_through([LEAD]) == at("05-18 10:00")


def test_other_processes_and_a_cache_made_anew_know_the_regular_sources(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    weekly(store, "crm", *MONDAYS)
    weekly(store, "web", "05-25 10:00")
    store.close()
    (tmp_path / "data" / "cache.duckdb").unlink()
    store = open_store(tmp_path / "data")
    assert store.data_through([LEAD]) == at("05-18 10:00")
    store.close()
    first, second = open_store(tmp_path / "data"), open_store(tmp_path / "data")
    assert second.data_through([LEAD]) == at("05-18 10:00")
    second.close()
    first.close()
