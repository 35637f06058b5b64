"""Files and events sent to the API by tests."""

from collections.abc import Mapping
from typing import Any

from tests.web.conftest import Scene

LEADS = b"lead_id,lead_date,mql_date\n1,2026-05-01,2026-05-03\n2,2026-05-02,\n"
ONE_WRONG = LEADS + b"3,?,\n"
UNKNOWN = b"key,arrived\n1,2026-05-01\n2,2026-05-02\n"
MAPPING = """
name = "mine"
source = "mine"
grain = "lead"
id = "key"
[[stages]]
stage = "lead"
date = "arrived"
"""
EVENT = {"lead": "1", "stage": "won", "at": "2026-03-12T09:14:00+09:00", "amount": 500}
DEMO = b"lead_id,lead_date\nD1,2026-05-01\n"


def send(
    scene: Scene,
    content: bytes = LEADS,
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> Any:
    """The answer to a file sent as the body."""
    return scene.client.post(f"/api/imports?{query}", content=content, headers=headers)


def send_events(scene: Scene, *events: object) -> Any:
    return scene.client.post("/api/imports", json={"source": "crm", "events": events})


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def message(answer: Any) -> str:
    return str(answer.json()["error"]["message"])
