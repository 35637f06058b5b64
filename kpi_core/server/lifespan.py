"""From a server's start to its end: how its process is tuned, and what goes on while it runs."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from kpi_core.demo.load import load_demo
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.process_file import Taking
from kpi_core.ingest.inbox.watcher import Keeper
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import wall_clock
from kpi_core.server.app import App
from kpi_core.settings import OWNER_ONLY
from kpi_core.tabular.file_cache import opened_files

LOGGER = logging.getLogger(__name__)
COLLECT_SECONDS = 30.0
DEMO_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
OPEN_FILES = Path("/dev/fd")
"""Every open file of the process, by number; Windows has none."""
TURN_SECONDS = 0.0005
"""How long a thread computes while others want to. After each of two hundred answers the event
loop waits so long for a page that is being drawn; Python's 5 ms add up to a second."""
WARMED = ("duckdb", "pandas", "altair", "pyarrow", "kpi_core.reports", "kpi_core.charts")
"""Imported before the first visitor, who would wait two seconds for them."""

Background = Callable[[], Coroutine[Any, Any, None]]


@contextmanager
def tuned() -> Iterator[None]:
    """A process that answers many visitors, whose files its owner alone may read."""
    send_at_once()
    umask, interval = os.umask(OWNER_ONLY), sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        for name in WARMED:
            importlib.import_module(name)
        yield
    finally:
        sys.setswitchinterval(interval)
        os.umask(umask)


def send_at_once() -> None:
    """Have answers leave in the moment they are written, on connections taken from now on.

    A small answer is two writes, head and body. On a connection that is used again the second
    waits for the client's acknowledgement of the first, 40 ms on Linux. asyncio prevents that on
    sockets that were made with a protocol number; Streamlit's, like uvicorn's own, are not.
    """
    if not OPEN_FILES.is_dir():
        return
    for entry in [*OPEN_FILES.iterdir()]:
        with suppress(OSError):  # no socket, not one of TCP, or closed meanwhile
            each = socket.socket(fileno=int(entry.name))
            try:
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            finally:
                each.detach()  # it stays open: another part of the server owns it


def freeze_garbage() -> None:
    """Leave what lives as long as the process out of every later collection.

    Full ones then come from the timer alone, not in the middle of a visitor's run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 1_000_000)


@asynccontextmanager
async def running(app: App, *background: Background) -> AsyncIterator[None]:
    """Keep screens live, watch the inbox, tidy up; `background` goes on beside it until the end."""
    async with AsyncExitStack() as closing:
        _keep_temporary_files_at_home(app, closing)
        await app.hub.start()
        closing.push_async_callback(app.hub.stop)
        _watch_inbox(app, closing)
        for work in (
            _collect_garbage(),
            _keep_demo_fresh(app),
            remove_old_raw_files(app),
            *(each() for each in background),
        ):
            task = asyncio.create_task(work)
            closing.push_async_callback(_cancelled, task)
        yield


def _keep_temporary_files_at_home(app: App, closing: AsyncExitStack) -> None:
    """Have whatever is sent or unpacked lie in the data folder: each start removes what is left."""
    data = app.store.data
    with suppress(OSError):  # it may be another's
        data.chmod(0o700)
    files = opened_files(data)
    closing.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
    closing.callback(files.close)
    tempfile.tempdir = str(files.folder)


def _watch_inbox(app: App, closing: AsyncExitStack) -> None:
    """Import what arrives in the inbox, until `closing` ends."""
    folder, store = app.settings.inbox, app.store
    if folder is None:
        return
    keeper = Keeper(
        Taking(store, Inbox(folder.absolute()), app.raw_files, as_json),
        now=app.now,
        local=lambda moment: wall_clock(store, moment),
        home=lambda _: store.zone,
    )
    keeper.start()
    closing.push_async_callback(asyncio.to_thread, keeper.stop)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _keep_demo_fresh(app: App) -> None:
    """Add the demo's new day to a server that is left on; a store of one's own is left alone."""
    while app.settings.demo:
        await asyncio.sleep(DEMO_SECONDS)
        try:
            await asyncio.to_thread(load_demo, app.store, now=app.now())
        except Exception:  # it is in the log, and tried again in an hour
            LOGGER.exception("The demo could not be brought up to date.")


async def remove_old_raw_files(app: App) -> None:
    """Every day, remove the kept files whose days are over."""
    while True:
        try:
            await asyncio.to_thread(_remove_old, app)
        except Exception:  # it is in the log, and tried again tomorrow
            LOGGER.exception("Kept files could not be removed.")
        await asyncio.sleep(DAY_SECONDS)


def _remove_old(app: App) -> None:
    removed = app.raw_files.remove_old(app.wall_clock())
    if removed:
        LOGGER.info("%d kept files were removed: their days are over.", len(removed))


async def _collect_garbage() -> None:
    """Collect on a timer; after each run, as Streamlit would, costs 20-60 ms a run."""
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        await asyncio.to_thread(gc.collect)
