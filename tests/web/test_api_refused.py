"""What the API refuses: each status, its reason, and that nothing is left of it."""

import asyncio
import errno
import logging
import re
import tempfile
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.types import Message

from kpi_core.facts.store import Store
from kpi_core.records.errors import StoreError
from kpi_core.records.tokens import TokenScope
from kpi_core.web.api import upload
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.attempts import ATTEMPTS
from tests.web.conftest import WALL_CLOCK, Scene
from tests.web.sending import (
    EVENT,
    LEADS,
    MAPPING,
    UNKNOWN,
    code,
    message,
    send,
    send_events,
)

# --- who asks ---


@pytest.mark.parametrize("path", ["/api/imports", "/api/imports/1"])
def test_nothing_is_told_without_a_token(scene: Scene, path: str) -> None:
    del scene.client.headers["authorization"]
    answer = scene.client.get(path)
    assert (answer.status_code, code(answer)) == (401, "token_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_error_is_a_problem_document_with_the_code_for_programs(scene: Scene) -> None:
    answer = send(scene, query="dryrun=1")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.pop("error") == {"code": "unknown_param", "message": problem["detail"]}
    assert problem == {
        "type": "about:blank", "title": "Unprocessable Entity", "status": 422,
        "detail": 'There is no parameter "dryrun". Choose from: '
        "lang, mapping, dry_run, answer, exported_at, name.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("token", "query", "status"),
    [("", "", 401), ("Bearer x", "", 401), (None, "dry_run=?", 422), (None, "answer=grain", 422)],
)
def test_what_is_refused_without_its_body_has_no_body_read(
    scene: Scene, token: str | None, query: str, status: int
) -> None:
    headers = {"content-length": "1000", "expect": "100-continue"}
    headers |= {} if token is None else {"authorization": token}
    answer = scene.client.post(f"/api/imports?{query}", content=unread(), headers=headers)
    assert answer.status_code == status


def test_a_wrong_token_opens_nothing_and_is_told_nowhere(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scene.client.headers["authorization"] = "Bearer of-bad-news"
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (401, "token_wrong")
    assert "of-bad-news" not in answer.text + caplog.text
    assert scene.store.is_empty()


def test_a_token_for_something_else_does_not_open_imports(scene: Scene) -> None:
    _, token = scene.store.records.add_token("wall", TokenScope.READ, who="test", now=WALL_CLOCK)
    scene.client.headers["authorization"] = f"Bearer {token}"
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (403, "scope_wrong")


def test_a_revoked_token_opens_nothing(scene: Scene) -> None:
    (token,) = scene.store.records.tokens()
    scene.store.records.revoke_token(token.token_id, who="test", now=WALL_CLOCK)
    assert send(scene).status_code == 401


def test_who_guesses_tokens_is_asked_to_wait(scene: Scene) -> None:
    for n in range(ATTEMPTS):
        scene.client.headers["authorization"] = f"Bearer guess{n}"
        assert send(scene).status_code == 401
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_nobody_but_the_command_line_says_who_it_is(scene: Scene) -> None:
    answer = send(scene, query="who=sato")
    assert (answer.status_code, code(answer)) == (422, "unknown_param")


def test_a_page_of_another_site_is_not_told_that_it_may_read(scene: Scene) -> None:
    answer = send(scene, headers={"origin": "https://example.com"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


# --- how much ---


def unread() -> Iterator[bytes]:
    raise AssertionError("the body is read")
    yield b""


def test_more_than_the_limit_is_refused_before_it_is_read(scene: Scene) -> None:
    scene.limit_mb = 1
    headers = {"content-length": "1000001", "expect": "100-continue"}
    answer = scene.client.post("/api/imports", content=unread(), headers=headers)
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert "1 MB" in message(answer)
    assert answer.json()["error"]["limit_mb"] == 1


def test_who_sends_without_asking_gets_to_read_the_refusal(scene: Scene) -> None:
    scene.limit_mb = 1
    pieces = iter([b"x" * 500_000] * 3)
    headers = {"content-length": "1500000"}
    answer = scene.client.post("/api/imports", content=pieces, headers=headers)
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert list(pieces) == []  # passed over, so that the connection ends in order


def test_more_than_the_limit_is_noticed_where_it_was_not_said(scene: Scene) -> None:
    scene.limit_mb = 1
    pieces = (b"x" * 100_000 for _ in range(11))
    answer = scene.client.post("/api/imports", content=pieces)
    assert (answer.status_code, code(answer)) == (413, "too_large")


def test_a_form_that_is_larger_by_its_frame_alone_goes_in(scene: Scene) -> None:
    scene.limit_mb = 1
    filled = LEADS + b"3,2026-05-01,\n" * 80_000
    content = filled[: 1_000_000 - 1_000_000 % 14 - 14] + b"\n"
    assert scene.client.post("/api/imports?dry_run=1", files={"file": content}).status_code == 200
    answer = scene.client.post("/api/imports?dry_run=1", files={"file": content + b"\n" * 2_000})
    assert (answer.status_code, code(answer)) == (413, "too_large")


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"\r\n" * 50_000, b""), (b"", b"x" * 100_000)],
    ids=["before the file", "after it"],
)
def test_what_is_around_a_file_is_counted_too(scene: Scene, before: bytes, after: bytes) -> None:
    scene.limit_mb = 1
    part = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + LEADS + b"\r\n--x--\r\n"
    for times, status in ((1, 200), (20, 413)):
        answer = scene.client.post(
            "/api/imports?dry_run=1",
            content=iter([*[before] * times, part, *[after] * times]),
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert answer.status_code == status, answer.text


def test_a_list_of_events_has_a_limit_of_its_own(scene: Scene) -> None:
    answer = send(scene, b" " * 8_000_001, headers={"content-type": "application/json"})
    assert (answer.status_code, code(answer)) == (413, "events_too_large")


def test_a_request_without_a_body_is_asked_for_one(scene: Scene) -> None:
    request = scene.client.build_request("POST", "/api/imports")
    del request.headers["content-length"]
    answer = scene.client.send(request)
    assert (answer.status_code, code(answer)) == (411, "body_missing")


def test_a_body_that_stops_coming_is_not_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "STALLED_SECONDS", 0.01)

    async def stopped() -> Message:
        await asyncio.sleep(60)
        raise AssertionError("it was waited for")

    async def take() -> None:
        headers = [(b"content-length", b"10")]
        request = Request({"type": "http", "headers": headers, "query_string": b""}, stopped)
        async with upload.received(request, 500):
            pass

    with pytest.raises(ApiError) as refusal:
        asyncio.run(take())
    assert (refusal.value.status, refusal.value.code) == (408, "stalled")


@pytest.mark.parametrize(
    ("headers", "code_told"),
    [
        ({"content-encoding": "gzip"}, "coding_unsupported"),
        ({"content-type": "multipart/mixed; boundary=x"}, "kind_unsupported"),
    ],
)
def test_a_body_that_is_packed_in_a_way_we_do_not_read_is_refused(
    scene: Scene, headers: dict[str, str], code_told: str
) -> None:
    answer = send(scene, headers=headers)
    assert (answer.status_code, code(answer)) == (415, code_told)


# --- what cannot be taken in as it is ---


def test_a_file_that_no_mapping_fits_is_answered_with_questions(scene: Scene) -> None:
    for language in ("ja", "en"):
        answer = send(scene, UNKNOWN, f"lang={language}")
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "questions_open"
        assert {"key", "code", "title", "options"} <= error["questions"][0].keys()
        assert all(each["title"] for each in error["questions"])
    assert scene.store.is_empty()


def test_answers_take_it_in(scene: Scene) -> None:
    answers = ("grain=lead", "id=key", "column:arrived=lead", "source=mine")
    query = "&".join(f"answer={quote(each)}" for each in answers)
    answer = send(scene, UNKNOWN, query)
    assert answer.status_code == 201, answer.json()
    assert scene.store.leads() == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"lead_id,lead_date\n"],
    ids=["empty", "picture", "header alone"],
)
def test_what_is_no_table_is_refused_with_the_reason(scene: Scene, content: bytes) -> None:
    answer = send(scene, content)
    assert (answer.status_code, code(answer)) == (422, "refused")
    assert answer.json()["error"]["details"][0]["message"]


