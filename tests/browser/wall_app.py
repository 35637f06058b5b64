"""The server as app.py composes it, with a clock that tests move: KPI_TEST_CLOCK names its file.

The file holds a moment with a zone. From the moment it was written, the clock goes on from there;
that it was moved is noticed within half a second.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st

from kpi_core.web import live
from kpi_core.web.api import api_routes
from kpi_core.web.health import health_route
from pages import _api, _lifespan, _problems, _runtime, _wall

CLOCK = Path(os.environ["KPI_TEST_CLOCK"])


def now() -> datetime:
    set_at = CLOCK.stat().st_mtime
    moment = datetime.fromisoformat(CLOCK.read_text())
    return moment.astimezone(UTC) + timedelta(seconds=time.time() - set_at)


_runtime.now = now
live.LONGEST_SLEEP_SECONDS = 0.5

app = st.App(
    _runtime.SHELL,
    lifespan=_lifespan.lifespan,
    on_script_error=_problems.say_what_went_wrong,
    routes=[
        health_route(_runtime.health),
        *api_routes(_api.api()),
        *_wall.walls().routes(),
    ],
)
