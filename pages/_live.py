"""How an open page stays live: the one place that knows.

A page says what it was drawn from (`follow`); when that is no longer the newest, the
server reruns it. Nothing polls, nothing is loaded into the browser, and reconnecting is
left to Streamlit's own socket (`come_back`). Streamlit has no public call by which the
server reruns a session, so this one goes through its runtime, as Streamlit's own file
watcher does. The calls it leans on are held by `tests/pages/test_live.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_run_context import (
    ThreadState,
    get_script_run_ctx,
)

from kpi_core.web.live import Hub, Pulse
from pages import _runtime

LOGGER = logging.getLogger(__name__)
SWEEP_SECONDS = 1.0
"""How often pages that were busy or away are looked at again."""
AT_ONCE = 4
"""Reruns under way together. More of them only wait for each other."""
RERUN_SECONDS = 5.0
"""How long one rerun may hold up the next."""
FORGET_SECONDS = 600.0
"""A visitor gone for longer has lost the session (server.disconnectedSessionTTL)."""


@dataclass
class _Follower:
    """One session: what each part of its page was drawn from. The whole page is None."""

    drawn: dict[str | None, Pulse] = field(default_factory=dict)
    seen_at: float = field(default_factory=time.monotonic)
    busy: bool = False


class Followers:
    """Reruns the pages that are behind. All its state is touched on the event loop only."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._followers: dict[str, _Follower] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, session_id: str, part: str | None, pulse: Pulse) -> None:
        """Remember what a part of a page is being drawn from. Safe in any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop closed: the server is stopping
                self._loop.call_soon_threadsafe(self._noted, session_id, part, pulse)

    async def keep_up(self) -> None:
        """Rerun what is behind, for as long as the server runs."""
        self._loop = asyncio.get_running_loop()
        pulse = self._hub.pulse()
        while True:
            with suppress(TimeoutError):
                pulse = await asyncio.wait_for(self._hub.beyond(pulse), SWEEP_SECONDS)
            try:
                self._sweep(pulse)
            except Exception:  # one page that cannot be asked leaves the others live
                LOGGER.exception("Open pages could not be looked at.")

    def begin(self, session_id: str) -> None:
        """A whole run redraws every part: forget what the last one drew. Safe in any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._forget, session_id)

    def _forget(self, session_id: str) -> None:
        follower = self._followers.get(session_id)
        if follower is not None:
            follower.drawn.clear()

    def _noted(self, session_id: str, part: str | None, pulse: Pulse) -> None:
        follower = self._followers.setdefault(session_id, _Follower())
        follower.drawn[part] = pulse

    def _sweep(self, pulse: Pulse) -> None:
        now = time.monotonic()
        for session_id, follower in list(self._followers.items()):
            session = runtime.get_instance().get_app_session(session_id)
            if session is None:
                if now - follower.seen_at > FORGET_SECONDS:
                    del self._followers[session_id]
                continue
            follower.seen_at = now
            if not follower.busy and any(drawn != pulse for drawn in follower.drawn.values()):
                follower.busy = True
                task = asyncio.create_task(self._catch_up(session, follower))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _catch_up(self, session: AppSession, follower: _Follower) -> None:
        try:
            session.track_settling()
            # A run under way is never interrupted: it may be the import itself.
            await session.wait_until_settled()
            async with self._turns:
                pulse = self._hub.pulse()
                for part, drawn in list(follower.drawn.items()):
                    if drawn != pulse:
                        # Marked before asking, so that a page that fails is not asked for ever.
                        follower.drawn[part] = pulse
                        _rerun(session, part)
                with suppress(TimeoutError):
                    await asyncio.wait_for(session.wait_until_settled(), RERUN_SECONDS)
        except Exception:
            LOGGER.exception("An open page could not be brought up to date.")
        finally:
            follower.busy = False


def _rerun(session: AppSession, part: str | None) -> None:
    """Run a session's page again as its visitor left it, or one fragment of it."""
    state = ClientState()
    state.CopyFrom(session._client_state)
    state.fragment_id = part or ""
    state.is_auto_rerun = True
    session.request_rerun(state)


@cache
def followers() -> Followers:
    """Who follows the data in this process."""
    return Followers(_runtime.app().hub)


def begin() -> None:
    """The shell calls it at the start of each whole run."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        followers().begin(context.session_id)


def follow() -> int:
    """The data version to draw from; what is being drawn is drawn again when it has passed.

    Called in a fragment, that fragment alone is drawn again; called outside any, the whole
    page is. Call it before loading, so that a commit in between is not missed. A page also
    draws again each quarter of an hour, and so shows the new day.
    """
    pulse = _runtime.app().hub.pulse()
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        followers().note(context.session_id, ThreadState.get().fragment_id, pulse)
    return pulse.version


@st.fragment(run_every="1h")
def come_back() -> None:
    """Nothing to see: it makes the browser ask for a run when it has lost the server and found it.

    Streamlit's page reconnects for ever, but after a restart of the server it shows what it
    had until a click, unless something on it reruns by itself.
    """
