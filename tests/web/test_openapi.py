"""The description of the API against the API: no route, status or field is left out of it."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships none

import kpi_core.web.api
from kpi_core.plans.parse import MAX_CHARACTERS
from kpi_core.plans.starter_plans import starters
from kpi_core.records.tokens import TokenScope
from kpi_core.web.api.upload import EVENTS_MB
from tests.web.conftest import WALL_CLOCK, Scene

LEADS = b"lead_id,lead_date\n1,2026-05-01\n2,?\n"
UNKNOWN = b"key,arrived\n1,2026-05-01\n"
EVENT = {"lead": 7, "stage": "won", "at": "2026-03-12T09:14:00Z", "amount": 1, "channel": None}
NAMED = EVENT | {"lead": "7"}


@pytest.fixture
def document(scene: Scene) -> dict[str, Any]:
    """The description as it is served."""
    scene.client.headers.pop("authorization")
    answer = scene.client.get("/api/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The operations by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def check(document: dict[str, Any], schema: object, value: object) -> None:
    """Hold a value against one of the schemas; its references lead into the document."""
    whole = {"components": document["components"], "allOf": [schema]}
    Draft202012Validator.check_schema(whole)
    Draft202012Validator(whole).validate(value)


def test_every_route_is_described(document: dict[str, Any]) -> None:
    """What is described and what is not are decided by the framework; this is the public list."""
    assert operations(document).keys() == {
        ("POST", "/imports"), ("GET", "/imports"), ("GET", "/imports/{import_id}"),
        ("GET", "/board"), ("GET", "/board.png"), ("GET", "/openapi.json"),
        ("GET", "/plans"), ("GET", "/plans/{plan_id}"), ("PUT", "/plans/{plan_id}"),
    }  # fmt: skip
    assert document["servers"] == [{"url": "/api"}]


def test_every_status_that_the_code_gives_is_described(document: dict[str, Any]) -> None:
    folder = Path(kpi_core.web.api.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    given = set(re.findall(r"ApiError\(\s*(\d{3})", code)) | {"200", "201", "304", "503"}
    described = {
        status for operation in operations(document).values() for status in operation["responses"]
    }
    # 400: the caller is gone. 405: what is not described. 500: a mistake of ours.
    assert given - {"400", "405", "500"} == described


def test_how_much_may_be_sent_is_described(document: dict[str, Any]) -> None:
    description = operations(document)["POST", "/imports"]["description"]
    assert f"events as JSON, up to {EVENTS_MB} MB" in description.replace("\n", " ")
    description = operations(document)["PUT", "/plans/{plan_id}"]["description"]
    assert f"Up to {MAX_CHARACTERS:,} characters" in description.replace("\n", " ")


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    described = {
        key: {each["name"] for each in operation.get("parameters", ())}
        for key, operation in operations(document).items()
    }
    assert described == {
        ("POST", "/imports"): {
            "mapping", "dry_run", "answer", "exported_at", "name", "lang", "x-file-name",
        },
        ("GET", "/imports"): {"lang"},
        ("GET", "/imports/{import_id}"): {"import_id", "lang"},
        ("GET", "/board"): {"plan", "as_of", "lang"},
        ("GET", "/board.png"): {"plan", "as_of", "lang", "theme", "key"},
        ("GET", "/openapi.json"): {"lang"},
        ("GET", "/plans"): {"lang"},
        ("GET", "/plans/{plan_id}"): {"plan_id", "revision", "lang"},
        ("PUT", "/plans/{plan_id}"): {"plan_id", "from", "why", "lang", "if-match"},
    }  # fmt: skip


def test_only_the_description_itself_needs_no_token(document: dict[str, Any]) -> None:
    security = {key: each.get("security") for key, each in operations(document).items()}
    assert security.pop(("GET", "/openapi.json")) is None
    assert security.pop(("GET", "/board.png")) == [{"token": []}, {"display": []}]
    assert set(map(str, security.values())) == {"[{'token': []}]"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    referred = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert referred <= document["components"]["schemas"].keys()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_answers_are_what_the_description_says(scene: Scene, document: dict[str, Any]) -> None:
    scene.client.headers["authorization"] = f"Bearer {scene.token}"
    client, path, receipt = scene.client, "/api/imports", "/api/imports/{import_id}"
    answers = [
        ("POST", path, client.post(path, content=LEADS)),
        ("POST", path, client.post(path, content=LEADS)),
        ("POST", path, client.post(path, json={"source": "crm", "events": [EVENT]})),
        ("POST", path, client.post(path, content=UNKNOWN)),
        ("POST", path, client.post(path, content=b"")),
        ("POST", path, client.post(path, content=b"lead_id,lead_date\n1,?\n")),
        ("POST", path, client.post(path, json={"events": [{}]})),
        ("POST", path, client.post(path, content=b"", headers={"content-encoding": "br"})),
        ("GET", "/api/board", client.get("/api/board")),
        ("GET", path, client.get(path)),
        ("GET", receipt, client.get(f"{path}/1")),
        ("GET", receipt, client.get(f"{path}/99")),
        ("GET", path, client.get(f"{path}?limit=5")),
        ("GET", receipt, client.get(f"{path}/1?limit=5")),
        ("GET", "/api/openapi.json", client.get("/api/openapi.json?limit=5")),
    ]
    records = scene.store.records
    _, token = records.add_token("ops", TokenScope.PLANS, who="t", now=WALL_CLOCK)
    client.headers["authorization"] = f"Bearer {token}"
    plans, plan, text = "/api/plans", "/api/plans/saas", starters()["saas"]
    answers += [
        ("PUT", f"{plans}/{{plan_id}}", client.put(plan, content=text)),
        ("PUT", f"{plans}/{{plan_id}}", client.put(plan, content=text)),
        ("PUT", f"{plans}/{{plan_id}}", client.put(plan, content="id = 1")),
        ("PUT", f"{plans}/{{plan_id}}", client.put(plan, content=text, headers={"if-match": "9"})),
        ("GET", f"{plans}/{{plan_id}}", client.get(plan, headers={"accept": "application/json"})),
        ("GET", f"{plans}/{{plan_id}}", client.get(f"{plans}/other")),
        ("GET", plans, client.get(plans)),
    ]
    statuses = []
    for method, route, answer in answers:
        statuses.append(answer.status_code)
        operation = operations(document)[method, route.removeprefix("/api")]
        described = operation["responses"][str(answer.status_code)]["content"]
        check(document, described[answer.headers["content-type"]]["schema"], answer.json())
    imports = [201, 200, 201, 422, 422, 422, 422, 415, 403, 200, 200, 404, 422, 422, 422]
    assert statuses == [*imports, 201, 200, 422, 412, 200, 404, 200]


@pytest.mark.parametrize(
    ("sent", "sound"),
    [
        ({"source": "crm", "events": [NAMED]}, True),
        ({"source": "crm", "events": []}, False),
        ({"source": "crm", "events": [{"lead": "7", "stage": "MQL", "at": "2026-03-12"}]}, False),
        ({"events": [EVENT]}, False),
        ({"source": "crm", "events": [EVENT | {"mail": "x"}]}, False),
        ({"source": "crm", "events": [NAMED | {"attributes": {"role": "x"}}]}, True),
        ({"source": "crm", "events": [NAMED | {"attributes": {" lead": "x"}}]}, False),
        ({"source": "crm ", "events": [NAMED]}, False),
    ],
)
def test_events_are_described_as_they_are_read(
    document: dict[str, Any], sent: object, *, sound: bool
) -> None:
    schema = {"$ref": "#/components/schemas/SentEvents"}
    whole = {"components": document["components"], **schema}
    assert Draft202012Validator(whole).is_valid(sent) is sound
