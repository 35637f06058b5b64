"""The inbox of this process, and the files that are kept as they came."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.settings import Settings
from pages import _runtime

LOGGER = logging.getLogger(__name__)
DAY_SECONDS = 86_400.0


def raw_files() -> RawFiles:
    """Where files are kept as they came, and for how long."""
    settings = Settings.from_env(os.environ)
    return RawFiles.of(settings.data, settings.keep_raw_days)


def look_after(closing: AsyncExitStack) -> None:
    """Take in what arrives, until `closing` ends."""
    from kpi_core.ingest.inbox.process_file import Taking
    from kpi_core.ingest.inbox.watcher import Keeper
    from kpi_core.reports.as_json import as_json
    from kpi_core.reports.plans import home_calendar, wall_clock

    folder, store = Settings.from_env(os.environ).inbox, _runtime.store()
    if folder is None:
        return
    keeper = Keeper(
        Taking(store, Inbox(folder.absolute()), raw_files(), as_json),
        now=lambda: datetime.now(UTC),
        local=lambda moment: wall_clock(store, moment),
        home=lambda moment: home_calendar(store, moment).zone,
    )
    keeper.start()
    closing.push_async_callback(asyncio.to_thread, keeper.stop)


async def remove_old_raw_files() -> None:
    """Every day, remove the kept files whose days are over."""
    while True:
        try:
            await asyncio.to_thread(_remove_old)
        except Exception:  # told in the log, tried again tomorrow
            LOGGER.exception("Kept files could not be removed.")
        await asyncio.sleep(DAY_SECONDS)


def _remove_old() -> None:
    from kpi_core.reports.plans import wall_clock

    removed = raw_files().remove_old(wall_clock(_runtime.store(), datetime.now(UTC)))
    if removed:
        LOGGER.info("%d kept files were removed: their days are over.", len(removed))
