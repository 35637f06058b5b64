"""A target that is reached: celebrated on every wall that is there, once, and on none again."""

from datetime import datetime
from threading import Event

import pytest

from kpi_core.reports.board import BoardReport
from kpi_core.web.wall import celebration_feed, celebrations, connection
from tests.web.wall_office import (
    KPI,
    WALL_CLOCK,
    Office,
    counted,
    line_of,
    shown,
    told,
    until,
    value,
)

LIVE = "/wall/_live/first"
FOUR = ("a", "b", "c", "d")
FRIDAY_NIGHT = "2026-11-20 22:30"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_target_is_celebrated_on_every_line_and_never_again(office: Office) -> None:
    with office.client() as client:
        path = "/wall/_live/first"
        with client.websocket_connect(path) as one, client.websocket_connect(path) as other:
            for line in (one, other):
                told(line)
            office.leads("a", "b", "c", "d")
            for line in (one, other):
                assert value(told(line)["faces"][0]["html"]) == "4"
                party = told(line)["party"]
                assert "November 2026: target reached" in party["html"]
                assert party["seconds"] == 30
            office.leads("e")
            for line in (one, other):
                assert value(told(line)["faces"][0]["html"]) == "5"
            office.leads("f")
            for line in (one, other):
                # The next word is the next number: there was no party in between.
                assert value(told(line)["faces"][0]["html"]) == "6"
        with client.websocket_connect(path) as late:
            assert "faces" in told(late)
            office.leads("g")
            assert value(told(late)["faces"][0]["html"]) == "7"


def test_afterwards_a_pulse_costs_nothing_and_new_data_one_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client, client.websocket_connect(LIVE) as line:
        told(line)
        office.leads(*FOUR)
        assert shown(line) == "4"
        assert "party" in told(line)
        looked = counted(monkeypatch, office.celebrations, "begin")
        reported = counted(monkeypatch, celebrations, "board_report")
        for minute in (15, 30, 45):
            office.at(f"2026-11-20 14:{minute}")
            office.pulse(client)
            assert shown(line) == "4"
        assert looked == []
        office.leads("e")
        assert shown(line) == "5"
        office.leads("f")
        assert shown(line) == "6"
        office.at("2026-11-20 15:00")
        office.pulse(client)
        assert shown(line) == "6"
    assert len(looked) == 2
    assert reported == []


