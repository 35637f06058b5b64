"""Screens: made with a key that is kept nowhere, seen, and switched off for good."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.storage.displays import link
from kpi_core.storage.errors import StoreError
from kpi_core.storage.store import Store, open_store

NOW = datetime.fromisoformat("2026-11-20 14:02")


def test_a_screen_is_known_by_its_key_alone(store: Store) -> None:
    display, key = store.add_display("hall", who="t", now=NOW)
    _, other = store.add_display("attic", who="t", now=NOW)
    assert key != other
    assert store.find_display(key) == display
    assert store.find_display(key[:-1]) is None
    assert store.find_display("") is None
    assert [each.name for each in store.displays()] == ["hall", "attic"]
    assert (display.made_at, display.made_by, display.stands) == (NOW, "t", True)


def test_the_key_is_nowhere_in_the_store(store: Store) -> None:
    display, key = store.add_display("hall", who="t", now=NOW)
    assert key not in repr(store.displays())
    assert key not in repr(store.audit())
    assert display.name in repr(store.audit())


def test_a_link_leads_to_a_plan_or_to_the_first() -> None:
    assert link("k", "saas") == "/wall/saas?key=k"
    assert link("k") == "/wall?key=k"


def test_a_screen_is_switched_off_for_good_and_stays_in_the_list(store: Store) -> None:
    display, key = store.add_display("hall", who="t", now=NOW)
    off = store.revoke_display(display.display_id, who="u", now=NOW)
    assert not off.stands
    assert store.find_display(key) == off
    assert store.displays() == (off,)
    with pytest.raises(StoreError) as error:
        store.revoke_display(display.display_id, who="u", now=NOW)
    assert error.value.code == "display_already_off"
    with pytest.raises(StoreError) as error:
        store.revoke_display(99, who="u", now=NOW)
    assert error.value.code == "no_such_display"


def test_a_new_screen_does_not_take_the_number_of_an_old_one(store: Store) -> None:
    first, _ = store.add_display("a", who="t", now=NOW)
    store.revoke_display(first.display_id, who="t", now=NOW)
    second, _ = store.add_display("b", who="t", now=NOW)
    assert second.display_id == first.display_id + 1


def test_open_screens_hear_of_a_switching_off_and_of_nothing_else(store: Store) -> None:
    heard: list[int] = []
    display, _ = store.add_display("hall", who="t", now=NOW)
    store.subscribe(heard.append)
    store.display_seen(display, "192.168.0.7", now=NOW)
    store.add_display("attic", who="t", now=NOW)
    assert heard == []
    store.revoke_display(display.display_id, who="t", now=NOW)
    assert heard == [store.data_version()]


def test_a_screen_is_written_down_once_a_minute_and_when_it_moves(store: Store) -> None:
    display, key = store.add_display("hall", who="t", now=NOW)

    def seen(seconds: int, address: str = "10.0.0.1") -> tuple[datetime | None, str | None]:
        known = store.find_display(key)
        assert known is not None
        store.display_seen(known, address, now=NOW + timedelta(seconds=seconds))
        [now] = store.displays()
        return now.seen_at, now.seen_from

    assert display.seen_at is None
    assert seen(0) == (NOW, "10.0.0.1")
    assert seen(59) == (NOW, "10.0.0.1")
    assert seen(60) == (NOW + timedelta(minutes=1), "10.0.0.1")
    assert seen(61, "10.0.0.2") == (NOW + timedelta(seconds=61), "10.0.0.2")
    # A clock that was set back is believed.
    assert seen(-3600, "10.0.0.2") == (NOW - timedelta(hours=1), "10.0.0.2")


@pytest.mark.parametrize("network", ["office", "192.168.0.0/33", "300.1.1.1", "fe80::/200"])
def test_what_is_no_network_makes_no_screen(store: Store, network: str) -> None:
    with pytest.raises(StoreError) as error:
        store.add_display("hall", networks=["10.0.0.0/8", network], who="t", now=NOW)
    assert (error.value.code, error.value.blanks) == ("bad_network", {"value": network})
    assert store.displays() == ()


def test_the_first_time_comes_once(store: Store) -> None:
    assert store.first_time("celebrated saas 2026-11", now=NOW)
    assert not store.first_time("celebrated saas 2026-11", now=NOW)
    assert store.first_time("celebrated saas 2026-12", now=NOW)
    assert store.is_done("celebrated saas 2026-12")
    assert not store.is_done("celebrated saas 2027-01")


def test_screens_are_noted_while_an_import_is_under_way(store: Store) -> None:
    first, key = store.add_display("hall", who="t", now=NOW)
    second, _ = store.add_display("attic", who="t", now=NOW)
    version = store.data_version()
    with store._session.writing() as importing:
        importing.keep = False
        store.display_seen(first, "10.0.0.1", now=NOW)
        there = {first.display_id: "10.0.0.2", second.display_id: "10.0.0.3", 99: "10.0.0.4"}
        store.displays_seen(there, now=NOW + timedelta(minutes=1))
        assert [(each.seen_at, each.seen_from) for each in store.displays()] == [
            (NOW + timedelta(minutes=1), "10.0.0.2"),
            (NOW + timedelta(minutes=1), "10.0.0.3"),
        ]
        assert store.find_display(key) == store.displays()[0]
        store.displays_seen({}, now=NOW)
    assert store.data_version() == version


def test_a_screen_is_not_noted_while_it_is_switched_off(store: Store) -> None:
    """Two changes of a row at once would be refused, and the one that matters must not be."""
    display, _ = store.add_display("hall", who="t", now=NOW)
    with store._displays:  # a revocation waits for an import
        store.display_seen(display, "10.0.0.1", now=NOW)
    assert store.displays()[0].seen_at is None


def test_screens_that_cannot_be_noted_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "kpi.duckdb"
    writing = open_store(path)
    display, key = writing.add_display("hall", who="t", now=NOW)
    writing.close()
    reading = open_store(path, read_only=True)
    reading.display_seen(display, "10.0.0.1", now=NOW)
    assert reading.find_display(key) == display
    reading.close()
