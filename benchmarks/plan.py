"""What saving a plan with 12 new indicators costs with 10 million events, and who waits for it.

    python -m benchmarks.plan [--small] [--folder /tmp]

The plan is saved in the server's process, as its page does. Meanwhile `/healthz` is asked, and a
board page is rerun, over and over.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._alone import say, wait_until_idle
from benchmarks._facts import MANY, PLAN, SMALL_MANY, filled
from benchmarks.answering import answers
from benchmarks.live_boards import APP, open_board
from tests.server import start_server

COUNTED = """
[[indicators]]
id = "new_{number}"
name = "New {number}"
kind = "count"
stage = "{stage}"
where = [{{ attribute = "channel", in = ["{channel}"] }}]
"""
SUMMED = """
[[indicators]]
id = "new_{number}"
name = "New {number}"
kind = "sum"
of = "amount"
stage = "won"
where = [{{ attribute = "owner", in = ["{owner}"] }}]
"""
RATIO = """
[[indicators]]
id = "new_{number}"
name = "New {number}"
kind = "ratio"
basis = "cohort"
matures_after_days = {days}
numerator = {{ stage = "sales_qualified" }}
denominator = {{ stage = "{stage}" }}
"""


def with_new_indicators() -> str:
    """The plan and 12 indicators more: eight counts and two sums with conditions, two ratios."""
    pairs = [
        (stage, channel)
        for stage in ("lead", "marketing_qualified", "sales_qualified", "opportunity")
        for channel in ("web", "seminar")
    ]
    more = [
        COUNTED.format(number=number, stage=stage, channel=channel)
        for number, (stage, channel) in enumerate(pairs)
    ]
    more += [SUMMED.format(number=8 + at, owner=f"owner-{at}") for at in range(2)]
    more += [
        RATIO.format(number=10 + at, stage=stage, days=30 * (at + 1))
        for at, stage in enumerate(("lead", "marketing_qualified"))
    ]
    return PLAN + "".join(more)


def save(port: int) -> float:
    """Seconds that it takes to save the plan."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/bench/plan", with_new_indicators().encode(), method="POST"
    )
    began = time.perf_counter()
    json.load(urllib.request.urlopen(request, timeout=600))
    return time.perf_counter() - began


async def measure(port: int) -> tuple[float, list[float], list[float]]:
    """Seconds of saving, and of each answer of the page and of `/healthz` meanwhile."""
    board = await open_board(port)
    ends = asyncio.Event()
    asking = asyncio.create_task(answers(board, port, ends))
    await asyncio.sleep(1)
    seconds = await asyncio.to_thread(save, port)
    ends.set()
    pages, checks = await asking
    await board.connection.close()
    return seconds, pages, checks


def main() -> None:
    """Print what it took and the worst answers."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="200 thousand for 10 million")
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    events = SMALL_MANY if chosen.small else MANY
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        filled(folder / "data", events, yesterday)
        with start_server(folder, app=APP) as server:
            wait_until_idle(server.process.pid)
            seconds, pages, checks = asyncio.run(measure(server.port))
        say(f"12 new indicators saved at {events:,} events", f"{seconds:.2f} s")
        say(f"  /healthz meanwhile, worst of {len(checks)}", f"{max(checks):.3f} s")
        say(f"  the board page meanwhile, worst of {len(pages)}", f"{max(pages):.3f} s")


if __name__ == "__main__":
    main()
