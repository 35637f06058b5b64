"""The wall's page and line without a browser: who is let in, what is sent, and when."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from kpi_core.facts.maintainer import Progress
from kpi_core.facts.store import Store, open_store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.web.wall import views
from kpi_core.web.wall.document import build
from kpi_core.web.wall.screen import Screen, least_vmin
from kpi_core.web.wall.views import Views
from tests.web.wall_office import (
    KPI,
    WALL_CLOCK,
    WHILE_MADE,
    Office,
    counted,
    shown,
    told,
    value,
)

# --- the page ---


def test_the_page_is_complete_as_it_is_sent(office: Office) -> None:
    office.leads("a", "b")
    with office.client() as client:
        page = client.get("/wall")
        assert page.status_code == 200
        assert value(page.text) == "2"
        assert "/ 4" in page.text
        assert client.get("/wall/first").text.count("<article") == 1
        assert len(page.content) < 60_000


def test_the_policy_lets_only_this_style_and_script_run(office: Office) -> None:
    with office.client() as client:
        policy = client.get("/wall").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/=]{44}'", policy)) == 2


def test_a_name_is_shown_as_it_was_written(office: Office) -> None:
    office.plan("odd", '<img src=x onerror=alert(1)> & \\"more\\"')
    office.leads("a")
    with office.client() as client:
        text = client.get("/wall/odd").text
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in text
    assert "<img" not in text
    assert "&lt;Owner&gt;" in text


def test_what_is_asked_for_wrongly_is_as_if_it_was_not_asked() -> None:
    def asked(plan: str = "", **query: str) -> Screen:
        return Screen.asked(plan, query, "ja")

    assert asked() == Screen((), Language.JA, light=False, every=20, sound=False)
    assert asked(every="soon", lang="fr", theme="red", sound="yes") == asked()
    assert asked(every="1").every == 5
    assert asked(every="99999").every == 3600
    assert asked(every="9" * 5000).every == 3600
    assert asked(plans="a, b,,a").plans == ("a", "b")
    assert asked("c", plans="a,b").plans == ("c",)
    assert len(asked(plans=",".join(map(str, range(99)))).plans) == 20


def test_the_least_text_can_be_read_from_where_the_room_sits() -> None:
    # 55 inches are 684.9 mm high at 16:9; a two-hundredth of 5 m is 25 mm.
    assert least_vmin(5, 55) == pytest.approx(100 * 25 / 684.9, rel=1e-3)
    assert least_vmin(10, 55) == pytest.approx(2 * least_vmin(5, 55))


def test_a_plan_that_fails_says_so_and_the_others_stay(office: Office) -> None:
    office.store.save_revision(
        "broken", "id = 1", effective_from=None, tallies=(), who="t", why="", now=WHILE_MADE
    )
    with office.client() as client:
        text = client.get("/wall?plans=broken,first,nowhere").text
    assert text.count("<article") == 3
    assert text.count('class="face s-no_target failed"') == 2
    assert "There is no plan “nowhere”" in text
    assert value(text) == "–"


def test_without_a_plan_the_wall_says_what_to_do(tmp_path: Path) -> None:
    store = open_store(tmp_path / "none.duckdb")
    with Office(store).client() as client:
        assert "No plan yet" in client.get("/wall").text
    store.close()


# --- the line ---


def test_the_line_tells_at_once_and_at_every_change(office: Office) -> None:
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        first = told(line)
        assert first["build"] == build()
        assert f'data-least="{first["least"]:.2f}"' in client.get("/wall/first").text
        assert value(first["faces"][0]["html"]) == "–"
        office.leads("a")
        assert shown(line) == "1"
        office.leads("b")
        assert shown(line) == "2"


def test_a_changed_target_is_told_at_once(office: Office) -> None:
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        assert "/ 4" in told(line)["faces"][0]["html"]
        office.plan("first", kpi=KPI.replace("= 4", "= 40"), now=WALL_CLOCK)
        assert "/ 40" in told(line)["faces"][0]["html"]


def test_screens_that_show_the_same_are_told_what_was_made_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(monkeypatch, Views, "showing")
    looks = ("", "?theme=light", "?sound=1", "?every=60")
    with office.client() as client, ExitStack() as opened:
        lines = [
            opened.enter_context(client.websocket_connect(f"/wall/_live/first{look}"))
            for look in looks
        ]
        for line in lines:
            told(line)
        assert len(made) == 1
        office.leads("a")
        for line in lines:
            assert shown(line) == "1"
        assert len(made) == 2
        with client.websocket_connect("/wall/_live/first?lang=ja") as other:
            told(other)
        assert len(made) == 3


def test_faces_are_made_once_for_a_state_of_the_data(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(monkeypatch, views, "board_report")
    screen = Screen.asked("first", {}, "en")
    office.views.showing(screen)
    office.views.showing(screen)
    assert len(made) == 1
    office.leads("a")
    assert value(office.views.showing(screen).views[0].html) == "1"
    assert len(made) == 2


def test_a_line_from_a_page_of_another_site_is_closed(office: Office) -> None:
    with (
        office.client() as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/wall/_live", headers={"origin": "https://elsewhere.example"}),
    ):
        pass


def test_while_numbers_are_recomputed_the_wall_says_so_with_the_last_ones(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.leads("a")
    monkeypatch.setattr(Store, "rebuilding", property(lambda _: Progress(1, 4)))
    with office.client() as client:
        page = client.get("/wall").text
    assert Words(Language.EN)("board.rebuilding") in page
    assert value(page) == "1"
