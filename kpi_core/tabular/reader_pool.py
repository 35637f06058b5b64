"""Reader processes, at most two at a time: what a file does to its reader, it does to no other."""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import kpi_core

LOGGER = logging.getLogger(__name__)
MODULE = "kpi_core.tabular.reader_process"
MB = 1 << 20
LARGEST_ANSWER = 64 * MB
"""Of one line."""
MOST_PIECES = 1_000
"""Of what is wrong with rows: two million of them."""
_ROOT = Path(kpi_core.__file__).resolve().parent.parent
_LOOK_SECONDS = 0.05
_LOG_SHOWN = 2_000


STOPPED_FROM_OUTSIDE = (-signal.SIGTERM, -signal.SIGINT)
"""How a reader ends with the whole system, or by an administrator."""


class ReaderEnded(Exception):
    """A file ended its reader, or had it ended: it took too long, or too much memory.

    `by_file`: it would end the next one as well.
    """

    def __init__(self, finding: str, *, by_file: bool = True) -> None:
        super().__init__(finding)
        self.by_file = by_file


def _memory_share() -> int:
    """A third of the machine's memory, 3 GB at most; that where the system does not say."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 3 << 30
    return min(3 << 30, whole // 3)


@dataclass(frozen=True)
class Limits:
    """What readers may use. One that read a `large` file, or is still `grown`, is replaced.

    `memory` is what it holds; twice as much it may reserve. The seconds are those of one file.
    """

    readers: int = 2
    memory: int = field(default_factory=_memory_share)
    large: int = 64 * MB
    grown: int = 512 * MB
    seconds: float = 300
    seconds_per_mb: float = 2

    def seconds_for(self, size: int) -> float:
        """How long a file of so many bytes may take."""
        return self.seconds + self.seconds_per_mb * size / MB


class ReaderPool:
    """Readers that start when they are needed and wait for more. A third request waits."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._turn = threading.BoundedSemaphore(limits.readers)
        self._lock = threading.Lock()
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._started = 0

    def ask(self, request: Mapping[str, Any], size: int) -> dict[str, Any]:
        """A reader's answer about a file of so many bytes. ReaderEnded where there is none."""
        seconds = self._limits.seconds_for(size)
        with self._turn:
            reader = self._taken()
            fit = False
            try:
                answer = reader.ask(dict(request) | {"seconds": int(seconds) + 1}, seconds)
                if "failed" in answer:
                    raise ReaderEnded(str(answer["failed"]))
                fit = size < self._limits.large and reader.memory() < self._limits.grown
                return answer
            finally:
                self._put_back(reader, fit=fit)

    def pids(self) -> tuple[int, ...]:
        """The processes that run."""
        with self._lock:
            readers = [*self._idle, *self._busy]
        return tuple(reader.pid for reader in readers if reader.is_alive())

    def close(self) -> None:
        """End all readers; a later request starts one again."""
        with self._lock:
            readers = [*self._idle, *self._busy]
            self._idle.clear()
        for reader in readers:
            reader.closed = True
            reader.end()

    def _taken(self) -> "_Reader":
        with self._lock:
            while self._idle:
                reader = self._idle.pop()
                if reader.is_alive():
                    break
                reader.end()
            else:
                self._started += 1
                folder = self._folder / f"reader-{self._started}"
                reader = _Reader(folder, self._limits.memory)
            self._busy.add(reader)
            return reader

    def _put_back(self, reader: "_Reader", *, fit: bool) -> None:
        with self._lock:
            self._busy.discard(reader)
            if fit:
                self._idle.append(reader)
        if not fit:
            reader.end()


class _Reader:
    """One process, in a folder of its own. It can be asked one thing at a time."""

    def __init__(self, folder: Path, memory: int) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self._folder = folder
        self._memory = memory
        self._log = folder / "reader.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", MODULE, str(2 * memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=_environment(),
                start_new_session=True,
            )
        self.pid = self._process.pid
        self.closed = False
        """It is not asked to answer any more."""
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, name="kpi-reader", daemon=True).start()

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer, with its pieces.

        ReaderEnded where it did not come in time, or the process ended.
        """
        assert self._process.stdin is not None
        until = time.monotonic() + seconds
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error
        answer = self._next(until, seconds)
        try:
            answer, pieces = dict(answer), int(answer["pieces"])
            if pieces > MOST_PIECES:
                raise ReaderEnded(f"Its answer comes in {pieces:,} pieces.")
            answers = [self._next(until, seconds) for _ in range(pieces)]
        except (KeyError, TypeError, ValueError) as error:
            raise ReaderEnded("It gave no answer that can be read.") from error
        return answer | {"pieces": answers}

    def _next(self, until: float, seconds: float) -> Any:
        """The next line of an answer."""
        while True:
            with contextlib.suppress(Empty):
                line = self._lines.get(timeout=_LOOK_SECONDS)
                if not line.endswith(b"\n"):
                    raise self._ended()
                try:
                    return json.loads(line)
                except ValueError as error:
                    raise ReaderEnded("It gave no answer that can be read.") from error
            if time.monotonic() > until:
                raise ReaderEnded(f"It took longer than {seconds:.0f} seconds.")
            if self.memory() > self._memory:
                raise ReaderEnded(f"It took more than {self._memory >> 20:,} MB of memory.")

    def is_alive(self) -> bool:
        """The process has not ended."""
        return self._process.poll() is None

    def memory(self) -> int:
        """Bytes that the process holds; 0 where the system does not say."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0

    def end(self) -> None:
        """End the process, and remove what it left behind."""
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> None:
        """Hand over each line, and what is left at the end."""
        assert self._process.stdout is not None
        with self._process.stdout as answers:
            line = b"\n"
            while line.endswith(b"\n"):
                line = answers.readline(LARGEST_ANSWER)
                self._lines.put(line)

    def _ended(self) -> ReaderEnded:
        """Why there is no answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        said = ""
        with contextlib.suppress(OSError):
            said = self._log.read_bytes()[-_LOG_SHOWN:].decode("utf-8", "replace").strip()
        code = self._process.returncode
        by_file = not self.closed and code not in STOPPED_FROM_OUTSIDE
        return ReaderEnded(f"It ended with {code}. {said}".strip(), by_file=by_file)


def _environment() -> dict[str, str]:
    """That of this process, without what the board alone has to know."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
    paths = (str(_ROOT), os.environ.get("PYTHONPATH", ""))
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "RUST_BACKTRACE": "0",
        "OPENBLAS_NUM_THREADS": "1",
    }