def test_a_file_of_which_not_one_row_reads_is_no_success(scene: Scene) -> None:
    answer = send(scene, b"lead_id,lead_date\n1,?\n2,!\n")
    assert (answer.status_code, code(answer)) == (422, "not_one_row")
    assert answer.json()["error"]["receipt"]["rejected_rows"] == 2
    assert scene.store.imports() == ()


@pytest.mark.parametrize(
    ("query", "code_told"),
    [
        ("mapping=nothing", "no_such_mapping"),
        ("dry_run=perhaps", "wrong_dry_run"),
        ("answer=grain", "wrong_answer"),
        ("exported_at=yesterday", "wrong_exported_at"),
        ("exported_at=0001-01-01T00:00%2B14:00", "wrong_exported_at"),
        ("exported_at=2026-11-22T12:06", "exported_in_future"),
        ("lang=fr", "wrong_lang"),
        ("dryrun=1", "unknown_param"),
    ],
)
def test_a_parameter_that_is_not_understood_is_not_passed_over(
    scene: Scene, query: str, code_told: str
) -> None:
    answer = send(scene, query=query)
    assert (answer.status_code, code(answer)) == (422, code_told)
    assert scene.store.is_empty()


@pytest.mark.parametrize("path", ["/api/imports", "/api/imports/1", "/api/openapi.json"])
@pytest.mark.parametrize(
    ("query", "code_told"), [("limit=5", "unknown_param"), ("lang=fr", "wrong_lang")]
)
def test_nor_is_one_where_something_is_read(
    scene: Scene, path: str, query: str, code_told: str
) -> None:
    send(scene)
    answer = scene.client.get(f"{path}?{query}")
    assert (answer.status_code, code(answer)) == (422, code_told)
    assert scene.client.get(f"{path}?lang=ja").status_code == 200


