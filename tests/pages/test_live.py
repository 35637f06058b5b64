"""Open pages against a real server: what reaches them without being asked for, and what does not.

A visitor here is a WebSocket that speaks Streamlit's protocol and, once the page is open,
sends nothing.
"""

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.server import Server, start_server

APP = """
from datetime import datetime
from pathlib import Path

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route

from kpi_core.web.health import health_route
from pages import _lifespan, _runtime


def commit(request):
    store = _runtime.store()
    store.save_revision(
        "scratch", str(store.data_version()), effective_from=None, tallies=(),
        who="test", why="", now=datetime(2026, 6, 1),
    )
    return JSONResponse(store.data_version())


app = st.App(
    Path(__file__).with_name("script.py"),
    lifespan=_lifespan.lifespan,
    routes=[
        health_route(_runtime.health),
        Route("/commit", commit, methods=["POST"]),
    ],
)
"""

QUIET_SECONDS = 2.5
"""Longer than twice the second after which pages are looked at again."""
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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with pages that follow the store's version. The last test stops it."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "app.py").write_text(APP)
    (folder / "script.py").write_text(SCRIPT)
    with start_server(folder, app=folder / "app.py") as server:
        yield server


@pytest.fixture
def address(server: Server) -> str:
    """Its host and port."""
    return server.url.removeprefix("http://")


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


def test_an_import_is_not_interrupted_by_its_own_commit(address: str) -> None:
    async def scene() -> None:
        async with visiting(address, "importing") as visitor:
            assert visitor.runs[0] == ["half way", "receipt"]
            await visitor.has_finished(2)

    asyncio.run(scene())


def test_a_page_is_drawn_once_per_commit_and_not_for_ever(address: str) -> None:
    """Also one that fails; and one that no commit came to is not drawn again at all."""

    async def scene() -> None:
        async with visiting(address, "failing") as failing, visiting(address, "whole") as whole:
            await commit(address)
            for visitor in (failing, whole):
                await visitor.has_finished(2)
            async with visiting(address, "whole") as late:
                await asyncio.sleep(QUIET_SECONDS)
                assert [len(each.runs) for each in (failing, whole, late)] == [2, 2, 1]

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


def test_the_server_stops_at_once_with_pages_open(server: Server, address: str) -> None:
    """The last test: the server is gone after it."""

    async def scene() -> float:
        async with visiting(address, "whole"):
            began = time.monotonic()
            server.process.terminate()
            await asyncio.to_thread(server.process.wait, 20)
            return time.monotonic() - began

    assert asyncio.run(scene()) < 5
