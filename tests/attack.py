"""What an attacker sends, against a board that runs: `make attack`.

    python -m tests.attack --bound 60

Each attack is a row: what came back, how long it took, the slowest answer of /healthz meanwhile,
and the memory of the board afterwards. It ends with 1 where an attack was not withstood.
"""

import argparse
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from tests import bombs
from tests.server import Server, start_server

GOOD = b"lead_id,lead_date\nL1,2026-05-01\n"
LOOK_SECONDS = 0.1
QUICK_SECONDS = 15
REFUSALS = (400, 403, 408, 413, 415, 421, 422, 429, 503)


@dataclass
class Board:
    """A board with a token, and how it fares."""

    server: Server
    token: str
    bound: float
    rows: list[tuple[str, str, float, float, int]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def send(self, content: bytes, name: str, query: str = "") -> str:
        """A file sent to the API: the status, and the code of what was said."""
        request = urllib.request.Request(
            f"{self.server.url}/api/imports?{query}",
            data=content,
            headers={"authorization": f"Bearer {self.token}", "x-file-name": quote(name)},
        )
        return self.ask(request)

    def get(self, path: str, **headers: str) -> str:
        """What is answered to whoever asks for a path."""
        return self.ask(urllib.request.Request(self.server.url + path, headers=headers))

    def ask(self, request: urllib.request.Request) -> str:
        """What is answered: the status, and the code of what is wrong."""
        try:
            with urllib.request.urlopen(request, timeout=self.bound) as answer:
                return f"{answer.status} {_said(answer.read())}".strip()
        except urllib.error.HTTPError as error:
            return f"{error.code} {_said(error.read())}".strip()
        except OSError as error:
            return f"none: {error}"

    def attack(self, name: str, do: Callable[[], str], *, well: Callable[[str], bool]) -> None:
        """Do it while /healthz is asked again and again; then a plain file has to go in."""
        slowest, stop = [0.0], threading.Event()
        watch = threading.Thread(target=self._watch, args=(slowest, stop))
        watch.start()
        started = time.monotonic()
        try:
            came = do()
        finally:
            seconds = time.monotonic() - started
            stop.set()
            watch.join()
        alive = self.server.process.poll() is None
        after = self.send(GOOD.replace(b"L1", f"L{len(self.rows)}".encode()), "after.csv")
        if not (alive and well(came) and after.startswith("2")):
            self.failed.append(f"{name}: {came}; afterwards {after}")
        self.rows.append((name, came, seconds, slowest[0], self.memory()))
        print(_row(*self.rows[-1]), flush=True)

    def memory(self) -> int:
        """What the board holds, in MB; 0 where the system does not say."""
        with contextlib.suppress(OSError, ValueError):
            status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
            return int(status.partition("VmRSS:")[2].split()[0]) // 1024
        return 0

    def _watch(self, slowest: list[float], stop: threading.Event) -> None:
        while not stop.wait(LOOK_SECONDS):
            started = time.monotonic()
            answer = self.get("/healthz")
            taken = time.monotonic() - started
            slowest[0] = max(slowest[0], taken if answer.startswith("200") else self.bound)


def refused(came: str) -> bool:
    return came.split(" ")[0].isdigit() and int(came.split(" ")[0]) in REFUSALS


def answered(came: str) -> bool:
    return refused(came) or came.startswith("2")


Attack = tuple[str, Callable[[], str], Callable[[str], bool]]


def attacks(board: Board, inbox: Path) -> Iterator[Attack]:
    """Each attack with what it does and what has to come of it."""

    def sent(content: bytes, name: str, query: str = "") -> Callable[[], str]:
        return lambda: board.send(content, name, query)

    for spelling, rows in bombs.FAR_CELLS.items():
        yield f"far cell: {spelling}", sent(bombs.workbook(rows), "far.xlsx"), answered
    again = bombs.workbook(bombs.FAR_CELLS["plain"])
    yield "the same file again", sent(again, "again.xlsx"), lambda came: "quarantined" in came
    yield "far merge", sent(bombs.far_merge(), "merge.xlsx"), answered
    yield "shared strings", sent(bombs.shared_strings(), "shared.xlsx"), refused
    for unit in ("a", "a@", "1,", " ", "."):
        name = f"long cells of {unit!r}"
        yield name, sent(bombs.long_cells(unit), "long.csv", "answer=grain=lead"), answered
    yield "16,384 columns", sent(bombs.wide_table(16_384), "wide.csv"), refused
    wide = bombs.wide_table(4_000)
    yield "4,000 columns", sent(wide, "wide.csv", "answer=grain=lead"), answered
    wrong = GOOD + b"1,2,3\n" * 200_000
    yield "200,000 wrong rows", sent(wrong, "wrong.csv"), answered
    yield "200,000 wrong rows, looked at", sent(wrong + GOOD, "wrong.csv", "dry_run=1"), answered
    for name, text in bombs.deep_mappings():
        yield f"mapping: {name}", partial(_with_mapping, board, text), refused
    yield "gz of zeros", sent(bombs.gz_of_zeros(), "zeros.csv.gz"), refused
    large = bombs.gz_of_rows(2_000_000)
    yield "a large file, a small one beside", partial(_beside, board, large), _is_quick
    yield "zip of zeros", sent(bombs.zip_of_zeros(), "zeros.zip"), refused
    bomb = bombs.workbook(bombs.FAR_CELLS["> in an attribute"], after="<!-- inbox -->")
    yield "far cell in the inbox", lambda: _dropped(inbox, bomb), lambda came: came == "set aside"
    yield "far cell on the command line", partial(_by_command, board, bomb), _is_told
    yield "20 uploads at once", lambda: _at_once(board), lambda came: "201" in came
    yield "a client that stalls", lambda: _stalling(board), lambda came: came == "held no one up"
    yield "Host of another", lambda: board.get("/healthz", host="evil.example"), refused
    yield "framing", lambda: _header(board, "content-security-policy"), _keeps_out
    yield "steering by a foreign page", lambda: _steered_by(board), lambda came: came == "nobody"


def _with_mapping(board: Board, text: str) -> str:
    edge = "attack"
    parts = [("file", GOOD), ("mapping", text.encode())]
    body = b"".join(
        f'--{edge}\r\ncontent-disposition: form-data; name="{name}"; filename="{name}"'
        "\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    request = urllib.request.Request(
        f"{board.server.url}/api/imports",
        data=body + f"--{edge}--\r\n".encode(),
        headers={
            "authorization": f"Bearer {board.token}",
            "content-type": f"multipart/form-data; boundary={edge}",
        },
    )
    return board.ask(request)


def _dropped(inbox: Path, content: bytes) -> str:
    (inbox / "bomb.xlsx").write_bytes(content)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (inbox / "needs-attention" / "bomb.xlsx.question.txt").exists():
            return "set aside"
        time.sleep(0.2)
    return "not set aside"


def _by_command(board: Board, content: bytes) -> str:
    file = board.server.data.parent / "bomb.xlsx"
    file.write_bytes(content)
    ended = _command(board.server, "import", str(file), check=False)
    return f"{ended.returncode} {ended.stderr.strip()[-60:]}"


def _is_told(came: str) -> bool:
    return came.startswith("2 ")


def _at_once(board: Board) -> str:
    files = [GOOD + f"U{at},2026-05-02\n".encode() * 2_000 for at in range(20)]
    with ThreadPoolExecutor(20) as threads:
        came = list(threads.map(lambda each: board.send(each, "one.csv").split(" ")[0], files))
    return ", ".join(f"{came.count(each)} x {each}" for each in sorted(set(came)))


def _stalling(board: Board) -> str:
    """Somebody sends half a file and waits; others are served."""
    with socket.create_connection(("127.0.0.1", board.server.port), 5) as stalled:
        head = "POST /api/imports HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000"
        stalled.sendall(f"{head}\r\nauthorization: Bearer {board.token}\r\n\r\nid,".encode())
        time.sleep(1)
        came = board.send(GOOD + b"S1,2026-05-03\n", "beside.csv")
    return "held no one up" if came.startswith("2") else came


def _beside(board: Board, large: bytes) -> str:
    """Somebody sends a file that takes long; how long a small one takes meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        other = thread.submit(board.send, large, "large.csv.gz", "dry_run=0")
        time.sleep(2)
        started = time.monotonic()
        came = board.send(GOOD + b"B1,2026-05-03\n", "beside.csv")
        seconds = time.monotonic() - started
        return f"{came} after {seconds:.0f} s, {other.result()}"


def _is_quick(came: str) -> bool:
    return came.startswith("201") and int(came.split(" ")[2]) < QUICK_SECONDS


def _header(board: Board, name: str) -> str:
    with urllib.request.urlopen(board.server.url, timeout=board.bound) as answer:
        return str(answer.headers.get(name) or "no such header")


def _steered_by(board: Board) -> str:
    """The origins whose messages a page of the board listens to."""
    with urllib.request.urlopen(
        f"{board.server.url}/_stcore/host-config", timeout=board.bound
    ) as answer:
        return ", ".join(json.load(answer)["allowedOrigins"]) or "nobody"


def _keeps_out(came: str) -> bool:
    return "frame-ancestors" in came


def _said(body: bytes) -> str:
    """The code of an answer: of what it refuses, or of the first thing that is wrong."""
    with contextlib.suppress(ValueError, AttributeError, LookupError, TypeError):
        error = json.loads(body)["error"]
        details = error.get("details") or [{}]
        return str(details[0].get("code") or error["code"])
    return ""


def _row(name: str, came: str, seconds: float, slowest: float, memory: int) -> str:
    return f"{name:<34} {came[:34]:<34} {seconds:>8.1f} {slowest:>8.2f} {memory:>8,}"


def _command(
    server: Server, *arguments: str, check: bool = True
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kpi_core", *arguments],
        env={"KPI_DATA": str(server.data), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True, text=True, check=check, timeout=120,
    )  # fmt: skip


def _token(server: Server) -> str:
    made = _command(server, "token", "add", "attack")
    return next(word for word in made.stdout.split() if word.startswith("kpi_"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bound", type=float, default=120, help="seconds for one attack")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-attack-") as folder:
        data = Path(folder) / "data"
        inbox = data / "inbox"
        with start_server(Path(folder), KPI_INBOX=str(inbox)) as server:
            board = Board(server, _token(server), arguments.bound)
            print(f"{'attack':<34} {'what came back':<34} {'seconds':>8} {'healthz':>8} {'MB':>8}")
            for name, do, well in attacks(board, inbox):
                board.attack(name, do, well=well)
            left = [each.name for each in (data / "tmp").rglob("kpi-upload-*")]
            if left:
                board.failed.append(f"left behind: {left}")
    for each in board.failed:
        print(f"NOT WITHSTOOD  {each}")
    return 1 if board.failed else 0


if __name__ == "__main__":
    sys.exit(main())
