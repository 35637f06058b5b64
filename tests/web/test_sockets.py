"""Connections of the server do not hold answers back."""

import asyncio
import socket
from pathlib import Path

import pytest
from starlette.applications import Starlette

from kpi_core.web import sockets
from pages import _runtime


@pytest.fixture
def listening() -> socket.socket:
    """A socket made as Streamlit makes the server's."""
    made = socket.socket(family=socket.AF_INET)
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


def holds_back(listening: socket.socket) -> bool:
    """Whether a connection taken now waits with a small segment until the last has arrived."""
    with socket.create_connection(listening.getsockname()), listening.accept()[0] as taken:
        return taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0


def test_connections_send_at_once(listening: socket.socket, tmp_path: Path) -> None:
    with listening, (tmp_path / "a file").open("w"):
        assert holds_back(listening)
        sockets.send_at_once()
        assert not holds_back(listening)


def test_a_system_without_a_list_of_open_files_is_left_as_it_is(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sockets, "OPEN_FILES", tmp_path / "none")
    with listening:
        sockets.send_at_once()
        assert holds_back(listening)


def test_the_server_has_its_connections_do_so(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KPI_DATABASE", str(tmp_path / "kpi.duckdb"))
    monkeypatch.setenv("KPI_DEMO", "0")
    monkeypatch.setenv("KPI_INBOX", "off")

    async def live() -> bool:
        async with _runtime.lifespan(Starlette()):
            return holds_back(listening)

    with listening:
        assert not asyncio.run(live())
