"""What a page may ask of the process, and what the process does while it lives."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit import file_util, runtime

from kpi_core.i18n.catalog import Language, Words
from kpi_core.settings import OWNER_ONLY, Settings, SettingsError
from kpi_core.web.health import Health, free_bytes
from kpi_core.web.live import Hub
from kpi_core.web.refusal import for_visitors
from kpi_core.web.sockets import send_at_once
from kpi_core.web.static import StaticCopies
from pages import _markdown, _url

if TYPE_CHECKING:
    from kpi_core.facts.store import Store
    from kpi_core.records.errors import StoreError

LOGGER = logging.getLogger(__name__)
SHELL = Path(__file__).resolve().with_name("_shell.py")
LANGUAGES = [language.value for language in Language]
COLLECT_SECONDS = 30.0
DEMO_SECONDS = 3600.0
TURN_SECONDS = 0.0005
"""How long a thread computes while others want to. After each of two hundred answers the event
loop waits so long for a page that is being drawn; Python's 5 ms add up to a second."""
BY_PAGE = "page"
"""Who did it, in the ledger, where a visitor without a name did it on a page."""
HEAD_START_SECONDS = 0.2
SHOWN = "runtime_shown"
CANNOT_START = 2
"""The exit code of a process that could not do what it was asked, here and on the command line."""
WARMED = ("duckdb", "pandas", "altair", "pyarrow", "kpi_core.reports", "kpi_core.charts")
"""Imported before the first visitor, who would wait two seconds for them."""

INDEX = Path(file_util.get_static_dir()) / "index.html"
"""Streamlit's own page."""
STATIC_COPIES = StaticCopies(
    INDEX.parent,
    Path(__file__).resolve().parent.parent / "data" / ".cache" / f"static-{st.__version__}",
)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The one store of this process; filled with the demo where that is asked for."""
    from kpi_core.demo.load import load_demo
    from kpi_core.facts.store import open_store

    settings = Settings.from_env(os.environ)
    settings.check_folder()
    opened = open_store(settings.data, records_url=settings.records, wait=False)
    opened.watch()
    if settings.demo:
        load_demo(opened, now=now())
    return opened


@st.cache_resource(show_spinner=False)
def hub() -> Hub:
    """Who is told of every change of the data."""
    return Hub(store(), now)


def now() -> datetime:
    """The moment, with its zone: boards and walls read no other clock."""
    return datetime.now(UTC)


def browser_language() -> str:
    """The language the visitor's browser asks for."""
    return Language.of(st.context.locale).value


def words() -> Words:
    """The words of the visitor's language: the URL's, else the browser's."""
    return Words(Language(_url.choice("lang", LANGUAGES, browser_language())))


def choose_language() -> None:
    """The control for the language; each page says where."""
    told = words()
    _url.control(
        st.segmented_control,
        "lang",
        LANGUAGES,
        browser_language(),
        label=told("frame.language"),
        label_visibility="collapsed",
        format_func=lambda language: told(f"frame.{language}"),
        required=True,
        width="content",
    )


def show_before_the_rest() -> None:
    """On a visitor's first run, hold back what follows until the browser shows what came so far.

    A chart brings 1.5 MB of code to parse; sent along with the number, it makes it a quarter
    later (`benchmarks/first_number.py`).
    """
    if not st.session_state.get(SHOWN):
        st.session_state[SHOWN] = True
        time.sleep(HEAD_START_SECONDS)


def refusal(error: StoreError, words: Words) -> str:
    """What the store refused, as a sentence for an element that reads Markdown."""
    return _markdown.plain(words(f"store.{error.code}", **for_visitors(error.params)))


def say_what_went_wrong(error: Exception) -> bool:
    """Tell a visitor what a page could not do, in a sentence; the log has the rest."""
    from kpi_core.records.errors import StoreError
    from kpi_core.reports.plans import UnreadablePlan
    from pages import _lock

    told = words()
    if isinstance(error, _lock.Locked):
        _lock.notice(told)
    elif isinstance(error, StoreError):
        st.error(refusal(error, told))
    elif isinstance(error, UnreadablePlan):
        for problem in error.problems:
            st.error(_markdown.plain(problem.sentence(told)))
    else:
        LOGGER.error("A page failed", exc_info=error)
        st.error(told("frame.failed"))
    return True


def why_not_ready() -> str | None:
    """What keeps the server from showing a board. None when nothing does."""
    if not _warm.is_set():
        return "starting"
    try:
        store().records.plan_ids()
        store().is_empty()
    except Exception as problem:  # whatever it is, the log says more than who asks may read
        LOGGER.error("The store does not answer", exc_info=problem)
        return "store"
    return None