@pytest.mark.parametrize("query", ["mapping=funnel-template", "answer=grain=lead"])
def test_what_files_are_told_by_is_not_passed_over_with_events(scene: Scene, query: str) -> None:
    body = {"source": "crm", "events": [EVENT]}
    answer = scene.client.post(f"/api/imports?{query}", json=body)
    assert (answer.status_code, code(answer)) == (422, "not_with_events")
    assert message(answer).startswith(query.partition("=")[0])
    assert scene.store.is_empty()


def test_a_mapping_that_comes_twice_is_not_chosen_from(scene: Scene) -> None:
    answer = scene.client.post(
        "/api/imports?mapping=funnel-template",
        files={"file": ("a.csv", UNKNOWN), "mapping": (None, MAPPING)},
    )
    assert (answer.status_code, code(answer)) == (422, "mapping_twice")


def test_a_saved_mapping_comes_before_one_that_ships(scene: Scene) -> None:
    def save(text: str) -> None:
        scene.store.records.save_mapping("funnel-template", text, "", who="test", now=WALL_CLOCK)

    save(MAPPING)
    assert send(scene, UNKNOWN, "mapping=funnel-template").json()["mapping"] == "mine"
    save('grain = "of a version to come"')
    answer = send(scene, query="mapping=funnel-template")
    assert (answer.status_code, code(answer)) == (422, "mapping_unusable")
    assert "of a version to come" in answer.json()["error"]["details"][0]["message"]


