"""Files and events sent in by programs: what is taken in, and what is told of it."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping as MappingOf
from kpi_core.mapping.shipped import load_mapping
from kpi_core.web.api import api_routes, create_api
from kpi_core.web.api.import_queue import PLACES, ImportQueue
from tests.web.conftest import WALL_CLOCK, Scene
from tests.web.sending import (
    DEMO,
    EVENT,
    LEADS,
    MAPPING,
    ONE_WRONG,
    UNKNOWN,
    code,
    message,
    send,
    send_events,
)

# --- taken in ---


def test_a_file_is_taken_in_and_answered_with_its_receipt(scene: Scene) -> None:
    answer = send(scene, query="name=leads.csv")
    assert answer.status_code == 201
    receipt = answer.json()
    said = ("import_id", "file_name", "mapping", "rows", "new", "new_leads", "repeats", "dry_run")
    assert {name: receipt[name] for name in said} == {
        "import_id": 1, "file_name": "leads.csv", "mapping": "funnel-template", "rows": 2,
        "new": 3, "new_leads": 2, "repeats": None, "dry_run": False,
    }  # fmt: skip
    assert answer.headers["location"] == "/api/imports/1"
    assert answer.headers["cache-control"] == "no-store"
    assert scene.store.leads() == 2
    (record,) = scene.store.imports()
    assert (record.imported_by, record.imported_at) == ("crm", WALL_CLOCK)


def test_the_same_file_again_changes_nothing_and_names_the_first(scene: Scene) -> None:
    send(scene)
    version = scene.store.data_version()
    answer = send(scene, query="name=again.csv")
    assert answer.status_code == 200
    assert (answer.json()["import_id"], answer.json()["repeats"]) == (None, 1)
    assert "location" not in answer.headers
    assert scene.store.data_version() == version


def test_a_dry_run_keeps_nothing(scene: Scene) -> None:
    answer = send(scene, query="dry_run=1")
    assert (answer.status_code, answer.json()["new"], answer.json()["dry_run"]) == (200, 3, True)
    assert scene.store.is_empty()
    assert send(scene, query="dry_run=0").status_code == 201


def test_a_form_brings_file_name_and_mapping(scene: Scene) -> None:
    answer = scene.client.post(
        "/api/imports",
        files={"file": ("リード.csv", UNKNOWN), "mapping": (None, MAPPING)},
    )
    assert answer.status_code == 201, answer.json()
    assert answer.json()["file_name"] == "リード.csv"
    assert answer.json()["mapping"] == "mine"
    assert scene.store.leads() == 2


def test_a_body_of_unknown_length_is_taken_in(scene: Scene) -> None:
    answer = scene.client.post("/api/imports", content=iter([LEADS[:30], LEADS[30:]]))
    assert answer.status_code == 201


def test_a_packed_file_is_unpacked(scene: Scene) -> None:
    answer = send(scene, gzip.compress(LEADS), "name=leads.csv.gz")
    assert (answer.status_code, answer.json().get("new")) == (201, 3)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("leads.csv", "leads.csv"),
        ("リード 5月.csv", "リード 5月.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sato\\leads.csv", "leads.csv"),
        ("a\r\nSet-Cookie: b.csv", "aSet-Cookie: b.csv"),
        ("\x00", "upload"),
        ("", "upload"),
        ("x" * 1000, "x" * 200),
    ],
)
def test_of_a_files_name_its_last_part_is_kept(scene: Scene, given: str, kept: str) -> None:
    answer = send(scene, query="dry_run=1", headers={"x-file-name": quote(given)})
    assert answer.json()["file_name"] == kept


def test_rejected_rows_are_told_as_sentences_in_the_language_asked_for(scene: Scene) -> None:
    english = send(scene, ONE_WRONG, "dry_run=1")
    (issue,) = english.json()["issues"]
    assert (issue["line"], issue["column"], issue["severity"]) == (4, "lead_date", "rejected")
    assert issue["message"].startswith('Line 4, lead_date: cannot read "?"')
    for query, accepted in (("&lang=ja", "en"), ("", "ja-JP,ja;q=0.9,en;q=0.8")):
        answer = send(scene, ONE_WRONG, f"dry_run=1{query}", {"accept-language": accepted})
        (issue,) = answer.json()["issues"]
        assert issue["message"].startswith("4 行目")


@pytest.mark.parametrize("query", ["", "dry_run=1"])
def test_of_many_wrong_rows_the_first_are_told_and_all_are_counted(
    scene: Scene, query: str
) -> None:
    answer = send(scene, LEADS + b"1,2,3,4\n" * 1_500, query).json()
    told = [len(answer[name]) for name in ("notes", "issues")]
    assert (told, answer["issue_count"], answer["rejected_rows"]) == ([1_000, 1_000], 1_500, 1_500)
    assert [each["line"] for each in answer["issues"]] == [*range(4, 1_004)]


def test_events_are_taken_in_as_the_source_says(scene: Scene) -> None:
    answer = send_events(scene, EVENT, EVENT | {"lead": "2"})
    assert answer.status_code == 201, answer.json()
    receipt = answer.json()
    assert (receipt["source"], receipt["rows"], receipt["new"]) == ("crm", 2, 2)
    assert receipt["file_name"] == "events.json"
    assert send_events(scene, EVENT, EVENT | {"lead": "2"}).json()["repeats"] == 1


@pytest.mark.parametrize(
    ("later", "days"),
    [
        ({"at": "2026-11-03T10:00:00"}, ["2026-11-02"]),
        ({"at": "2026-11-03T10:00:00", "corrects": True}, ["2026-11-03"]),
        ({"at": "2026-11-01T10:00:00", "corrects": True}, ["2026-11-01"]),
        ({"at": None}, []),
    ],
)
def test_a_push_goes_on_and_what_corrects_takes_back(
    scene: Scene, later: dict[str, object], days: list[str]
) -> None:
    stage = {"lead": "A1", "stage": "sales_qualified"}
    for event in (stage | {"at": "2026-11-02T10:00:00"}, stage | later):
        answer = send_events(scene, event)
        assert answer.status_code == 201, answer.json()
    reached = Tally(TallyKind.REACHED, stage=Stage.SALES_QUALIFIED)
    month = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert [f"{day}" for day in scene.store.daily([reached], month)[reached]] == days


def test_a_push_of_old_events_leaves_those_of_another_push(scene: Scene) -> None:
    newer = {"lead": "A1", "stage": "sales_qualified", "at": "2026-11-02T10:00:00"}
    older = {"lead": "A2", "stage": "sales_qualified", "at": "2026-10-02T10:00:00"}
    for events in ([newer], [older, newer | {"at": "2026-11-05T10:00:00"}]):
        assert send_events(scene, *events).status_code == 201
    reached = Tally(TallyKind.REACHED, stage=Stage.SALES_QUALIFIED)
    whole = Period(date(2026, 10, 1), date(2026, 11, 30))
    days = scene.store.daily([reached], whole)[reached]
    assert days == {date(2026, 10, 2): 1.0, date(2026, 11, 2): 1.0}


def test_when_it_was_exported_is_told_in_the_plans_clock(scene: Scene) -> None:
    for moment in ("2026-05-31T15:00:00Z", "2026-06-01T00:00:00+09:00", "2026-06-01 00:00"):
        answer = send(scene, query=f"dry_run=1&exported_at={quote(moment)}")
        assert answer.json()["data_through"] == "2026-06-01T00:00:00"


def test_a_plus_sign_that_was_not_encoded_is_understood(scene: Scene) -> None:
    answer = send(scene, query="dry_run=1&exported_at=2026-06-01T00:00:00+09:00")
    assert answer.json()["data_through"] == "2026-06-01T00:00:00"


def test_a_mapping_can_be_named(scene: Scene) -> None:
    assert send(scene, query="mapping=funnel-template").status_code == 201


def test_the_raw_file_is_kept_only_where_the_settings_say_so(scene: Scene) -> None:
    send(scene)
    assert not (scene.folder / "raw").exists()
    scene.keep_raw_days = 7
    send(scene, ONE_WRONG)
    (kept,) = (scene.folder / "raw").iterdir()
    assert kept.read_bytes() == ONE_WRONG


def test_events_are_kept_as_they_came(scene: Scene) -> None:
    scene.keep_raw_days = 7
    sent = send_events(scene, EVENT)
    (kept,) = (scene.folder / "raw").iterdir()
    assert kept.read_bytes() == sent.request.content


def test_it_is_told_that_the_demo_goes_and_beforehand_that_it_would(scene: Scene) -> None:
    assert send(scene, query="dry_run=1").json()["replaces_demo"] is False
    mapping = load_mapping("funnel-template")
    assert isinstance(mapping, MappingOf)
    import_file(scene.store, DEMO, "d.csv", mapping, who="demo", now=WALL_CLOCK, demo=True)
    for query in ("dry_run=1", ""):
        assert send(scene, query=query).json()["replaces_demo"] is True
    assert not scene.store.holds_demo()
    assert send(scene, ONE_WRONG).json()["replaces_demo"] is False


def test_what_contradicts_newer_data_is_asked_and_answered_in_the_address(scene: Scene) -> None:
    newer, older = (b"lead_id,lead_date\nA1,2026-11-%02d\n" % day for day in (20, 2))
    assert send(scene, newer).status_code == 201
    for query in ("", "dry_run=1"):
        asked = send(scene, older, query=query)
        assert (asked.status_code, code(asked)) == (422, "questions_open")
        (question,) = asked.json()["error"]["questions"]
        assert question["key"] == "older"
        assert [each["value"] for each in question["options"]] == ["fill_gaps", "overwrite"]
    answered = send(scene, older, query="answer=older=overwrite")
    assert (answered.status_code, answered.json()["changed"]) == (201, 1)


def test_events_of_one_stage_say_nothing_of_how_far_another_is_known(scene: Scene) -> None:
    event = {"lead": "A1", "stage": "marketing_qualified", "at": "2026-11-20T10:00:00"}
    answer = scene.client.post("/api/imports", json={"source": "crm", "events": [event]})
    assert answer.status_code == 201, answer.json()
    assert set(scene.store.coverage().known) - {("breakdown", "")} == {
        ("stage", "marketing_qualified")
    }


# --- one after the other ---


def test_while_enough_are_waiting_the_next_is_asked_to_come_again(scene: Scene) -> None:
    scene.api.state.queue = ImportQueue(places=0)
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (429, "busy")
    assert int(answer.headers["retry-after"]) > 0
    assert PLACES == 5


def test_files_that_are_sent_at_once_are_all_taken_in(scene: Scene) -> None:
    files = [b"lead_id,lead_date\n%d,2026-05-01\n" % number for number in range(PLACES)]
    with scene.client, ThreadPoolExecutor() as pool:
        sent_at_once = [*files[:-1], files[0]]
        answers = list(pool.map(lambda content: send(scene, content), sent_at_once))
    assert sorted(answer.status_code for answer in answers) == [200, 201, 201, 201, 201]
    assert scene.store.leads() == 4


def test_the_ledger_answers_while_an_import_runs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return import_file(*args, **kwargs)

    monkeypatch.setattr("kpi_core.web.api.imports_api.import_file", slow)
    with scene.client, ThreadPoolExecutor() as pool:
        sent = pool.submit(send, scene)
        assert begun.wait(30)
        assert scene.client.get("/api/imports").json() == {"imports": []}
        go_on.set()
        assert sent.result(30).status_code == 201


# --- reading ---


def test_the_ledger_lists_the_newest_first(scene: Scene) -> None:
    send(scene, query="name=a.csv")
    send(scene, ONE_WRONG, query="name=b.csv")
    records = scene.client.get("/api/imports").json()["imports"]
    assert [(each["import_id"], each["file_name"]) for each in records] == [
        (2, "b.csv"), (1, "a.csv"),
    ]  # fmt: skip


def test_a_receipt_can_be_read_again(scene: Scene) -> None:
    sent = send(scene, ONE_WRONG).json()
    receipt = scene.client.get("/api/imports/1").json()
    assert {name: receipt[name] for name in ("rows", "new", "rejected_rows", "issues")} == {
        name: sent[name] for name in ("rows", "new", "rejected_rows", "issues")
    }


@pytest.mark.parametrize(
    "number", ["2", "0", "x", "-1", "99999999999999999999", "١", "0" * 5000 + "1"]
)
def test_an_import_that_is_not_there_is_said_not_to_be(scene: Scene, number: str) -> None:
    answer = scene.client.get(f"/api/imports/{number}")
    assert (answer.status_code, code(answer)) == (404, "no_such_import")


def test_the_api_lives_under_the_boards_path(scene: Scene) -> None:
    api = create_api(scene.api.state.host, "/board/")
    client = TestClient(Starlette(routes=api_routes(api)), headers=dict(scene.client.headers))
    assert client.get("/api/imports").status_code == 404
    assert client.get("/board/api/imports").json() == {"imports": []}
    assert client.get("/board/api/openapi.json").json()["servers"] == [{"url": "/board/api"}]
    assert "/board/api/openapi.json" in message(client.get("/board/api/nothing"))


def test_a_method_that_does_nothing_names_those_that_do(scene: Scene) -> None:
    answer = scene.client.put("/api/imports", content=LEADS)
    assert (answer.status_code, code(answer)) == (405, "no_such_method")
    assert answer.headers["allow"] == "POST, GET, HEAD"
    assert scene.client.head("/api/imports").status_code == 200
    asked = {"origin": "https://example.com", "access-control-request-method": "POST"}
    assert scene.client.options("/api/imports", headers=asked).status_code == 405


def test_a_websocket_finds_nothing_in_the_api(scene: Scene) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        scene.client.websocket_connect("/api/imports"),
    ):
        pass


def test_the_api_itself_leads_to_its_description(scene: Scene) -> None:
    answer = scene.client.get("/api", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/openapi.json")


@pytest.mark.parametrize("path", ["/api/import", "/api/", "/api/imports/", "/api/imports/1/2"])
def test_a_mistyped_path_gets_no_page(scene: Scene, path: str) -> None:
    answer = scene.client.post(path, content=LEADS)
    assert (answer.status_code, code(answer)) == (404, "no_such_route")
