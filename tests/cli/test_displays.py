"""`display add`, `list` and `revoke` as their user meets them."""

from pathlib import Path

import pytest

from kpi_core.facts.store import open_store
from tests.cli.conftest import Run


def key_of(link: str) -> str:
    return link.partition("key=")[2]


def stands(environ: dict[str, str], key: str) -> bool:
    """Whether the key opens a wall."""
    store = open_store(Path(environ["KPI_DATA"]))
    try:
        display = store.records.find_display(key)
        return display is not None and display.is_current
    finally:
        store.close()


def test_a_link_is_shown_once_and_opens_a_wall(run: Run, environ: dict[str, str]) -> None:
    ran = run("display", "add", "3階エントランス")
    assert ran.code == 0
    first, link, last = ran.out.splitlines()
    assert first == "Display 1, “3階エントランス”, has its link:"
    assert link.startswith("/wall?key=")
    assert last.endswith("python -m kpi_core display revoke 1")
    assert stands(environ, key_of(link))
    for again in (run("display", "list"), run("display", "list", "--json")):
        assert "3階エントランス" in again.out
        assert key_of(link) not in again.out


def test_a_screen_shows_the_plan_it_was_made_for(run: Run) -> None:
    assert run("plan", "load", "saas").code == 0
    assert "/wall/saas?key=" in run("display", "add", "hall", "--plan", "saas").out
    ran = run("display", "add", "hall", "--plan", "nothing")
    assert (ran.code, ran.out) == (2, "")
    assert "saas" in ran.err


def test_the_list_says_from_where_a_screen_may_be_opened(run: Run) -> None:
    assert run("display", "list").out.startswith("No display has a link yet.")
    run("display", "add", "hall", "--network", "10.0.0.0/8", "--network", "fd00::/64")
    run("display", "add", "attic")
    assert "10.0.0.0/8, fd00::/64" in run("display", "list").out
    displays = run("display", "list", "--json").json["displays"]
    said = [(each["display_id"], each["name"], each["networks"]) for each in displays]
    assert said == [(2, "attic", []), (1, "hall", ["10.0.0.0/8", "fd00::/64"])]
    assert displays[0]["made_at"] == "2026-11-22T12:00:00"  # noon in Tokyo


def test_a_screen_is_switched_off_once(run: Run, environ: dict[str, str]) -> None:
    link = str(run("display", "add", "hall", "--json").json["link"])
    ran = run("display", "revoke", "1")
    assert (ran.code, ran.out) == (0, "The display “hall” is switched off.\n")
    assert not stands(environ, key_of(link))
    assert "Off (2026-11-22)" in run("display", "list").out
    assert run("display", "revoke", "1").err == "Error: Display 1: already switched off.\n"


@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 30, "١"])
def test_what_cannot_be_switched_off_says_why(run: Run, number: str) -> None:
    ran = run("display", "revoke", "--", number)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "went wrong in the program" not in ran.err


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_screen_has_a_name_of_bearable_length(run: Run, name: str) -> None:
    ran = run("display", "add", name)
    assert (ran.code, ran.out) == (2, "")
    assert "1 to 60 characters" in ran.err


def test_what_is_no_network_says_how_one_is_written(run: Run) -> None:
    ran = run("display", "add", "hall", "--network", "the office")
    assert (ran.code, ran.out) == (2, "")
    assert "192.168.0.0/24" in ran.err


def test_the_same_in_japanese(run: Run) -> None:
    assert "表示されるのは今だけです" in run("display", "add", "廊下", lang="ja").out
    assert "許可ネットワーク" in run("display", "list", lang="ja").out
    assert "無効にしました" in run("display", "revoke", "1", lang="ja").out
