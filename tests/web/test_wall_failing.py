"""A wall whose server stumbles: what failed is tried again, and no line is left mute."""

from threading import Event

import pytest
from starlette.websockets import WebSocketDisconnect

from kpi_core.web.wall import connection, messages, views
from kpi_core.web.wall.document import build
from kpi_core.web.wall.screen import Screen
from kpi_core.web.wall.views import Showing
from tests.web.wall_office import Office, shown, told, until, value

AGAIN = 1011
"""The code of a line that the server could not keep."""


def fails_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """The next call fails, those after it do not."""
    original, left = getattr(owner, name), [RuntimeError("for a moment")]

    def call(*args: object, **kwargs: object) -> object:
        if left:
            raise left.pop()
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)


def fail(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("for good")


def test_what_could_not_be_told_closes_the_line_and_is_told_to_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client:
        fails_once(monkeypatch, views, "plans_in_use")
        with client.websocket_connect("/wall/_live/first") as line:
            with pytest.raises(WebSocketDisconnect) as closed:
                told(line)
            assert closed.value.code == AGAIN
        with client.websocket_connect("/wall/_live/first") as line:
            assert shown(line) == "–"


def test_an_open_line_is_closed_where_the_store_fails(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        told(line)
        fails_once(monkeypatch, views, "plans_in_use")
        office.leads("a")
        with pytest.raises(WebSocketDisconnect) as closed:
            told(line)
        assert closed.value.code == AGAIN


def test_a_plan_that_failed_for_a_moment_is_shown_a_moment_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes meanwhile, neither the data nor the quarter of an hour."""
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(messages, "RETRY_SECONDS", 0.0)
    office.leads("a")
    fails_once(monkeypatch, views, "board_report")
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        assert "This plan cannot be shown" in until(line, "faces")[0]["html"]
        assert value(until(line, "faces")[0]["html"]) == "1"


def test_a_plan_that_fails_on_is_not_tried_by_each_screen_for_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(messages, "RETRY_SECONDS", 60.0)
    asked: list[str] = []

    def fail(_store: object, plan: str, **_: object) -> None:
        asked.append(plan)
        raise RuntimeError

    monkeypatch.setattr(views, "board_report", fail)
    with office.client() as client:
        path = "/wall/_live/first"
        with client.websocket_connect(path) as one, client.websocket_connect(path) as other:
            for line in (one, other, one, other):
                assert "This plan cannot be shown" in until(line, "faces")[0]["html"]
    assert asked == ["first"]


def test_a_page_that_fails_for_a_moment_is_made_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client:
        fails_once(monkeypatch, views, "board_report")
        assert "This plan cannot be shown" not in client.get("/wall").text


def test_a_page_that_goes_on_failing_says_so_until_it_can_be_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client:
        with monkeypatch.context() as broken:
            broken.setattr(views, "board_report", fail)
            assert "This plan cannot be shown" in client.get("/wall").text
        assert "This plan cannot be shown" not in client.get("/wall").text


def test_a_page_that_cannot_be_made_says_so_and_asks_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.client() as client:
        fails_once(monkeypatch, views, "plans_in_use")
        answer = client.get("/wall")
        assert answer.status_code == 503
        assert "This plan cannot be shown" in answer.text
        assert "<script>" in answer.text
        assert client.get("/wall").status_code == 200


def test_a_line_is_not_silent_while_its_faces_are_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BEAT_SECONDS", 0.05)
    go_on, showing = Event(), office.views.showing

    def slow(screen: Screen) -> Showing:
        assert go_on.wait(20)
        return showing(screen)

    monkeypatch.setattr(office.views, "showing", slow)
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        assert told(line) == {"build": build()}
        go_on.set()
        while "faces" not in (message := told(line)):
            assert message == {"build": build()}
