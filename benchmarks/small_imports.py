"""What a small import costs where much is stored, and while a large file is looked at.

    python -m benchmarks.small_imports [--small] [--folder /tmp]

Two rows sent to the API, as a CSV file and as JSON: the processor time of the server and its
readers, from the first byte of the request to the last of the answer, with 10 million events
stored and with 100 thousand. Then a commit of one row while a preview of a million runs, in the
server's process and through its API.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks._alone import Goal, alone, cpu_seconds, say, wait_until_idle
from benchmarks._facts import FEW, MANY, SMALL_MANY, filled, push, settle
from benchmarks.imports import MAPPINGS, write_leads
from kpi_core.facts.store import open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.server import Server, start_server

MOST_CPU_MS, MOST_TIMES = 60, 1.5
MOST_WHILE_PREVIEWED = 2
REQUESTS, WARMING = 30, 5
COMMITS = 30
TODAY = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
HEADER = "lead,stage,occurred_at,channel,owner,amount"


class Client:
    """A program that sends small imports, each with one known lead and a new one."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}
        self.sent = 0

    def file(self) -> None:
        """Two rows of CSV by a saved mapping."""
        rows = [
            f"{lead},marketing_qualified,{at},web,owner-1,"
            for lead, at in zip(self._leads(), self._moments(), strict=True)
        ]
        body = "\n".join([HEADER, *rows, ""]).encode()
        self.send("?mapping=benchmark&name=two.csv", body, "text/csv")

    def events(self) -> None:
        """Two events of JSON."""
        events = [
            {"lead": lead, "stage": "marketing_qualified", "at": at, "channel": "web"}
            for lead, at in zip(self._leads(), self._moments(), strict=True)
        ]
        body = json.dumps({"source": "benchmark", "events": events}).encode()
        self.send("", body, "application/json")

    def send(self, query: str, body: bytes, kind: str) -> dict[str, Any]:
        """The receipt."""
        headers = self.headers | {"Content-Type": kind}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("POST", f"/api/imports{query}", body=body, headers=headers)
        answer = connection.getresponse()
        document = json.load(answer)
        connection.close()
        assert answer.status in (200, 201), document
        return dict(document)

    def _leads(self) -> tuple[str, str]:
        self.sent += 1
        return f"lead-{self.sent * 37:09d}", f"sent-{time.time_ns()}"

    def _moments(self) -> tuple[str, str]:
        moment = TODAY - timedelta(hours=1) + timedelta(seconds=self.sent)
        return moment.isoformat(" "), moment.isoformat(" ")


