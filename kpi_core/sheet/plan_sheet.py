"""The plan on one sheet of A4, as PDF or PNG, set by a process of its own."""

import json
import subprocess
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Literal

from kpi_core.charts.palette import LIGHT
from kpi_core.charts.png import Busy, font_folder
from kpi_core.domain.status import Status
from kpi_core.reports.plan_sheet import PlanSheet

Kind = Literal["pdf", "png"]
KINDS: dict[str, Kind] = {".pdf": "pdf", ".png": "png"}
"""By the ends of files' names."""

PROGRAM = Path(__file__).with_name("typst_process.py")
SECONDS = 30.0
"""A plan of ordinary length takes less than one."""
WAITING = 8
"""Callers that draw or wait at a time."""
REMEMBERED = 16
COLOURS = {
    "ink": LIGHT.ink,
    "quiet": LIGHT.quiet,
    "line": LIGHT.line,
    "accent": LIGHT.tone(Status.ON_PLAN),
    "tones": {status.value: tone for status, tone in LIGHT.tones.items()},
}

_PLACES = BoundedSemaphore(WAITING)
_ONE = Lock()
"""A second process at a time would make both slower."""


def draw_sheet(report: PlanSheet, kind: Kind) -> bytes:
    """The sheet as one page; the newest are remembered. NoFont without a Japanese font, Busy."""
    fonts = font_folder()
    inputs = {"sheet": json.dumps(asdict(report)), "colours": json.dumps(COLOURS)}
    if not _PLACES.acquire(blocking=False):
        raise Busy
    try:
        with _ONE:
            return _drawn(json.dumps(inputs), kind, fonts)
    finally:
        _PLACES.release()


@lru_cache(maxsize=REMEMBERED)
def _drawn(inputs: str, kind: Kind, fonts: str) -> bytes:
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", PROGRAM, fonts, kind],
        input=inputs.encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{ran.returncode}: {ran.stderr.decode(errors='replace')}")
    return ran.stdout
