"""What the one who watches over the server is told."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from kpi_core.web.health import health_route


def test_a_server_that_can_show_the_board_says_so() -> None:
    answer = TestClient(Starlette(routes=[health_route(lambda: None)])).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_a_server_that_cannot_says_why() -> None:
    answer = TestClient(Starlette(routes=[health_route(lambda: "store: locked")])).get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "reason": "store: locked"})