def _cpu(server: Server, send: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds of processor time of a request, and of one with what the server does later."""
    for _ in range(WARMING):
        send()
    pid = server.process.pid
    wait_until_idle(pid)
    used = cpu_seconds(pid)
    for _ in range(REQUESTS):
        send()
    at_once = cpu_seconds(pid) - used
    wait_until_idle(pid)
    rests, began = cpu_seconds(pid), time.perf_counter()
    time.sleep(5)
    idle = (cpu_seconds(pid) - rests) / (time.perf_counter() - began)
    used, began = cpu_seconds(pid), time.perf_counter()
    for _ in range(3):
        send()
        time.sleep(2)
    later = cpu_seconds(pid) - used - idle * (time.perf_counter() - began)
    return at_once / REQUESTS * 1000, later / 3 * 1000


def measure(data: Path, token: str) -> dict[str, tuple[float, float]]:
    """What requests cost a server that has this folder."""
    with start_server(data.parent, KPI_DATA=str(data)) as server:
        wait_until_idle(server.process.pid)
        client = Client(server.port, token)
        ways = {"as CSV": client.file, "as JSON": client.events}
        return {name: _cpu(server, send) for name, send in ways.items()}


def beside_preview(folder: str, path: str) -> dict[str, Any]:
    """Milliseconds of each commit of one row, alone and while a file is looked at."""
    mapping = read_mapping(MAPPINGS["leads"])
    assert isinstance(mapping, Mapping), mapping
    store = open_store(Path(folder))
    store.watch()
    settle()
    previewed: list[float] = []

    def preview() -> None:
        began = time.perf_counter()
        import_file(store, Path(path), None, mapping, who="bench", now=TODAY, dry_run=True)
        previewed.append(time.perf_counter() - began)

    times: dict[str, list[float]] = {"alone": [], "beside": []}

    def commit(when: str) -> None:
        count = sum(map(len, times.values()))
        began = time.perf_counter()
        push(store, f"alone-{count}", TODAY + timedelta(seconds=count))
        times[when].append((time.perf_counter() - began) * 1000)

    for _ in range(COMMITS):
        commit("alone")
        time.sleep(0.05)
    work = Thread(target=preview)
    work.start()
    while work.is_alive():
        commit("beside")
        time.sleep(0.05)
    assert previewed, "The preview failed"
    store.close()
    return {**times, "previewed": previewed[0]}


def beside_preview_by_http(data: Path, token: str, path: Path) -> dict[str, list[float]]:
    """The same through the API: the preview is a request with `dry_run`."""
    times: dict[str, list[float]] = {"alone": [], "beside": []}
    with start_server(data.parent, KPI_DATA=str(data)) as server:
        wait_until_idle(server.process.pid)
        client, other = Client(server.port, token), Client(server.port, token)

        def commit(when: str) -> None:
            began = time.perf_counter()
            client.events()
            times[when].append((time.perf_counter() - began) * 1000)

        def preview() -> None:
            answers = ["source=bench", "grain=lead", "id=lead_id", "column:channel=channel"]
            stages = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")
            answers += [f"column:d{place}={stage}" for place, stage in enumerate(stages, start=1)]
            query = "&".join(f"answer={each.replace('=', '%3D')}" for each in answers)
            other.send(f"?dry_run=1&name=leads.csv&{query}", path.read_bytes(), "text/csv")

        for _ in range(WARMING):
            client.events()
        for _ in range(COMMITS):
            commit("alone")
        work = Thread(target=preview)
        work.start()
        time.sleep(0.2)
        while work.is_alive():
            commit("beside")
            time.sleep(0.05)
    return times


def _say_beside(what: str, alone_ms: list[float], beside_ms: list[float]) -> None:
    quiet, busy = statistics.median(alone_ms), statistics.median(beside_ms)
    say(what, f"{busy:.0f} ms", Goal(busy / quiet, MOST_WHILE_PREVIEWED, "x alone"))
    say(f"  worst of {len(beside_ms)}; alone {quiet:.0f} ms", f"{max(beside_ms):.0f} ms")


def main() -> None:
    """Print a line for each way of sending, and for commits beside a preview."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="200 thousand, a file of 50")
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    events, rows = (SMALL_MANY, 50_000) if chosen.small else (MANY, 1_000_000)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        few, many = Path(name) / "few", Path(name) / "many"
        yesterday = TODAY.date() - timedelta(days=1)
        few_token, many_token = (
            filled(each, count, yesterday) for each, count in ((few, FEW), (many, events))
        )
        small, large = measure(few, few_token), measure(many, many_token)
        for way, (at_once, later) in large.items():
            times = at_once / small[way][0]
            say(
                f"two rows by HTTP {way}, {events:,} events stored",
                "",
                Goal(at_once, MOST_CPU_MS, "ms CPU"),
                Goal(times, MOST_TIMES, f"x the cost at {FEW:,}"),
            )
            say("  one by itself, with publishing after it", f"{later:.1f} ms CPU")
        path = Path(name) / "leads.csv"
        alone(write_leads, path, rows)
        took = alone(beside_preview, many, path)
        what = f"one-row commit while {rows:,} rows are previewed"
        _say_beside(what, took["alone"], took["beside"])
        by_http = beside_preview_by_http(many, many_token, path)
        _say_beside("  the same, both by HTTP", by_http["alone"], by_http["beside"])


if __name__ == "__main__":
    main()