def test_a_wall_is_told_on_while_it_is_found_out_what_to_celebrate(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that takes minutes holds up what is written down, and nothing else."""
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    go_on, begin = Event(), office.celebrations.begin

    def slow(board: BoardReport) -> object:
        assert go_on.wait(20)
        return begin(board)

    monkeypatch.setattr(office.celebrations, "begin", slow)
    with office.client() as client, client.websocket_connect(LIVE) as line:
        until(line, "faces")
        office.leads(*FOUR)
        assert until(line, "faces")
        assert "faces" not in told(line)  # a beat
        go_on.set()
        assert "target reached" in until(line, "party")["html"]


# --- pages that come late, come again, or are loaded anew ---


def test_a_page_whose_line_was_cut_is_told_and_a_page_that_is_loaded_is_not(
    office: Office,
) -> None:
    with office.client() as client:
        hall, attic = (line_of(client.get("/wall/first").text) for _ in range(2))
        assert hall != attic
        with client.websocket_connect(attic) as cut:
            told(cut)
        with client.websocket_connect(hall) as line:
            told(line)
            office.leads(*FOUR)
            assert shown(line) == "4"
            assert "party" in told(line)
        with client.websocket_connect(attic) as back, client.websocket_connect(hall) as again:
            assert shown(back) == "4"
            assert "party" in told(back)
            loaded = line_of(client.get("/wall/first").text)
            with client.websocket_connect(loaded) as anew, client.websocket_connect(LIVE) as bare:
                for line in (again, anew, bare):
                    assert shown(line) == "4"
                office.leads("e")
                for line in (back, again, anew, bare):
                    # The next word is the next number: there was no party in between.
                    assert shown(line) == "5"


def test_after_half_a_minute_nobody_is_told_any_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celebration_feed, "HELD_SECONDS", 0.0)
    with office.client() as client:
        hall, attic = (line_of(client.get("/wall/first").text) for _ in range(2))
        with client.websocket_connect(hall) as line:
            told(line)
            office.leads(*FOUR)
            assert shown(line) == "4"
            office.leads("e")
            assert shown(line) == "5"
        with client.websocket_connect(attic) as late:
            assert shown(late) == "5"
            office.leads("f")
            assert shown(late) == "6"


# --- nobody there ---


def test_what_was_reached_at_night_is_celebrated_by_those_who_wake(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.at(FRIDAY_NIGHT)
    with office.client() as client, client.websocket_connect(LIVE) as line:
        assert told(line)["asleep"]
        office.leads(*FOUR, now=at(FRIDAY_NIGHT))
        assert shown(line) == "4"
        for moment in ("2026-11-21 12:00", "2026-11-24 06:45"):
            office.at(moment)
            office.pulse(client)
            assert told(line)["asleep"]
        office.at("2026-11-24 07:00")  # Monday is a holiday
        office.pulse(client)
        assert shown(line) == "4"
        assert "November 2026: target reached" in told(line)["party"]["html"]


def test_an_office_that_wakes_between_two_pulses_celebrates_then(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    office.plan("first", rest="wall = { awake_from = 07:10:00 }", now=WALL_CLOCK)
    office.leads(*FOUR)
    office.at("2026-11-24 07:09")
    with office.client() as client, client.websocket_connect(LIVE) as line:
        until(line, "faces")
        assert until(line, "asleep") is True
        office.at("2026-11-24 07:10")
        assert "target reached" in until(line, "party")["html"]


@pytest.mark.parametrize(
    ("imported", "morning"),
    [
        ("2026-11-30 22:00", "2026-12-01 07:00"),  # the last evening
        ("2026-12-01 06:30", "2026-12-01 07:00"),  # with the next morning's data
    ],
)
def test_what_the_last_day_brought_is_celebrated_in_the_first_of_the_next(
    office: Office, imported: str, morning: str
) -> None:
    office.at(imported)
    with office.client() as client, client.websocket_connect(LIVE) as line:
        told(line)
        office.leads(*FOUR, at=at("2026-11-30 21:00"), now=at(imported))
        told(line)
        office.at(morning)
        office.pulse(client)
        assert "faces" in told(line)
        assert "November 2026: target reached" in told(line)["party"]["html"]
        office.at("2026-12-02 09:00")
        office.leads("e", at=at("2026-12-01 10:00"), now=at("2026-12-02 09:00"))
        assert "faces" in told(line)
        office.pulse(client)
        office.leads("f", at=at("2026-12-01 10:00"), now=at("2026-12-02 09:00"))
        assert "faces" in told(line)


# --- once ---


def test_a_record_after_the_target_has_its_own_moment(office: Office) -> None:
    office.plan("first", kpi=KPI.replace("4", "2"), now=WALL_CLOCK)
    for month in ("08", "09", "10"):
        office.leads(*(f"{month}-{n}" for n in range(3)), at=at(f"2026-{month}-10 12:00"))
    with office.client() as client, client.websocket_connect(LIVE) as line:
        told(line)
        moments = []
        for name in "abcde":
            office.leads(name)
            told(line)
            if name in "bd":
                moments.append(told(line)["party"]["record"])
        assert moments == [False, True]
        office.leads("f")
        assert shown(line) == "6"


def test_an_undone_import_that_comes_again_is_not_celebrated_again(office: Office) -> None:
    with office.client() as client, client.websocket_connect(LIVE) as line:
        told(line)
        number = office.leads(*FOUR)
        assert shown(line) == "4"
        assert "party" in told(line)
        office.store.undo(number, who="t", now=WALL_CLOCK)
        assert shown(line) == "–"
        office.leads(*FOUR)
        assert shown(line) == "4"
        office.leads("e")
        assert shown(line) == "5"


def test_a_restarted_server_does_not_celebrate_again(office: Office) -> None:
    with office.client() as client, client.websocket_connect(LIVE) as line:
        told(line)
        office.leads(*FOUR)
        assert shown(line) == "4"
        assert "party" in told(line)
    again = Office(office.store)
    with again.client() as client, client.websocket_connect(LIVE) as line:
        assert shown(line) == "4"
        office.leads("e")
        assert shown(line) == "5"
        office.leads("f")
        assert shown(line) == "6"