def health() -> Health:
    """How the server is, for whoever watches over it."""
    from kpi_core.tabular.file_cache import opened_files

    reason = why_not_ready()
    settings = Settings.from_env(os.environ)
    if not _warm.is_set():
        return Health(reason, disk_free_bytes=free_bytes(settings.data))
    return Health(
        reason,
        rebuilding=None if (progress := store().rebuilding) is None else progress.percent,
        records_ok=_records_answer(),
        disk_free_bytes=free_bytes(settings.data),
        readers=len(opened_files().pool.pids()),
        problems=tuple(dict.fromkeys(each.code for each in store().problems)),
    )


def _records_answer() -> bool:
    try:
        store().records.data_version()
    except Exception as problem:
        LOGGER.error("The records do not answer", exc_info=problem)
        return False
    return True


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open and warm what pages need, keep open pages live, and close it all in turn."""
    from pages import _inbox, _live

    send_at_once()
    async with AsyncExitStack() as closing:
        closing.callback(os.umask, os.umask(OWNER_ONLY))
        closing.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(TURN_SECONDS)
        await asyncio.to_thread(_import_early)
        await asyncio.to_thread(_open_store)
        closing.callback(_close_store)
        _keep_temporary_files_at_home(closing)
        await hub().start()
        closing.push_async_callback(hub().stop)
        _inbox.look_after(closing)
        STATIC_COPIES.start()
        closing.callback(STATIC_COPIES.stop)
        for work in (
            _live.followers().keep_up(),
            _collect_garbage(),
            _keep_demo_fresh(),
            _inbox.remove_old_raw_files(),
            _run_once(),
        ):
            task = asyncio.create_task(work)
            closing.push_async_callback(_cancelled, task)
        yield


_warm = asyncio.Event()


def _import_early() -> None:
    for name in WARMED:
        importlib.import_module(name)


def _open_store() -> None:
    """Open the store, or say why it cannot be opened and end the process."""
    from kpi_core.records.errors import StoreError

    try:
        store()
    except SettingsError as problem:
        _give_up(*(Words(each)(f"settings.{problem.code}", **problem.params) for each in Language))
    except StoreError as problem:
        _give_up(*(Words(each)(f"store.{problem.code}", **problem.params) for each in Language))


def _keep_temporary_files_at_home(closing: AsyncExitStack) -> None:
    """Have whatever is sent or unpacked lie in the data folder: each start removes what is left."""
    from kpi_core.tabular.file_cache import opened_files

    data = store().data
    with suppress(OSError):  # it may be another's
        data.chmod(0o700)
    files = opened_files(data)
    closing.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
    closing.callback(files.close)
    tempfile.tempdir = str(files.folder)


def _give_up(*sentences: str) -> None:
    """End with 2, after the sentences: a server that ran on could only show them an error."""
    sys.stderr.write("\n".join((*sentences, "")))
    sys.stderr.flush()
    os._exit(CANNOT_START)  # an exception would be logged as the server's own, and end with 3


def _close_store() -> None:
    from pages import _import_work, _live, _wall

    _import_work.works().stop()
    store().close()
    # A cached function gives what it gave; the next start needs them anew.
    for resource in (store, hub, _live.followers, _wall.faces, _wall.parties, _wall.access):
        resource.clear()
    _warm.clear()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _run_once() -> None:
    """Run the first page for nobody, so that the first visitor finds everything loaded."""
    well, _ = await runtime.get_instance().does_script_run_without_error()
    if not well:
        LOGGER.warning("The board's first run failed; the lines above say why.")
    # What lives as long as the process need not be looked at by every collection, and full
    # ones come from the timer alone, not in the middle of a visitor's run.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 1_000_000)
    _warm.set()


async def _keep_demo_fresh() -> None:
    """Add the demo's new day to a server that is left on; a store of one's own is left alone."""
    from kpi_core.demo.load import load_demo

    while Settings.from_env(os.environ).demo:
        await asyncio.sleep(DEMO_SECONDS)
        try:
            await asyncio.to_thread(load_demo, store(), now=now())
        except Exception:  # told in the log, tried again in an hour
            LOGGER.exception("The demo could not be brought up to date.")


async def _collect_garbage() -> None:
    """Collect on a timer; after each run, as Streamlit would, costs 20-60 ms a run."""
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        await asyncio.to_thread(gc.collect)
