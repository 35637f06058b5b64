"""A board that runs, for whoever looks at it from outside: tests, benchmarks, the pictures of docs.

Nothing else in this repository starts one: a board started by lines of somebody's own would take
in what waits in the user's inbox, and count it in a store that is thrown away.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app.py"
READY = "/healthz"
STOCK_READY = "/_stcore/health"
"""Where a page that is nothing but Streamlit says that it runs."""
START_SECONDS = 120.0
STOP_SECONDS = 20.0
_TOLD_URL = re.compile(r"^\s*URL: (http://\S+:\d+)\s*$", re.MULTILINE)
_PORT_TAKEN = re.compile(r"Port \d+ is not available")


class DidNotStart(Exception):
    """A board ended while it started, or was not ready in time; with what it logged."""


@dataclass(frozen=True)
class Server:
    """A board on a loopback port of its own. As a context it stops at the end of the block."""

    url: str
    data: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """Ask it to end; one that does not in time is killed."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once, in the midst of whatever it does."""
        self.process.kill()
        self.process.wait()
        if self in running:
            running.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


running: list[Server] = []
"""Those that have not been stopped yet; what they logged is told with a test that failed."""


def start_server(
    folder: Path,
    *,
    app: Path = APP,
    port: int = 0,
    cwd: Path = ROOT,
    ready: str = READY,
    seconds: float = START_SECONDS,
    **settings: str,
) -> Server:
    """Start a board and wait until it is ready. DidNotStart where it is not within `seconds`.

    `settings` are environment variables. A setting that is not given is not the user's own: the
    store is a new one in `folder`, without the demo, and no inbox is looked into. Port 0 is one
    that the system finds free; any other is waited for while somebody has it.
    """
    given_up_at = time.monotonic() + seconds
    data = Path(settings.get("KPI_DATA") or folder / "data")
    log = folder / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    environ = {name: text for name, text in os.environ.items() if not name.startswith("KPI_")}
    environ |= {"KPI_DEMO": "0", "KPI_INBOX": "off"} | settings | {"KPI_DATA": str(data)}
    while True:
        with log.open("ab") as out:
            logged = out.tell()
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            url = _wait_until_ready(process, log, logged, ready, given_up_at)
        except BaseException as failure:
            process.kill()
            process.wait()
            taken = _PORT_TAKEN.search(_text(log, logged))
            if not (taken and isinstance(failure, DidNotStart) and time.monotonic() < given_up_at):
                raise
            time.sleep(0.2)
        else:
            running.append(Server(url, data, log, process))
            return running[-1]


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", log: Path, logged: int, ready: str, given_up_at: float
) -> str:
    """The board's address, as soon as it answers with 200 there."""
    while time.monotonic() < given_up_at:
        if process.poll() is not None:
            told = _text(log, logged)
            raise DidNotStart(f"The board ended with {process.returncode} while starting.\n{told}")
        if found := _TOLD_URL.search(_text(log, logged)):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(found[1] + ready, timeout=5) as answer,
            ):
                if answer.status == 200:
                    return found[1]
        time.sleep(0.05)
    raise DidNotStart(f"The board was not ready in time.\n{_text(log, logged)}")


def _text(log: Path, begins: int) -> str:
    return log.read_bytes()[begins:].decode(errors="replace")