def test_an_answer_that_answers_nothing_says_what_would(scene: Scene) -> None:
    for query, code_told, choice in (
        ("answer=colour=red", "answer_not_asked", "grain"),
        ("answer=grain=century", "answer_not_on_offer", "lead"),
    ):
        answer = send(scene, UNKNOWN, query)
        assert (answer.status_code, code(answer)) == (422, code_told)
        assert choice in message(answer)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"{", "line 1, byte 1"),
        ('{"source":\n"日本" x'.encode(), "line 2, byte 10"),
        (b"[" * 1000, "line 1, byte 2"),
    ],
)
def test_what_is_no_json_is_told_by_its_place(scene: Scene, content: bytes, place: str) -> None:
    json = {"content-type": "application/json"}
    english, japanese = (send(scene, content, f"lang={each}", json) for each in ("en", "ja"))
    assert code(english) == code(japanese) == "not_json"
    assert place in message(english)
    assert not re.search("[A-Za-z]{5}", message(japanese))


@pytest.mark.parametrize("name", [" lead", "role ", "\u3000", "\n", "a\0b", "\ufeffrole", ""])
def test_a_name_that_would_not_come_through_is_refused_by_its_place(
    scene: Scene, name: str
) -> None:
    answer = send_events(scene, EVENT | {"attributes": {name: "x"}})
    assert (answer.status_code, code(answer)) == (422, "events_wrong")
    (detail,) = answer.json()["error"]["details"]
    assert detail["path"] == f"events.0.attributes.{name}"
    assert detail["code"] == ("field_wrong" if name else "field_empty")
    answer = scene.client.post("/api/imports", json={"source": name, "events": [EVENT]})
    assert (answer.status_code, code(answer)) == (422, "events_wrong")


@pytest.mark.parametrize("name", ["役職 名", "a\nb", "2026", "=a", "合計", 'a,"b', "é", "部署　名"])
def test_any_other_name_comes_through(scene: Scene, name: str) -> None:
    assert send_events(scene, EVENT | {"attributes": {name: "x"}}).status_code == 201


def test_mistakes_in_a_mapping_that_was_sent_are_listed(scene: Scene) -> None:
    answer = scene.client.post(
        "/api/imports",
        files={"file": ("a.csv", UNKNOWN), "mapping": (None, 'grain = "leed"')},
    )
    assert (answer.status_code, code(answer)) == (422, "mapping_unusable")
    assert "leed" in answer.json()["error"]["details"][0]["message"]


def test_mistakes_in_events_are_listed_with_their_paths(scene: Scene) -> None:
    answer = send_events(scene, EVENT, EVENT | {"stage": "Warm"})
    assert (answer.status_code, code(answer)) == (422, "events_wrong")
    (detail,) = answer.json()["error"]["details"]
    assert detail["path"] == "events.1.stage"
    assert "marketing_qualified" in detail["message"]
    assert scene.store.is_empty()


# --- when the server cannot ---


def test_a_server_that_starts_asks_to_come_again(scene: Scene) -> None:
    scene.not_ready = "starting"
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (503, "starting")
    assert int(answer.headers["retry-after"]) > 0


def test_what_the_store_refuses_is_told_without_its_folder(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("disk_full", path="/srv/secret/kpi.duckdb")

    monkeypatch.setattr(Store, "commit", full)
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (503, "disk_full")
    assert "kpi.duckdb" in message(answer)
    assert "secret" not in answer.text


def test_a_full_disk_under_an_upload_is_told_as_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (503, "disk_full")


@pytest.mark.parametrize("amount", [1e15, -1e15, 1e30, 1.7e308])
def test_an_amount_that_nothing_can_be_added_to_is_refused(scene: Scene, amount: float) -> None:
    answer = send_events(scene, EVENT | {"amount": amount})
    assert (answer.status_code, code(answer)) == (422, "events_wrong")
    assert send_events(scene, EVENT | {"amount": 999_999_999_999_999.0}).status_code == 201


def test_a_mistake_of_ours_is_told_as_one_and_keeps_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("of our own making")

    monkeypatch.setattr(Store, "commit", broken)
    answer = send(scene)
    assert (answer.status_code, code(answer)) == (500, "failed")
    assert "our own making" not in answer.text
    assert "our own making" in caplog.text
    assert scene.token not in caplog.text
