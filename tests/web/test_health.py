"""What the one who watches over the server is told."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from kpi_core.web.health import Health, free_bytes, health_route


def answer_of(health: Health) -> tuple[int, Any]:
    answer = TestClient(Starlette(routes=[health_route(lambda: health)])).get("/healthz")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


def test_a_server_that_can_show_the_board_says_so() -> None:
    assert answer_of(Health(None, records_ok=True, disk_free_bytes=9, readers=1)) == (
        200,
        {
            "ready": True,
            "cache": {"state": "ready"},
            "records": "ok",
            "disk_free_bytes": 9,
            "readers": {"running": 1},
        },
    )


def test_a_server_that_recomputes_its_numbers_still_shows_a_board() -> None:
    status, told = answer_of(Health(None, rebuilding=40, records_ok=True))
    assert (status, told["ready"]) == (200, True)
    assert told["cache"] == {"state": "rebuilding", "percent": 40}


def test_a_server_that_cannot_says_why() -> None:
    status, told = answer_of(Health("store", records_ok=False))
    assert (status, told["ready"], told["reason"]) == (503, False, "store")
    assert told["records"] == "failed"


def test_what_keeps_the_store_from_its_work_is_named() -> None:
    status, told = answer_of(Health(None, problems=("facts_missing", "disk_full")))
    assert (status, told["problems"]) == (200, ["facts_missing", "disk_full"])


def test_a_server_that_starts_knows_nothing_of_its_parts() -> None:
    status, told = answer_of(Health("starting"))
    assert (status, told["reason"]) == (503, "starting")
    assert (told["cache"], told["records"], told["readers"]) == (None, None, None)


def test_the_free_space_of_no_folder_is_unknown(tmp_path: Path) -> None:
    assert (free_bytes(tmp_path) or 0) > 0
    assert free_bytes(tmp_path / "nowhere") is None
