"""The description of the API against the API: no route, status or field is left out of it."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships none

import kpi_core.web
from kpi_core.i18n.catalog import Language, Words
from kpi_core.web.openapi import description
from kpi_core.web.params import KNOWN
from tests.web.conftest import Scene

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


def test_every_route_is_described_and_nothing_else(scene: Scene, document: dict[str, Any]) -> None:
    there = {
        (method, path) for path, endpoints in scene.api.endpoints().items() for method in endpoints
    }
    assert operations(document).keys() == there


def test_every_status_that_the_code_gives_is_described(document: dict[str, Any]) -> None:
    folder = Path(kpi_core.web.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    given = set(re.findall(r"Refusal\(\s*(\d{3})", code)) | {"200", "201", "304", "503"}
    described = {
        status for operation in operations(document).values() for status in operation["responses"]
    }
    # 400: the caller is gone. 405: what is not described. 500: a mistake of ours.
    assert given - {"400", "405", "500"} == described


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    send = operations(document)["POST", "/api/imports"]
    named = [each["name"] for each in send["parameters"] if each["in"] == "query"]
    assert sorted(named) == sorted(KNOWN)


def test_only_the_description_itself_needs_no_token(document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    open_to_all = [key for key, each in operations(document).items() if each.get("security") == []]
    assert open_to_all == [("GET", "/api/openapi.json")]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    referred = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert referred <= document["components"]["schemas"].keys()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_answers_are_what_the_description_says(scene: Scene, document: dict[str, Any]) -> None:
    scene.client.headers["authorization"] = f"Bearer {scene.token}"
    client, path = scene.client, "/api/imports"
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
        ("GET", f"{path}/{{import_id}}", client.get(f"{path}/1")),
        ("GET", f"{path}/{{import_id}}", client.get(f"{path}/99")),
        ("GET", path, client.get(f"{path}?limit=5")),
        ("GET", f"{path}/{{import_id}}", client.get(f"{path}/1?limit=5")),
        ("GET", "/api/openapi.json", client.get("/api/openapi.json?limit=5")),
    ]
    statuses = []
    for method, route, answer in answers:
        statuses.append(answer.status_code)
        described = operations(document)[method, route]["responses"][str(answer.status_code)]
        check(document, described["content"]["application/json"]["schema"], answer.json())
    assert statuses == [201, 200, 201, 422, 422, 422, 422, 415, 403, 200, 200, 404, 422, 422, 422]


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


@pytest.mark.parametrize("language", Language)
def test_the_description_is_there_in_both_languages(language: Language) -> None:
    told = description(Words(language), "", 500)
    assert "500" in told["paths"]["/api/imports"]["post"]["description"]
    is_japanese = bool(re.search(r"[ぁ-ん]", str(told)))
    assert is_japanese is (language is Language.JA)
