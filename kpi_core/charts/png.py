"""A chart as PNG, drawn by a process of its own."""

import json
import subprocess
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore, Lock

from kpi_core.charts.spec import Spec

FONT = "'Noto Sans JP', sans-serif"
"""What pictures are written in. Without a last resort a missing family would erase all text."""
FONT_PACKAGE = "pylopdf_fonts_jp"
PROGRAM = Path(__file__).with_name("png_process.py")
SECONDS = 60.0
WAITING = 8
"""Callers that draw or wait at a time."""
REMEMBERED = 32

_PLACES = BoundedSemaphore(WAITING)
_ONE = Lock()
"""A second process at a time would make both slower."""


class NoFont(Exception):
    """The package with the Japanese font is missing: Japanese would come out as boxes."""


class Busy(Exception):
    """As many pictures as may wait are waiting."""


def png(spec: Spec, *, scale: float = 1.0) -> bytes:
    """The chart so many times larger, in FONT; the newest are remembered. NoFont, Busy."""
    fonts = font_folder()
    if not _PLACES.acquire(blocking=False):
        raise Busy
    try:
        with _ONE:
            return _drawn(json.dumps(spec), scale, fonts)
    finally:
        _PLACES.release()


@lru_cache(maxsize=REMEMBERED)
def _drawn(spec: str, scale: float, fonts: str) -> bytes:
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", PROGRAM, fonts, str(scale)],
        input=spec.encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{ran.returncode}: {ran.stderr.decode(errors='replace')}")
    return ran.stdout


def font_folder() -> str:
    """Where the Japanese font is; NoFont without its package."""
    package = find_spec(FONT_PACKAGE)
    if package is None or package.origin is None:
        raise NoFont
    return str(Path(package.origin).parent)
