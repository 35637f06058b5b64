"""The board for programs: the report as JSON, and as a picture."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from threading import Semaphore
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships none
from PIL import Image
from starlette.testclient import TestClient

from kpi_core.charts import png
from kpi_core.cli.main import main
from kpi_core.i18n.catalog import Language
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.records.tokens import TokenScope
from kpi_core.web.api import board_api
from kpi_core.web.attempts import ATTEMPTS
from tests.web.conftest import NOW, WALL_CLOCK, Scene

BOARD, PICTURE = "/api/board", "/api/board.png"
PLAN = """
id = "{id}"
name = "{id}"
csf = "c"
kgi = {{ name = "g", target = 1, deadline = 2027-03-31 }}
calendar = {{ country = "JP", zone = "Asia/Tokyo" }}
[kpi]
id = "won"
name = "{name}"
kind = "count"
stage = "won"
targets.default = 4
"""
LEADS = [
    {"lead": "1", "stage": "won", "at": "2026-11-04T10:00:00"},
    {"lead": "2", "stage": "won", "at": "2026-11-19T10:00:00"},
]


@pytest.fixture
def reading(scene: Scene) -> Scene:
    """Two plans, two leads, and a program that reads."""
    for name in ("first", "second"):
        text = PLAN.format(id=name, name="Orders")
        plan = load_plan(scene.store, text, who="t", why="", effective_from=None, now=WALL_CLOCK)
        assert isinstance(plan, Plan), plan
    sent = scene.client.post("/api/imports", json={"source": "crm", "events": LEADS})
    assert sent.status_code == 201
    _, token = scene.store.records.add_token("chat", TokenScope.READ, who="t", now=WALL_CLOCK)
    scene.client.headers["authorization"] = f"Bearer {token}"
    return scene


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_it_is_the_report_that_the_command_line_tells(
    reading: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    told = reading.client.get(BOARD).json()
    assert (told["plan_id"], told["kpi"]["value"], told["kpi"]["target"]) == ("first", 2, 4)
    reading.store.close()
    environ = {"KPI_DATA": str(reading.folder / "data")}
    assert main(["board", "--json"], environ, NOW) == 0
    other = json.loads(capsys.readouterr().out)
    assert other["kpi"]["moment"].pop("now") == "2026-11-22T12:00:00"
    assert told == other


def test_it_is_what_the_description_says(reading: Scene) -> None:
    document = reading.client.get("/api/openapi.json").json()
    schema = {"components": document["components"], "$ref": "#/components/schemas/Board"}
    Draft202012Validator(schema).validate(reading.client.get(BOARD).json())


def test_a_signal_is_given_with_its_side_and_its_range(reading: Scene) -> None:
    text = PLAN.format(id="watched", name="Orders")
    text += '[[indicators]]\nid = "mql"\nname = "MQLs"\nkind = "count"\n'
    text += 'stage = "marketing_qualified"\n'
    load_plan(reading.store, text, who="t", why="", effective_from=None, now=WALL_CLOCK)
    newest = date(2026, 11, 9)
    events = [
        {"lead": f"m{ago}-{n}", "stage": "marketing_qualified", "at": f"{at}T10:00:00"}
        for ago, count in enumerate([40, *[10] * 14])
        for n in range(count)
        for at in [newest - timedelta(days=7 * ago - n % 5)]
    ]
    later = {"lead": "later", "stage": "marketing_qualified", "at": "2026-11-20T10:00:00"}
    events.append(later)
    _, token = reading.store.records.add_token("in", TokenScope.IMPORTS, who="t", now=WALL_CLOCK)
    sent = reading.client.post(
        "/api/imports",
        json={"source": "crm", "events": events},
        headers={"authorization": f"Bearer {token}"},
    )
    assert sent.status_code == 201
    board = reading.client.get(BOARD, params={"plan": "watched"}).json()
    (signal,) = board["signals"]
    assert board["abnormal"] == ["MQLs"]
    assert (signal["id"], signal["side"], signal["first"]) == ("mql", "above", "2026-11-09")
    assert signal["value"] == 40 > signal["high"] > 10 > signal["low"]


def test_another_plan_and_another_day(reading: Scene) -> None:
    answer = reading.client.get(BOARD, params={"plan": "second", "as_of": "2026-11-10"})
    told = answer.json()
    assert (told["plan_id"], told["kpi"]["value"]) == ("second", 1)
    assert told["kpi"]["moment"]["as_of"] == "2026-11-11T00:00:00"
    # 14:00 in Tokyo, however it is written: 05:00 in Greenwich.
    for moment in ("2026-11-10T14:00", "2026-11-10T05:00Z", "2026-11-10T14:00+09:00"):
        told = reading.client.get(BOARD, params={"as_of": moment}).json()
        assert told["kpi"]["moment"]["as_of"] == "2026-11-10T14:00:00"
    later = reading.client.get(BOARD, params={"as_of": "2030-01-01"})
    assert later.content == reading.client.get(BOARD).content


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("plan=third", (404, "no_such_plan")),
        ("as_of=soon", (422, "wrong_as_of")),
        ("as_of=2026-02-30", (422, "wrong_as_of")),
        ("as_of=9999-12-31", (422, "wrong_as_of")),
        ("as_of=0001-01-01", (422, "wrong_as_of")),
        ("lang=fr", (422, "wrong_lang")),
        ("month=2026-11", (422, "unknown_param")),
    ],
)
def test_what_cannot_be_shown_says_why(reading: Scene, query: str, said: tuple[int, str]) -> None:
    for path in (BOARD, PICTURE):
        assert code(reading.client.get(f"{path}?{query}")) == said


def test_without_a_plan_there_is_no_board(scene: Scene) -> None:
    _, token = scene.store.records.add_token("chat", TokenScope.READ, who="t", now=WALL_CLOCK)
    scene.client.headers["authorization"] = f"Bearer {token}"
    assert code(scene.client.get(BOARD)) == (404, "no_plan")


def test_a_plan_that_cannot_be_read_says_so(reading: Scene) -> None:
    reading.store.save_revision(
        "broken", "id = 1", effective_from=None, tallies=(), who="t", why="", now=WALL_CLOCK
    )
    assert code(reading.client.get(f"{BOARD}?plan=broken")) == (503, "plan_unreadable")


def test_what_has_not_changed_is_not_sent_again(reading: Scene) -> None:
    for path in (BOARD, PICTURE):
        first = reading.client.get(path)
        tag = first.headers["etag"]
        assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
        for known in (tag, f'"x", W/{tag}', "*"):
            again = reading.client.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert reading.client.get(path, headers={"if-none-match": '"x"'}).status_code == 200


def test_an_hour_alone_changes_nothing_and_an_import_does(reading: Scene) -> None:
    tag = reading.client.get(BOARD).headers["etag"]
    moved = Scene(reading.store, reading.token, reading.folder, reading.uploads)
    moved.api.state.host = replace(  # as the server an hour later
        moved.api.state.host, now=lambda: NOW.replace(hour=4)
    )
    moved.client.headers["authorization"] = reading.client.headers["authorization"]
    assert moved.client.get(BOARD).headers["etag"] == tag
    sender = TestClient(reading.client.app)
    sender.headers["authorization"] = f"Bearer {reading.token}"
    third = {"source": "crm", "events": [LEADS[0] | {"lead": "3"}]}
    assert sender.post("/api/imports", json=third).status_code == 201
    assert reading.client.get(BOARD).headers["etag"] != tag


def test_a_token_for_imports_does_not_read_and_one_for_reading_does_not_send(
    reading: Scene,
) -> None:
    assert code(reading.client.get("/api/imports")) == (403, "scope_wrong")
    reading.client.headers["authorization"] = f"Bearer {reading.token}"
    answer = reading.client.get(BOARD)
    assert code(answer) == (403, "scope_not_read")
    assert 'scope="read"' in answer.headers["www-authenticate"]
    for path in (BOARD, PICTURE):
        del reading.client.headers["authorization"]
        assert code(reading.client.get(path)) == (401, "token_missing")
        reading.client.headers["authorization"] = "Bearer wrong"
        assert code(reading.client.get(path)) == (401, "token_wrong")


def test_the_picture_is_drawn_in_both_languages_and_themes(reading: Scene) -> None:
    seen = set()
    for lang in Language:
        for theme in ("light", "dark"):
            answer = reading.client.get(PICTURE, params={"lang": lang.value, "theme": theme})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
            with Image.open(BytesIO(answer.content)) as drawn:
                assert drawn.size == (1200, 630)
            seen.add(answer.content)
    assert len(seen) == 4
    assert code(reading.client.get(f"{PICTURE}?theme=red")) == (422, "wrong_theme")


def test_a_displays_key_opens_its_picture_until_it_is_switched_off(reading: Scene) -> None:
    store, client = reading.store, reading.client
    del client.headers["authorization"]
    display, key = store.records.add_display("hall", who="t", now=WALL_CLOCK)
    assert client.get(f"{PICTURE}?key={key}").status_code == 200
    assert store.records.displays()[0].seen_at == WALL_CLOCK
    assert code(client.get(f"{BOARD}?key={key}")) == (401, "token_missing")
    _, far = store.records.add_display("far", networks=["10.9.0.0/16"], who="t", now=WALL_CLOCK)
    elsewhere = client.get(f"{PICTURE}?key={far}")
    assert code(elsewhere) == (403, "display_elsewhere")
    assert "testclient" in elsewhere.json()["error"]["message"]
    store.records.revoke_display(display.display_id, who="t", now=WALL_CLOCK)
    for wrong, why in (("x", "display_unknown"), (key, "display_off")):
        answer = client.get(f"{PICTURE}?key={wrong}")
        assert code(answer) == (401, why)
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_who_guesses_a_displays_key_has_to_wait(reading: Scene) -> None:
    for number in range(ATTEMPTS):
        assert code(reading.client.get(f"{PICTURE}?key=x{number}")) == (401, "display_unknown")
    refused = reading.client.get(f"{PICTURE}?key=another")
    assert code(refused) == (429, "too_many_keys")
    assert 0 < int(refused.headers["retry-after"]) <= 60


def test_a_picture_that_is_known_is_not_drawn_again(
    reading: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []

    def draw(*told: object, **_: object) -> bytes:
        drawn.append(told)
        return b"a picture"

    monkeypatch.setattr(board_api, "picture", draw)
    tag = reading.client.get(PICTURE).headers["etag"]
    assert reading.client.get(PICTURE, headers={"if-none-match": tag}).status_code == 304
    assert len(drawn) == 1
    others = [
        reading.client.get(PICTURE, params=asked, headers={"if-none-match": tag})
        for asked in (
            {"lang": "ja"},
            {"theme": "dark"},
            {"plan": "second"},
            {"as_of": "2026-11-10"},
        )
    ]
    assert [each.status_code for each in others] == [200] * 4
    assert len({tag, *(each.headers["etag"] for each in others)}) == 5


def test_the_next_day_the_picture_is_drawn_anew(reading: Scene) -> None:
    """What a day is called may change with the day."""
    tag = reading.client.get(PICTURE).headers["etag"]
    at(reading, NOW.replace(hour=4))
    assert reading.client.get(PICTURE).headers["etag"] == tag
    at(reading, NOW.replace(hour=16))  # one in the morning, in Tokyo
    assert reading.client.get(PICTURE).headers["etag"] != tag


def at(scene: Scene, moment: datetime) -> None:
    """As the server at another moment."""
    scene.api.state.host = replace(scene.api.state.host, now=lambda: moment)


def test_a_name_of_two_lines_is_drawn_on_one(reading: Scene) -> None:
    text = PLAN.format(id="lines", name="Orders\\nof the\\tmonth")
    plan = load_plan(reading.store, text, who="t", why="", effective_from=None, now=WALL_CLOCK)
    assert isinstance(plan, Plan), plan
    assert reading.client.get(f"{PICTURE}?plan=lines").status_code == 200


def test_a_server_without_a_font_says_so(reading: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "FONT_PACKAGE", "no_such_package")
    for lang in Language:
        assert code(reading.client.get(f"{PICTURE}?lang={lang}")) == (503, "no_font")


def test_where_too_many_pictures_are_drawn_it_asks_to_come_again(
    reading: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png, "_PLACES", Semaphore(0))
    answer = reading.client.get(PICTURE)
    assert code(answer) == (429, "pictures_busy")
    assert int(answer.headers["retry-after"]) > 0


def test_a_server_that_is_starting_says_so(reading: Scene) -> None:
    reading.not_ready = "starting"
    _, key = reading.store.records.add_display("hall", who="t", now=WALL_CLOCK)
    for path in (BOARD, f"{PICTURE}?key={key}"):
        assert code(reading.client.get(path)) == (503, "starting")
