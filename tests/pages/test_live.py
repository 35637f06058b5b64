"""Open pages against a real server: what reaches them without being asked for, and what does not.

A visitor here is a WebSocket that speaks Streamlit's protocol and, once the page is open,
sends nothing.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

APP = """
from datetime import datetime
from pathlib import Path

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages import _runtime


def commit(request):
    store = _runtime.store()
    store.save_revision(
        "scratch", str(store.data_version()), effective_from=None, tallies=(),
        who="test", why="", now=datetime(2026, 6, 1),
    )
    return JSONResponse(store.data_version())


app = st.App(
    Path(__file__).with_name("script.py"),
    lifespan=_runtime.lifespan,
    routes=[Route("/commit", commit, methods=["POST"])],
)
"""

SCRIPT = """
import time
import urllib.request

import streamlit as st

from pages import _live, _runtime

page = st.query_params.get("page")
if page == "whole":
    st.text(f"version {_live.follow()}")
    st.text(st.context.locale)
elif page == "part":
    st.text("around it")

    @st.fragment
    def part():
        st.text(f"version {_live.follow()}")

    part()
elif page == "importing":
    _live.follow()
    if "begun" not in st.session_state:
        st.session_state.begun = True
        urllib.request.urlopen(
            urllib.request.Request(f"http://{st.context.headers['host']}/commit", method="POST")
        )
        time.sleep(0.5)
        st.text("half way")
        time.sleep(0.5)
        st.text("receipt")
elif page == "failing":
    _live.follow()
    raise ValueError("expected by the test")
else:
    st.text("still")
"""


@contextmanager
def serving(root: Path, folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The host and port of a server with pages that follow the store's version, and its process."""
    (folder / "app.py").write_text(APP)
    (folder / "script.py").write_text(SCRIPT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(folder / "app.py")]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    settings = {"KPI_DATABASE": str(folder / "kpi.duckdb"), "KPI_DEMO": "0", "KPI_INBOX": "off"}
    server = subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | settings | {"PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def address(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(root, tmp_path_factory.mktemp("live")) as (address, _):
        yield address


def _wait_until_healthy(url: str, server: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        assert server.poll() is None
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    pytest.fail("The server did not answer within a minute.")


@dataclass
class Visitor:
    """What one open page has been sent: the texts of each run, the last one perhaps going on."""

    connection: ClientConnection
    session_id: str = ""
    runs: list[list[str]] = field(default_factory=list)
    finished: int = 0

    async def listen(self) -> None:
        async for frame in self.connection:
            assert isinstance(frame, bytes)
            message = ForwardMsg.FromString(frame)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
                self.runs.append([])
            elif kind == "script_finished":
                self.finished += 1
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "text":
                self.runs[-1].append(message.delta.new_element.text.body)

    async def has_finished(self, runs: int) -> None:
        async with asyncio.timeout(10):
            while self.finished < runs:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def visiting(
    address: str, page: str = "", *, resuming: str | None = None
) -> AsyncIterator[Visitor]:
    """Open a page; or come back to a session without asking for anything."""
    protocols = ["streamlit", "no-token", resuming] if resuming else ["streamlit"]
    async with connect(
        f"ws://{address}/_stcore/stream", subprotocols=[Subprotocol(name) for name in protocols]
    ) as connection:
        visitor = Visitor(connection)
        listening = asyncio.create_task(visitor.listen())
        if resuming is None:
            opening = BackMsg()
            opening.rerun_script.query_string = f"page={page}"
            opening.rerun_script.context_info.locale = "ja-JP"
            await connection.send(opening.SerializeToString())
            await visitor.has_finished(1)
        yield visitor
        listening.cancel()


async def commit(address: str) -> int:
    def post() -> int:
        request = urllib.request.Request(f"http://{address}/commit", method="POST")
        with urllib.request.urlopen(request) as answer:
            return int(answer.read())

    return await asyncio.to_thread(post)


def test_a_commit_shows_on_every_open_page_that_nobody_touched(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "whole") as one, visiting(address, "whole") as other:
            began = time.monotonic()
            version = await commit(address)
            for visitor in (one, other):
                await visitor.has_finished(2)
                # The same language as before: the visitor's browser is still known.
                assert visitor.runs[1] == [f"version {version}", "ja-JP"]
            assert time.monotonic() - began < 2

    asyncio.run(scene())


def test_where_only_a_part_follows_only_that_part_is_drawn_again(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "part") as visitor:
            version = await commit(address)
            await visitor.has_finished(2)
            assert visitor.runs[0][0] == "around it"
            assert visitor.runs[1] == [f"version {version}"]

    asyncio.run(scene())


def test_a_page_that_follows_nothing_is_left_alone(address: str) -> None:
    async def scene() -> None:
        async with visiting(address) as visitor, visiting(address, "whole") as follower:
            await commit(address)
            await follower.has_finished(2)
            await asyncio.sleep(0.2)
            assert visitor.runs == [["still"]]

    asyncio.run(scene())


def test_without_a_commit_nothing_is_drawn_again(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "whole") as visitor:
            await asyncio.sleep(2.5)
            assert len(visitor.runs) == 1

    asyncio.run(scene())


def test_an_import_is_not_interrupted_by_its_own_commit(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "importing") as visitor:
            assert visitor.runs[0] == ["half way", "receipt"]
            await visitor.has_finished(2)

    asyncio.run(scene())


def test_a_page_that_fails_is_drawn_once_per_commit_and_not_for_ever(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "failing") as visitor:
            await commit(address)
            await visitor.has_finished(2)
            await asyncio.sleep(2.5)
            assert len(visitor.runs) == 2

    asyncio.run(scene())


def test_a_page_that_was_away_catches_up_when_it_is_back(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "whole") as visitor:
            session_id = visitor.session_id
        version = await commit(address)
        async with visiting(address, resuming=session_id) as back:
            await back.has_finished(1)
            assert back.session_id == session_id
            assert back.runs == [[f"version {version}", "ja-JP"]]

    asyncio.run(scene())


def test_the_server_stops_at_once_with_pages_open(root: Path, tmp_path: Path) -> None:
    async def scene(address: str, server: "subprocess.Popen[bytes]") -> float:
        async with visiting(address, "whole"):
            began = time.monotonic()
            server.terminate()
            await asyncio.to_thread(server.wait, 20)
            return time.monotonic() - began

    with serving(root, tmp_path) as (address, server):
        assert asyncio.run(scene(address, server)) < 5
