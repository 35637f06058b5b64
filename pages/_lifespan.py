"""The server's start and end with Streamlit: its app is opened and warmed, and closed in turn."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import file_util, runtime

from kpi_core.i18n.catalog import Language, Words
from kpi_core.records.errors import StoreError
from kpi_core.server.app import App
from kpi_core.server.lifespan import freeze_garbage, running, tuned
from kpi_core.settings import SettingsError
from kpi_core.web.static import StaticCopies
from pages import _live, _runtime

LOGGER = logging.getLogger(__name__)
CANNOT_START = 2
"""The exit code of a process that could not do what it was asked, here and on the command line."""
INDEX = Path(file_util.get_static_dir()) / "index.html"
"""Streamlit's own page."""
STATIC_COPIES = StaticCopies(
    INDEX.parent,
    Path(__file__).resolve().parent.parent / "data" / ".cache" / f"static-{st.__version__}",
)


@asynccontextmanager
async def lifespan(_server: Any) -> AsyncIterator[None]:
    """Open and warm what pages need, keep open pages live, and close it all in turn."""
    async with AsyncExitStack() as closing:
        closing.enter_context(tuned())
        opened = await asyncio.to_thread(_open_or_exit)
        closing.callback(_runtime.close_app)
        followers = _live.followers()
        closing.callback(_live.followers.cache_clear)
        await closing.enter_async_context(running(opened, followers.keep_up, _run_once))
        STATIC_COPIES.start()
        closing.callback(STATIC_COPIES.stop)
        yield


def _open_or_exit() -> App:
    """Open the app, or say why it cannot be opened and end the process with 2."""
    try:
        return _runtime.app()
    except (SettingsError, StoreError) as problem:
        catalog = "settings" if isinstance(problem, SettingsError) else "store"
        for language in Language:
            sys.stderr.write(Words(language)(f"{catalog}.{problem.code}", **problem.params) + "\n")
        sys.stderr.flush()
        os._exit(CANNOT_START)  # an exception would be logged as the server's own, and end with 3


async def _run_once() -> None:
    """Run the first page before any visitor does, who then finds everything loaded."""
    well, _ = await runtime.get_instance().does_script_run_without_error()
    if not well:
        LOGGER.warning("The board's first run failed; the lines above say why.")
    freeze_garbage()
    _runtime.app().is_warm = True
