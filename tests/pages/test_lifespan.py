"""What the server's process is set to while it lives."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette

from kpi_core.server.lifespan import TURN_SECONDS
from pages import _lifespan
from tests.server import DidNotStart, start_server


def while_it_lives(listening: socket.socket) -> tuple[int, float]:
    """Whether a new connection sends small answers at once, and how long a thread's turn is."""

    async def live() -> tuple[int, float]:
        async with _lifespan.lifespan(Starlette()):
            with socket.create_connection(listening.getsockname()), listening.accept()[0] as taken:
                at_once = taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            return at_once, sys.getswitchinterval()

    return asyncio.run(live())


@pytest.mark.usefixtures("data_folder")
def test_answers_leave_at_once_and_no_thread_keeps_the_others_waiting() -> None:
    before = sys.getswitchinterval()
    with socket.socket(family=socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        at_once, turn = while_it_lives(listening)
    assert at_once != 0
    assert turn == pytest.approx(TURN_SECONDS)
    assert turn < before
    assert sys.getswitchinterval() == before


def test_a_server_over_the_store_of_an_earlier_version_says_so_and_ends(tmp_path: Path) -> None:
    former = tmp_path / "data" / "kpi.duckdb"
    former.parent.mkdir()
    former.touch()
    with pytest.raises(DidNotStart) as caught:
        start_server(tmp_path)
    said = str(caught.value)
    assert "ended with 2" in said
    assert said.count(str(former)) == 2  # in Japanese and in English
