"""A figure in a process of its own, what its tree of processes uses, and the line that tells it.

    python -m benchmarks._alone MODULE FUNCTION [ARGUMENT ...]

runs a function of a benchmark and prints what it gives. `alone` does that for the benchmark.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIB = 1 << 30
LOOK_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Took:
    """What a function gave, and the most memory its process and those it started held together."""

    figures: Mapping[str, Any]
    gib: float

    def __getitem__(self, name: str) -> Any:
        return self.figures[name]


@dataclass(frozen=True)
class Goal:
    """A figure beside the most it may be."""

    figure: float
    most: float
    unit: str

    def __str__(self) -> str:
        missed = "" if self.figure <= self.most else ", MISSED"
        return f"{self.figure:.3g} {self.unit} (<= {self.most:g}{missed})"


def say(what: str, figure: str, *goals: Goal) -> None:
    """Print a line of the table."""
    print(f"{what:62} {figure:>12}   {', '.join(map(str, goals))}".rstrip(), flush=True)


def alone(function: Callable[..., Mapping[str, Any]], *arguments: object) -> Took:
    """Call a function of a benchmark, with texts for arguments, in a process of its own.

    The caller holds little memory: a process that begins has the peak of the one that starts it.
    """
    module = function.__module__
    if module == "__main__":
        module = sys.modules[module].__spec__.name  # type: ignore[union-attr]  # run by `-m`
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left behind
    command = [sys.executable, "-m", "benchmarks._alone", module, function.__name__]
    process = subprocess.Popen([*command, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    held = 0
    try:
        while process.poll() is None:
            held = max(held, memory(process.pid))
            time.sleep(LOOK_SECONDS)
        assert process.stdout is not None
        printed = process.stdout.read()
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise SystemExit(process.returncode)  # it has printed why
    figures = json.loads(printed.splitlines()[-1])
    return Took(figures, max(held, figures.pop("peak")) / GIB)


def _main() -> None:
    module, name, *arguments = sys.argv[1:]
    figures = dict(getattr(importlib.import_module(module), name)(*arguments))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["peak"] = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps(figures), flush=True)


def memory(pid: int) -> int:
    """Bytes that a process and those it started hold; 0 where the system has no /proc."""
    held = 0
    for each in tree(pid):
        try:
            held += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * _PAGE
        except (OSError, IndexError):
            continue
    return held


def cpu_seconds(pid: int) -> float:
    """What a process and those it started, ended ones too, have used of the processor so far."""
    if not Path("/proc/self/stat").exists():
        shown = subprocess.run(
            ["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True
        )
        minutes, seconds = shown.stdout.strip().rsplit(":", 1)
        return float(minutes.rpartition(":")[2]) * 60 + float(seconds)
    ticks = 0
    for each in tree(pid):
        ticks += sum(map(int, _stat(each)[11:15]))
    return ticks / _TICK


def tree(pid: int) -> list[int]:
    """A process and all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if stat := _stat(int(entry.name)):
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _stat(pid: int) -> list[str]:
    """What /proc tells of a process, after its name; nothing of one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def wait_until_idle(pid: int, share: float = 0.1, seconds: float = 120) -> None:
    """Until a process tree uses less than a share of a core for a second: all is tidied up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        used, began = cpu_seconds(pid), time.perf_counter()
        time.sleep(1)
        if cpu_seconds(pid) - used < share * (time.perf_counter() - began):
            return


if __name__ == "__main__":
    _main()
