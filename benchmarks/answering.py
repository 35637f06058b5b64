"""How soon the board answers while a million leads are taken in by the same server.

    python -m benchmarks.answering [--rows 1000000] [--small]

The goal: within half a second. A board page is rerun, and `/healthz` asked, over and over: before
the import for comparison, then while it is sent and taken in. The board's answers are drawn anew
from the store each time, since the language changes with each.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks._alone import alone
from benchmarks.imports import write_leads
from benchmarks.live_boards import Board, open_board
from tests.server import ROOT, start_server

GOAL_SECONDS = 0.5
PAUSE_SECONDS = 0.05


async def answers(board: Board, port: int, ends: asyncio.Event) -> tuple[list[float], list[float]]:
    """Seconds of each answer of the page, and of `/healthz`, until `ends` is set."""
    pages: list[float] = []
    checks: list[float] = []
    while not ends.is_set():
        message = BackMsg()
        message.rerun_script.query_string = f"lang={('ja', 'en')[len(pages) % 2]}"
        message.rerun_script.context_info.locale = "ja-JP"
        message.rerun_script.context_info.timezone = "Asia/Tokyo"
        runs, began = board.runs, time.perf_counter()
        await board.connection.send(message.SerializeToString())
        while board.runs == runs:
            await asyncio.sleep(0.001)
        pages.append(time.perf_counter() - began)
        began = time.perf_counter()
        await asyncio.to_thread(_healthy, port)
        checks.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE_SECONDS)
    return pages, checks


def _healthy(port: int) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()


def send(port: int, token: str, path: Path) -> dict[str, object]:
    """The receipt of a file sent to the API."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {token}", "Content-Length": str(path.stat().st_size)}
    questions = {"grain": "lead", "id": "lead_id", "column:channel": "channel"}
    stages = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")
    questions |= {f"column:d{number}": stage for number, stage in enumerate(stages, start=1)}
    asked = "&".join(f"answer={key}%3D{value}" for key, value in questions.items())
    with path.open("rb") as body:
        target = f"/api/imports?name=leads.csv&answer=source%3Dbenchmark&{asked}"
        connection.request("POST", target, body=body, headers=headers)
        answer = connection.getresponse()
        document = json.load(answer)
    assert answer.status == 201, document
    return dict(document)


async def measure(port: int, token: str, path: Path) -> None:
    board = await open_board(port)
    ends = asyncio.Event()
    quiet = asyncio.create_task(answers(board, port, ends))
    await asyncio.sleep(5)
    ends.set()
    _say("nothing going on", *await quiet)
    ends = asyncio.Event()
    busy = asyncio.create_task(answers(board, port, ends))
    began = time.perf_counter()
    receipt = await asyncio.to_thread(send, port, token, path)
    taken = time.perf_counter() - began
    ends.set()
    pages, checks = await busy
    _say(f"while {receipt['rows']:,} rows are sent and taken in ({taken:.1f} s)", pages, checks)
    print(f"goal {GOAL_SECONDS} s: worst page {max(pages) / GOAL_SECONDS:.2f} of it")
    await board.connection.close()


def _say(when: str, pages: list[float], checks: list[float]) -> None:
    print(
        f"{when}: page {statistics.median(pages):.3f} s, worst {max(pages):.3f} s of {len(pages)};"
        f" /healthz {statistics.median(checks):.3f} s, worst {max(checks):.3f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", action="store_true", help="20 thousand rows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "leads.csv"
        alone(write_leads, path, 20_000 if options.small else options.rows)
        made = subprocess.run(
            [sys.executable, "-m", "kpi_core", "token", "add", "benchmark", "--json"],
            cwd=ROOT,
            env=os.environ | {"KPI_DATA": str(folder / "data")},
            check=True,
            capture_output=True,
        )
        token = str(json.loads(made.stdout)["token"])
        with start_server(folder, KPI_DEMO="1") as board:
            asyncio.run(measure(board.port, token, path))


if __name__ == "__main__":
    main()
