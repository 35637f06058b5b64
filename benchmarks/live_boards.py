"""What a hundred open boards cost while nothing changes, and how soon a change is on all of them.

Each board is a plain WebSocket client that speaks Streamlit's own protocol, as a browser
would: it keeps one connection and lets the server do the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks._alone import cpu_seconds
from tests.server import ROOT, start_server

APP = ROOT / "benchmarks" / "_boards_app.py"
CPU_CEILING = 0.25
SECONDS_CEILING = 3.0


@dataclass
class Board:
    """One open board: what its last finished run drew, and when that run ended."""

    connection: ClientConnection
    drawn: str = ""
    finished_at: float = 0.0
    runs: int = 0
    received: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Take messages in until the connection closes."""
        content = hashlib.sha256()
        async for frame in self.connection:
            assert isinstance(frame, bytes)
            self.received += len(frame)
            message = ForwardMsg.FromString(frame)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                content = hashlib.sha256()
            elif kind == "delta":
                content.update(message.delta.SerializeToString(deterministic=True))
            elif kind == "script_finished":
                self.runs += 1
                if content.hexdigest() != self.drawn:
                    self.drawn, self.finished_at = content.hexdigest(), time.perf_counter()
                    self.changed.set()


async def open_board(port: int) -> Board:
    """A board as a browser opens it, with its first view drawn."""
    connection = await connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    )
    board = Board(connection)
    board.listening = asyncio.create_task(board.listen())
    message = BackMsg()
    message.rerun_script.query_string = ""
    message.rerun_script.context_info.locale = "ja-JP"
    message.rerun_script.context_info.timezone = "Asia/Tokyo"
    await connection.send(message.SerializeToString())
    await asyncio.wait_for(board.changed.wait(), 60)
    return board


def commit(port: int) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/bench/commit", method="POST")
    urllib.request.urlopen(request).read()


async def measure(port: int, pid: int, boards: int, idle_seconds: float) -> None:
    opened_at = time.perf_counter()
    opened = [await open_board(port) for _ in range(boards)]
    opening = time.perf_counter() - opened_at
    await asyncio.sleep(3)

    runs, used, began = sum(b.runs for b in opened), cpu_seconds(pid), time.perf_counter()
    await asyncio.sleep(idle_seconds)
    idle = (cpu_seconds(pid) - used) / (time.perf_counter() - began)
    idle_runs = sum(b.runs for b in opened) - runs

    waits: list[list[float]] = []
    for _ in range(5):
        for board in opened:
            board.changed.clear()
        runs, used, began = sum(b.runs for b in opened), cpu_seconds(pid), time.perf_counter()
        await asyncio.to_thread(commit, port)
        await asyncio.wait_for(asyncio.gather(*(b.changed.wait() for b in opened)), 60)
        waits.append(sorted(b.finished_at - began for b in opened))
        await asyncio.sleep(2)
        a_run = (cpu_seconds(pid) - used) / max(1, sum(b.runs for b in opened) - runs)

    last = sorted(w[-1] for w in waits)[len(waits) // 2]
    median = sorted(w[boards // 2] for w in waits)[len(waits) // 2]
    worst = max(w[-1] for w in waits)
    size = sum(b.received for b in opened) / sum(b.runs for b in opened) / 1000
    print(f"{boards} boards opened one after the other in {opening:.1f} s")
    print(
        f"idle {idle_seconds:.0f} s: {idle:.1%} of one core, {idle_runs} reruns"
        f" (at most {CPU_CEILING:.0%}: {idle / CPU_CEILING:.2f} of it)"
    )
    print(
        f"a commit is on the median board after {median:.2f} s, on all after {last:.2f} s,"
        f" at worst of five {worst:.2f} s"
        f" (at most {SECONDS_CEILING:.0f} s: {worst / SECONDS_CEILING:.2f} of it)"
    )
    print(f"a rerun costs {a_run * 1000:.1f} ms of CPU and {size:.1f} kB")
    for board in opened:
        await board.connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=int, default=100)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds to watch")
    parser.add_argument("--app", type=Path, default=APP)
    parser.add_argument("--small", action="store_true", help="five boards, for a quick look")
    options = parser.parse_args()
    if options.small:
        options.boards, options.idle = 5, 3.0
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server(Path(folder), app=options.app, KPI_DEMO="1") as board,
    ):
        asyncio.run(measure(board.port, board.process.pid, options.boards, options.idle))


if __name__ == "__main__":
    main()
