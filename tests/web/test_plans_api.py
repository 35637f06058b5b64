"""Plans for programs: read as TOML or JSON, and saved by the same rules as everywhere."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from time import perf_counter
from typing import Any

import pytest

from kpi_core.demo.load import WHO as DEMO
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.parse import MAX_CHARACTERS, read_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.records.tokens import TokenScope
from kpi_core.web.api import plans_api
from kpi_core.web.api.upload import PIECE_BYTES
from tests.web.conftest import WALL_CLOCK, Scene
from tests.web.sending import code, message

PLANS, SAAS = "/api/plans", "/api/plans/saas"
TEXT = starters()["saas"]
RAISED = TEXT.replace("default = 50", "default = 60")
AS_JSON = {"accept": "application/json"}
SECONDS = 1.0


@pytest.fixture
def planning(scene: Scene) -> Scene:
    """A program that reads and saves plans."""
    _, token = scene.store.records.add_token("ops", TokenScope.PLANS, who="t", now=WALL_CLOCK)
    scene.client.headers["authorization"] = f"Bearer {token}"
    return scene


def put(
    scene: Scene, content: Any = TEXT, query: str = "", path: str = SAAS, **headers: str
) -> Any:
    return scene.client.put(f"{path}?{query}", content=content, headers=headers)


def put_json(scene: Scene, document: object, path: str = SAAS, **headers: str) -> Any:
    return scene.client.put(path, json=document, headers=headers)


def newest(scene: Scene) -> tuple[int, str]:
    """How many revisions there are, and the newest text."""
    revisions = scene.store.records.revisions("saas")
    return len(revisions), revisions[-1].text if revisions else ""


# --- reading ---


def test_a_plan_is_read_as_it_was_written(planning: Scene) -> None:
    assert put(planning).status_code == 201
    answer = planning.client.get(SAAS)
    assert answer.headers["content-type"] == "application/toml"
    assert (answer.text, answer.headers["etag"]) == (TEXT, '"1"')
    again = planning.client.get(SAAS, headers={"if-none-match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("application/json;q=0.9, */*;q=0.1", True),
        ("application/toml, application/json;q=0.5", False),
        ("*/*", False),
        ("application/json;q=x", False),
    ],
)
def test_it_is_json_where_that_is_preferred(planning: Scene, accept: str, *, is_json: bool) -> None:
    put(planning)
    answer = planning.client.get(SAAS, headers={"accept": accept})
    kind = "application/json" if is_json else "application/toml"
    assert (answer.headers["content-type"], answer.headers["vary"]) == (kind, "accept")


def test_json_says_what_the_text_says_with_dates_as_texts(planning: Scene) -> None:
    put(planning)
    document = planning.client.get(SAAS, headers=AS_JSON).json()
    assert document["kgi"]["deadline"] == "2027-03-31"
    assert document["kpi"]["targets"] == {"default": 50}
    assert document.keys() == tomllib.loads(TEXT).keys()


def test_an_older_revision_is_read_by_its_number(planning: Scene) -> None:
    put(planning)
    put(planning, RAISED)
    older = planning.client.get(f"{SAAS}?revision=1")
    assert (older.text, older.headers["etag"]) == (TEXT, '"1"')
    missing = planning.client.get(f"{SAAS}?revision=3")
    assert (missing.status_code, code(missing)) == (404, "no_such_revision")
    wrong = planning.client.get(f"{SAAS}?revision=0")
    assert (wrong.status_code, code(wrong)) == (422, "wrong_revision")
    unknown = planning.client.get(f"{PLANS}/other")
    assert (unknown.status_code, code(unknown)) == (404, "no_such_plan")
    assert "saas" in message(unknown)


def test_the_list_names_every_plan_its_newest_revision_and_its_state(planning: Scene) -> None:
    assert planning.client.get(PLANS).json() == {"plans": []}
    put(planning)
    put(planning, RAISED)
    other = TEXT.replace('id = "saas"', 'id = "other"')
    put(planning, other, path=f"{PLANS}/other")
    planning.store.records.plans.archive("other", who="t", now=WALL_CLOCK)
    first, second = planning.client.get(PLANS).json()["plans"]
    assert first == {
        "id": "saas",
        "name": {"ja": "SaaSの新規受注", "en": "New SaaS orders"},
        "kpi": {"ja": "MQL", "en": "MQLs"},
        "revision": 2,
        "saved_at": "2026-11-22T12:00:00",
        "saved_by": "ops",
        "state": "in_use",
    }
    assert (second["id"], second["state"]) == ("other", "archived")
    planning.store.records.plans.remove("other", who="t", now=WALL_CLOCK)
    assert planning.client.get(PLANS).json()["plans"][1]["state"] == "deleted"


def test_the_plan_of_a_demo_that_is_gone_is_not_listed(planning: Scene) -> None:
    planning.store.save_revision(
        "saas", TEXT, effective_from=None, tallies=(), who=DEMO, why="", now=WALL_CLOCK
    )
    assert planning.client.get(PLANS).json() == {"plans": []}


# --- saving ---


def test_a_change_is_a_new_revision_with_its_month_reason_and_author(planning: Scene) -> None:
    first = put(planning)
    assert first.status_code == 201
    assert first.json() == {"id": "saas", "revision": 1, "effective_from": None, "is_new": True}
    second = put(planning, RAISED, "from=2026-12&why=More+budget", **{"if-match": '"1"'})
    assert (second.status_code, second.headers["etag"]) == (201, '"2"')
    assert second.headers["location"] == f"{SAAS}?revision=2"
    saved = planning.store.records.revisions("saas")[-1]
    assert (saved.text, saved.who, saved.why) == (RAISED, "ops", "More budget")
    assert saved.effective_from == date(2026, 12, 1)
    assert planning.client.get(second.headers["location"]).text == RAISED


def test_without_a_month_a_change_holds_from_the_running_one_on(planning: Scene) -> None:
    put(planning)
    assert put(planning, RAISED).json()["effective_from"] == "2026-11-01"


def test_the_same_text_again_saves_nothing(planning: Scene) -> None:
    put(planning)
    again = put(planning, query="why=again")
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    assert again.json() == {"id": "saas", "revision": 1, "effective_from": None, "is_new": False}
    assert newest(planning) == (1, TEXT)


def test_json_keeps_the_comments_of_the_text_before(planning: Scene) -> None:
    put(planning)
    document = planning.client.get(SAAS, headers=AS_JSON).json()
    assert put_json(planning, document).status_code == 200
    document["kpi"]["targets"]["default"] = 60
    document["review_on"] = "2027-02-01"
    document["calendar"]["work_from"] = "08:30:00"
    assert put_json(planning, document).status_code == 201
    _, text = newest(planning)
    removed = set(TEXT.splitlines()) - set(text.splitlines())
    added = set(text.splitlines()) - set(TEXT.splitlines())
    assert removed == {"default = 50"}
    assert added == {"default = 60", "review_on = 2027-02-01", "work_from = 08:30:00"}


def test_json_alone_makes_a_plan(planning: Scene) -> None:
    put(planning)
    document = planning.client.get(SAAS, headers=AS_JSON).json() | {"id": "other"}
    assert put_json(planning, document, f"{PLANS}/other").status_code == 201
    (saved,) = planning.store.records.revisions("other")
    assert tomllib.loads(saved.text) == tomllib.loads(TEXT) | {"id": "other"}


def test_a_deleted_plan_that_is_saved_is_in_use_again(planning: Scene) -> None:
    put(planning)
    planning.store.records.plans.remove("saas", who="t", now=WALL_CLOCK)
    put(planning, RAISED)
    assert planning.store.records.plan_ids() == ("saas",)


# --- two at a time ---


@pytest.mark.parametrize("language", Language)
def test_who_changed_an_older_revision_learns_who_saved_meanwhile(
    planning: Scene, language: Language
) -> None:
    put(planning)
    put(planning, RAISED)
    answer = put(planning, TEXT, f"lang={language}", **{"if-match": '"1"'})
    assert (answer.status_code, code(answer)) == (412, "plan_changed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["etag"] == '"2"'
    when = {"en": "Sun, Nov 22, 12:00", "ja": "11月22日(日) 12:00"}[language]
    for part in ("2", "ops", when):
        assert part in message(answer)
    assert newest(planning) == (2, RAISED)


@pytest.mark.parametrize(
    ("tag", "status"), [('"1"', 201), ("1", 201), ('W/"1"', 201), ("*", 201), ('"x"', 412)]
)
def test_a_revision_is_named_as_its_etag_or_by_its_number(
    planning: Scene, tag: str, status: int
) -> None:
    put(planning)
    assert put(planning, RAISED, **{"if-match": tag}).status_code == status


def test_a_first_revision_has_none_before_it(planning: Scene) -> None:
    answer = put(planning, **{"if-match": '"1"'})
    assert (answer.status_code, code(answer)) == (412, "plan_not_saved_yet")
    assert newest(planning)[0] == 0


# --- what is refused ---


@pytest.mark.parametrize("language", Language)
def test_every_mistake_is_listed_as_the_command_line_words_it(
    planning: Scene, language: Language
) -> None:
    text = TEXT.replace("default = 50", '"2026-13" = 50').replace("csf = {", "cfs = {")
    answer = put(planning, text, f"lang={language}")
    assert (answer.status_code, code(answer)) == (422, "plan_wrong")
    problems = read_plan(text)
    assert isinstance(problems, tuple)
    assert [(each["path"], each["message"]) for each in answer.json()["error"]["details"]] == [
        (each.path, each.sentence(Words(language))) for each in problems
    ]
    assert len(problems) >= 3
    assert newest(planning)[0] == 0


def test_json_has_the_same_mistakes(planning: Scene) -> None:
    put(planning)
    document = planning.client.get(SAAS, headers=AS_JSON).json()
    document |= {"kgi": {"name": "g", "target": "x", "deadline": "soon"}, "calendar": None}
    answer = put_json(planning, document)
    found = {each["path"]: each["code"] for each in answer.json()["error"]["details"]}
    assert found == {"kgi.target": "not_a_number", "kgi.deadline": "not_a_date"}


def test_the_plan_is_the_one_in_the_address(planning: Scene) -> None:
    answer = put(planning, path=f"{PLANS}/other")
    assert (answer.status_code, code(answer)) == (422, "plan_wrong")
    (detail,) = answer.json()["error"]["details"]
    assert (detail["path"], detail["code"]) == ("id", "plan_id_differs")
    assert planning.store.records.plan_ids() == ()


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("from=soon", "wrong_from"),
        ("from=2026-13", "wrong_from"),
        ("why=" + "x" * 401, "wrong_why"),
        ("since=2026-12", "unknown_param"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(planning: Scene, query: str, why: str) -> None:
    answer = put(planning, TEXT, query)
    assert (answer.status_code, code(answer)) == (422, why)
    assert "since" not in message(answer) or why == "unknown_param"
    assert newest(planning)[0] == 0


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 411, "plan_missing"),
        (b"\x81", 422, "not_unicode"),
        (b"[" * 100_000, 422, "not_toml"),
        (b"x = " + b"[" * 99_996, 422, "too_deep"),
        (b"# " + b"x" * MAX_CHARACTERS, 422, "too_large"),
        (b"x" * 5_000_000, 413, "plan_too_large"),
    ],
)
def test_what_is_no_plan_is_refused_within_a_second(
    planning: Scene, body: bytes, status: int, why: str
) -> None:
    before = perf_counter()
    answer = put(planning, body)
    assert perf_counter() - before < SECONDS
    error = answer.json()["error"]
    assert answer.status_code == status
    assert why in (error["code"], error.get("details", [{}])[0].get("code"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[" * 100_000, "plan_not_object"),
        (b'{"a":' * 50_000, "plan_not_object"),
        (b"[]", "plan_not_object"),
        (b'{"id": NaN}', "plan_not_object"),
        (b"1" * 9_999, "plan_not_object"),
        (b'{"id": "saas",\n', "plan_not_json"),
    ],
)
def test_json_that_is_no_document_is_refused_within_a_second(
    planning: Scene, body: bytes, why: str
) -> None:
    before = perf_counter()
    answer = put(planning, body, **{"content-type": "application/json; charset=utf-8"})
    assert perf_counter() - before < SECONDS
    assert (answer.status_code, code(answer)) == (422, why)


def test_a_body_without_a_length_is_read_no_further_than_its_limit(planning: Scene) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 100_000] * 50

    answer = put(planning, pieces())
    assert (answer.status_code, code(answer)) == (413, "plan_too_large")


def test_a_packed_plan_is_not_read(planning: Scene) -> None:
    answer = put(planning, **{"content-encoding": "gzip"})
    assert (answer.status_code, code(answer)) == (415, "coding_unsupported")


def test_a_plan_of_another_version_of_the_program_is_still_listed(
    planning: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(planning)
    monkeypatch.setattr(plans_api, "read_plan", lambda _: ())
    (listed,) = planning.client.get(PLANS).json()["plans"]
    assert (listed["name"], listed["kpi"], listed["revision"]) == ("saas", None, 1)


# --- who may ---


def test_a_token_for_reading_reads_plans_and_saves_none(planning: Scene) -> None:
    put(planning)
    _, token = planning.store.records.add_token("bi", TokenScope.READ, who="t", now=WALL_CLOCK)
    planning.client.headers["authorization"] = f"Bearer {token}"
    assert planning.client.get(PLANS).status_code == 200
    assert planning.client.get(SAAS).text == TEXT
    answer = put(planning, RAISED)
    assert (answer.status_code, code(answer)) == (403, "scope_not_plans")
    assert 'scope="plans"' in answer.headers["www-authenticate"]
    assert newest(planning) == (1, TEXT)


def test_a_token_for_plans_opens_nothing_else(planning: Scene) -> None:
    assert planning.client.get("/api/imports").status_code == 403
    assert planning.client.get("/api/board").status_code == 403


def test_a_token_for_imports_opens_no_plan(scene: Scene) -> None:
    for answer in (scene.client.get(PLANS), scene.client.get(SAAS), put(scene)):
        assert answer.status_code == 403
    scene.client.headers["authorization"] = "Bearer wrong"
    assert put(scene, b"x" * PIECE_BYTES).status_code == 401
    del scene.client.headers["authorization"]
    assert scene.client.get(PLANS).status_code == 401


def test_a_method_that_a_plan_has_not_is_told_what_it_has(planning: Scene) -> None:
    answer = planning.client.delete(SAAS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT, HEAD")


def test_json_is_sent_back_as_it_was_read_for_every_starter(planning: Scene) -> None:
    for name, text in starters().items():
        path = f"{PLANS}/{name}"
        put(planning, text, path=path)
        document = json.loads(planning.client.get(path, headers=AS_JSON).text)
        assert put_json(planning, document, path).json()["is_new"] is False
